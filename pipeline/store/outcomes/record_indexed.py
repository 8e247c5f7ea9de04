"""Recording what the index holds, and which documents the engine refused."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select, update
from sqlalchemy import bindparam as bind

from pipeline.models import Stage, WriteOutcome, WriteState
from pipeline.store.db import tables as t
from pipeline.store.db.statements import chunks
from pipeline.store.queue.claims import release_tasks
from pipeline.store.queue.index_tasks import offer_to_index
from pipeline.store.queue.quarantine import quarantine_work

_SET_INDEXED = (
    update(t.lineages)
    .where(t.lineages.c.id == bind("lineage_id"), t.lineages.c.indexed_revision < bind("new_revision"))
    .values(indexed_revision=bind("new_revision"))
)


def record_indexed(connection: Connection, outcomes: Sequence[WriteOutcome], now: datetime) -> None:
    """Note each lineage's highest revision that the engine has or refused; what changed since is offered again."""
    highest: dict[int, int] = {}
    for outcome in outcomes:
        highest[outcome.lineage] = max(outcome.revision, highest.get(outcome.lineage, 0))
    rows = [{"lineage_id": lineage, "new_revision": revision} for lineage, revision in sorted(highest.items())]
    connection.execute(_SET_INDEXED, rows)
    release_tasks(connection, Stage.INDEX, list(highest))
    offer_to_index(connection, highest)
    for outcome in outcomes:
        if outcome.state is WriteState.REJECTED:
            reason = outcome.reason or "refused by the search engine"
            quarantine_work(connection, Stage.INDEX, describe_lineages(connection, [outcome.lineage]), reason, now)


def describe_lineages(connection: Connection, lineages: Sequence[int]) -> list[tuple[int, str, str | None]]:
    """Lineages as the quarantine keeps them: (lineage, uri of its winning take, that take's origin as JSON)."""
    winning = t.lineages.join(t.versions, t.versions.c.id == t.lineages.c.current_version_id)
    columns = select(t.lineages.c.id, t.items.c.uri, t.versions.c.origin)
    statement = columns.select_from(winning.join(t.items, t.items.c.id == t.versions.c.item_id))
    described: list[tuple[int, str, str | None]] = []
    for chunk in chunks(lineages):
        rows = connection.execute(statement.where(t.lineages.c.id.in_(chunk)))
        described += [(lineage, uri, origin) for lineage, uri, origin in rows]
    return described
