"""Stories, takes and lineages, the work on them, and where they come from."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from pipeline.models import (
    Added,
    Enrichment,
    Feed,
    FeedState,
    FetchRecord,
    LineageRecord,
    Origin,
    Quarantined,
    Rejected,
    Relations,
    Stage,
    StoredTake,
    Story,
    WriteOutcome,
)


class FeedStore(Protocol):
    """What is remembered of each feed."""

    def declare(self, feeds: Sequence[Feed]) -> None:
        """Make a state for each feed that has none; feeds no longer declared keep theirs. Idempotent."""

    def states(self) -> list[FeedState]:
        """Every feed's state, by name."""

    def claim_due(
        self, names: Sequence[str], worker: str, now: datetime, lease: timedelta, limit: int
    ) -> list[FeedState]:
        """Claim feeds of ``names`` that are due (``next_due_at`` unset or past, not gone, not leased), oldest first.
        No two processes get the same feed while its lease lasts."""

    def record(self, state: FeedState, fetch: FetchRecord) -> None:
        """Save the state that follows a fetch and its log line, and end the lease, in one transaction.
        Call it after the stories are stored, so that a watermark never passes work not done."""

    def ask_again(self, names: Sequence[str]) -> None:
        """Make these feeds due, also those that have gone. Unknown names are ignored."""

    def fetches(self, name: str, limit: int = 20) -> list[FetchRecord]:
        """The feed's latest fetches, newest first."""


class StoryStore(Protocol):
    """Stories, takes and lineages: the truth."""

    def add(self, stories: Sequence[Story], origin: Origin) -> list[Added]:
        """Store takes, one answer each in order: placed in a lineage, told apart from unchanged ones, tasks opened for
        what usable and withdrawn takes need. One transaction; idempotent."""

    def completed(self, uris: Sequence[str]) -> dict[str, str]:
        """Uri -> fingerprint of the teaser whose page its stored text is; see ``note_completed``. Others are absent."""

    def note_completed(self, teasers: Mapping[str, str]) -> None:
        """Remember the teasers (uri -> fingerprint) whose pages are stored, so that they are not asked for again."""

    def release_due(self, now: datetime) -> list[int]:
        """Make takes whose embargo has ended usable and open their tasks; withdraw what has expired. The lineages."""

    def resolve(self, id_or_uri: str) -> int:
        """The lineage that an id (any item's, also of one joined since) or uri names. Raises NotFoundError."""

    def takes(self, version_ids: Sequence[int]) -> list[StoredTake]:
        """These takes, in the order asked; unknown ids are left out."""

    def history(self, lineage: int) -> list[StoredTake]:
        """Every take of a lineage, oldest first."""

    def merged_into(self, lineage: int) -> list[int]:
        """The ids of the lineages that turned out to be part of this one, ascending."""

    def records(self, lineages: Sequence[int]) -> list[LineageRecord]:
        """All that is known of these lineages, in the order asked; unknown ones are left out. One that was joined to
        another comes as a blank: see ``LineageRecord.merged_into``."""

    def lineages(self, indexed: bool = False) -> Iterator[int]:
        """Every lineage, by id, read in pages; those joined to another are left out. indexed: only those that the index
        is to hold (for rebuilding it): offered to it before, and of a month that is kept."""

    def months(self) -> dict[str, int]:
        """Month ("2017.11", undated "") -> how many lineages the index is to hold of it."""

    def drop_before(self, month: str, texts: bool = False) -> int:
        """Keep lineages of a month before this one out of the index from now on: their INDEX work is closed and stays
        so, whatever comes to them, and ``lineages`` leaves them out. Undated ones are kept. texts: empty their bodies
        too, for good. An earlier month than the last time lets a rebuild bring months back, down to those whose texts
        are gone. Idempotent. How many lineages are out now."""

    def enrichment(self, version_id: int) -> Enrichment | None:
        """One take's enrichment with its mentions, or None while it is not tagged."""

    def export(self, canonical: bool = False) -> Iterator[dict[str, Any]]:
        """One row a uri in order of uri: uri, lineage, version, status, copy_group, happening, thread, entities.
        canonical: groups are named by their smallest uri, so that two equal stores give equal rows."""

    def quarantine(self, stage: str, rejected: Sequence[Rejected]) -> None:
        """Keep what could not be processed. The same payload from the same place is kept once."""

    def quarantined(self, limit: int = 100) -> list[Quarantined]:
        """What is in quarantine, newest first."""

    def in_quarantine(self, ids: Sequence[int] | None = None) -> list[Quarantined]:
        """These quarantined entries, or all of them, oldest first. Raises NotFoundError for an id that is not there."""

    def discharge(self, ids: Sequence[int]) -> None:
        """Take entries out of quarantine."""


class WorkQueue(Protocol):
    """Claims with leases. ENRICH, RELATE and ALERT work on version ids, INDEX on lineages."""

    def claim(self, stage: Stage, worker: str, now: datetime, lease: timedelta, limit: int) -> list[int]:
        """Claim pending work of a stage in order of publication (undated last). A claim whose lease ran out is
        pending again. RELATE: only what is tagged. ALERT: only what is related and indexed."""

    def pending(self, stage: Stage) -> int:
        """How much is pending or claimed."""

    def release(self, stage: Stage, ids: Sequence[int]) -> None:
        """Give claims back undone."""

    def workers(self) -> list[str]:
        """Everyone who holds a claim on a feed, on a stage's work or on a delivery."""

    def take_back(self, worker: str) -> None:
        """Free all that a worker holds: for one that is known to have died."""

    def fail(self, stage: Stage, ids: Sequence[int], reason: str, now: datetime) -> None:
        """These will never work: quarantine them under the stage, with the reason, and close their tasks."""

    def replay(self, ids: Sequence[int]) -> int:
        """Open the work again that these quarantined entries stand for, and discharge them: one transaction. How many
        tasks. What was indexed without it sends no second alert."""

    def record_enriched(self, enrichments: Sequence[Enrichment]) -> None:
        """Save enrichments (entities, counts, copy bands), close their ENRICH tasks, open RELATE: one transaction."""

    def record_related(self, relations: Sequence[Relations]) -> None:
        """Save links and copies, regroup copies, raise the revision of every lineage whose document changes, close
        RELATE and open ALERT: one transaction."""

    def record_indexed(self, outcomes: Sequence[WriteOutcome], now: datetime) -> None:
        """Note the indexed revisions; quarantine rejected documents with the engine's reason: one transaction."""

    def requeue(self, stage: Stage, *, since: datetime | None = None, unless: str | None = None) -> int:
        """Open ENRICH or INDEX again for everything (re-tag, re-index), silently: no ALERT follows. How many are open.
        For ENRICH, since: only takes sent from then on; unless: only takes not tagged at this revision."""
