"""Stories as programs import, search, read and export them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipeline import parse
from pipeline.errors import NotFoundError, ParseError
from pipeline.flow.ingest.intake import BYTES_KEPT, Ingested, quarantine_document, store_items
from pipeline.flow.reading.story_history import StoryHistory, readable_takes, versions
from pipeline.models import (
    Enrichment,
    LineageRecord,
    Origin,
    Rejected,
    SearchRequest,
    SearchResult,
    StoredTake,
    Story,
)
from pipeline.progress import SILENT, Progress
from pipeline.relate import FollowUps, RankedStory
from pipeline.wiring import Adapters

__all__ = ["FollowUps", "RankedStory", "Stories"]


class Stories:
    """Stories: imported from files, searched, read, followed up, exported.

    A story is named by its id (digits), or by any uri that its takes came under.
    """

    def __init__(self, adapters: Adapters) -> None:
        self._adapters = adapters

    # ----------------------------------------------------------------------- from files

    def import_paths(
        self, paths: Sequence[Path | str], backfill: bool = False, progress: Progress = SILENT
    ) -> Ingested:
        """Parse and store files, and folders with everything in them. ``stages.run`` does what follows.

        Args:
            paths: Files in any format that Wirewatch reads; folders are walked, hidden files left out.
            backfill: The stories are an archive: no alert is sent for them.
            progress: Shown the stories that are stored.

        Returns:
            What became of them. A file that cannot be read or parsed is one of the failures.
        """
        store = self._adapters.store.stories
        total = Ingested()
        for path in _files_in(paths, total.failures):
            origin = Origin("import", str(path), self._adapters.clock.now(), backfill)
            try:
                total.include(store_items(store, parse.parse_file(path, origin), origin, progress))
            except ParseError as error:
                content = path.read_bytes()[:BYTES_KEPT]
                total.include(quarantine_document(store, origin, str(error), content))
            except OSError as error:
                total.failures.append(f"{path} cannot be read: {error.strerror}")
        return total

    def parse_paths(self, paths: Sequence[Path | str], failures: list[str]) -> Iterator[Story | Rejected]:
        """Yield what ``import_paths`` would store. Nothing is stored.

        Args:
            paths: As for ``import_paths``.
            failures: Files that cannot be read at all are added to it, one line each.
        """
        for path in _files_in(paths, failures):
            try:
                yield from parse.parse_file(path, Origin("import", str(path), self._adapters.clock.now()))
            except ParseError as error:
                failures.append(str(error))
            except OSError as error:
                failures.append(f"{path} cannot be read: {error.strerror}")

    def tag_paths(
        self, paths: Sequence[Path | str], failures: list[str]
    ) -> Iterator[tuple[Story, Enrichment | Rejected]]:
        """Yield each story in files with its tags. Nothing is stored.

        Args:
            paths: As for ``import_paths``.
            failures: What is no story is added to it, one line each.

        Raises:
            SettingsError: The model is not installed, or the gazetteer has mistakes.
        """
        stories: list[Story] = []

        def takes() -> Iterator[StoredTake]:
            origin = Origin("tag", "", self._adapters.clock.now())
            for number, item in enumerate(self.parse_paths(paths, failures)):
                if isinstance(item, Rejected):
                    failures.append(f"{item.origin.location}, {item.part}: {item.reason}")
                    continue
                stories.append(item)
                yield StoredTake(version_id=number, lineage=number, version=1, story=item, origin=origin)

        for answer in self._adapters.tagger.tag(takes()):
            yield stories.pop(0), answer

    # ----------------------------------------------------------------------- from the store

    def search(self, request: SearchRequest) -> SearchResult:
        """Search the stories in Lucene syntax.

        Raises:
            QueryError: The query cannot be run; the error has the position of the mistake.
        """
        return self._adapters.index.search(request)

    def resolve(self, id_or_uri: str) -> int:
        """The id of the story that an id or uri names; of a story that became part of another one, the other's.

        Raises:
            NotFoundError: There is no such story.
        """
        return self._adapters.store.stories.resolve(id_or_uri)

    def records(self, lineages: Iterable[int]) -> list[LineageRecord]:
        """What is known of these stories, in the order of their ids; unknown ids are left out."""
        return self._adapters.store.stories.records(sorted(set(lineages)))

    def history(self, id_or_uri: str) -> StoryHistory:
        """A story as it stands, with all its takes and what each one changed.

        Texts that may not be read are left out: of withdrawn and expired stories, and of killed or embargoed takes.

        Raises:
            NotFoundError: There is no such story.
        """
        stories = self._adapters.store.stories
        lineage = stories.resolve(id_or_uri)
        (record,) = stories.records([lineage])
        takes = stories.history(lineage)
        return StoryHistory(
            record=record,
            joined=tuple(stories.merged_into(lineage)),
            uris=tuple(dict.fromkeys(take.story.uri for take in takes)),
            versions=tuple(versions(takes, record.status, self._adapters.clock.now())),
        )

    def followups(self, id_or_uri: str, limit: int = 20) -> FollowUps:
        """A story's versions, copies, later follow-ups and earlier background, each with its reasons.

        Args:
            id_or_uri: The story.
            limit: At most so many follow-ups, and so many background stories.

        Raises:
            SettingsError: The ranking's weights that the settings name cannot be read.
            NotFoundError: There is no such story.
        """
        finder = self._adapters.followup_finder
        answer = finder.followups(self._adapters.store.stories.resolve(id_or_uri), limit)
        now = self._adapters.clock.now()
        record = answer.story
        # A title is made of the text where there is no headline: so takes that nobody may read come without theirs.
        (current,) = readable_takes([record.current], record.status, now)
        readable = readable_takes(answer.versions, record.status, now)
        return replace(answer, story=replace(record, current=current), versions=readable)

    def rank(
        self, uris: Sequence[str], limit: int, failures: list[str]
    ) -> Iterator[tuple[str, list[tuple[str, float]]]]:
        """Yield each story with its follow-ups as (uri, score), best first.

        Args:
            uris: Ids or uris of stories.
            limit: At most so many follow-ups per story.
            failures: What names no story is added to it, one line each.
        """
        for uri in uris:
            try:
                lineage = self._adapters.store.stories.resolve(uri)
            except NotFoundError as error:
                failures.append(str(error))
            else:
                yield uri, self._adapters.followup_finder.rank(lineage, limit)

    def export(self, canonical: bool = False) -> Iterator[dict[str, Any]]:
        """Yield one row per uri, in order: uri, lineage, version, status, copy_group, happening, thread, entities.

        Args:
            canonical: Name groups by their smallest uri, so that equal stores give equal rows.
        """
        return self._adapters.store.stories.export(canonical)


def _files_in(paths: Sequence[Path | str], failures: list[str]) -> Iterator[Path]:
    """The files that paths name; folders are walked in the order of names, hidden files left out."""
    for path in map(Path, paths):
        if path.is_dir():
            inside = sorted(path.rglob("*"))
            yield from (file for file in inside if file.is_file() and not _is_hidden(file.relative_to(path)))
        elif path.exists():
            yield path
        else:
            failures.append(f"there is no file or folder {path}")


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)
