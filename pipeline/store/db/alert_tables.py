"""The tables of subscriptions, their matches and problems, and the outbox."""

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, LargeBinary, Table, text

from pipeline.store.db.columns import CleanText, RowId, metadata

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("owner", CleanText, nullable=False),
    Column("name", CleanText),
    Column("channels", CleanText, nullable=False),
    Column("query", CleanText),
    Column("follow", BigInteger),
    Column("closeness", Float, nullable=False),
    Column("rhythm", CleanText, nullable=False),
    Column("timezone", CleanText, nullable=False),
    Column("quiet", CleanText),
    Column("mutes", CleanText, nullable=False),
    Column("updates", Boolean, nullable=False),
    Column("look_back", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("paused", Boolean, nullable=False),
    Column("declared", CleanText, unique=True),
    Column("stopped", CleanText, nullable=False),
    Column("ended", Boolean, nullable=False),
    Column("served_at", BigInteger),
)

# What keeps subscriptions from working. channel: NULL = the query.
problems = Table(
    "problems",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("subscription_id", BigInteger, nullable=False, index=True),
    Column("channel", CleanText),
    Column("reason", CleanText, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("until", BigInteger),
)

matches = Table(
    "matches",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("subscription_id", BigInteger, nullable=False),
    Column("lineage", BigInteger, nullable=False, index=True),
    Column("matched_at", BigInteger, nullable=False),
    Column("why", CleanText, nullable=False),
    Column("new", CleanText, nullable=False),
    Index("uq_matches_subscription_lineage", "subscription_id", "lineage", unique=True),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("subscription_id", BigInteger, nullable=False),
    Column("lineage", BigInteger, nullable=False, index=True),
    Column("kind", CleanText, nullable=False),
    Column("version_id", BigInteger, nullable=False),
    Column("channel", CleanText, nullable=False),
    Column("channel_key", LargeBinary, nullable=False),
    Column("key", CleanText, nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Column("grouped", Boolean, nullable=False),
    Column("bundle", CleanText),
    Column("attempts", Integer, nullable=False),
    Column("sent_at", BigInteger),
    Column("parked", Boolean, nullable=False),
    Column("last_error", CleanText),
    Column("owner", CleanText),
    Column("claimed_at", BigInteger),
    Column("lease_until", BigInteger),
    Index("uq_deliveries", "subscription_id", "lineage", "kind", "version_id", "channel_key", unique=True),
    Index("ix_deliveries_due", "due_at", sqlite_where=text("sent_at IS NULL AND NOT parked"),
          postgresql_where=text("sent_at IS NULL AND NOT parked")),
    Index("ix_deliveries_waiting", "subscription_id", sqlite_where=text("sent_at IS NULL AND NOT parked"),
          postgresql_where=text("sent_at IS NULL AND NOT parked")),
)  # fmt: skip
