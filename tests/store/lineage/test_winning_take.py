"""Which take of a lineage wins, with takes made up by hypothesis."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.models import Status, TakeKind, TakeState
from pipeline.store.lineage.take_record import TakeRecord, order_within_uri
from pipeline.store.lineage.winning_take import publishing_order, resolve_lineage
from tests.store.lineage.take_records import take

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


def identity(record: TakeRecord) -> tuple[object, ...]:
    return record.uri, record.sighting, record.kind, record.number, record.content, record.fetched_at


lineages = st.lists(takes, min_size=1, max_size=8, unique_by=identity)
follows = st.dictionaries(st.sampled_from("uvw"), st.frozensets(st.sampled_from("uvwx"), max_size=2), max_size=3)


@given(lineages.flatmap(lambda records: st.tuples(st.just(records), st.permutations(records))), follows)
def test_a_lineage_stands_the_same_in_every_order(
    orders: tuple[list[TakeRecord], list[TakeRecord]], links: dict[str, frozenset[str]]
) -> None:
    assert resolve_lineage(orders[0], links) == resolve_lineage(orders[1], links)


@given(lineages, follows)
def test_within_a_uri_its_publisher_s_order_holds(records: list[TakeRecord], links: dict[str, frozenset[str]]) -> None:
    ordered = publishing_order(records, links)
    assert sorted(map(id, ordered)) == sorted(map(id, records))
    for uri in "uvw":
        assert [record for record in ordered if record.uri == uri] == order_within_uri(
            [record for record in records if record.uri == uri]
        )


@given(lineages)
def test_what_evolved_from_a_story_comes_after_all_of_it(records: list[TakeRecord]) -> None:
    follows = {"v": frozenset("u"), "w": frozenset("v")}
    ordered = [record.uri for record in publishing_order(records, follows) if record.uri in "uv"]
    assert ordered == sorted(ordered)


@given(lineages, follows)
def test_a_kill_is_final(records: list[TakeRecord], links: dict[str, frozenset[str]]) -> None:
    resolved = resolve_lineage(records, links)
    killed = any(record.state is TakeState.WITHDRAWN for record in records)
    assert (resolved.current.state is TakeState.WITHDRAWN) == killed
    assert not killed or resolved.status is Status.WITHDRAWN


@given(lineages, follows)
def test_nothing_withheld_or_expired_is_ever_shown(records: list[TakeRecord], links: dict[str, frozenset[str]]) -> None:
    resolved = resolve_lineage(records, links)
    assert (resolved.status is Status.USABLE) == (resolved.current.state is TakeState.USABLE)
    assert resolved.ordered[resolved.number - 1] == resolved.current
    all_withheld = all(record.state is TakeState.WITHHELD for record in records)
    assert (resolved.status is Status.WITHHELD) == all_withheld
