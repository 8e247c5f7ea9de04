"""Stories, takes and lineages, the work on them, and the feeds that bring them."""

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
    """What is remembered of each feed, and a log of fetches."""

    def declare(self, feeds: Sequence[Feed]) -> None:
        """Make a state for each feed that has none.

        A feed whose declared address has changed starts afresh: it is due now, and its validators and failures are
        forgotten. Feeds that are no longer declared keep their states. Idempotent.
        """

    def states(self) -> list[FeedState]:
        """Every feed's state, by name."""

    def claim_due(
        self, names: Sequence[str], worker: str, now: datetime, lease: timedelta, limit: int
    ) -> list[FeedState]:
        """Claim feeds that are due, those longest due first. No two processes get the same feed while its lease lasts.

        Args:
            names: The feeds that may be claimed.
            worker: Who claims them.
            now: The time. A feed is due if its ``next_due_at`` is unset or past, unless it is gone or claimed.
            lease: For how long the claims hold.
            limit: How many feeds at most.
        """

    def record(self, state: FeedState, fetch: FetchRecord) -> None:
        """Save the state that follows a fetch and its line of the log, and end the claim, in one transaction.

        Call it after the stories are stored, so that no validator ever passes work that is not done.
        """

    def ask_again(self, names: Sequence[str]) -> None:
        """Make these feeds due, also those that have gone. Unknown names are ignored."""

    def fetches(self, name: str, limit: int = 20) -> list[FetchRecord]:
        """The feed's latest fetches, newest first."""


class StoryStore(Protocol):
    """Stories, takes and lineages: the truth. Also the quarantine of what could not be processed."""

    # ----------------------------------------------------------------------- in

    def add(self, stories: Sequence[Story], origin: Origin) -> list[Added]:
        """Store takes in one transaction. Idempotent.

        Each is placed in a lineage, unless it is a take that is known already. Tasks are opened for what usable and
        withdrawn takes need.

        Args:
            stories: Stories as they were parsed.
            origin: Where all of them came from.

        Returns:
            One answer per story, in order.
        """

    def completed(self, uris: Sequence[str]) -> dict[str, str]:
        """Uri -> fingerprint of the teaser whose page its stored text is; see ``note_completed``. Others are absent."""

    def note_completed(self, teasers: Mapping[str, str]) -> None:
        """Remember teasers (uri -> fingerprint) whose pages are stored, so that they are not asked for again."""

    def release_due(self, now: datetime) -> list[int]:
        """Make takes whose embargo has ended usable and open their tasks; withdraw takes that have expired.

        Returns:
            The lineages concerned.
        """

    # ----------------------------------------------------------------------- out

    def resolve(self, id_or_uri: str) -> int:
        """Find the lineage that an id or a uri names.

        Args:
            id_or_uri: The id of any item of the lineage, also that of a lineage merged into it; or a uri.

        Raises:
            NotFoundError: No story has this id or uri.
        """

    def takes(self, version_ids: Sequence[int]) -> list[StoredTake]:
        """These takes, in the order asked. Unknown ids are left out."""

    def history(self, lineage: int) -> list[StoredTake]:
        """Every take of a lineage, oldest first. A merged lineage has the takes of the one that it is part of."""

    def merged_into(self, lineage: int) -> list[int]:
        """The ids of the lineages that were merged into this one, ascending."""

    def records(self, lineages: Sequence[int]) -> list[LineageRecord]:
        """All that is known of these lineages, in the order asked. Unknown ones are left out.

        A merged lineage comes as a blank: see ``LineageRecord.merged_into``.
        """

    def lineages(self, indexed: bool = False) -> Iterator[int]:
        """Yield every lineage by id, read in pages. Merged ones are left out.

        Args:
            indexed: Whether only lineages are meant that the index is to hold, for rebuilding it: offered to it before,
                and of a month that is kept.
        """

    def enrichment(self, version_id: int) -> Enrichment | None:
        """One take's enrichment with its mentions, or None while it is not tagged."""

    def export(self, canonical: bool = False) -> Iterator[dict[str, Any]]:
        """Yield one row per uri, in order of uri.

        Args:
            canonical: Whether groups are named by their smallest uri, so that two equal stores give equal rows.

        Yields:
            uri, lineage, version, status, copy_group, happening, thread, entities.
        """

    # ----------------------------------------------------------------------- retention

    def months(self) -> dict[str, int]:
        """Month ("2017.11", undated "") -> how many lineages the index is to hold of it."""

    def drop_before(self, month: str, texts: bool = False) -> int:
        """Keep lineages of a month before this one out of the index from now on. Idempotent.

        Their INDEX work is closed and stays so, whatever comes to them, and ``lineages`` leaves them out. Undated ones
        are kept. An earlier month than the last time lets a rebuild bring months back, down to those whose texts are
        gone.

        Args:
            month: The first month that is kept ("2017.11").
            texts: Whether the bodies of earlier months are emptied too, for good.

        Returns:
            How many lineages are out now.
        """

    # ----------------------------------------------------------------------- quarantine

    def quarantine(self, stage: str, rejected: Sequence[Rejected]) -> None:
        """Keep what could not be processed. The same payload from the same place is kept once, with its last reason."""

    def quarantined(self, limit: int = 100) -> list[Quarantined]:
        """What is in quarantine, newest first."""

    def in_quarantine(self, ids: Sequence[int] | None = None) -> list[Quarantined]:
        """These quarantined entries, or (None) all of them, oldest first.

        Raises:
            NotFoundError: One of the ids is not in quarantine.
        """

    def discharge(self, ids: Sequence[int]) -> None:
        """Take entries out of quarantine. Ids that are not there are ignored."""


class WorkQueue(Protocol):
    """Claims with leases. ENRICH, RELATE and ALERT work on version ids, INDEX on lineages.

    The ``record_`` methods close the tasks of what they record. Outcomes whose task is closed already are ignored: they
    come too late, and another worker's stand.
    """

    # ----------------------------------------------------------------------- claims

    def claim(self, stage: Stage, worker: str, now: datetime, lease: timedelta, limit: int) -> list[int]:
        """Claim pending work of a stage. A claim whose lease ran out is pending again.

        Args:
            stage: The stage. ALERT is ready only once the newest revision of its lineage is indexed.
            worker: Who claims.
            now: The time.
            lease: For how long the claims hold.
            limit: How much at most.

        Returns:
            Version ids, or for INDEX lineages, in order of publication, undated last.
        """

    def pending(self, stage: Stage) -> int:
        """How much is pending or claimed."""

    def release(self, stage: Stage, ids: Sequence[int]) -> None:
        """Give claims back undone."""

    def workers(self) -> list[str]:
        """Everyone who holds a claim on a feed, on a stage's work or on a delivery."""

    def take_back(self, worker: str) -> None:
        """Free all that a worker holds: for one that is known to have died."""

    # ----------------------------------------------------------------------- outcomes

    def record_enriched(self, enrichments: Sequence[Enrichment]) -> None:
        """Save enrichments (entities, counts, copy bands), close ENRICH and open RELATE: one transaction."""

    def record_related(self, relations: Sequence[Relations]) -> None:
        """Save links, copies and happenings, close RELATE and open ALERT: one transaction.

        Copies are grouped anew, and the revision of every lineage whose document changes is raised.
        """

    def record_indexed(self, outcomes: Sequence[WriteOutcome], now: datetime) -> None:
        """Note the indexed revisions; quarantine rejected documents with the engine's reason: one transaction."""

    # ----------------------------------------------------------------------- giving up, and trying again

    def fail(self, stage: Stage, ids: Sequence[int], reason: str, now: datetime) -> None:
        """Quarantine work that will never succeed under its stage, and close its tasks.

        Args:
            stage: The stage.
            ids: Version ids, or for INDEX lineages.
            reason: Why it was given up.
            now: The time.
        """

    def replay(self, ids: Sequence[int]) -> int:
        """Open the work again that quarantined entries stand for, and discharge them: one transaction.

        What was indexed without that work sends no second alert.

        Returns:
            How many tasks were opened.
        """

    def requeue(self, stage: Stage, *, since: datetime | None = None, unless: str | None = None) -> int:
        """Open ENRICH or INDEX again for everything (re-tag, re-index), silently: no ALERT follows.

        Args:
            stage: ENRICH or INDEX.
            since: For ENRICH: only takes sent from then on.
            unless: For ENRICH: only takes that were not tagged at this revision.

        Returns:
            How many tasks of the stage are open.

        Raises:
            UsageError: The stage is not opened again by itself.
        """
