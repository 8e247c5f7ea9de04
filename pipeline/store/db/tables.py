"""The tables of stories, takes, enrichments, relations, work and feeds.

Times are whole microseconds since 1970 in UTC, in BigInteger columns: one meaning on both databases, cheap to compare
and exact. Texts that are long or seldom read (bodies, mentions) have tables of their own, so that ranking's reads never
touch them. What is only ever read as one (a story's own fields, an enrichment) is one JSON text.
"""

from sqlalchemy import BigInteger, Boolean, Column, Float, ForeignKey, Index, Integer, LargeBinary, Table, text

from pipeline.store.db.columns import CleanText, RowId, metadata

# The last number given of "items" (also happenings and threads), "versions" and "tagging_versions"; how many lineages
# are counted ("documents"); how far back index and texts go ("indexed_from", "texts_from": stories/retention.py).
counters = Table(
    "counters",
    metadata,
    Column("name", CleanText, primary_key=True),
    Column("value", BigInteger, nullable=False),
)

# --------------------------------------------------------------------------- stories

# One row per uri. An item's id is also the id of the lineage that it founded.
items = Table(
    "items",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=False),
    Column("uri_key", LargeBinary, nullable=False, unique=True),
    Column("uri", CleanText, nullable=False),
    Column("lineage", BigInteger, nullable=False, index=True),
)

# Feed entries that are mere teasers, whose text was completed from the page that they link to.
teasers = Table(
    "teasers",
    metadata,
    Column("uri_key", LargeBinary, primary_key=True),
    Column("fingerprint", CleanText, nullable=False),
)

lineages = Table(
    "lineages",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=False),
    Column("merged_into", BigInteger),
    Column("status", CleanText, nullable=False),
    Column("current_version_id", BigInteger, nullable=False),
    Column("counted_version_id", BigInteger),
    Column("revision", BigInteger, nullable=False),
    Column("indexed_revision", BigInteger, nullable=False),
    Column("corrected", Boolean, nullable=False),
    Column("published_at", BigInteger),
    Column("updated_at", BigInteger),
    Column("fetched_at", BigInteger, nullable=False),
    Column("copy_group", BigInteger, index=True),
    Column("copies", Integer, nullable=False),
    Column("happening", BigInteger),
    Column("thread", BigInteger, index=True),
    Column("month", CleanText),  # "" = undated; NULL = was never offered to the index
    Index("ix_lineages_happening", "happening", "published_at"),
)

# One row per take. state: TakeState.
versions = Table(
    "versions",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=False),
    Column("item_id", BigInteger, ForeignKey("items.id"), nullable=False, index=True),
    Column("lineage", BigInteger, nullable=False, index=True),
    Column("number", Integer, nullable=False),
    Column("publisher_version", BigInteger),
    Column("kind", CleanText, nullable=False),
    Column("take_number", BigInteger),
    Column("state", CleanText, nullable=False),
    Column("tagged", Boolean, nullable=False),
    Column("related", Boolean, nullable=False),
    Column("backfill", Boolean, nullable=False),
    Column("corrected", Boolean, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("seen", CleanText, nullable=False),  # JSON: further sightings of the same content, see lineage/versions.py
    Column("published_at", BigInteger),
    Column("updated_at", BigInteger),
    Column("fetched_at", BigInteger, nullable=False),
    Column("release_at", BigInteger),
    Column("expires_at", BigInteger),
    Column("headline", CleanText, nullable=False),
    Column("agency", CleanText),
    Column("source", CleanText),
    Column("story", CleanText, nullable=False),
    Column("origin", CleanText, nullable=False),
    Index("ix_versions_release", "release_at", sqlite_where=text("state = 'withheld'"),
          postgresql_where=text("state = 'withheld'")),
    Index("ix_versions_expiry", "expires_at", sqlite_where=text("expires_at IS NOT NULL"),
          postgresql_where=text("expires_at IS NOT NULL")),
)  # fmt: skip

bodies = Table(
    "bodies",
    metadata,
    Column("version_id", RowId, ForeignKey("versions.id"), primary_key=True, autoincrement=False),
    Column("body", CleanText, nullable=False),
)

# A publisher's link that makes lineage, kept also while its target has not arrived.
item_links = Table(
    "item_links",
    metadata,
    Column("target_key", LargeBinary, primary_key=True),
    Column("source_item", BigInteger, ForeignKey("items.id"), primary_key=True, autoincrement=False, index=True),
    sqlite_with_rowid=False,
)

# Where takes of one story without links find each other; see lineage/take_matching.py.
take_keys = Table(
    "take_keys",
    metadata,
    Column("key", BigInteger, primary_key=True, autoincrement=False),
    Column("version_id", BigInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

# --------------------------------------------------------------------------- enrichment

enrichments = Table(
    "enrichments",
    metadata,
    Column("version_id", RowId, ForeignKey("versions.id"), primary_key=True, autoincrement=False),
    Column("tagging_version", BigInteger, nullable=False),  # no number is given twice: what was decoded may be kept
    Column("revision", CleanText, nullable=False),
    Column("data", CleanText, nullable=False),
    Column("sketch", LargeBinary, nullable=False),  # what ranking reads of the data; see pipeline.shared_formats.sketch
    Column("vector", LargeBinary),
    Column("signature", LargeBinary),
)

mentions = Table(
    "mentions",
    metadata,
    Column("version_id", RowId, ForeignKey("versions.id"), primary_key=True, autoincrement=False),
    Column("data", CleanText, nullable=False),
)

# In how many lineages a term or an entity occurs, by its key (``pipeline.shared_formats.sketch``).
label_counts = Table(
    "label_counts",
    metadata,
    Column("key", RowId, primary_key=True, autoincrement=False),
    Column("documents", BigInteger, nullable=False),
)

# What operators decided about entities; it is applied to all that tagging finds. uris: JSON, the stories of a split.
entity_decisions = Table(
    "entity_decisions",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("kind", CleanText, nullable=False),
    Column("entity_id", CleanText, nullable=False),
    Column("into_id", CleanText, nullable=False),
    Column("name", CleanText, nullable=False),
    Column("type", CleanText, nullable=False),
    Column("uris", CleanText, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("undone_at", BigInteger),
)

# MinHash bands; the time is in the key's upper bits, so that new rows land side by side however old the store is.
bands = Table(
    "bands",
    metadata,
    Column("key", BigInteger, primary_key=True, autoincrement=False),
    Column("version_id", BigInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

# --------------------------------------------------------------------------- relations

# version_a < version_b; the lineages are kept beside them for walking a copy group.
copy_edges = Table(
    "copy_edges",
    metadata,
    Column("version_a", BigInteger, primary_key=True, autoincrement=False),
    Column("version_b", BigInteger, primary_key=True, autoincrement=False, index=True),
    Column("lineage_a", BigInteger, nullable=False, index=True),
    Column("lineage_b", BigInteger, nullable=False, index=True),
    Column("similarity", Float, nullable=False),
)

links = Table(
    "links",
    metadata,
    Column("earlier", BigInteger, primary_key=True, autoincrement=False),
    Column("later", BigInteger, primary_key=True, autoincrement=False, index=True),
    Column("decided_by", BigInteger, nullable=False, index=True),
    Column("score", Float, nullable=False),
    Column("reasons", CleanText, nullable=False),
    Column("new", CleanText, nullable=False),
)

# What readers say of follow-ups: items as they were named at the time.
marks = Table(
    "marks",
    metadata,
    Column("earlier", BigInteger, primary_key=True, autoincrement=False),
    Column("later", BigInteger, primary_key=True, autoincrement=False, index=True),
    Column("right", Boolean, nullable=False),
    Column("by", CleanText, nullable=False),
    Column("at", BigInteger, nullable=False),
)

# --------------------------------------------------------------------------- work

# Open work only: a closed task is a deleted row. subject: a version id, or for INDEX a lineage.
tasks = Table(
    "tasks",
    metadata,
    Column("stage", CleanText, primary_key=True),
    Column("subject", BigInteger, primary_key=True, autoincrement=False),
    Column("lineage", BigInteger, nullable=False),
    Column("order_at", BigInteger, nullable=False),
    Column("silent", Boolean, nullable=False),
    Column("owner", CleanText),
    Column("claimed_at", BigInteger),
    Column("lease_until", BigInteger),
    Index("ix_tasks_order", "stage", "order_at", "subject"),
    Index("ix_tasks_lineage", "lineage", "stage"),
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("dedupe", LargeBinary, nullable=False, unique=True),
    Column("stage", CleanText, nullable=False),
    Column("subject", CleanText, nullable=False),
    Column("reason", CleanText, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("origin", CleanText),
    Column("work", BigInteger),  # the task's subject, where it was a stage that gave up
)

# --------------------------------------------------------------------------- feeds

feeds = Table(
    "feeds",
    metadata,
    Column("name", CleanText, primary_key=True),
    Column("declared_url", CleanText),
    Column("url", CleanText),
    Column("etag", CleanText),
    Column("last_modified", CleanText),
    Column("body_hash", CleanText),
    Column("next_due_at", BigInteger),
    Column("failures", Integer, nullable=False),
    Column("last_outcome", CleanText),
    Column("last_reason", CleanText),
    Column("last_fetched_at", BigInteger),
    Column("last_ok_at", BigInteger),
    Column("last_new_at", BigInteger),
    Column("unconditional_at", BigInteger),
    Column("gone", Boolean, nullable=False),
    Column("owner", CleanText),
    Column("claimed_at", BigInteger),
    Column("lease_until", BigInteger),
)

fetches = Table(
    "fetches",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("feed", CleanText, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("outcome", CleanText, nullable=False),
    Column("http_status", Integer),
    Column("entries", Integer, nullable=False),
    Column("new", Integer, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("reason", CleanText),
    Index("ix_fetches_feed", "feed", "at"),
)
