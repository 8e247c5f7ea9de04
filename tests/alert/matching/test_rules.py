"""Who is before what, rule by rule, and as laws."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.alert.matching.rules import Arrival, Decision, Interest, SentBefore, decide, kind_for_readers
from pipeline.models import DeliveryKind, LineageRecord, Reason, Rhythm, Status, StoredTake, Subscription, TakeKind
from tests.alert.samples import HEADLINE, NOW, correction, document, kill, record, subscription, take

WHY = (Reason("word", "Eurosam", 1.0),)
Sent = tuple[int, int, str, int]


def decision_on(
    takes: Sequence[StoredTake | LineageRecord],
    subscriptions: Sequence[Subscription] = (subscription(),),
    interested: Sequence[tuple[int, int]] | None = None,
    before: SentBefore | None = None,
) -> Decision:
    """Decide on a batch; every subscription is interested in every story unless said otherwise."""
    records = [item if isinstance(item, LineageRecord) else record(item) for item in takes]
    newest = {item.lineage: item for item in sorted(records, key=lambda item: item.current.version)}
    arrivals = [Arrival(item.current, document(newest[item.lineage])) for item in records]
    pairs = [(s.id, lineage) for s in subscriptions for lineage in newest] if interested is None else interested
    interests = [Interest(subscriber, lineage, WHY) for subscriber, lineage in pairs]
    return decide(arrivals, subscriptions, interests, before or SentBefore(), NOW)


def sent(decision: Decision) -> list[Sent]:
    return [(d.subscription_id, d.lineage, d.kind.value, d.version_id % 100) for d in decision.deliveries]


def readers(lineage: int = 1, *subscribers: int) -> SentBefore:
    return SentBefore(sent={lineage: frozenset(subscribers or (1,))}, matched={lineage: frozenset(subscribers or (1,))})


# --------------------------------------------------------------------------- stories not sent yet


def test_a_new_story_goes_to_whom_it_interests_on_every_channel() -> None:
    subscriptions = [subscription(1, channels=("file:a", "mailto:b@c", "file:a")), subscription(2)]
    decision = decision_on([take()], subscriptions, interested=[(1, 1)])
    assert [(d.subscription_id, d.kind, d.channel, d.due_at) for d in decision.deliveries] == [
        (1, DeliveryKind.NEW, "file:a", NOW),
        (1, DeliveryKind.NEW, "mailto:b@c", NOW),
    ]
    [match] = decision.matches
    assert (match.subscription_id, match.lineage, match.matched_at, match.why) == (1, 1, NOW, WHY)


def test_the_rhythm_says_when() -> None:
    [delivery] = decision_on([take()], [subscription(rhythm=Rhythm.DAILY, timezone="Europe/Istanbul")]).deliveries
    assert delivery.due_at == NOW.replace(day=16, hour=5, minute=0)


@pytest.mark.parametrize(
    ("arriving", "changes"),
    [
        (take(backfill=True), {}),
        (take(), {"paused": True}),
        (take(updated_at=NOW - timedelta(days=8)), {}),
        (take(updated_at=None, published_at=NOW - timedelta(days=8)), {}),
        (take(status=Status.WITHHELD), {}),
        (kill(version=1), {}),
    ],
    ids=["backfill", "paused", "old", "old by its first publication", "withheld", "withdrawn"],
)
def test_what_is_not_sent_leaves_no_match(arriving: StoredTake, changes: dict[str, bool]) -> None:
    assert decision_on([arriving], [subscription(**changes)]) == Decision()


@pytest.mark.parametrize(
    "arriving",
    [
        take(updated_at=NOW - timedelta(days=6)),
        take(updated_at=NOW - timedelta(hours=1), published_at=NOW - timedelta(days=400)),
        take(updated_at=None, published_at=None),
        take(updated_at=NOW + timedelta(hours=1)),
    ],
    ids=["within the look-back", "an old story's new take", "undated", "dated ahead"],
)
def test_what_is_news_now(arriving: StoredTake) -> None:
    assert sent(decision_on([arriving])) == [(1, 1, "new", 1)]


def test_a_story_that_matched_before_is_not_new_again() -> None:
    assert decision_on([take(version=2)], before=SentBefore(matched={1: frozenset({1})})) == Decision()


def test_several_takes_at_once_are_one_message_about_the_newest() -> None:
    assert sent(decision_on([take(version=1), correction(version=2), take(version=3)])) == [(1, 1, "new", 3)]


def test_a_take_that_makes_a_story_interesting_sends_it_as_new() -> None:
    assert sent(decision_on([take(version=4, take=TakeKind.UPDATE)])) == [(1, 1, "new", 4)]


# --------------------------------------------------------------------------- copies


def test_of_copies_in_one_batch_the_earliest_is_sent() -> None:
    late = record(take(1), published_at=NOW - timedelta(minutes=5), copy_group=7)
    early = record(take(2), published_at=NOW - timedelta(minutes=50), copy_group=7)
    undated = record(take(3), published_at=None, copy_group=7)
    decision = decision_on([late, undated, early, record(take(4), copy_group=8), record(take(5))])
    assert sorted(sent(decision)) == [(1, 2, "new", 1), (1, 4, "new", 1), (1, 5, "new", 1)]


def test_a_copy_of_a_story_that_matched_before_is_not_sent() -> None:
    copy = record(take(2), copy_group=7)
    decision = decision_on([copy], [subscription(1), subscription(2)], before=SentBefore(matched={2: frozenset({1})}))
    assert sent(decision) == [(2, 2, "new", 1)]


# --------------------------------------------------------------------------- further takes


def test_updates_go_to_those_who_asked_for_them() -> None:
    subscriptions = [subscription(1), subscription(2, updates=True), subscription(3, updates=True, paused=True)]
    decision = decision_on([take(version=2, take=TakeKind.UPDATE)], subscriptions, before=readers(1, 1, 2, 3))
    assert sent(decision) == [(2, 1, "update", 2)]
    assert decision.matches == ()


@pytest.mark.parametrize(
    "arriving",
    [
        take(version=2, backfill=True),
        take(version=2, updated_at=NOW - timedelta(days=30)),
        take(version=2, take=TakeKind.REPEAT),
        take(version=2, status=Status.WITHHELD),
    ],
    ids=["backfill", "old", "repeat", "withheld"],
)
def test_updates_that_are_none(arriving: StoredTake) -> None:
    assert sent(decision_on([arriving], [subscription(updates=True)], before=readers())) == []


def test_a_take_that_arrives_late_is_no_update() -> None:
    late = Arrival(take(version=2), document(take(version=3)))
    assert decide([late], [subscription(updates=True)], [], readers(), NOW) == Decision()


def test_corrections_go_to_everyone_who_was_sent_the_story() -> None:
    before = SentBefore(
        sent={1: frozenset({1, 2, 9})},
        channels={(1, 1): ("file:then",), (2, 1): ("file:alerts.jsonl",), (9, 1): ("mailto:gone@c", "file:x")},
    )
    subscriptions = [subscription(1, rhythm=Rhythm.WEEKLY), subscription(2, paused=True), subscription(3)]
    for arriving in (correction(), correction(backfill=True), correction(updated_at=NOW - timedelta(days=99))):
        decision = decision_on([arriving], subscriptions, interested=[], before=before)
        assert [(d.subscription_id, d.kind, d.channel, d.due_at) for d in decision.deliveries] == [
            (1, DeliveryKind.CORRECTION, "file:then", NOW),
            (2, DeliveryKind.CORRECTION, "file:alerts.jsonl", NOW),
            (9, DeliveryKind.CORRECTION, "mailto:gone@c", NOW),
            (9, DeliveryKind.CORRECTION, "file:x", NOW),
        ]


def test_a_correction_and_an_update_together_are_both_told() -> None:
    decision = decision_on([correction(version=2), take(version=3)], [subscription(updates=True)], before=readers())
    assert sent(decision) == [(1, 1, "correction", 2), (1, 1, "update", 3)]


def test_withdrawals_go_to_everyone_who_was_sent_the_story_once() -> None:
    decision = decision_on(
        [take(version=2), kill(version=3)], [subscription(1), subscription(2)], before=readers(1, 1, 8)
    )
    assert sent(decision) == [(1, 1, "withdrawal", 0)]
    ended = replace(readers(1, 1, 8), channels={(8, 1): ("file:x",)})
    assert sent(decision_on([kill()], [], before=ended)) == [(8, 1, "withdrawal", 0)]


def test_a_copys_correction_is_not_for_readers_of_the_original() -> None:
    copy = record(correction(2), copy_group=7)
    assert decision_on([copy], before=SentBefore(sent={1: frozenset({1})}, matched={2: frozenset({1})})) == Decision()


@pytest.mark.parametrize(
    ("arriving", "kind"),
    [
        (take(version=1), None),
        (take(version=2), DeliveryKind.UPDATE),
        (take(version=2, take=TakeKind.UPDATE), DeliveryKind.UPDATE),
        (take(version=2, take=TakeKind.WRAPUP), DeliveryKind.UPDATE),
        (take(version=2, take=TakeKind.REFILE), DeliveryKind.UPDATE),
        (take(version=2, take=TakeKind.REPEAT), None),
        (correction(), DeliveryKind.CORRECTION),
        (take(version=2, corrected=True), DeliveryKind.CORRECTION),
        (kill(), DeliveryKind.WITHDRAWAL),
        (take(version=2, status=Status.WITHHELD), None),
    ],
)
def test_what_a_take_is_to_a_reader(arriving: StoredTake, kind: DeliveryKind | None) -> None:
    assert kind_for_readers(arriving, document(arriving)) is kind


# --------------------------------------------------------------------------- following a story


def test_followers_are_told_of_every_take_of_their_story() -> None:
    followers = [subscription(1, follow=1), subscription(2, follow=1, paused=True), subscription(3, follow=5)]
    for arriving, kind in ((take(version=2), "update"), (correction(), "correction"), (kill(), "withdrawal")):
        decision = decision_on([arriving], followers, interested=[])
        assert sent(decision) == [(1, 1, kind, 0 if kind == "withdrawal" else 2)]
        assert [match.why for match in decision.matches] == [(Reason("follow", HEADLINE, 1.0),)]
    again = decision_on([take(version=3)], followers, interested=[], before=readers())
    assert sent(again) == [(1, 1, "update", 3)]
    assert again.matches == ()


def test_followers_are_told_of_follow_ups_and_not_that_their_story_is_new() -> None:
    assert sent(decision_on([take(2)], [subscription(follow=1)])) == [(1, 2, "new", 1)]
    assert sent(decision_on([take(1)], [subscription(follow=1)])) == []


# --------------------------------------------------------------------------- laws

kinds = st.sampled_from(list(TakeKind))
takes = st.builds(
    lambda lineage, version, kind, status, backfill, corrected, group: record(
        take(lineage, version, backfill=backfill, take=kind, status=status, corrected=corrected), copy_group=group
    ),
    st.integers(1, 4),
    st.integers(1, 3),
    kinds,
    st.sampled_from(list(Status)),
    st.booleans(),
    st.booleans(),
    st.none() | st.integers(1, 2),
)


def in_one_group_each(batch: list[LineageRecord]) -> list[LineageRecord]:
    """All takes of a lineage carry its one copy group, as in the store."""
    groups = {item.lineage: item.copy_group for item in batch}
    return [replace(item, copy_group=groups[item.lineage]) for item in batch]


batches = st.lists(takes, max_size=8, unique_by=lambda item: (item.lineage, item.current.version)).map(
    in_one_group_each
)
desks = st.lists(
    st.builds(
        lambda number, follow, paused, updates: subscription(
            number, follow=follow, query=None if follow else "x", paused=paused, updates=updates
        ),
        st.integers(1, 5),
        st.none() | st.integers(1, 4),
        st.booleans(),
        st.booleans(),
    ),
    max_size=5,
    unique_by=lambda item: item.id,
)
histories = st.dictionaries(st.integers(1, 4), st.frozensets(st.integers(1, 7)))


@given(batch=batches, subscriptions=desks, sent_before=histories)
def test_no_line_twice_and_every_order_of_arrival_gives_the_same(
    batch: list[LineageRecord], subscriptions: list[Subscription], sent_before: dict[int, frozenset[int]]
) -> None:
    before = SentBefore(sent=sent_before, matched=sent_before)
    decision = decision_on(batch, subscriptions, before=before)
    lines = [(d.subscription_id, d.lineage, d.kind, d.version_id, d.channel) for d in decision.deliveries]
    assert len(set(lines)) == len(lines) == len({d.key for d in decision.deliveries})
    assert len({(m.subscription_id, m.lineage) for m in decision.matches}) == len(decision.matches)
    backwards = decision_on(batch[::-1], subscriptions, before=before)
    assert set(backwards.deliveries) == set(decision.deliveries)


@given(batch=batches, subscriptions=desks, sent_before=histories)
def test_nobody_paused_or_backfilled_hears_of_news(
    batch: list[LineageRecord], subscriptions: list[Subscription], sent_before: dict[int, frozenset[int]]
) -> None:
    decision = decision_on(batch, subscriptions, before=SentBefore(sent=sent_before, matched=sent_before))
    paused = {s.id for s in subscriptions if s.paused}
    loud = {item.lineage for item in batch if not item.current.origin.backfill}
    for line in decision.deliveries:
        if line.kind in (DeliveryKind.NEW, DeliveryKind.UPDATE):
            assert line.subscription_id not in paused
            assert line.lineage in loud
        else:
            follows = {s.id for s in subscriptions if s.follow == line.lineage}
            assert line.subscription_id in sent_before.get(line.lineage, frozenset()) | follows


@given(batch=batches, subscriptions=desks)
def test_a_batch_decided_again_after_it_was_recorded_sends_nothing_new(
    batch: list[LineageRecord], subscriptions: list[Subscription]
) -> None:
    first = decision_on(batch, subscriptions)
    matched: dict[int, frozenset[int]] = {}
    for match in first.matches:
        matched[match.lineage] = matched.get(match.lineage, frozenset()) | {match.subscription_id}
    groups = {item.lineage: item.copy_group for item in batch}
    by_copy = {
        lineage: frozenset(
            reader
            for other, readers_of in matched.items()
            for reader in readers_of
            if other == lineage or (groups[other] is not None and groups[other] == groups[lineage])
        )
        for lineage in groups
    }
    again = decision_on(batch, subscriptions, before=SentBefore(sent=matched, matched=by_copy))
    new = {line for line in again.deliveries if line.kind is DeliveryKind.NEW}
    assert {line.key for line in new} <= {line.key for line in first.deliveries}
