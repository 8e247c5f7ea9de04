"""The stages after ingest, each a loop: claim a batch, do the work, record the outcome."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from itertools import islice
from math import ceil

from pipeline import alert
from pipeline.errors import RetryableError, StoreUnavailable
from pipeline.flow.alerting.subscriptions import Subscriptions
from pipeline.flow.alerting.unsubscribe_links import unsubscribe_url
from pipeline.flow.operating.retention import Retention
from pipeline.flow.workers import is_alive, worker_name
from pipeline.index.documents import document
from pipeline.models import Enrichment, Rejected, Stage, StoryDocument, WriteState
from pipeline.progress import SILENT, Progress
from pipeline.relate import BatchRelater
from pipeline.wiring import Adapters

LEASE = timedelta(minutes=10)  # a batch of 500 takes is done in a fraction of it, also on a slow machine
BATCH = 500
TAKES_PER_WORKER = 2_000  # fewer are not worth loading the models once more
MAX_WORKERS = 4

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Reindexed:
    """What a rebuild of the index made.

    Attributes:
        indexed: How many documents the new index holds.
        failures: Documents that the engine refuses, one line each, for people.
    """

    indexed: int = 0
    failures: list[str] = field(default_factory=list)


class Stages:
    """The stages after ingest: enrich, relate, index, match, deliver.

    Each method works until nothing is pending for its stage. Several processes may run the same stage at once: each
    batch is claimed by one of them. If something outside fails, the batch at hand is given back, the error is raised
    (a ``RetryableError``), and what was recorded before it stays.
    """

    def __init__(self, adapters: Adapters) -> None:
        self._adapters = adapters

    def run(self, progress: Progress = SILENT) -> None:
        """Run every stage after ingest to its end, finish what an earlier run left, and drop what is too old."""
        self.free_abandoned_claims()
        self.release_due()
        self.enrich(progress)
        self.relate(progress)
        self.match(progress)
        self.deliver(progress)
        Retention(self._adapters).apply_settings()

    def free_abandoned_claims(self) -> None:
        """Free the claims of processes of this machine that have died, so that nobody waits for their leases."""
        work = self._adapters.store.work
        for worker in work.workers():
            if not is_alive(worker):
                work.take_back(worker)

    def release_due(self) -> int:
        """Publish stories whose embargo has ended, and withdraw those that have expired.

        Returns:
            How many stories that were.
        """
        return len(self._adapters.store.stories.release_due(self._adapters.clock.now()))

    # ----------------------------------------------------------------------- enrich

    @property
    def tagger_revision(self) -> str:
        """Changes whenever the model, the gazetteer or the code would tag otherwise.

        Raises:
            SettingsError: The model is not installed, or the gazetteer has mistakes.
        """
        return self._adapters.tagger.revision

    def tagging_workers(self) -> int:
        """How many processes the pending takes are worth: 0 if there are none."""
        pending = self._adapters.store.work.pending(Stage.ENRICH)
        return min(MAX_WORKERS, ceil(pending / TAKES_PER_WORKER))

    def enrich(self, progress: Progress = SILENT) -> int:
        """Tag the pending takes. A take that cannot be tagged goes into quarantine.

        Returns:
            How many takes were tagged or refused.

        Raises:
            SettingsError: The model is not installed, or the gazetteer has mistakes.
            TaggingUnavailable: The tagging processes die whatever they are given.
        """
        work, clock, done = self._adapters.store.work, self._adapters.clock, 0
        total = work.pending(Stage.ENRICH)
        for ids in self._batches(Stage.ENRICH):
            takes = self._adapters.store.stories.takes(ids)
            with self._given_back_on_failure(Stage.ENRICH, ids):
                answers = list(zip(takes, self._adapters.tagger.tag(takes), strict=True))
            for take, answer in answers:
                if isinstance(answer, Rejected):
                    work.fail(Stage.ENRICH, [take.version_id], answer.reason, clock.now())
            work.record_enriched([answer for _, answer in answers if isinstance(answer, Enrichment)])
            done += len(ids)
            progress.advance("enrich", len(ids), total)
        return done

    # ----------------------------------------------------------------------- relate and index

    def relate(self, progress: Progress = SILENT) -> int:
        """Relate the tagged takes, oldest first, and index the stories that changed.

        Returns:
            How many documents were written.
        """
        work = self._adapters.store.work
        relater = BatchRelater(self._adapters.store, self._adapters.index, self._adapters.weights)
        total = work.pending(Stage.RELATE)
        written = self.index(progress)
        for ids in self._batches(Stage.RELATE):
            with self._given_back_on_failure(Stage.RELATE, ids):
                work.record_related(relater.relate(ids))
            progress.advance("relate", len(ids), total)
            written += self.index(progress)
        return written

    def index(self, progress: Progress = SILENT) -> int:
        """Write the document of every story that changed. A document that the engine refuses goes into quarantine.

        Returns:
            How many documents were written.
        """
        work, written = self._adapters.store.work, 0
        for ids in self._batches(Stage.INDEX):
            with self._given_back_on_failure(Stage.INDEX, ids):
                documents = [document(record) for record in self._adapters.store.stories.records(ids)]
                outcomes = self._adapters.index.write(documents)
            work.record_indexed(outcomes, self._adapters.clock.now())
            written += sum(outcome.state is WriteState.WRITTEN for outcome in outcomes)
            progress.advance("index", len(ids))
        return written

    def reindex(self, progress: Progress = SILENT) -> Reindexed:
        """Build a fresh index from the store and swap it in. What was written meanwhile is then written again."""
        result = Reindexed()
        for outcome in self._adapters.index.rebuild(self._indexed_documents()):
            if outcome.state is WriteState.REJECTED:
                result.failures.append(f"story {outcome.lineage}: {outcome.reason}")
            else:
                result.indexed += 1
            progress.advance("reindex", 1)
        self.index(progress)
        return result

    def _indexed_documents(self) -> Iterator[StoryDocument]:
        stories = self._adapters.store.stories
        lineages = stories.lineages(indexed=True)
        while ids := list(islice(lineages, BATCH)):
            yield from (document(record) for record in stories.records(ids))

    # ----------------------------------------------------------------------- alert

    def match(self, progress: Progress = SILENT) -> int:
        """Apply subscriptions.yaml, match the takes that have become searchable, and fill the outbox.

        Returns:
            How many lines of the outbox are to go out.
        """
        for problem in Subscriptions(self._adapters).apply_file():
            _log.warning("not applied: %s", problem)
        adapters, waiting = self._adapters, 0
        stories = adapters.store.stories
        for ids in self._batches(Stage.ALERT):
            lineages = list(dict.fromkeys(take.lineage for take in stories.takes(ids)))
            documents = [document(record) for record in stories.records(lineages)]
            with self._given_back_on_failure(Stage.ALERT, ids):
                matched = alert.match_batch(
                    adapters.store, adapters.index, ids, documents, adapters.clock.now(), adapters.settings.operator
                )
            for failure in matched.failures:
                _log.warning("subscription %s cannot be matched: %s", failure.query_id, failure.reason)
            waiting += matched.deliveries
            progress.advance("match", len(ids))
        return waiting

    def deliver(self, progress: Progress = SILENT) -> int:
        """Send what is due.

        Returns:
            How many messages were accepted. One that was not is due again later.
        """
        sent = 0
        while True:
            delivered = alert.deliver_due(
                self._adapters.store,
                self._adapters.channel,
                self._adapters.clock,
                worker_name(),
                unsubscribe_url=partial(unsubscribe_url, settings=self._adapters.settings),
                operator=self._adapters.settings.operator,
            )
            for problem in delivered.problems:
                _log.warning("not delivered: %s", problem)
            if not delivered.claimed:
                return sent
            sent += delivered.sent
            progress.advance("deliver", delivered.claimed)

    # ----------------------------------------------------------------------- claims

    def _batches(self, stage: Stage) -> Iterator[list[int]]:
        """Claim batches of a stage's work until nothing is pending."""
        work, clock = self._adapters.store.work, self._adapters.clock
        while ids := work.claim(stage, worker_name(), clock.now(), LEASE, BATCH):
            yield ids

    @contextmanager
    def _given_back_on_failure(self, stage: Stage, ids: Sequence[int]) -> Iterator[None]:
        """Give a claimed batch back if something outside fails, so that a retry need not wait for the lease to end."""
        try:
            yield
        except RetryableError:
            with suppress(StoreUnavailable):
                self._adapters.store.work.release(stage, ids)
            raise
