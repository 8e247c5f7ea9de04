"""Recording what the index holds."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select, update
from sqlalchemy import bindparam as bind

from pipeline.models import Stage, WriteOutcome, WriteState
from pipeline.store.db import tables as t
from pipeline.store.db.statements import chunks
from pipeline.store.queue.index_tasks import offer_to_index
from pipeline.store.queue.quarantine import keep_failed

_l = t.lineages.c
_INDEXED = (
    update(t.lineages)
    .where(_l.id == bind("lineage_id"), _l.indexed_revision < bind("now_revision"))
    .values(indexed_revision=bind("now_revision"))
)


def record_indexed(connection: Connection, outcomes: Sequence[WriteOutcome], now: datetime) -> None:
    """Note each lineage's highest revision that the engine has, or refused; what has changed since is offered again."""
    highest: dict[int, int] = {}
    for outcome in outcomes:
        highest[outcome.lineage] = max(outcome.revision, highest.get(outcome.lineage, 0))
    rows = [{"lineage_id": lineage, "now_revision": revision} for lineage, revision in sorted(highest.items())]
    connection.execute(_INDEXED, rows)
    for some in chunks(sorted(highest)):
        mine = (t.tasks.c.stage == Stage.INDEX) & t.tasks.c.subject.in_(some)
        connection.execute(update(t.tasks).where(mine).values(owner=None, claimed_at=None, lease_until=None))
    offer_to_index(connection, highest)
    for outcome in outcomes:
        if outcome.state is WriteState.REJECTED:
            reason = outcome.reason or "refused by the search engine"
            keep_failed(connection, Stage.INDEX, named(connection, [outcome.lineage]), reason, now)


def named(connection: Connection, lineages: Sequence[int]) -> list[tuple[int, str, str | None]]:
    """Lineages for the quarantine: (lineage, its winning take's uri, that take's origin)."""
    v = t.versions
    joined = t.lineages.join(v, v.c.id == _l.current).join(t.items, t.items.c.id == v.c.item_id)
    found: list[tuple[int, str, str | None]] = []
    for some in chunks(lineages):
        rows = connection.execute(select(_l.id, t.items.c.uri, v.c.origin).select_from(joined).where(_l.id.in_(some)))
        found += [(lineage, uri, origin) for lineage, uri, origin in rows]
    return found
