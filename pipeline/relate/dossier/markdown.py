"""A dossier as Markdown (CommonMark): for chat, mail and content systems."""

import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from zoneinfo import ZoneInfo

from pipeline.models import Status
from pipeline.relate.dossier.build import Dossier, Place, Source, Step, Version
from pipeline.relate.dossier.page import day_in, moment_in, span
from pipeline.text.difference import Edit, Piece

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~])")
_NOT_IN_ADDRESSES = {" ": "%20", "(": "%28", ")": "%29", "<": "%3C", ">": "%3E", "\n": "", "\r": ""}


def dossier_markdown(dossier: Dossier, zone: ZoneInfo) -> str:
    """The text, with times in this zone; ends with a line feed."""
    return "\n".join(_lines(dossier, zone)) + "\n"


def _lines(dossier: Dossier, zone: ZoneInfo) -> Iterator[str]:
    moment, day = moment_in(zone), day_in(zone)
    own = dossier.story.source
    yield from (f"# {_link(own)}", "", f"{_plain(own.publisher or 'unnamed source')}, {moment(own.at)}", "")
    if dossier.status is not Status.USABLE:
        yield from ("**This story was withdrawn by its publisher.**", "")
    whole = span(dossier, zone)
    counts = f"{dossier.stories} stories, {len(dossier.steps)} steps, {dossier.publishers} publishers"
    yield from (f"{counts}{f', {whole}' if whole else ''}", "")
    for paragraph in dossier.text:
        yield from (_plain(paragraph), "")
    if len(dossier.versions) > 1:
        yield from ("## Versions and corrections", "")
        for version in dossier.versions:
            yield from _version(version, moment(version.at))
        yield ""
    yield from ("## Timeline", "")
    for step in dossier.steps:
        yield from _step(step, day(step.source.at))
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
        for one in dossier.involved:
            kind = one.name.kind.replace("_", " ")
            first, last = when[one.steps[0]], when[one.steps[-1]]
            yield f"| {_plain(one.name.name)} | {kind} | {first} | {last} | {len(one.steps)} |"
        yield ""
    yield f"Made by Wirewatch on {moment(dossier.made_at)} ({zone}). Texts belong to their publishers."


def _version(version: Version, at: str) -> Iterator[str]:
    status = "" if version.status == Status.USABLE else f", **{version.status}**"
    note = f" {_plain(version.note)}" if version.note else ""
    yield f"{version.number}. {version.take}, {at}{status}: {_plain(version.headline)}{note}"
    for change in version.changes or ():
        match change.edit:
            case Edit.ADDED:
                yield f"   - added: {_plain(change.text)}"
            case Edit.REMOVED:
                yield f"   - removed: {_plain(change.text)}"
            case Edit.CHANGED:
                yield f"   - changed: {_reworded(change.pieces)}"


def _reworded(pieces: Sequence[Piece]) -> str:
    said = []
    for piece, following in zip_longest(pieces, pieces[1:]):
        mark = {Edit.REMOVED: "~~", Edit.ADDED: "**"}.get(piece.edit, "")
        replaced = piece.edit is Edit.REMOVED and following is not None and following.edit is Edit.ADDED
        gap = " " if replaced or piece.text[-1:].isspace() else ""
        said.append(f"{mark}{_plain(piece.text)}{mark}{gap}")
    return "".join(said).strip()


def _step(step: Step, day: str) -> Iterator[str]:
    mark = " **(the story)**" if step.place is Place.STORY else ""
    told = [_plain(step.source.publisher or "unnamed source")]
    told += [step.kind] if step.kind else []
    told += [f"closeness {step.score:.2f}"] if step.score is not None else []
    told += ["corrected"] if step.corrected else []
    yield f"### {day}: {_link(step.source)}{mark}"
    yield from ("", " · ".join(told), "")
    if step.lead:
        yield from (_plain(step.lead), "")
    new = [*(name.name for name in step.names), *step.amounts, *step.dates]
    more = f", and {step.more_names} more names" if step.more_names else ""
    if new:
        yield f"- {'begins with' if step.number == 1 else 'new'}: {_plain(', '.join(new))}{more}"
    if step.why:
        yield f"- why: {_plain(step.why)}"
    if step.copies:
        yield f"- same text: {', '.join(_link(copy, copy.publisher or copy.uri) for copy in step.copies)}"
    if step.reports:
        yield f"- also reported: {'; '.join(map(_link, step.reports))}"
    yield f"- source: story {step.source.id}, {_plain(step.source.url or step.source.uri)}"
    yield ""


def _link(source: Source, text: str | None = None) -> str:
    said = _plain(text or source.headline)
    if source.url is None:
        return said
    return f"[{said}]({''.join(_NOT_IN_ADDRESSES.get(character, character) for character in source.url)})"


def _plain(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
