"""What feeds and imported files share: parsed items into the store, and what cannot be parsed into quarantine."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice

from pipeline.models import AddOutcome, Origin, Rejected, Story
from pipeline.ports import StoryStore
from pipeline.progress import Progress

STORIES_AT_ONCE = 500
BYTES_KEPT = 1 << 20  # of a document that cannot be parsed


@dataclass(slots=True)
class Ingested:
    """What became of what was taken in.

    Attributes:
        outcomes: How many takes were new, changed, or known already.
        failures: What could not be fetched, read or parsed, one line each, for people.
        quarantined: How many documents, or entries of documents, went into quarantine.
        pages_missing: Why pages that teasers link to could not be fetched this time.
    """

    outcomes: dict[AddOutcome, int] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    quarantined: int = 0
    pages_missing: list[str] = field(default_factory=list)

    @property
    def stories(self) -> int:
        """Takes that the store knows now, new or not."""
        return sum(self.outcomes.values())

    @property
    def changed(self) -> int:
        """Takes that were not there before."""
        return self.stories - self.outcomes.get(AddOutcome.UNCHANGED, 0)

    def count(self, outcome: AddOutcome, takes: int = 1) -> None:
        """Count takes with this outcome."""
        self.outcomes[outcome] = self.outcomes.get(outcome, 0) + takes

    def include(self, other: "Ingested") -> None:
        """Count another's results in."""
        for outcome, takes in other.outcomes.items():
            self.count(outcome, takes)
        self.failures += other.failures
        self.quarantined += other.quarantined
        self.pages_missing += other.pages_missing


def store_items(store: StoryStore, items: Iterable[Story | Rejected], origin: Origin, progress: Progress) -> Ingested:
    """Store parsed stories as they come, and put what was rejected into quarantine.

    Raises:
        ParseError: The document ends in the middle; what was read before stays stored.
    """
    result = Ingested()
    iterator = iter(items)
    while batch := list(islice(iterator, STORIES_AT_ONCE)):
        rejected = [item for item in batch if isinstance(item, Rejected)]
        stories = [item for item in batch if isinstance(item, Story)]
        for added in store.add(stories, origin):
            result.count(added.outcome)
        if rejected:
            store.quarantine("parse", rejected)
        result.quarantined += len(rejected)
        result.failures += [f"{item.origin.location}, {item.part}: {item.reason}" for item in rejected]
        progress.advance("store", len(batch))
    return result


def quarantine_document(store: StoryStore, origin: Origin, reason: str, content: bytes) -> Ingested:
    """Put a document that is none into quarantine, with its first bytes."""
    rejected = Rejected(origin=origin, part="the whole of it", reason=reason, payload=content[:BYTES_KEPT])
    store.quarantine("parse", [rejected])
    return Ingested(failures=[reason], quarantined=1)
