"""Replay: what is in quarantine is tried again, after whatever stood in its way was seen to."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from pipeline import parse
from pipeline.errors import ParseError
from pipeline.models import Quarantined, RawDocument, Rejected, Story
from pipeline.models.work import PAYLOAD_KEPT
from pipeline.progress import SILENT, Progress
from pipeline.wiring import Parts


@dataclass(slots=True)
class Replayed:
    """What became of it. stories: takes that the store has now; work: stored takes that a stage will try again;
    failures: what stays in quarantine, one line each, for people."""

    stories: int = 0
    work: int = 0
    failures: list[str] = field(default_factory=list)


def replay(parts: Parts, ids: Sequence[int] | None = None, progress: Progress = SILENT) -> Replayed:
    """Read again what could not be read, and open again the work that failed; ``walk`` then does it.

    ids: of quarantined entries; all of them unless given. What still can't be read stays, with its first reason.
    Raises NotFoundError, before anything is tried, for an id that is not in quarantine.
    """
    result = Replayed()
    entries = parts.store.stories.in_quarantine(ids)
    for entry in entries:
        if entry.stage == "parse":
            _read_again(parts, entry, result)
        progress.advance("replay", 1, len(entries))
    result.work = parts.store.work.replay([entry.id for entry in entries if entry.stage != "parse"])
    return result


def _read_again(parts: Parts, entry: Quarantined, result: Replayed) -> None:
    items, reason = _items(parts, entry)
    stories = [item for item in items if isinstance(item, Story)]
    if entry.origin is None or not stories:
        result.failures.append(f"{entry.id}, {entry.subject}: {reason}")
        return
    parts.store.stories.add(stories, entry.origin)
    parts.store.stories.quarantine("parse", [item for item in items if isinstance(item, Rejected)])
    parts.store.stories.discharge([entry.id])
    result.stories += len(stories)


def _items(parts: Parts, entry: Quarantined) -> tuple[list[Story | Rejected], str]:
    """What its bytes hold now, and what is wrong where that is no story."""
    if entry.origin is None or not entry.payload:
        return [], "its bytes were not kept; import it again"
    if len(entry.payload) >= PAYLOAD_KEPT:
        return [], f"only its first {PAYLOAD_KEPT:,} bytes were kept; import {entry.origin.location} again"
    feed = next((feed for feed in parts.settings.feeds() if feed.name == entry.origin.name), None)
    document = RawDocument(
        origin=entry.origin,
        content=entry.payload,
        publisher=feed.publisher if feed else None,
        language=feed.language if feed else None,
    )
    try:
        items = list(parse.parse(document))
    except ParseError as error:
        return [], str(error)
    return items, next((item.reason for item in items if isinstance(item, Rejected)), "it holds no story")
