"""The quarantine: what could not be processed, listed and tried again."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from pipeline import parse
from pipeline.errors import ParseError
from pipeline.models import Quarantined, RawDocument, Rejected, Story
from pipeline.models.work import PAYLOAD_KEPT
from pipeline.progress import SILENT, Progress
from pipeline.wiring import Adapters


@dataclass(slots=True)
class Replayed:
    """What became of quarantined entries.

    Attributes:
        stories: How many takes the store has now that were in quarantine as bytes.
        work: How many tasks on stored takes a stage will try again.
        failures: What stays in quarantine, one line each, for people.
    """

    stories: int = 0
    work: int = 0
    failures: list[str] = field(default_factory=list)


class Quarantine:
    """What could not be processed, and another try of it."""

    def __init__(self, adapters: Adapters) -> None:
        self._adapters = adapters

    def entries(self, limit: int = 50) -> list[Quarantined]:
        """What is in quarantine, newest first, at most ``limit`` entries."""
        return self._adapters.store.stories.quarantined(limit)

    def replay(self, ids: Sequence[int] | None = None, progress: Progress = SILENT) -> Replayed:
        """Parse again what could not be parsed, and open the work that failed again; ``stages.run`` then does it.

        Args:
            ids: Of quarantined entries; all of them unless given.
            progress: Shown one step per entry.

        Returns:
            What became of them. An entry that cannot be parsed this time either stays, with its first reason.

        Raises:
            NotFoundError: An id is not in quarantine. Nothing was tried then.
        """
        result = Replayed()
        entries = self._adapters.store.stories.in_quarantine(ids)
        for entry in entries:
            if entry.stage == "parse":
                self._parse_again(entry, result)
            progress.advance("replay", 1, len(entries))
        result.work = self._adapters.store.work.replay([entry.id for entry in entries if entry.stage != "parse"])
        return result

    def _parse_again(self, entry: Quarantined, result: Replayed) -> None:
        items, reason = self._items_in(entry)
        stories = [item for item in items if isinstance(item, Story)]
        if entry.origin is None or not stories:
            result.failures.append(f"{entry.id}, {entry.subject}: {reason}")
            return
        store = self._adapters.store.stories
        store.add(stories, entry.origin)
        store.quarantine("parse", [item for item in items if isinstance(item, Rejected)])
        store.discharge([entry.id])
        result.stories += len(stories)

    def _items_in(self, entry: Quarantined) -> tuple[list[Story | Rejected], str]:
        """What an entry's bytes are parsed to now, and the reason why there is no story where there is none."""
        if entry.origin is None or not entry.payload:
            return [], "its bytes were not kept; import it again"
        if len(entry.payload) >= PAYLOAD_KEPT:
            return [], f"only its first {PAYLOAD_KEPT:,} bytes were kept; import {entry.origin.location} again"
        feed = next((feed for feed in self._adapters.settings.feeds() if feed.name == entry.origin.name), None)
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
