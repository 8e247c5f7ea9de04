"""The stages after ingest, each a loop of: claim a batch, do the work, record the outcome."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from math import ceil

from pipeline import alert
from pipeline.errors import RetryableError, StoreUnavailable
from pipeline.flow.alerts import apply_subscriptions
from pipeline.index.documents import document
from pipeline.models import Enrichment, Rejected, Stage, StoryDocument, WriteState
from pipeline.progress import SILENT, Progress
from pipeline.relate import Relater
from pipeline.wiring import Parts, is_alive

LEASE = timedelta(minutes=10)
BATCH = 500
TAKES_A_WORKER = 2_000
MOST_WORKERS = 4

_log = logging.getLogger(__name__)


def take_back_abandoned(parts: Parts) -> None:
    """Free the claims of processes of this machine that have died, so that nobody waits for their leases."""
    for worker in parts.store.work.workers():
        if not is_alive(worker):
            parts.store.work.take_back(worker)


def release_due(parts: Parts) -> int:
    """Let embargoed stories out at their time; withdraw what has expired. How many lineages."""
    return len(parts.store.stories.release_due(parts.clock.now()))


@contextmanager
def _given_back(parts: Parts, stage: Stage, ids: Sequence[int]) -> Iterator[None]:
    """Gives a claimed batch back if something outside fails, so that a retry need not wait for the lease to end."""
    try:
        yield
    except RetryableError:
        with suppress(StoreUnavailable):
            parts.store.work.release(stage, ids)
        raise


# --------------------------------------------------------------------------- enrich


def tagging_workers(parts: Parts) -> int:
    """How many workers the pending takes are worth: 0 if there are none."""
    return min(MOST_WORKERS, ceil(parts.store.work.pending(Stage.ENRICH) / TAKES_A_WORKER))


def enrich(parts: Parts, progress: Progress = SILENT) -> int:
    """Tag what is pending. How many takes. A take that can't be tagged is quarantined, the rest goes on."""
    work, done = parts.store.work, 0
    total = work.pending(Stage.ENRICH)
    while ids := work.claim(Stage.ENRICH, parts.worker, parts.clock.now(), LEASE, BATCH):
        takes = parts.store.stories.takes(ids)
        with _given_back(parts, Stage.ENRICH, ids):
            answers = list(zip(takes, parts.tagger.tag(takes), strict=True))
        for take, answer in answers:
            if isinstance(answer, Rejected):
                work.fail(Stage.ENRICH, [take.version_id], answer.reason, parts.clock.now())
        work.record_enriched([answer for _, answer in answers if isinstance(answer, Enrichment)])
        done += len(ids)
        progress.advance("enrich", len(ids), total)
    return done


# --------------------------------------------------------------------------- relate and index


def relate(parts: Parts, progress: Progress = SILENT) -> int:
    """Relate what is tagged, oldest first, and index what changed. How many documents were written."""
    work, relater = parts.store.work, Relater(parts.store, parts.index, parts.weights)
    total = work.pending(Stage.RELATE)
    written = index(parts, progress)
    while ids := work.claim(Stage.RELATE, parts.worker, parts.clock.now(), LEASE, BATCH):
        with _given_back(parts, Stage.RELATE, ids):
            work.record_related(relater.relate(ids))
        progress.advance("relate", len(ids), total)
        written += index(parts, progress)
    return written


def index(parts: Parts, progress: Progress = SILENT) -> int:
    """Write every lineage whose document changed. How many were written."""
    work, written = parts.store.work, 0
    while ids := work.claim(Stage.INDEX, parts.worker, parts.clock.now(), LEASE, BATCH):
        with _given_back(parts, Stage.INDEX, ids):
            outcomes = parts.index.write([document(record) for record in parts.store.stories.records(ids)])
        work.record_indexed(outcomes, parts.clock.now())
        written += sum(outcome.state is WriteState.WRITTEN for outcome in outcomes)
        progress.advance("index", len(ids))
    return written


@dataclass(slots=True)
class Reindexed:
    """What a rebuild made. failures: documents that the engine refuses, one line each."""

    indexed: int = 0
    failures: list[str] = field(default_factory=list)


def reindex(parts: Parts, progress: Progress = SILENT) -> Reindexed:
    """Build a fresh index from the store and swap it in; what was written meanwhile is then written again."""
    result = Reindexed()
    for outcome in parts.index.rebuild(_documents(parts)):
        if outcome.state is WriteState.REJECTED:
            result.failures.append(f"story {outcome.lineage}: {outcome.reason}")
        else:
            result.indexed += 1
        progress.advance("reindex", 1)
    index(parts, progress)
    return result


def _documents(parts: Parts) -> Iterator[StoryDocument]:
    lineages = parts.store.stories.lineages(indexed=True)
    while ids := list(islice(lineages, BATCH)):
        yield from (document(record) for record in parts.store.stories.records(ids))


# --------------------------------------------------------------------------- alert


def match(parts: Parts, progress: Progress = SILENT) -> int:
    """Apply subscriptions.yaml, match what has become searchable, fill the outbox. How many lines are to go out."""
    for problem in apply_subscriptions(parts):
        _log.warning("not applied: %s", problem)
    work, waiting = parts.store.work, 0
    while ids := work.claim(Stage.ALERT, parts.worker, parts.clock.now(), LEASE, BATCH):
        lineages = list(dict.fromkeys(take.lineage for take in parts.store.stories.takes(ids)))
        documents = [document(record) for record in parts.store.stories.records(lineages)]
        with _given_back(parts, Stage.ALERT, ids):
            matched = alert.match_batch(
                parts.store, parts.index, ids, documents, parts.clock.now(), parts.settings.operator
            )
        for failure in matched.failures:
            _log.warning("subscription %s cannot be matched: %s", failure.query_id, failure.reason)
        waiting += matched.deliveries
        progress.advance("match", len(ids))
    return waiting


def deliver(parts: Parts, progress: Progress = SILENT) -> int:
    """Send what is due. How many messages were accepted; one that is not is due again later."""
    sent = 0
    while True:
        delivered = alert.deliver_due(
            parts.store,
            parts.channel,
            parts.clock,
            parts.worker,
            unsubscribe_url=parts.unsubscribe_url,
            operator=parts.settings.operator,
        )
        for problem in delivered.problems:
            _log.warning("not delivered: %s", problem)
        if not delivered.claimed:
            return sent
        sent += delivered.sent
        progress.advance("deliver", delivered.claimed)
