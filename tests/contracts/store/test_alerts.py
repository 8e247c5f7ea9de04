"""AlertStore: subscriptions, matches and the outbox; on both databases."""

from dataclasses import replace
from datetime import time, timedelta

import pytest

from pipeline.errors import NotFoundError
from pipeline.models import (
    CopyEdge,
    Delivery,
    DeliveryKind,
    HappeningAssignment,
    Match,
    Mute,
    MuteKind,
    Problem,
    PublisherLink,
    QuietHours,
    Reason,
    Relations,
    Rhythm,
    Stage,
    Subscription,
)
from pipeline.ports import Store
from tests.store.builders import LEASE, NOW, at, story
from tests.store.stage_runner import StageRunner

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
    line = Delivery(
        id=0,
        subscription_id=subscription,
        lineage=lineage,
        kind=DeliveryKind.NEW,
        version_id=1,
        channel="mailto:desk@example.org",
        key=f"{subscription}-{lineage}",
        due_at=NOW + timedelta(minutes=minutes),
    )
    return replace(line, **fields)  # type: ignore[arg-type]


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


def test_matches_and_deliveries_are_kept_once(runner: StageRunner) -> None:
    runner.add(story())
    runner.tag()
    runner.relate()
    runner.index()
    alerts = runner.store.alerts
    ids = runner.claim(Stage.ALERT)
    alerts.record_alerted(ids, [match(1, 5)], [delivery(1, 5)])
    assert not runner.pending()
    alerts.record_alerted(
        ids, [match(1, 5, 9), match(2, 5, 1)], [delivery(1, 5, key="other"), delivery(1, 5, version_id=2)]
    )
    assert alerts.matches() == [match(2, 5, 1), match(1, 5)]
    assert alerts.matches(1) == [match(1, 5)]
    assert alerts.matches(limit=1) == [match(2, 5, 1)]
    assert [(line.version_id, line.key) for line in alerts.deliveries()] == [(2, "1-5"), (1, "1-5")]
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


def test_a_match_of_a_copy_counts(runner: StageRunner) -> None:
    a, b, c = runner.add(story("a"), story("b"), story("c"))
    runner.tag()
    runner.relate(copies=[CopyEdge(a.version_id, b.version_id, 0.9)])
    runner.store.alerts.record_alerted([], [match(1, a.lineage), match(2, b.lineage)], [])
    both = {1, 2}
    assert runner.store.alerts.matched([a.lineage, b.lineage, c.lineage]) == {a.lineage: both, b.lineage: both}
    assert runner.store.alerts.sent_to([b.lineage]) == {}


def test_joined_stories_remember_who_was_told_of_either(runner: StageRunner) -> None:
    older, younger = runner.add(story("a"), story("b"))
    alerts = runner.store.alerts
    follower = alerts.subscribe(replace(WHOLE, follow=younger.lineage, paused=False))
    alerts.record_alerted(
        [],
        [match(1, older.lineage), match(1, younger.lineage), match(2, younger.lineage)],
        [delivery(1, older.lineage), delivery(1, younger.lineage), delivery(2, younger.lineage)],
    )
    runner.add(story("b", version=2, links=(PublisherLink("evolved_from", "a"),), updated_at=at(9)))
    matches = {older.lineage: [match(1, older.lineage), match(2, older.lineage)]}
    assert alerts.sent_to([older.lineage]) == matches
    assert alerts.sent_to([younger.lineage]) == {younger.lineage: matches[older.lineage]}
    assert [(line.subscription_id, line.lineage) for line in claimed(runner.store)] == [
        (1, older.lineage),
        (2, older.lineage),
    ]
    assert [(subscription.id, subscription.follow) for subscription in alerts.subscriptions()] == [
        (follower, older.lineage)
    ]
    alerts.record_alerted([], [match(3, younger.lineage)], [delivery(3, younger.lineage)])  # decided before the join
    assert alerts.matched([older.lineage]) == {older.lineage: {1, 2, 3}}


# --------------------------------------------------------------------------- delivering


def test_due_deliveries_are_claimed_once_while_a_lease_lasts(store: Store) -> None:
    store.alerts.record_alerted([], [], [delivery(1, 5, 5), delivery(2, 5), delivery(3, 5, 60)])
    assert [line.subscription_id for line in claimed(store, 5, limit=1)] == [2]
    assert [line.subscription_id for line in claimed(store, 5)] == [1]
    assert claimed(store, 5) == []
    assert store.work.workers() == ["worker"]
    assert [line.subscription_id for line in claimed(store, 60)] == [2, 1, 3]


def test_what_was_sent_is_not_sent_again(store: Store) -> None:
    store.alerts.record_alerted([], [], [delivery(1, 5), delivery(2, 5)])
    first, second = claimed(store)
    store.alerts.record_sent([first.id], NOW)
    store.alerts.record_sent([first.id], NOW + timedelta(hours=1))
    store.alerts.record_unsent([first.id], "late failure of a double", NOW)
    assert [line.id for line in claimed(store, 600)] == [second.id]
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


def test_grouped_lines_are_claimed_as_one_message_and_stay_one(store: Store) -> None:
    first, second = delivery(1, 5, grouped=True), delivery(1, 6, grouped=True, due_at=NOW + timedelta(minutes=1))
    other = delivery(1, 7, grouped=True, channel="mailto:other@example.org")
    store.alerts.record_alerted([], [], [first, second, other, delivery(2, 5, grouped=True), delivery(1, 8)])
    lines = claimed(store, 1, limit=1)
    assert [(line.lineage, line.bundle) for line in lines] == [(5, "1-5"), (6, "1-5")]
    store.alerts.record_unsent([line.id for line in lines], "busy", NOW + timedelta(minutes=5))
    store.alerts.record_alerted([], [], [delivery(1, 9, grouped=True)])
    later = {(line.subscription_id, line.lineage): line.bundle for line in claimed(store, 5)}
    assert later == {(1, 7): "1-7", (2, 5): "2-5", (1, 8): None, (1, 5): "1-5", (1, 6): "1-5", (1, 9): "1-9"}
    store.alerts.record_sent([line.id for line in lines], NOW)
    assert all(line.sent_at == NOW for line in store.alerts.deliveries() if line.bundle == "1-5")


def test_lines_that_are_not_tried_count_no_attempt(store: Store) -> None:
    store.alerts.record_alerted([], [], [delivery(1, 5), delivery(1, 6)])
    first, second = claimed(store)
    store.alerts.postpone([first.id], NOW + timedelta(hours=1))
    store.alerts.drop([second.id], "the story was withdrawn")
    assert claimed(store, 59) == []
    [again] = claimed(store, 60)
    assert (again.id, again.attempts) == (first.id, 0)
    [dropped] = [line for line in store.alerts.deliveries() if line.parked]
    assert (dropped.id, dropped.attempts, dropped.last_error) == (second.id, 0, "the story was withdrawn")


def test_news_for_paused_subscriptions_waits(store: Store) -> None:
    number = store.alerts.subscribe(QUERY)
    store.alerts.record_alerted([], [], [delivery(number, 5), delivery(number, 6, kind=DeliveryKind.CORRECTION)])
    store.alerts.change(replace(QUERY, id=number, paused=True))
    assert [line.lineage for line in claimed(store)] == [6]
    store.alerts.change(replace(QUERY, id=number))
    assert [line.lineage for line in claimed(store)] == [5]


def test_what_was_told_is_found_by_subscription_and_story(store: Store) -> None:
    store.alerts.record_alerted([], [match(1, 5), match(2, 5)], [delivery(1, 5), delivery(1, 5, channel="file:x")])
    assert store.alerts.matches_of([(1, 5), (1, 6), (3, 5)]) == {(1, 5): match(1, 5)}
    assert {pair: [line.channel for line in lines] for pair, lines in store.alerts.lines([(1, 5), (2, 5)]).items()} == {
        (1, 5): ["mailto:desk@example.org", "file:x"]
    }


# --------------------------------------------------------------------------- subscriptions that change, and that fail


def test_what_is_chosen_anew_is_kept_and_moves_what_waits(store: Store) -> None:
    number = store.alerts.subscribe(QUERY)
    store.alerts.record_alerted([], [], [delivery(number, 5), delivery(number, 6, kind=DeliveryKind.CORRECTION)])
    changed = replace(
        WHOLE,
        id=number,
        name="New",
        quiet=QuietHours(time(22), time(7, 30)),
        mutes=(Mute(MuteKind.ENTITY, "gaz:s-400"), Mute(MuteKind.THREAD, "17")),
        paused=False,
        declared="the-deal",
    )
    store.alerts.change(changed, NOW + timedelta(hours=1))
    assert store.alerts.subscription(number) == changed
    assert store.alerts.declared() == {"the-deal": changed}
    assert [line.lineage for line in claimed(store, 59)] == [6]
    assert [line.lineage for line in claimed(store, 60)] == [5]
    with pytest.raises(NotFoundError):
        store.alerts.change(replace(changed, id=99))
    with pytest.raises(NotFoundError):
        store.alerts.subscription(99)


def test_a_declared_subscription_is_made_once(store: Store) -> None:
    declared = replace(QUERY, declared="deal")
    number = store.alerts.subscribe(declared)
    assert store.alerts.subscribe(declared) == number
    store.alerts.unsubscribe(number)
    assert store.alerts.subscriptions() == []
    assert store.alerts.declared() == {"deal": replace(declared, id=number, ended=True)}
    store.alerts.change(replace(declared, id=number))
    assert store.alerts.subscriptions() == [replace(declared, id=number)]


def test_a_stopped_channel_stays_stopped_and_the_last_one_ends_the_subscription(store: Store) -> None:
    number = store.alerts.subscribe(replace(QUERY, channels=("mailto:a@b.example", "mailto:c@b.example")))
    for _ in range(2):
        left = store.alerts.stop(number, "mailto:a@b.example")
        assert (left.channels, left.stopped, left.ended) == (("mailto:c@b.example",), ("mailto:a@b.example",), False)
    ended = store.alerts.stop(number, "mailto:c@b.example")
    assert (ended.channels, ended.ended) == ((), True)
    assert store.alerts.subscription(number) == ended
    with pytest.raises(NotFoundError):
        store.alerts.stop(99, "mailto:a@b.example")


def test_news_that_was_sent_is_remembered_with_its_subscription(store: Store) -> None:
    number = store.alerts.subscribe(QUERY)
    store.alerts.record_alerted([], [], [delivery(number, 5, grouped=True), delivery(number, 6)])
    for line, served in zip(claimed(store), (NOW, NOW), strict=True):
        store.alerts.record_sent([line.id], NOW + timedelta(minutes=line.lineage - 5))
        assert store.alerts.subscription(number).served_at == served


def test_a_problem_is_told_once_while_it_lasts(store: Store) -> None:
    query = Problem(id=0, subscription_id=1, channel=None, reason="no such field", since=NOW)
    hook = replace(query, channel="https://example.org/hook", reason="410")
    line = delivery(1, 0, kind=DeliveryKind.NOTICE, version_id=0, key="notice-")
    assert store.alerts.begin_problem(query, [line])
    assert not store.alerts.begin_problem(replace(query, reason="again"), [line])
    assert store.alerts.begin_problem(hook, [])
    first, second = store.alerts.problems()
    assert (first, second) == (replace(query, id=first.id), replace(hook, id=second.id))
    [notice] = claimed(store)
    assert (notice.version_id, notice.key) == (first.id, f"notice-{first.id}")
    store.alerts.end_problem(1, None, NOW + timedelta(hours=1))
    assert store.alerts.problems() == [second]
    assert store.alerts.problems([first.id]) == [replace(first, until=NOW + timedelta(hours=1))]
    assert store.alerts.begin_problem(query, [line])
    assert len(store.alerts.deliveries()) == 2


def test_another_query_ends_the_problem_of_the_one_before(store: Store) -> None:
    number = store.alerts.subscribe(QUERY)
    store.alerts.begin_problem(Problem(id=0, subscription_id=number, channel=None, reason="bad", since=NOW), [])
    store.alerts.change(replace(QUERY, id=number, name="Renamed"))
    assert len(store.alerts.problems()) == 1
    store.alerts.change(replace(QUERY, id=number, query="S-300"))
    assert store.alerts.problems() == []


def test_a_join_keeps_the_line_that_was_sent(runner: StageRunner) -> None:
    older, younger = runner.add(story("a"), story("b"))
    alerts = runner.store.alerts
    alerts.record_alerted(
        [],
        [match(1, older.lineage), match(1, younger.lineage)],
        [delivery(1, younger.lineage, version_id=2), delivery(1, older.lineage, 60)],
    )
    [sent] = claimed(runner.store)
    alerts.record_sent([sent.id], NOW)
    runner.add(story("b", version=2, links=(PublisherLink("evolved_from", "a"),), updated_at=at(9)))
    assert alerts.sent_to([older.lineage]) == {older.lineage: [match(1, older.lineage)]}
    assert claimed(runner.store, 600) == []


def test_followed_stories_are_found_by_their_thread(runner: StageRunner) -> None:
    (a,) = runner.add(story("a"))
    runner.tag()
    assignments = (HappeningAssignment(None, (a.lineage,)),)
    runner.store.work.record_related([Relations(lineage=a.lineage, version_id=a.version_id, assignments=assignments)])
    alerts = runner.store.alerts
    ended = alerts.subscribe(replace(WHOLE, follow=a.lineage))
    alerts.unsubscribe(ended)
    [record] = runner.store.stories.records([a.lineage])
    assert record.thread is not None
    assert alerts.followed_in([record.thread]) == {}
    for _ in range(2):
        alerts.subscribe(replace(WHOLE, follow=a.lineage))
    assert alerts.followed_in([record.thread, record.thread + 1]) == {record.thread: [a.lineage]}
