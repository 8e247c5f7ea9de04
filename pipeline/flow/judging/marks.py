"""Readers' marks on follow-ups: saved, listed, and exported as a labelled set."""

import gzip
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from pipeline.errors import UsageError
from pipeline.flow.stages import Stages
from pipeline.models import LineageRecord, Mark, Status
from pipeline.progress import SILENT, Progress
from pipeline.shared_formats.qrels import ALL_OTHERS
from pipeline.wiring import Adapters

_BATCH = 500


@dataclass(frozen=True, slots=True)
class ExportedMarks:
    """What a labelled set holds that was made of marks.

    Attributes:
        stories: How many stories.
        queries: How many stories have a follow-up that is marked right.
        judgements: How many marks on these.
        left_out: How many marked stories without a follow-up that is marked right, where there is nothing to rank, or
            that nobody may see any more.
    """

    stories: int
    queries: int
    judgements: int
    left_out: int


class Marks:
    """Readers' marks: which follow-ups are right, which are wrong.

    A mark is on two stories, named by id or uri. It holds for their copies as well; a new one replaces the one before.
    """

    def __init__(self, adapters: Adapters) -> None:
        self._adapters = adapters
        self._stages = Stages(adapters)

    def mark(self, earlier: str, later: str, right: bool, by: str) -> Mark:
        """Save a mark, and index the later story again.

        Args:
            earlier: The earlier story.
            later: Its follow-up.
            right: Whether it is one.
            by: Who says so.

        Raises:
            NotFoundError: There is no such story.
            UsageError: Both are one story, or the later one was published first.
        """
        first, second = self._pair(earlier, later)
        mark = Mark(earlier=first.lineage, later=second.lineage, right=right, by=by, at=self._adapters.clock.now())
        self._adapters.store.marks.mark(mark)
        self._stages.index()
        return mark

    def apply(self, earlier: str, later: str, right: bool, by: str, at: datetime) -> bool:
        """Save a mark of another installation, unless the one here on the two stories is as new.

        ``stages.index`` then has to be called, once for all of them.

        Args:
            earlier: The earlier story.
            later: Its follow-up.
            right: Whether it is one.
            by: Who said so.
            at: When, with a zone.

        Returns:
            Whether it was saved.

        Raises:
            NotFoundError: There is no such story.
            UsageError: Both are one story, or the later one was published first.
        """
        first, second = self._pair(earlier, later)
        marks = self._adapters.store.marks
        here = [mark for mark in marks.marks([first.lineage]) if mark.later == second.lineage]
        if any(mark.at >= at for mark in here):
            return False
        marks.mark(Mark(earlier=first.lineage, later=second.lineage, right=right, by=by, at=at))
        return True

    def unmark(self, earlier: str, later: str) -> None:
        """Take a mark back, and index the later story again.

        Raises:
            NotFoundError: There is no such story, or no such mark.
        """
        stories = self._adapters.store.stories
        self._adapters.store.marks.unmark(stories.resolve(earlier), stories.resolve(later))
        self._stages.index()

    def find(self, id_or_uri: str | None = None) -> list[Mark]:
        """The marks, oldest first.

        Args:
            id_or_uri: Only those on this story; None for all.

        Raises:
            NotFoundError: There is no such story.
        """
        store = self._adapters.store
        return store.marks.marks(None if id_or_uri is None else [store.stories.resolve(id_or_uri)])

    def export(self, folder: Path, progress: Progress = SILENT) -> ExportedMarks:
        """Write every usable story and the marks as a labelled set, which ``evaluate`` and ``train`` read.

        The stories go to stories.jsonl.gz in the folder, the marks to queries.txt and qrels.txt in its subfolder marks.
        A story that is marked right is relevant, one that is marked wrong is not. All others are left open, since
        nobody has marked them. Copies of marked stories are left out, since the mark is about their text as well.

        Args:
            folder: Made if it is not there.
            progress: Shown the stories as they are written.

        Raises:
            UsageError: Nothing is marked right, or the folder cannot be written.
        """
        judged = _judgements_of(self._adapters.store.marks.marks())
        queries = {query: pairs for query, pairs in judged.items() if any(pairs.values())}
        if not queries:
            raise UsageError("no follow-up is marked right: `wirewatch mark EARLIER LATER right` does that")
        uris = self._uris_of({*queries, *(later for pairs in queries.values() for later in pairs)})
        lines = [line for query in queries if query in uris for line in _qrels_of(query, queries[query], uris)]
        try:
            (folder / "marks").mkdir(parents=True, exist_ok=True)
            stories = self._write_stories(folder / "stories.jsonl.gz", self._copies_of(uris), progress)
            asked = [uris[query] for query in queries if query in uris]
            (folder / "marks" / "queries.txt").write_text("".join(f"{uri}\n" for uri in asked), encoding="utf-8")
            (folder / "marks" / "qrels.txt").write_text("".join(lines), encoding="utf-8")
        except OSError as error:
            raise UsageError(f"the marks cannot be written to {folder}: {error.strerror}") from error
        return ExportedMarks(stories, len(asked), len(lines) - len(asked), len(judged) - len(asked))

    def _pair(self, earlier: str, later: str) -> tuple[LineageRecord, LineageRecord]:
        stories = self._adapters.store.stories
        lineages = [stories.resolve(name) for name in (earlier, later)]
        if lineages[0] == lineages[1]:
            raise UsageError(f"{earlier} and {later} are one story: a story does not follow itself up")
        first, second = stories.records(lineages)
        if first.published_at and second.published_at and first.published_at > second.published_at:
            raise UsageError(
                f"story {first.lineage} was published after story {second.lineage}: name the earlier one first"
            )
        return first, second

    def _uris_of(self, lineages: Iterable[int]) -> dict[int, str]:
        """The uris of those stories that may be read."""
        records = self._adapters.store.stories.records(sorted(lineages))
        return {
            record.lineage: _without_white_space(record.current.story.uri)
            for record in records
            if record.status is Status.USABLE
        }

    def _copies_of(self, judged: Collection[int]) -> set[int]:
        """The copies of judged stories that are not judged themselves."""
        relations = self._adapters.store.relations
        return {copy for lineage in judged for copy in relations.copies(lineage)} - set(judged)

    def _write_stories(self, path: Path, left_out: Collection[int], progress: Progress) -> int:
        """Write usable stories as ninjs, oldest id first. The same store gives the same bytes."""
        stories, written = self._adapters.store.stories, 0
        lineages = stories.lineages()
        with path.open("wb") as raw, gzip.GzipFile(filename="", fileobj=raw, mode="wb", mtime=0) as out:
            while ids := list(islice(lineages, _BATCH)):
                records = stories.records([lineage for lineage in ids if lineage not in left_out])
                usable = [record for record in records if record.status is Status.USABLE]
                for record in usable:
                    out.write(json.dumps(_ninjs(record), ensure_ascii=False).encode("utf-8", "replace") + b"\n")
                written += len(usable)
                progress.advance("export", len(ids))
        return written


def _judgements_of(marks: Iterable[Mark]) -> dict[int, dict[int, bool]]:
    """Earlier lineage -> later lineage -> whether it was marked right."""
    judged: dict[int, dict[int, bool]] = {}
    for mark in marks:
        judged.setdefault(mark.earlier, {})[mark.later] = mark.right
    return judged


def _qrels_of(query: int, pairs: Mapping[int, bool], uris: Mapping[int, str]) -> Iterator[str]:
    for later, right in sorted(pairs.items()):
        if later in uris:
            yield f"{uris[query]} 0 {uris[later]} {int(right)}\n"
    yield f"{uris[query]} 0 {ALL_OTHERS} -1\n"


def _without_white_space(uri: str) -> str:
    # The columns of the format are separated by it.
    return "%20".join(uri.split())


def _ninjs(record: LineageRecord) -> dict[str, Any]:
    story = record.current.story
    fields = {
        "uri": _without_white_space(story.uri),
        "type": "text",
        "version": "1",
        "versioncreated": _iso_time(record.published_at),
        "language": story.language,
        "headline": story.headline,
        "byline": story.byline,
        "located": story.dateline_place,
        "source": story.source,
        "body_text": story.body,
    }
    return {name: value for name, value in fields.items() if value}


def _iso_time(moment: datetime | None) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment else None
