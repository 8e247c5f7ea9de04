"""What must hold of a store at any moment, worked out afresh from its takes by the pure decisions."""

from collections import Counter
from collections.abc import Mapping

from sqlalchemy import Connection, create_engine, func, select

from pipeline.models import Stage, Status, TakeState
from pipeline.shared_formats.sketch import counted_keys, entity_key, label_key
from pipeline.store.copies.grouping import group_copies
from pipeline.store.db import tables as t
from pipeline.store.db.json_codec import load_enrichment
from pipeline.store.lineage.lineage_state import LineageState, load_states
from pipeline.store.lineage.take_record import TakeRecord
from pipeline.store.lineage.winning_take import ResolvedLineage


def check(url: str) -> None:
    """Every invariant of the store at ``url``."""
    engine = create_engine(url)
    with engine.connect() as connection:
        _check(connection)
    engine.dispose()


def _check(connection: Connection) -> None:
    rows = {row.id: row for row in connection.execute(select(t.lineages))}
    live = {key for key, row in rows.items() if row.merged_into is None}
    aliases = rows.keys() - live
    states = load_states(connection, live)
    resolved = {key: state.resolve() for key, state in states.items()}
    assert all(rows[rows[alias].merged_into].merged_into is None for alias in aliases)
    assert all(rows[alias].status == Status.WITHDRAWN and rows[alias].counted_version_id is None for alias in aliases)
    _check_takes(connection, live, states, resolved)
    _check_counts(connection, {key: rows[key].counted_version_id for key in live}, resolved)
    _check_tasks(connection, rows, states, resolved)
    _check_copies(
        connection, rows, {key: lineage for key, lineage in resolved.items() if lineage.status is Status.USABLE}
    )
    for earlier, later in connection.execute(select(t.links.c.earlier, t.links.c.later)):
        assert earlier != later
        assert {earlier, later} <= live


def _check_takes(
    connection: Connection, live: set[int], states: dict[int, LineageState], resolved: dict[int, ResolvedLineage]
) -> None:
    placed = t.versions.join(t.items, t.items.c.id == t.versions.c.item_id)
    for of_take, of_item in connection.execute(select(t.versions.c.lineage, t.items.c.lineage).select_from(placed)):
        assert of_take == of_item
        assert of_take in live
    for key, lineage in resolved.items():
        known = states[key].row
        assert known is not None
        assert states[key].numbers == {take.version_id: number for number, take in enumerate(lineage.ordered, start=1)}
        assert (known.current_version_id, known.status) == (lineage.current.version_id, lineage.status)
        assert (known.published_at, known.updated_at) == (lineage.published_at, lineage.updated_at)


def _check_counts(
    connection: Connection, counted_by: dict[int, int | None], resolved: dict[int, ResolvedLineage]
) -> None:
    expected: Counter[int] = Counter()
    stored = {row.version_id: row for row in connection.execute(select(t.enrichments))}
    for key, lineage in resolved.items():
        assert counted_by[key] == lineage.counted_version_id
        if (take := counted_by[key]) is not None:
            tagged = load_enrichment(take, "", stored[take].data, None, None)
            keys = {*map(label_key, tagged.terms), *(entity_key(entity.entity_id) for entity in tagged.entities)}
            assert counted_keys(stored[take].sketch) == keys
            expected.update(keys)
    counts = {key: documents for key, documents in connection.execute(select(t.label_counts)) if documents}
    assert counts == dict(expected)
    documents = select(t.counters.c.value).where(t.counters.c.name == "documents")
    assert connection.execute(documents).scalar_one() == sum(take is not None for take in counted_by.values())


def _check_tasks(
    connection: Connection,
    rows: Mapping[int, object],
    states: dict[int, LineageState],
    resolved: dict[int, ResolvedLineage],
) -> None:
    open_: dict[str, set[int]] = {stage: set() for stage in Stage}
    for task in connection.execute(select(t.tasks)):
        open_[task.stage].add(task.subject)
        if task.stage != Stage.INDEX:
            assert task.subject in states[task.lineage].takes
    usable = {key: lineage for key, lineage in resolved.items() if lineage.status is Status.USABLE}
    shown = {
        take.version_id: take
        for lineage in usable.values()
        for take in lineage.ordered
        if take.state is TakeState.USABLE
    }
    assert {key for key, take in shown.items() if not take.tagged and not take.related} <= open_[Stage.ENRICH]
    tagged = {key for key, take in shown.items() if take.tagged and not take.related}
    assert tagged <= open_[Stage.RELATE] | open_[Stage.ENRICH]
    assert open_[Stage.ENRICH] | open_[Stage.RELATE] <= shown.keys()
    indexable = set()
    for key, row in rows.items():
        ready = key in usable and usable[key].current.related
        blank = (row.merged_into is not None or row.status == Status.WITHDRAWN) and row.month is not None  # type: ignore[attr-defined]
        if (ready or blank) and row.revision > row.indexed_revision:  # type: ignore[attr-defined]
            indexable.add(key)
    assert open_[Stage.INDEX] == indexable


def _usable_takes(lineages: Mapping[int, ResolvedLineage]) -> list[TakeRecord]:
    return [take for lineage in lineages.values() for take in lineage.ordered if take.state is TakeState.USABLE]


def _check_copies(connection: Connection, rows: Mapping[int, object], usable: dict[int, ResolvedLineage]) -> None:
    first = select(t.items.c.lineage, func.min(t.items.c.uri)).group_by(t.items.c.lineage)
    uris = {row[0]: row[1] for row in connection.execute(first)}
    dates = {key: 2**62 if lineage.published_at is None else lineage.published_at for key, lineage in usable.items()}
    order = sorted(usable, key=lambda key: (dates[key], uris[key]))
    seen = {
        take.version_id for lineage in usable.values() for take in lineage.ordered if take.state is TakeState.USABLE
    }
    edges: dict[tuple[int, int], float] = {}
    for edge in connection.execute(select(t.copy_edges)):
        pair = (min(edge.lineage_a, edge.lineage_b), max(edge.lineage_a, edge.lineage_b))
        assert pair[0] != pair[1]
        if edge.version_a in seen and edge.version_b in seen:
            edges[pair] = max(edge.similarity, edges.get(pair, 0.0))
    expected: dict[int, tuple[int | None, int]] = dict.fromkeys(rows, (None, 0))
    for members in group_copies(order, edges):
        expected |= dict.fromkeys(members, (min(members), len(members) - 1))
    assert {key: (row.copy_group, row.copies) for key, row in rows.items()} == expected  # type: ignore[attr-defined]
