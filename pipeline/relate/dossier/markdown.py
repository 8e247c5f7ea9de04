"""A dossier as Markdown (CommonMark): for chat, mail and content systems."""

import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from zoneinfo import ZoneInfo

from pipeline.models import Status
from pipeline.relate.dossier.contents import Dossier, Role, Source, Step, Version
from pipeline.relate.dossier.wording import day_in, moment_in, time_span
from pipeline.text.difference import Edit, Piece

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~])")
_NOT_IN_ADDRESSES = {" ": "%20", "(": "%28", ")": "%29", "<": "%3C", ">": "%3E", "\n": "", "\r": ""}


def dossier_markdown(dossier: Dossier, zone: ZoneInfo) -> str:
    """Return the dossier as Markdown, which ends with a line feed.

    Args:
        dossier: The dossier.
        zone: The zone that times are shown in.
    """
    return "\n".join(_lines(dossier, zone)) + "\n"


def _lines(dossier: Dossier, zone: ZoneInfo) -> Iterator[str]:
    moment, day = moment_in(zone), day_in(zone)
    own = dossier.story.source
    yield from (f"# {_link(own)}", "", f"{_escaped(own.publisher or 'unnamed source')}, {moment(own.at)}", "")
    if dossier.status is not Status.USABLE:
        yield from ("**This story was withdrawn by its publisher.**", "")
    span = time_span(dossier, zone)
    counts = f"{dossier.stories} stories, {len(dossier.steps)} steps, {dossier.publishers} publishers"
    yield from (f"{counts}{f', {span}' if span else ''}", "")
    for paragraph in dossier.text:
        yield from (_escaped(paragraph), "")
    if len(dossier.versions) > 1:
        yield from ("## Versions and corrections", "")
        for version in dossier.versions:
            yield from _version_lines(version, moment(version.at))
        yield ""
    yield from ("## Timeline", "")
    for step in dossier.steps:
        yield from _step_lines(step, day(step.source.at))
    if dossier.left_out:
        yield from (f"{dossier.left_out} more stories are only loosely related and not shown.", "")
    if dossier.involved:
        yield from (
            "## Who is involved",
            "",
            "| Name | Kind | Since | Last | Steps |",
            "| --- | --- | --- | --- | ---: |",
        )
        when = {step.number: day(step.source.at) for step in dossier.steps}
        for involved in dossier.involved:
            kind = involved.name.kind.replace("_", " ")
            first, last = when[involved.steps[0]], when[involved.steps[-1]]
            yield f"| {_escaped(involved.name.name)} | {kind} | {first} | {last} | {len(involved.steps)} |"
        yield ""
    yield f"Made by Wirewatch on {moment(dossier.made_at)} ({zone}). Texts belong to their publishers."


def _version_lines(version: Version, at: str) -> Iterator[str]:
    status = "" if version.status == Status.USABLE else f", **{version.status}**"
    note = f" {_escaped(version.note)}" if version.note else ""
    yield f"{version.number}. {version.take}, {at}{status}: {_escaped(version.headline)}{note}"
    for change in version.changes or ():
        match change.edit:
            case Edit.ADDED:
                yield f"   - added: {_escaped(change.text)}"
            case Edit.REMOVED:
                yield f"   - removed: {_escaped(change.text)}"
            case Edit.CHANGED:
                yield f"   - changed: {_marked_changes(change.pieces)}"


def _marked_changes(pieces: Sequence[Piece]) -> str:
    """Return a changed paragraph with its removed words struck through and its added words in bold."""
    words = []
    for piece, following in zip_longest(pieces, pieces[1:]):
        emphasis = {Edit.REMOVED: "~~", Edit.ADDED: "**"}.get(piece.edit, "")
        replaced = piece.edit is Edit.REMOVED and following is not None and following.edit is Edit.ADDED
        gap = " " if replaced or piece.text[-1:].isspace() else ""
        words.append(f"{emphasis}{_escaped(piece.text)}{emphasis}{gap}")
    return "".join(words).strip()


def _step_lines(step: Step, day: str) -> Iterator[str]:
    of_the_story = " **(the story)**" if step.role is Role.STORY else ""
    attribution = [_escaped(step.source.publisher or "unnamed source")]
    attribution += [step.kind] if step.kind else []
    attribution += [f"closeness {step.score:.2f}"] if step.score is not None else []
    attribution += ["corrected"] if step.corrected else []
    yield f"### {day}: {_link(step.source)}{of_the_story}"
    yield from ("", " · ".join(attribution), "")
    if step.lead:
        yield from (_escaped(step.lead), "")
    new = [*(name.name for name in step.names), *step.amounts, *step.dates]
    more = f", and {step.more_names} more names" if step.more_names else ""
    if new:
        yield f"- {'begins with' if step.number == 1 else 'new'}: {_escaped(', '.join(new))}{more}"
    if step.why:
        yield f"- why: {_escaped(step.why)}"
    if step.copies:
        yield f"- same text: {', '.join(_link(copy, copy.publisher or copy.uri) for copy in step.copies)}"
    if step.reports:
        yield f"- also reported: {'; '.join(map(_link, step.reports))}"
    yield f"- source: story {step.source.id}, {_escaped(step.source.url or step.source.uri)}"
    yield ""


def _link(source: Source, text: str | None = None) -> str:
    """Return the text, or else the headline, as a link to the story, where it has an address."""
    words = _escaped(text or source.headline)
    if source.url is None:
        return words
    return f"[{words}]({''.join(_NOT_IN_ADDRESSES.get(character, character) for character in source.url)})"


def _escaped(text: str) -> str:
    """Return the text on one line, with the characters that mean something in Markdown escaped."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
