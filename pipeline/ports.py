"""The seams: what the walk asks of the world outside it, and how each adapter fails.

Every adapter of a port passes that port's contract suite in tests/contracts. All adapters may raise only errors of
``pipeline.errors``; where nothing else is said, ``StoreUnavailable`` (store) or ``IndexUnavailable`` (index).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from pipeline.models import (
    Added,
    Candidate,
    CandidateQuery,
    CopyEdge,
    CorpusCounts,
    Delivery,
    Enrichment,
    EntityDecision,
    Feed,
    FeedHealth,
    FeedState,
    FetchRecord,
    GroupChange,
    GroupKind,
    LineageRecord,
    Link,
    Mark,
    Match,
    Message,
    Origin,
    Problem,
    Quarantined,
    QueryFailure,
    QueryMatch,
    Rejected,
    Relations,
    Ruling,
    SearchRequest,
    SearchResult,
    Sketched,
    Stage,
    StoredQuery,
    StoredTake,
    Story,
    StoryDocument,
    StoryHead,
    StoryOutline,
    Subscription,
    ThreadView,
    WriteOutcome,
)


class Clock(Protocol):
    """The time, so that tests can choose it."""

    def now(self) -> datetime:
        """The current instant, UTC."""


# --------------------------------------------------------------------------- the store


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

    def joined(self, lineage: int) -> list[int]:
        """The ids of the lineages that turned out to be part of this one, ascending."""

    def records(self, lineages: Sequence[int]) -> list[LineageRecord]:
        """All that is known of these lineages, in the order asked; unknown ones are left out. One that was joined to
        another comes as a blank: see ``LineageRecord.joined_to``."""

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

    def reopen(self, stage: Stage, *, since: datetime | None = None, unless: str | None = None) -> int:
        """Open ENRICH or INDEX again for everything (re-tag, re-index), silently: no ALERT follows. How many are open.
        For ENRICH, since: only takes sent from then on; unless: only takes not tagged at this revision."""


class RelationStore(Protocol):
    """What ranking compares, and what relating found."""

    def outlines(self, lineages: Sequence[int]) -> list[StoryOutline]:
        """Outlines of the tagged, usable lineages among these, in the order asked."""

    def mark(self) -> str:
        """A mark of all that is committed: while it stays the same, what was read before still holds."""

    def heads(self, lineages: Collection[int]) -> list[StoryHead]:
        """Heads of the tagged, usable lineages among these, in any order."""

    def sketches(self, lineages: Collection[int]) -> list[Sketched]:
        """The same with what ranking counts of them."""

    def uris(self, lineages: Collection[int]) -> dict[int, str]:
        """Lineage -> the uri of its winning take; unknown lineages are left out."""

    def frequencies(self, keys: Collection[int]) -> tuple[int, dict[int, int]]:
        """How many lineages are counted, and in how many of them each label (a key of ``pipeline.models.sketch``)
        occurs; unseen ones are absent."""

    def counts(self, terms: Iterable[str], entity_ids: Iterable[str]) -> CorpusCounts:
        """Document frequencies of these; unseen ones are absent."""

    def copy_candidates(self, version_ids: Sequence[int], window: timedelta) -> dict[int, list[StoredTake]]:
        """Takes of other lineages that share signature bands within the window; at most 50 each, those that share most
        bands first, then the nearest in time. Every id asked for has a list."""

    def signature(self, version_id: int) -> bytes | None:
        """A take's MinHash signature."""

    def links_from(self, lineage: int) -> list[Link]:
        """Links in which this lineage is the earlier story: its follow-ups, best first."""

    def links_to(self, lineage: int) -> list[Link]:
        """Links in which this lineage is the later story: its background, best first."""

    def copies(self, lineage: int) -> list[int]:
        """The other lineages of its copy group, in order of publication."""

    def copy_edges(self, lineage: int) -> list[CopyEdge]:
        """The edges that hold its copy group together."""


class AlertStore(Protocol):
    """Subscriptions, matches and the outbox."""

    def subscribe(self, subscription: Subscription) -> int:
        """Save a new subscription (its ``id`` is ignored) and return its id."""

    def change(self, subscription: Subscription, due_at: datetime | None = None) -> None:
        """Save what has been chosen anew for the subscription of this id (its channels, rhythm, mutes, pause, ...; not
        what the store itself notes of it). due_at: when news that waits for it is due now. A problem with its query is
        over if the query is another one. Raises NotFoundError."""

    def stop(self, subscription_id: int, channel: str) -> Subscription:
        """A channel's reader has unsubscribed: nothing goes there again; without a channel left the subscription has
        ended. Idempotent; the subscription as it is then. Raises NotFoundError."""

    def unsubscribe(self, subscription_id: int) -> None:
        """End a subscription; corrections of what was sent still go out. Raises NotFoundError."""

    def subscriptions(self) -> list[Subscription]:
        """Active and paused subscriptions, oldest first; a lineage that was joined to another is followed as that."""

    def subscription(self, subscription_id: int) -> Subscription:
        """One subscription, also one that has ended. Raises NotFoundError."""

    def followed_in(self, threads: Collection[int]) -> dict[int, list[int]]:
        """Thread -> the lineages in it that subscriptions follow; threads without any are absent."""

    def declared(self) -> dict[str, Subscription]:
        """Those that were ever declared in a file, by their key; ended ones too. ``subscribe`` with a key that is known
        gives the one that there is."""

    def sent_to(self, lineages: Sequence[int]) -> dict[int, list[Match]]:
        """Lineage -> the matches of subscriptions that were sent it, ended and paused ones included."""

    def matched(self, lineages: Sequence[int]) -> dict[int, set[int]]:
        """Lineage -> subscriptions that have matched it or a copy of it."""

    def record_alerted(
        self, version_ids: Sequence[int], matches: Sequence[Match], deliveries: Sequence[Delivery]
    ) -> None:
        """Save matches and deliveries (their ``id`` ignored; existing ones kept) and close ALERT: one transaction."""

    def claim_deliveries(self, worker: str, now: datetime, lease: timedelta, limit: int) -> list[Delivery]:
        """Claim unsent deliveries that are due: ``limit`` of them, with all that go out together with them. Grouped
        lines to one reader on one channel get a ``bundle`` in common, which they keep. News for paused subscriptions
        waits."""

    def record_sent(self, delivery_ids: Sequence[int], now: datetime) -> None:
        """These were accepted by their channel."""

    def record_unsent(self, delivery_ids: Sequence[int], error: str, retry_at: datetime | None) -> None:
        """These were not accepted: due again at ``retry_at``, or parked if None."""

    def drop(self, delivery_ids: Sequence[int], reason: str) -> None:
        """These are not to be sent any more, and were not tried: parked with the reason."""

    def postpone(self, delivery_ids: Sequence[int], due_at: datetime) -> None:
        """These are not to be sent before then; they were not tried."""

    def lines(self, pairs: Iterable[tuple[int, int]]) -> dict[tuple[int, int], list[Delivery]]:
        """(subscription, lineage) -> all its lines in the outbox, oldest first; pairs without any are absent."""

    def matches_of(self, pairs: Iterable[tuple[int, int]]) -> dict[tuple[int, int], Match]:
        """(subscription, lineage) -> its match; pairs without one are absent."""

    def begin_problem(self, problem: Problem, notices: Sequence[Delivery]) -> bool:
        """Note a problem (its ``id`` is ignored) and put its notices (their ``version_id`` is ignored) into the outbox,
        in one transaction; False, and nothing is done, while the same problem lasts already."""

    def end_problem(self, subscription_id: int, channel: str | None, now: datetime) -> None:
        """The query (``channel`` None), or the channel, works again."""

    def problems(self, ids: Sequence[int] | None = None) -> list[Problem]:
        """Those that last; or these, whether they last or not. Oldest first."""

    def matches(self, subscription_id: int | None = None, limit: int = 50) -> list[Match]:
        """Latest matches, newest first."""

    def deliveries(self, subscription_id: int | None = None, limit: int = 50) -> list[Delivery]:
        """Latest deliveries, newest first."""


class MarkStore(Protocol):
    """What readers say of follow-ups. Links and records honour it: wrong ones are left out, right ones score 1."""

    def mark(self, mark: Mark) -> None:
        """Save a mark in place of what was said of the pair before; the later story is to be indexed again."""

    def unmark(self, earlier: int, later: int) -> None:
        """Take back what was said of a pair. Raises NotFoundError."""

    def marks(self, lineages: Sequence[int] | None = None) -> list[Mark]:
        """Every mark, or those in which one of these lineages is an end; oldest first."""


class ThreadStore(Protocol):
    """Happenings and threads. They are written with what relating found (``WorkQueue.record_related``); what an operator
    rules is honoured from then on. Ids are of one number space with those of stories, and never given twice."""

    def happenings(self, lineages: Collection[int]) -> dict[int, int]:
        """Lineage -> the happening that it is of; those of none are absent."""

    def told(self, happenings: Collection[int], most: int) -> dict[int, list[int]]:
        """Happening -> its first lineages in order of publication, at most ``most`` each."""

    def rulings(self, lineages: Collection[int]) -> list[Ruling]:
        """What was ruled on happenings between two of these lineages, in order."""

    def thread(self, number: int, most: int = 5) -> ThreadView:
        """The thread of this id, or of this happening or lineage, with ``most`` stories a happening. NotFoundError."""

    def merge(self, kind: GroupKind, one: int, other: int, by: str) -> list[GroupChange]:
        """Rule that two belong together (lineages, happenings or threads), for good. What changed by it."""

    def split(self, kind: GroupKind, numbers: Sequence[int], by: str) -> list[GroupChange]:
        """Rule that these lineages tell of a happening of their own, or that their happening begins a thread of its own,
        for good. What changed by it."""

    def rule(self, rulings: Sequence[Ruling]) -> list[GroupChange]:
        """Save these rulings, and apply them in this order. What changed by it."""

    def ruled(self) -> list[Ruling]:
        """Every ruling, in order: applied again in that order to the same stories, they give the same."""

    def changes(self, limit: int = 50) -> list[GroupChange]:
        """The latest merges and splits, newest first."""


class EntityStore(Protocol):
    """Entities across stories, and what operators decided about them: applied to all that tagging records."""

    def decide(self, decision: EntityDecision) -> EntityDecision:
        """Save a decision and open the takes that carry its entities for tagging, silently: one transaction. A decision
        that stands already is given back as it is."""

    def undo(self, decision_id: int, now: datetime) -> EntityDecision:
        """Take a decision back and open its takes for tagging, silently. Raises NotFoundError for none that stands."""

    def decisions(self) -> list[EntityDecision]:
        """Every decision in the order made, those taken back included."""


class Store(Protocol):
    """The SQL store, by concern. Times in and out are UTC; every method is safe for several processes."""

    @property
    def feeds(self) -> FeedStore: ...
    @property
    def stories(self) -> StoryStore: ...
    @property
    def work(self) -> WorkQueue: ...
    @property
    def relations(self) -> RelationStore: ...
    @property
    def alerts(self) -> AlertStore: ...
    @property
    def entities(self) -> EntityStore: ...
    @property
    def threads(self) -> ThreadStore: ...
    @property
    def marks(self) -> MarkStore: ...

    def close(self) -> None:
        """Give connections back."""


# --------------------------------------------------------------------------- the index


class SearchIndex(Protocol):
    """A search engine holding one document a lineage. Derived: it can be rebuilt from the store at any time."""

    def write(self, documents: Sequence[StoryDocument]) -> list[WriteOutcome]:
        """Write a batch, one outcome each in order; searchable when this returns. A document whose revision is not
        higher than the stored one's is SUPERSEDED (equal revisions too); one that the engine can't take is REJECTED."""

    def search(self, request: SearchRequest) -> SearchResult:
        """Raises QueryError with the position, before anything is run."""

    def candidates(self, queries: Sequence[CandidateQuery]) -> list[list[Candidate]]:
        """Usable lineages for each request, best first by the engine's own score."""

    def match(
        self, batch: Sequence[StoryDocument], queries: Sequence[StoredQuery]
    ) -> tuple[list[QueryMatch], list[QueryFailure]]:
        """Which documents of the batch match which queries, all of them; failures are isolated a query."""

    def drop_before(self, month: str) -> list[str]:
        """Remove the documents of the months before this one ("2017.11"); undated ones stay. Which months those were."""

    def rebuild(self, documents: Iterable[StoryDocument]) -> Iterator[WriteOutcome]:
        """Write everything into a fresh index and swap it in at the end, while searches go on with the old one."""

    def count(self) -> int:
        """How many documents are held, whatever their status."""

    def close(self) -> None:
        """Give the engine's handles and locks back."""


class FeedBoard(Protocol):
    """Where operators see how the feeds are doing. Derived: all of it can be shown again from the store."""

    def show(self, feeds: Sequence[FeedHealth], *, all_there_are: bool = False) -> None:
        """Show these feeds as they are now; of one feed only the latest is kept, whatever the order of writing.
        all_there_are: take down every other one."""

    def close(self) -> None:
        """Give the connections back."""


# --------------------------------------------------------------------------- tagging and channels


class Tagger(Protocol):
    """Entity tagging with one configured model."""

    @property
    def revision(self) -> str:
        """Changes whenever the model, the gazetteer or the code would answer differently."""

    def tag(self, takes: Iterable[StoredTake]) -> Iterator[Enrichment | Rejected]:
        """One answer a take, in order, as they come; a text that can't be tagged is Rejected, the rest goes on."""


class Channel(Protocol):
    """A way to reach a subscriber."""

    def send(self, message: Message) -> None:
        """Hand over one message; returns only when it was accepted. Raises DeliveryError."""
