"""The tables of happenings and threads; which of them a lineage is of stands in its own row (``tables.lineages``)."""

from sqlalchemy import BigInteger, Boolean, Column, Float, Integer, Table

from pipeline.store.db.columns import CleanText, RowId, metadata

# The happenings of the lineages, as a forest: parent is the one that a happening follows up. An id is drawn from the
# items' counter. A row stays when its last story leaves, for what follows it.
happenings = Table(
    "happenings",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=False),
    Column("thread", BigInteger, nullable=False, index=True),
    Column("parent", BigInteger, index=True),
    Column("score", Float),
    Column("first_at", BigInteger),
)

# What operators ruled, by items, whose lineages may be joined later; one row a command.
rulings = Table(
    "rulings",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("kind", CleanText, nullable=False),
    Column("one", BigInteger, nullable=False, index=True),
    Column("other", BigInteger, index=True),
    Column("same", Boolean, nullable=False),
    Column("by", CleanText, nullable=False),
    Column("at", BigInteger, nullable=False),
)

group_changes = Table(
    "group_changes",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("kind", CleanText, nullable=False),
    Column("left_group", BigInteger, nullable=False, index=True),
    Column("joined_group", BigInteger, nullable=False, index=True),
    Column("stories", Integer, nullable=False),
    Column("merge", Boolean, nullable=False),
    Column("by", CleanText),
    Column("at", BigInteger),
)
