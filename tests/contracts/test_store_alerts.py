"""AlertStore: subscriptions, matches and the outbox; on both databases."""

from dataclasses import replace
from datetime import timedelta

import pytest

from pipeline.errors import NotFoundError
from pipeline.models import CopyEdge, Delivery, DeliveryKind, Match, PublisherLink, Reason, Rhythm, Stage, Subscription
from pipeline.ports import Store
from tests.store.newsroom import LEASE, NOW, Newsroom, at, story

QUERY = Subscription(
    id=0, owner="desk@example.org", channels=("mailto:desk@example.org",), query="S-400", created_at=NOW
)
WHOLE = Subscription(
    id=0,
    owner="analyst",
    channels=("file:alerts.jsonl", "https://example.org/hook"),
    follow=7,
    closeness=0.75,
    rhythm=Rhythm.WEEKLY,
    timezone="Europe/Istanbul",
    updates=True,
    look_back=timedelta(days=30),
    created_at=NOW,
    paused=True,
    name="The deal\0",
)


def match(subscription: int, lineage: int, minutes: int = 0) -> Match:
    return Match(
        subscription_id=subscription,
        lineage=lineage,
        matched_at=NOW + timedelta(minutes=minutes),
        why=(Reason("word", "S-400", 1.0),),
        new=("Aselsan",),
    )


def delivery(subscription: int, lineage: int, minutes: int = 0, **fields: object) -> Delivery:
    made = Delivery(
        id=0,
        subscription_id=subscription,
        lineage=lineage,
        kind=DeliveryKind.NEW,
        version_id=1,
        channel="mailto:desk@example.org",
        key=f"{subscription}-{lineage}",
        due_at=NOW + timedelta(minutes=minutes),
    )
    return replace(made, **fields)  # type: ignore[arg-type]


def claimed(store: Store, minutes: int = 0, limit: int = 10) -> list[Delivery]:
    return store.alerts.claim_deliveries("worker", NOW + timedelta(minutes=minutes), LEASE, limit)


# --------------------------------------------------------------------------- subscriptions


def test_subscriptions_come_back_oldest_first_until_they_end(store: Store) -> None:
    first, second = store.alerts.subscribe(QUERY), store.alerts.subscribe(WHOLE)
    assert store.alerts.subscriptions() == [
        replace(QUERY, id=first),
        replace(WHOLE, id=second, name="The deal\ufffd"),
    ]
    store.alerts.unsubscribe(first)
    assert [subscription.id for subscription in store.alerts.subscriptions()] == [second]
    for unknown in (first, 99):
        with pytest.raises(NotFoundError, match="subscriptions"):
            store.alerts.unsubscribe(unknown)


# --------------------------------------------------------------------------- matches and the outbox


def test_matches_and_deliveries_are_kept_once(newsroom: Newsroom) -> None:
    newsroom.add(story())
    newsroom.tag()
    newsroom.relate()
    newsroom.index()
    alerts = newsroom.store.alerts
    ids = newsroom.claim(Stage.ALERT)
    alerts.record_alerted(ids, [match(1, 5)], [delivery(1, 5)])
    assert not newsroom.pending()
    alerts.record_alerted(
        ids, [match(1, 5, 9), match(2, 5, 1)], [delivery(1, 5, key="other"), delivery(1, 5, version_id=2)]
    )
    assert alerts.matches() == [match(2, 5, 1), match(1, 5)]
    assert alerts.matches(1) == [match(1, 5)]
    assert alerts.matches(limit=1) == [match(2, 5, 1)]
    assert [(one.version_id, one.key) for one in alerts.deliveries()] == [(2, "1-5"), (1, "1-5")]
    assert alerts.deliveries(2) == []
    assert len(alerts.deliveries(limit=1)) == 1


def test_a_delivery_of_another_kind_or_channel_is_another_delivery(store: Store) -> None:
    long = "https://example.org/" + "x" * 5000
    store.alerts.record_alerted(
        [],
        [],
        [
            delivery(1, 5),
            delivery(1, 5, kind=DeliveryKind.CORRECTION),
            delivery(1, 5, channel="file:a"),
            delivery(1, 5, channel=long),
            delivery(1, 5, channel=long + "y"),
        ],
    )
    assert len(store.alerts.deliveries()) == 5


def test_who_was_sent_a_story_is_known_to_the_end(store: Store) -> None:
    """Ended and paused subscriptions too, and those whose message is still in the outbox: they get its correction."""
    ended = store.alerts.subscribe(QUERY)
    store.alerts.unsubscribe(ended)
    store.alerts.record_alerted(
        [], [match(ended, 5), match(2, 5), match(3, 5), match(2, 6)], [delivery(ended, 5), delivery(2, 5)]
    )
    assert store.alerts.sent_to([5, 6, 7]) == {5: [match(ended, 5), match(2, 5)]}
    (first, _) = claimed(store)
    store.alerts.record_unsent([first.id], "no such mailbox", None)
    assert store.alerts.sent_to([5]) == {5: [match(2, 5)]}
    assert store.alerts.matched([5, 6, 7]) == {5: {ended, 2, 3}, 6: {2}}


def test_a_match_of_a_copy_counts(newsroom: Newsroom) -> None:
    a, b, c = newsroom.add(story("a"), story("b"), story("c"))
    newsroom.tag()
    newsroom.relate(copies=[CopyEdge(a.version_id, b.version_id, 0.9)])
    newsroom.store.alerts.record_alerted([], [match(1, a.lineage), match(2, b.lineage)], [])
    both = {1, 2}
    assert newsroom.store.alerts.matched([a.lineage, b.lineage, c.lineage]) == {a.lineage: both, b.lineage: both}
    assert newsroom.store.alerts.sent_to([b.lineage]) == {}


def test_joined_stories_remember_who_was_told_of_either(newsroom: Newsroom) -> None:
    older, younger = newsroom.add(story("a"), story("b"))
    alerts = newsroom.store.alerts
    follower = alerts.subscribe(replace(WHOLE, follow=younger.lineage, paused=False))
    alerts.record_alerted(
        [],
        [match(1, older.lineage), match(1, younger.lineage), match(2, younger.lineage)],
        [delivery(1, older.lineage), delivery(1, younger.lineage), delivery(2, younger.lineage)],
    )
    newsroom.add(story("b", version=2, links=(PublisherLink("evolved_from", "a"),), updated_at=at(9)))
    told = {older.lineage: [match(1, older.lineage), match(2, older.lineage)]}
    assert alerts.sent_to([older.lineage]) == told
    assert alerts.sent_to([younger.lineage]) == {younger.lineage: told[older.lineage]}
    assert [(one.subscription_id, one.lineage) for one in claimed(newsroom.store)] == [
        (1, older.lineage),
        (2, older.lineage),
    ]
    assert [(one.id, one.follow) for one in alerts.subscriptions()] == [(follower, older.lineage)]
    alerts.record_alerted([], [match(3, younger.lineage)], [delivery(3, younger.lineage)])  # decided before the join
    assert alerts.matched([older.lineage]) == {older.lineage: {1, 2, 3}}


# --------------------------------------------------------------------------- delivering


def test_due_deliveries_are_claimed_once_while_a_lease_lasts(store: Store) -> None:
    store.alerts.record_alerted([], [], [delivery(1, 5, 5), delivery(2, 5), delivery(3, 5, 60)])
    assert [one.subscription_id for one in claimed(store, 5, limit=1)] == [2]
    assert [one.subscription_id for one in claimed(store, 5)] == [1]
    assert claimed(store, 5) == []
    assert store.work.workers() == ["worker"]
    assert [one.subscription_id for one in claimed(store, 60)] == [2, 1, 3]


def test_what_was_sent_is_not_sent_again(store: Store) -> None:
    store.alerts.record_alerted([], [], [delivery(1, 5), delivery(2, 5)])
    first, second = claimed(store)
    store.alerts.record_sent([first.id], NOW)
    store.alerts.record_sent([first.id], NOW + timedelta(hours=1))
    store.alerts.record_unsent([first.id], "late failure of a double", NOW)
    assert [one.id for one in claimed(store, 600)] == [second.id]
    done = store.alerts.deliveries(1)[0]
    assert done == replace(delivery(1, 5), id=first.id, attempts=1, sent_at=NOW, bundle="1-5")


def test_what_was_not_accepted_is_due_again_later_or_parked(store: Store) -> None:
    store.alerts.record_alerted([], [], [delivery(1, 5)])
    (first,) = claimed(store)
    store.alerts.record_unsent([first.id], "busy\0", NOW + timedelta(hours=1))
    assert claimed(store, 59) == []
    (again,) = claimed(store, 60)
    assert (again.attempts, again.last_error, again.due_at) == (1, "busy\ufffd", NOW + timedelta(hours=1))
    store.alerts.record_unsent([first.id], "no such mailbox", None)
    assert claimed(store, 10_000) == []
    (parked,) = store.alerts.deliveries()
    assert (parked.parked, parked.attempts, parked.last_error) == (True, 2, "no such mailbox")
