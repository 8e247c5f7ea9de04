"""FeedStore: states, claims and the fetch log; on both databases."""

from dataclasses import replace
from datetime import timedelta

from pipeline.models import Feed, FeedState, FetchOutcome, FetchRecord
from pipeline.ports import Store
from tests.store.builders import LEASE, NOW

WORLD = Feed(name="world", url="https://example.org/world")
SPORT = Feed(name="sport", url="https://example.org/sport")
DROP = Feed(name="drop", folder="/var/drop")
NAMES = ["world", "sport", "drop"]


def claimed(store: Store, **arguments: object) -> list[str]:
    settings = {"names": NAMES, "worker": "worker", "now": NOW, "lease": LEASE, "limit": 10} | arguments
    return [state.name for state in store.feeds.claim_due(**settings)]  # type: ignore[arg-type]


def fetched(name: str, minutes: int = 0) -> FetchRecord:
    return FetchRecord(feed=name, at=NOW + timedelta(minutes=minutes), outcome=FetchOutcome.FETCHED)


def test_feeds_are_declared_once_and_keep_their_states(store: Store) -> None:
    store.feeds.declare([WORLD, DROP])
    store.feeds.declare([WORLD, DROP])
    assert store.feeds.states() == [FeedState(name="drop"), FeedState(name="world", url=WORLD.url)]
    state = FeedState(
        name="world",
        url="https://example.org/moved",
        etag='"v1"',
        last_modified="Wed, 08 Nov 2017 09:00:00 GMT",
        body_hash="abc",
        next_due_at=NOW + timedelta(minutes=10),
        failures=2,
        last_outcome=FetchOutcome.MOVED,
        last_reason="moved\0 for good",
        last_fetched_at=NOW,
        last_ok_at=NOW - timedelta(days=1),
        last_new_at=NOW - timedelta(days=2),
        unconditional_at=NOW - timedelta(days=3),
        gone=True,
    )
    store.feeds.record(state, fetched("world"))
    store.feeds.declare([SPORT])
    assert store.feeds.states()[2] == replace(state, last_reason="moved\ufffd for good")


def test_a_feed_with_a_new_address_starts_afresh(store: Store) -> None:
    store.feeds.declare([WORLD])
    store.feeds.record(FeedState(name="world", url=WORLD.url, etag="x", failures=9, gone=True), fetched("world"))
    moved = replace(WORLD, url="https://example.com/world")
    store.feeds.declare([moved])
    assert (store.feeds.states()[0].url, store.feeds.states()[0].etag) == (moved.url, None)
    assert claimed(store) == ["world"]


def test_the_claims_of_a_process_that_died_are_taken_back(store: Store) -> None:
    store.feeds.declare([WORLD, SPORT])
    assert claimed(store, worker="dead", limit=1) == ["sport"]
    assert claimed(store, worker="alive") == ["world"]
    assert store.work.workers() == ["alive", "dead"]
    store.work.take_back("dead")
    assert store.work.workers() == ["alive"]
    assert claimed(store) == ["sport"]
    store.feeds.record(FeedState(name="sport", url=SPORT.url), fetched("sport"))
    assert store.work.workers() == ["alive"]


def test_a_feed_that_has_gone_is_asked_again_when_an_operator_says_so(store: Store) -> None:
    store.feeds.declare([WORLD, SPORT])
    for name in ("world", "sport"):
        state = FeedState(name=name, etag="x", failures=9, gone=True, next_due_at=NOW + LEASE)
        store.feeds.record(state, fetched(name))
    store.feeds.ask_again(["world", "unknown"])
    assert claimed(store) == ["world"]
    sport, world = store.feeds.states()
    assert (sport.gone, world.gone, world.failures, world.etag) == (True, False, 9, "x")


def test_due_feeds_are_claimed_once_while_a_lease_lasts(store: Store) -> None:
    store.feeds.declare([WORLD, SPORT, DROP])
    store.feeds.record(FeedState(name="sport", next_due_at=NOW - timedelta(hours=1)), fetched("sport"))
    store.feeds.record(FeedState(name="drop", next_due_at=NOW + timedelta(hours=1)), fetched("drop"))
    assert claimed(store, limit=1) == ["world"]  # never fetched: due first
    assert claimed(store) == ["sport"]
    assert claimed(store) == []
    assert claimed(store, now=NOW + LEASE) == ["world", "sport"]
    assert claimed(store, now=NOW + timedelta(hours=1)) == ["world", "sport", "drop"]


def test_a_recorded_fetch_ends_the_lease(store: Store) -> None:
    store.feeds.declare([WORLD])
    assert claimed(store) == ["world"]
    store.feeds.record(FeedState(name="world", next_due_at=NOW), fetched("world"))
    assert claimed(store) == ["world"]


def test_only_the_feeds_asked_for_are_claimed(store: Store) -> None:
    store.feeds.declare([WORLD, SPORT])
    assert claimed(store, names=["sport", "unknown"]) == ["sport"]
    assert claimed(store, names=[]) == []


def test_a_feed_that_has_gone_is_not_claimed(store: Store) -> None:
    store.feeds.declare([WORLD])
    store.feeds.record(FeedState(name="world", gone=True), fetched("world"))
    assert claimed(store, now=NOW + timedelta(days=400)) == []


def test_the_fetch_log_is_read_newest_first(store: Store) -> None:
    store.feeds.declare([WORLD, SPORT])
    full = FetchRecord(
        feed="world",
        at=NOW + timedelta(minutes=9),
        outcome=FetchOutcome.FAILED,
        http_status=503,
        entries=30,
        new=2,
        bytes=2**40,
        seconds=1.5,
        reason="too busy",
    )
    for record in (fetched("world", 1), fetched("sport", 2), full, fetched("world", 3)):
        store.feeds.record(FeedState(name=record.feed), record)
    assert store.feeds.fetches("world") == [full, fetched("world", 3), fetched("world", 1)]
    assert store.feeds.fetches("world", limit=1) == [full]
    assert store.feeds.fetches("nobody") == []
