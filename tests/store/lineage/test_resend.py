"""What a sending is beside the known takes of its uri, with takes made up by hypothesis."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from pipeline.models import TakeKind
from pipeline.store.lineage.resend import (
    CHURN_TAKES,
    SIGHTINGS_KEPT,
    ResendKind,
    add_sighting,
    classify_resend,
    move_back,
    split_take,
)
from pipeline.store.lineage.take_record import Sighting, TakeRecord, order_within_uri
from tests.store.lineage.take_records import take

HOUR = 3600 * 1_000_000


def arrive(sendings: list[TakeRecord]) -> list[TakeRecord]:
    """The takes of one uri after these sendings, as the placer keeps them."""
    known: list[TakeRecord] = []
    for number, sent in enumerate(sendings):
        sent = replace(sent, version_id=2 * number + 1)
        answer = classify_resend(known, sent)
        if answer.kind is ResendKind.KNOWN:
            continue
        others = [other for other in known if other is not answer.take]
        if answer.take is None:
            known = [*known, sent]
        elif answer.kind is ResendKind.SEEN_AGAIN:
            known = [*others, add_sighting(answer.take, sent.sighting)]
        elif answer.kind is ResendKind.SENT_BEFORE:
            known = [*others, move_back(answer.take, sent)]
        else:
            known = [*others, *split_take(answer.take, sent, 2 * number + 2), sent]
    return order_within_uri(known)


def shape(takes: list[TakeRecord]) -> list[tuple[bytes, int | None]]:
    return [(take.content, take.publisher_version) for take in takes]


# --------------------------------------------------------------------------- one uri


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=7).flatmap(
    lambda contents: st.permutations(list(enumerate(contents, start=1)))
))  # fmt: skip
def test_versions_end_the_same_in_every_order_of_arrival(arrivals: list[tuple[int, str]]) -> None:
    """Also where a text comes back after another one, and where it was seen before and after one that comes late."""
    sendings = [take(version, content) for version, content in arrivals]
    expected: list[tuple[bytes, int]] = []
    for version, content in sorted(arrivals):
        if not expected or expected[-1][0] != content.encode():
            expected.append((content.encode(), version))
    assert shape(arrive(sendings)) == expected


@given(st.permutations([(1, 10, "a"), (2, 5, "b"), (3, 7, "c"), (3, 9, "d")]))
def test_version_numbers_come_before_dates(arrivals: list[tuple[int, int, str]]) -> None:
    takes = arrive([take(version, content, at=at) for version, at, content in arrivals])
    assert [take.content for take in takes] == [b"a", b"b", b"c", b"d"]


def test_take_lines_order_takes_of_one_time() -> None:
    kinds = [TakeKind.CORRECTION, TakeKind.UPDATE, TakeKind.KILL, TakeKind.FIRST]
    takes = arrive([take(1, kind, kind=kind) for kind in kinds])
    assert [take.kind for take in takes] == [TakeKind.FIRST, TakeKind.UPDATE, TakeKind.CORRECTION, TakeKind.KILL]


def test_the_same_sending_is_the_same() -> None:
    known = take(1, "a", version_id=1)
    assert classify_resend([known], take(1, "a", fetched_at=HOUR)).kind is ResendKind.KNOWN
    assert classify_resend([add_sighting(known, Sighting(4, None, 4))], take(4, "a")).kind is ResendKind.KNOWN
    assert classify_resend([], known).kind is ResendKind.NEW


def test_churn_under_one_date_is_kept_a_few_times_and_then_now_and_then() -> None:
    known = [take(1, str(number), version_id=number, fetched_at=number) for number in range(CHURN_TAKES)]
    assert classify_resend(known, take(1, "new", fetched_at=HOUR)).kind is ResendKind.KNOWN
    assert classify_resend(known, take(1, "new", fetched_at=7 * HOUR)).kind is ResendKind.NEW
    assert classify_resend(known, take(2, "new", fetched_at=HOUR)).kind is ResendKind.NEW


def test_of_many_sightings_the_first_and_the_last_are_kept() -> None:
    seen = take(1, "a")
    for version in range(2, 200):
        seen = add_sighting(seen, Sighting(version, None, version))
    assert len(seen.seen) == SIGHTINGS_KEPT
    assert seen.seen[0] == (2, None, 2)
    assert seen.seen[-1] == (199, None, 199)
