"""Feeds and drop folders: what is due is fetched, parsed and stored.

    claim due feeds -> fetch a few at a time -> parse -> (article pages of teasers) -> store -> record the fetch

A feed's validators are recorded after its stories are stored, so that no watermark passes work that was not done.
"""

import logging
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

from pipeline import fetch, parse
from pipeline.errors import IndexUnavailable, ParseError
from pipeline.flow.ingest.feed_health import health_of
from pipeline.flow.ingest.intake import Ingested, quarantine_document, store_items
from pipeline.flow.ingest.teasers import complete_teasers
from pipeline.flow.stages import Stages
from pipeline.flow.workers import worker_name
from pipeline.models import AddOutcome, Feed, FeedHealth, FeedState, FetchOutcome, Origin, RawDocument, Rejected, Story
from pipeline.progress import SILENT, Progress
from pipeline.wiring import Adapters

LEASE = timedelta(minutes=10)
FEEDS_AT_ONCE = 50

_log = logging.getLogger(__name__)


class Feeds:
    """The declared feeds and drop folders: fetched, and how they are doing."""

    def __init__(self, adapters: Adapters) -> None:
        self._adapters = adapters

    def due(self) -> list[str]:
        """Names of the declared feeds that are due now. Nothing is claimed; claims of dead processes are freed.

        Raises:
            SettingsError: feeds.yaml has a mistake.
        """
        Stages(self._adapters).free_abandoned_claims()
        feeds = self._adapters.settings.feeds()
        states = self._states_of(feeds)
        now = self._adapters.clock.now()
        return [feed.name for feed in feeds if fetch.is_due(feed, states[feed.name], now)]

    def ingest(self, names: Sequence[str], progress: Progress = SILENT) -> Ingested:
        """Fetch, parse and store the feeds of these names that are due. ``stages.run`` does what follows.

        Args:
            names: As ``due`` gives them.
            progress: Shown one step per feed, and the stories that are stored.

        Returns:
            What became of it. That a feed does not answer, or sends no stories, is one of the failures, never an error.

        Raises:
            SettingsError: feeds.yaml has a mistake.
        """
        declared = {feed.name: feed for feed in self._adapters.settings.feeds()}
        total = Ingested()
        for start in range(0, len(names), FEEDS_AT_ONCE):
            batch = names[start : start + FEEDS_AT_ONCE]
            now = self._adapters.clock.now()
            states = self._adapters.store.feeds.claim_due(batch, worker_name(), now, LEASE, limit=len(batch))
            for fetched in self._fetch([(declared[state.name], state) for state in states]):
                total.include(self._ingest_fetched(fetched, progress))
                progress.advance("fetch", 1, len(names))
        self.publish_health(names)
        return total

    def ask_again(self, names: Sequence[str]) -> None:
        """Make feeds due at once, also those that are gone. Unknown names are ignored."""
        self._adapters.store.feeds.ask_again(names)

    def health(self, names: Sequence[str] | None = None) -> list[FeedHealth]:
        """How the declared feeds are doing, in the order of their declaration.

        Args:
            names: Only these among them; None for all.

        Raises:
            SettingsError: feeds.yaml has a mistake.
        """
        feeds, now = self._adapters.settings.feeds(), self._adapters.clock.now()
        states = self._states_of(feeds)
        wanted = None if names is None else set(names)
        store = self._adapters.store.feeds
        return [
            health_of(feed, states[feed.name], next(iter(store.fetches(feed.name, limit=1)), None), now)
            for feed in feeds
            if wanted is None or feed.name in wanted
        ]

    def publish_health(self, names: Sequence[str] | None = None) -> None:
        """Show operators in Kibana how the feeds are doing. Without a cluster nothing is done.

        That it cannot be shown is logged and stops nothing, since the next time shows it all.

        Args:
            names: Only these feeds; None for all.
        """
        board = self._adapters.feed_board
        if board is None:
            return
        try:
            board.show(self.health(names), all_there_are=names is None)
        except IndexUnavailable as error:
            _log.warning("how the feeds are doing cannot be shown: %s", error)

    def silent(self) -> list[str]:
        """Names of the feeds that answer, but have brought nothing new for much longer than their interval.

        Each one is logged.
        """
        silent = [health for health in self.health() if health.silent]
        for health in silent:
            since = health.last_new_at or health.last_ok_at
            _log.warning("feed %s has brought nothing new since %s", health.name, since)
        return [health.name for health in silent]

    # ----------------------------------------------------------------------- one feed

    def _states_of(self, feeds: Sequence[Feed]) -> dict[str, FeedState]:
        store = self._adapters.store.feeds
        store.declare(feeds)
        return {state.name: state for state in store.states()}

    def _fetch(self, due: Sequence[tuple[Feed, FeedState]]) -> Iterator[fetch.FetchedFeed]:
        clock = self._adapters.clock
        for feed, state in due:
            if feed.folder is not None:
                yield self._drop_folder(feed).collect(state, clock.now())
        yield from fetch.fetch_batch(
            [(feed, state) for feed, state in due if feed.url is not None], self._adapters.http_client, clock
        )

    def _drop_folder(self, feed: Feed) -> fetch.DropFolder:
        ledger = self._adapters.settings.home / "ledgers" / f"{feed.name}.ledger"
        return fetch.DropFolder(feed=feed, path=Path(feed.folder or ""), ledger=ledger)

    def _ingest_fetched(self, fetched: fetch.FetchedFeed, progress: Progress) -> Ingested:
        """Store what one feed brought, then record the fetch."""
        result = Ingested(failures=list(fetched.problems))
        for document in fetched.documents:
            ingested = self._ingest_document(fetched.feed, document, progress)
            if fetched.feed.folder is not None:
                self._drop_folder(fetched.feed).put_away(Path(document.origin.location), ok=not ingested.failures)
            elif ingested.failures and not ingested.stories:
                fetched = fetch.as_failed(fetched, ingested.failures[0])
            result.include(ingested)
        missing = result.pages_missing
        if missing:
            fetched = fetch.without_validators(fetched, missing[0])
            result.failures.append(f"feed {fetched.feed.name}: {len(missing)} pages: {missing[0]}")
        if fetched.outcome in (FetchOutcome.FAILED, FetchOutcome.GONE):
            result.failures.append(f"feed {fetched.feed.name}: {fetched.record.reason}")
        fetched = fetch.with_counts(fetched, entries=result.stories + result.quarantined, new=result.changed)
        self._adapters.store.feeds.record(fetched.state, fetched.record)
        return result

    def _ingest_document(self, feed: Feed, document: RawDocument, progress: Progress) -> Ingested:
        store, origin = self._adapters.store.stories, document.origin
        try:
            items = parse.parse(document)
            if feed.article_pages:
                return self._ingest_teasers(feed, list(items), origin, progress)
            return store_items(store, items, origin, progress)
        except ParseError as error:
            return quarantine_document(store, origin, str(error), document.content)

    def _ingest_teasers(
        self, feed: Feed, items: Sequence[Story | Rejected], origin: Origin, progress: Progress
    ) -> Ingested:
        """Store teasers with the text of their pages. A page is fetched once; one that fails is, the next time."""
        store = self._adapters.store.stories
        teasers = complete_teasers(items, feed, self._adapters.http_client, self._adapters.clock, store.completed)
        result = store_items(store, teasers.items, origin, progress)
        store.note_completed(teasers.fingerprints)
        if teasers.known:
            result.count(AddOutcome.UNCHANGED, teasers.known)
        result.pages_missing = teasers.missing
        return result
