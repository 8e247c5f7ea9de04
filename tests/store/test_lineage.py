"""The pure decisions about versions and lineages, with takes made up by hypothesis."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from pipeline.models import Status, TakeKind, TakeState
from pipeline.store.lineage.versions import (
    CHURN_TAKES,
    SEEN_KEPT,
    ResendKind,
    TakeRecord,
    classify_resend,
    moved_back,
    publishing_order,
    resolve_lineage,
    sequence,
    split_take,
    with_sighting,
)

HOUR = 3600 * 1_000_000


def take(version: int | None = None, content: str = "a", uri: str = "u", **fields: object) -> TakeRecord:
    at = fields.pop("at", version)
    made = TakeRecord(
        version_id=0,
        uri=uri,
        publisher_version=version,
        published_at=None,
        updated_at=at,  # type: ignore[arg-type]
        fetched_at=0,
        kind=TakeKind.FIRST,
        number=None,
        state=TakeState.USABLE,
        content=content.encode(),
    )
    return replace(made, **fields)  # type: ignore[arg-type]


def arrive(sendings: list[TakeRecord]) -> list[TakeRecord]:
    """The takes of one uri after these sendings, as the desk keeps them."""
    known: list[TakeRecord] = []
    for number, sent in enumerate(sendings):
        sent = replace(sent, version_id=2 * number + 1)
        answer = classify_resend(known, sent)
        if answer.kind is ResendKind.SAME:
            continue
        others = [one for one in known if one is not answer.take]
        if answer.take is None:
            known = [*known, sent]
        elif answer.kind is ResendKind.SEEN:
            known = [*others, with_sighting(answer.take, sent.sighting)]
        elif answer.kind is ResendKind.EARLIER:
            known = [*others, moved_back(answer.take, sent)]
        else:
            known = [*others, *split_take(answer.take, sent, 2 * number + 2), sent]
    return sequence(known)


def shape(takes: list[TakeRecord]) -> list[tuple[bytes, int | None]]:
    return [(one.content, one.publisher_version) for one in takes]


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
    assert [one.content for one in takes] == [b"a", b"b", b"c", b"d"]


def test_take_lines_order_takes_of_one_time() -> None:
    kinds = [TakeKind.CORRECTION, TakeKind.UPDATE, TakeKind.KILL, TakeKind.FIRST]
    takes = arrive([take(1, kind, kind=kind) for kind in kinds])
    assert [one.kind for one in takes] == [TakeKind.FIRST, TakeKind.UPDATE, TakeKind.CORRECTION, TakeKind.KILL]


def test_the_same_sending_is_the_same() -> None:
    known = take(1, "a", version_id=1)
    assert classify_resend([known], take(1, "a", fetched_at=HOUR)).kind is ResendKind.SAME
    assert classify_resend([with_sighting(known, (4, None, 4))], take(4, "a")).kind is ResendKind.SAME
    assert classify_resend([], known).kind is ResendKind.NEW


def test_churn_under_one_date_is_kept_a_few_times_and_then_now_and_then() -> None:
    known = [take(1, str(number), version_id=number, fetched_at=number) for number in range(CHURN_TAKES)]
    assert classify_resend(known, take(1, "new", fetched_at=HOUR)).kind is ResendKind.SAME
    assert classify_resend(known, take(1, "new", fetched_at=7 * HOUR)).kind is ResendKind.NEW
    assert classify_resend(known, take(2, "new", fetched_at=HOUR)).kind is ResendKind.NEW


def test_of_many_sightings_the_first_and_the_last_are_kept() -> None:
    seen = take(1, "a")
    for version in range(2, 200):
        seen = with_sighting(seen, (version, None, version))
    assert len(seen.seen) == SEEN_KEPT
    assert seen.seen[0] == (2, None, 2)
    assert seen.seen[-1] == (199, None, 199)


# --------------------------------------------------------------------------- a lineage

takes = st.builds(
    take,
    st.one_of(st.none(), st.integers(1, 4)),
    st.sampled_from("abcdef"),
    st.sampled_from("uvw"),
    at=st.one_of(st.none(), st.integers(1, 6)),
    kind=st.sampled_from(list(TakeKind)),
    number=st.one_of(st.none(), st.integers(1, 3)),
    state=st.sampled_from(list(TakeState)),
    fetched_at=st.integers(0, 3),
)


def identity(one: TakeRecord) -> tuple[object, ...]:
    return one.uri, one.sighting, one.kind, one.number, one.content, one.fetched_at


lineages = st.lists(takes, min_size=1, max_size=8, unique_by=identity)
follows = st.dictionaries(st.sampled_from("uvw"), st.frozensets(st.sampled_from("uvwx"), max_size=2), max_size=3)


@given(lineages.flatmap(lambda some: st.tuples(st.just(some), st.permutations(some))), follows)
def test_a_lineage_stands_the_same_in_every_order(
    orders: tuple[list[TakeRecord], list[TakeRecord]], links: dict[str, frozenset[str]]
) -> None:
    assert resolve_lineage(orders[0], links) == resolve_lineage(orders[1], links)


@given(lineages, follows)
def test_within_a_uri_its_publisher_s_order_holds(some: list[TakeRecord], links: dict[str, frozenset[str]]) -> None:
    ordered = publishing_order(some, links)
    assert sorted(map(id, ordered)) == sorted(map(id, some))
    for uri in "uvw":
        assert [one for one in ordered if one.uri == uri] == sequence([one for one in some if one.uri == uri])


@given(lineages)
def test_what_evolved_from_a_story_comes_after_all_of_it(some: list[TakeRecord]) -> None:
    ordered = [one.uri for one in publishing_order(some, {"v": frozenset("u"), "w": frozenset("v")}) if one.uri in "uv"]
    assert ordered == sorted(ordered)


@given(lineages, follows)
def test_a_kill_is_final(some: list[TakeRecord], links: dict[str, frozenset[str]]) -> None:
    now = resolve_lineage(some, links)
    killed = any(one.state is TakeState.WITHDRAWN for one in some)
    assert (now.current.state is TakeState.WITHDRAWN) == killed
    assert not killed or now.status is Status.WITHDRAWN


@given(lineages, follows)
def test_nothing_withheld_or_expired_is_ever_shown(some: list[TakeRecord], links: dict[str, frozenset[str]]) -> None:
    now = resolve_lineage(some, links)
    assert (now.status is Status.USABLE) == (now.current.state is TakeState.USABLE)
    assert now.ordered[now.number - 1] == now.current
    held = all(one.state is TakeState.WITHHELD for one in some)
    assert (now.status is Status.WITHHELD) == held
