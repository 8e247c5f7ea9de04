"""What readers say of follow-ups: saved, shown in answers at once, and written out as a labelled set."""

import gzip
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from pipeline.errors import UsageError
from pipeline.flow.stages import index
from pipeline.models import LineageRecord, Mark, Status
from pipeline.progress import SILENT, Progress
from pipeline.shared_formats.qrels import ALL_OTHERS
from pipeline.wiring import Parts

__all__ = ["Exported", "apply_mark", "export_marks", "mark", "unmark"]

_BATCH = 500


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export of marks holds. left_out: marked stories without any follow-up marked right, where there is
    nothing to rank, or that nobody may see any more."""

    stories: int
    queries: int
    judgements: int
    left_out: int


def mark(parts: Parts, earlier: str, later: str, right: bool, by: str) -> Mark:
    """Save a mark on two stories, named by id or uri, and index the later one again.

    Raises NotFoundError; UsageError for one story twice, or two in the wrong order.
    """
    first, second = _both(parts, earlier, later)
    made = Mark(earlier=first.lineage, later=second.lineage, right=right, by=by, at=parts.clock.now())
    parts.store.marks.mark(made)
    index(parts)
    return made


def apply_mark(parts: Parts, earlier: str, later: str, right: bool, by: str, at: datetime) -> bool:
    """Save a mark as another desk made it, unless one that stands here on the two stories is as new; whether it was
    saved. The caller indexes when all are. at: with a zone. Raises what ``mark`` raises."""
    first, second = _both(parts, earlier, later)
    known = (one for one in parts.store.marks.marks([first.lineage]) if one.later == second.lineage)
    if any(one.at >= at for one in known):
        return False
    parts.store.marks.mark(Mark(earlier=first.lineage, later=second.lineage, right=right, by=by, at=at))
    return True


def unmark(parts: Parts, earlier: str, later: str) -> None:
    """Take a mark back. Raises NotFoundError."""
    stories = parts.store.stories
    parts.store.marks.unmark(stories.resolve(earlier), stories.resolve(later))
    index(parts)


def _both(parts: Parts, earlier: str, later: str) -> tuple[LineageRecord, LineageRecord]:
    lineages = [parts.store.stories.resolve(name) for name in (earlier, later)]
    if lineages[0] == lineages[1]:
        raise UsageError(f"{earlier} and {later} are one story: a story does not follow itself up")
    first, second = parts.store.stories.records(lineages)
    if first.published_at and second.published_at and first.published_at > second.published_at:
        raise UsageError(
            f"story {first.lineage} was published after story {second.lineage}: name the earlier one first"
        )
    return first, second


# --------------------------------------------------------------------------- as a labelled set


def export_marks(parts: Parts, folder: Path, progress: Progress = SILENT) -> Exported:
    """Write every usable story and the marks in the format of `evaluate followups`: stories.jsonl.gz in ``folder``,
    queries.txt and qrels.txt in its subfolder marks.

    A story marked right is relevant, one marked wrong is not, and all others, which nobody has marked, are left open;
    copies of what is marked are left out, since the verdict is about their text as well. Raises UsageError if nothing
    is marked right, or ``folder`` cannot be written.
    """
    judged = _judged(parts.store.marks.marks())
    queries = {query: pairs for query, pairs in judged.items() if any(pairs.values())}
    if not queries:
        raise UsageError("no follow-up is marked right: `wirewatch mark EARLIER LATER right` does that")
    uris = _uris(parts, {*queries, *(later for pairs in queries.values() for later in pairs)})
    lines = [line for query in queries if query in uris for line in _qrels(query, queries[query], uris)]
    try:
        (folder / "marks").mkdir(parents=True, exist_ok=True)
        stories = _write_stories(parts, folder / "stories.jsonl.gz", _copies(parts, uris), progress)
        asked = [uris[query] for query in queries if query in uris]
        (folder / "marks" / "queries.txt").write_text("".join(f"{uri}\n" for uri in asked), encoding="utf-8")
        (folder / "marks" / "qrels.txt").write_text("".join(lines), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"the marks cannot be written to {folder}: {error.strerror}") from error
    return Exported(stories, len(asked), len(lines) - len(asked), len(judged) - len(asked))


def _judged(marks: Iterable[Mark]) -> dict[int, dict[int, bool]]:
    """Earlier lineage -> later lineage -> whether it was marked right."""
    judged: dict[int, dict[int, bool]] = {}
    for one in marks:
        judged.setdefault(one.earlier, {})[one.later] = one.right
    return judged


def _uris(parts: Parts, lineages: Iterable[int]) -> dict[int, str]:
    records = parts.store.stories.records(sorted(lineages))
    return {one.lineage: _word(one.current.story.uri) for one in records if one.status is Status.USABLE}


def _qrels(query: int, pairs: Mapping[int, bool], uris: Mapping[int, str]) -> Iterator[str]:
    for later, right in sorted(pairs.items()):
        if later in uris:
            yield f"{uris[query]} 0 {uris[later]} {int(right)}\n"
    yield f"{uris[query]} 0 {ALL_OTHERS} -1\n"


def _copies(parts: Parts, judged: Collection[int]) -> set[int]:
    """The lineages that are copies of these, and none of them."""
    return {copy for lineage in judged for copy in parts.store.relations.copies(lineage)} - set(judged)


def _word(uri: str) -> str:
    """A uri without white space: the format's columns are separated by it."""
    return "%20".join(uri.split())


def _write_stories(parts: Parts, path: Path, left_out: Collection[int], progress: Progress) -> int:
    """Usable stories as ninjs, oldest id first; the same store gives the same bytes."""
    lineages, written = parts.store.stories.lineages(), 0
    with path.open("wb") as raw, gzip.GzipFile(filename="", fileobj=raw, mode="wb", mtime=0) as out:
        while ids := list(islice(lineages, _BATCH)):
            records = parts.store.stories.records([one for one in ids if one not in left_out])
            usable = [one for one in records if one.status is Status.USABLE]
            for record in usable:
                out.write(json.dumps(_ninjs(record), ensure_ascii=False).encode("utf-8", "replace") + b"\n")
            written += len(usable)
            progress.advance("export", len(ids))
    return written


def _ninjs(record: LineageRecord) -> dict[str, Any]:
    story = record.current.story
    fields = {
        "uri": _word(story.uri),
        "type": "text",
        "version": "1",
        "versioncreated": _iso(record.published_at),
        "language": story.language,
        "headline": story.headline,
        "byline": story.byline,
        "located": story.dateline_place,
        "source": story.source,
        "body_text": story.body,
    }
    return {name: value for name, value in fields.items() if value}


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment else None
