"""The first schema: items, lineages, takes, enrichments, relations, work, feeds, alerts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
ROW_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Create every table, and the counters at nothing."""
    op.create_table(
        "bands",
        sa.Column("key", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("version_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("key", "version_id", name="pk_bands"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "copy_edges",
        sa.Column("version_a", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("version_b", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("lineage_a", sa.BigInteger, nullable=False),
        sa.Column("lineage_b", sa.BigInteger, nullable=False),
        sa.Column("similarity", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("version_a", "version_b", name="pk_copy_edges"),
    )
    op.create_index("ix_copy_edges_lineage_a", "copy_edges", ["lineage_a"])
    op.create_index("ix_copy_edges_lineage_b", "copy_edges", ["lineage_b"])
    op.create_index("ix_copy_edges_version_b", "copy_edges", ["version_b"])
    op.create_table(
        "counters",
        sa.Column("name", TEXT, nullable=False),
        sa.Column("value", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_counters"),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("subscription_id", sa.BigInteger, nullable=False),
        sa.Column("lineage", sa.BigInteger, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("version_id", sa.BigInteger, nullable=False),
        sa.Column("channel", TEXT, nullable=False),
        sa.Column("channel_key", sa.LargeBinary, nullable=False),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("due_at", sa.BigInteger, nullable=False),
        sa.Column("grouped", sa.Boolean, nullable=False),
        sa.Column("bundle", TEXT),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("sent_at", sa.BigInteger),
        sa.Column("parked", sa.Boolean, nullable=False),
        sa.Column("last_error", TEXT),
        sa.Column("owner", TEXT),
        sa.Column("claimed_at", sa.BigInteger),
        sa.Column("lease_until", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
    )
    op.create_index(
        "ix_deliveries_due",
        "deliveries",
        ["due_at"],
        sqlite_where=sa.text("sent_at IS NULL AND NOT parked"),
        postgresql_where=sa.text("sent_at IS NULL AND NOT parked"),
    )
    op.create_index("ix_deliveries_lineage", "deliveries", ["lineage"])
    op.create_index(
        "ix_deliveries_waiting",
        "deliveries",
        ["subscription_id"],
        sqlite_where=sa.text("sent_at IS NULL AND NOT parked"),
        postgresql_where=sa.text("sent_at IS NULL AND NOT parked"),
    )
    op.create_index(
        "uq_deliveries", "deliveries", ["subscription_id", "lineage", "kind", "version_id", "channel_key"], unique=True
    )
    op.create_table(
        "feeds",
        sa.Column("name", TEXT, nullable=False),
        sa.Column("declared_url", TEXT),
        sa.Column("url", TEXT),
        sa.Column("etag", TEXT),
        sa.Column("last_modified", TEXT),
        sa.Column("body_hash", TEXT),
        sa.Column("next_due_at", sa.BigInteger),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("last_outcome", TEXT),
        sa.Column("last_reason", TEXT),
        sa.Column("last_fetched_at", sa.BigInteger),
        sa.Column("last_ok_at", sa.BigInteger),
        sa.Column("last_new_at", sa.BigInteger),
        sa.Column("unconditional_at", sa.BigInteger),
        sa.Column("gone", sa.Boolean, nullable=False),
        sa.Column("owner", TEXT),
        sa.Column("claimed_at", sa.BigInteger),
        sa.Column("lease_until", sa.BigInteger),
        sa.PrimaryKeyConstraint("name", name="pk_feeds"),
    )
    op.create_table(
        "fetches",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("feed", TEXT, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("outcome", TEXT, nullable=False),
        sa.Column("http_status", sa.Integer),
        sa.Column("entries", sa.Integer, nullable=False),
        sa.Column("new", sa.Integer, nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("reason", TEXT),
        sa.PrimaryKeyConstraint("id", name="pk_fetches"),
    )
    op.create_index("ix_fetches_feed", "fetches", ["feed", "at"])
    op.create_table(
        "items",
        sa.Column("id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("uri_key", sa.LargeBinary, nullable=False),
        sa.Column("uri", TEXT, nullable=False),
        sa.Column("lineage", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_items"),
        sa.UniqueConstraint("uri_key", name="uq_items_uri_key"),
    )
    op.create_index("ix_items_lineage", "items", ["lineage"])
    op.create_table(
        "teasers",
        sa.Column("uri_key", sa.LargeBinary, nullable=False),
        sa.Column("fingerprint", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("uri_key", name="pk_teasers"),
    )
    op.create_table(
        "lineages",
        sa.Column("id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("joined_to", sa.BigInteger),
        sa.Column("status", TEXT, nullable=False),
        sa.Column("current", sa.BigInteger, nullable=False),
        sa.Column("counted", sa.BigInteger),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("indexed_revision", sa.BigInteger, nullable=False),
        sa.Column("corrected", sa.Boolean, nullable=False),
        sa.Column("published_at", sa.BigInteger),
        sa.Column("updated_at", sa.BigInteger),
        sa.Column("fetched_at", sa.BigInteger, nullable=False),
        sa.Column("copy_group", sa.BigInteger),
        sa.Column("copies", sa.Integer, nullable=False),
        sa.Column("happening", sa.BigInteger),
        sa.Column("thread", sa.BigInteger),
        sa.Column("month", TEXT),
        sa.PrimaryKeyConstraint("id", name="pk_lineages"),
    )
    op.create_index("ix_lineages_copy_group", "lineages", ["copy_group"])
    op.create_index("ix_lineages_happening", "lineages", ["happening", "published_at"])
    op.create_index("ix_lineages_thread", "lineages", ["thread"])
    op.create_table(
        "happenings",
        sa.Column("id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("thread", sa.BigInteger, nullable=False),
        sa.Column("parent", sa.BigInteger),
        sa.Column("score", sa.Float),
        sa.Column("first_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_happenings"),
    )
    op.create_index("ix_happenings_parent", "happenings", ["parent"])
    op.create_index("ix_happenings_thread", "happenings", ["thread"])
    op.create_table(
        "rulings",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("one", sa.BigInteger, nullable=False),
        sa.Column("other", sa.BigInteger),
        sa.Column("same", sa.Boolean, nullable=False),
        sa.Column("by", TEXT, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_rulings"),
    )
    op.create_index("ix_rulings_one", "rulings", ["one"])
    op.create_index("ix_rulings_other", "rulings", ["other"])
    op.create_table(
        "group_changes",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("left_group", sa.BigInteger, nullable=False),
        sa.Column("joined_group", sa.BigInteger, nullable=False),
        sa.Column("stories", sa.Integer, nullable=False),
        sa.Column("merge", sa.Boolean, nullable=False),
        sa.Column("by", TEXT),
        sa.Column("at", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_group_changes"),
    )
    op.create_index("ix_group_changes_left_group", "group_changes", ["left_group"])
    op.create_index("ix_group_changes_joined_group", "group_changes", ["joined_group"])
    op.create_table(
        "links",
        sa.Column("earlier", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("later", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("decided_by", sa.BigInteger, nullable=False),
        sa.Column("score", sa.Float, nullable=False),
        sa.Column("reasons", TEXT, nullable=False),
        sa.Column("new", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("earlier", "later", name="pk_links"),
    )
    op.create_index("ix_links_decided_by", "links", ["decided_by"])
    op.create_index("ix_links_later", "links", ["later"])
    op.create_table(
        "marks",
        sa.Column("earlier", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("later", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("right", sa.Boolean, nullable=False),
        sa.Column("by", TEXT, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("earlier", "later", name="pk_marks"),
    )
    op.create_index("ix_marks_later", "marks", ["later"])
    op.create_table(
        "matches",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("subscription_id", sa.BigInteger, nullable=False),
        sa.Column("lineage", sa.BigInteger, nullable=False),
        sa.Column("matched_at", sa.BigInteger, nullable=False),
        sa.Column("why", TEXT, nullable=False),
        sa.Column("new", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_matches"),
    )
    op.create_index("ix_matches_lineage", "matches", ["lineage"])
    op.create_index("uq_matches_subscription_lineage", "matches", ["subscription_id", "lineage"], unique=True)
    op.create_table(
        "problems",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("subscription_id", sa.BigInteger, nullable=False),
        sa.Column("channel", TEXT),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("until", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_problems"),
    )
    op.create_index("ix_problems_subscription_id", "problems", ["subscription_id"])
    op.create_table(
        "entity_decisions",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("entity_id", TEXT, nullable=False),
        sa.Column("into_id", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("type", TEXT, nullable=False),
        sa.Column("uris", TEXT, nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("undone_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_entity_decisions"),
    )
    op.create_table(
        "quarantine",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("dedupe", sa.LargeBinary, nullable=False),
        sa.Column("stage", TEXT, nullable=False),
        sa.Column("subject", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("payload", sa.LargeBinary, nullable=False),
        sa.Column("origin", TEXT),
        sa.Column("work", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_quarantine"),
        sa.UniqueConstraint("dedupe", name="uq_quarantine_dedupe"),
    )
    op.create_table(
        "subscriptions",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("owner", TEXT, nullable=False),
        sa.Column("name", TEXT),
        sa.Column("channels", TEXT, nullable=False),
        sa.Column("query", TEXT),
        sa.Column("follow", sa.BigInteger),
        sa.Column("closeness", sa.Float, nullable=False),
        sa.Column("rhythm", TEXT, nullable=False),
        sa.Column("timezone", TEXT, nullable=False),
        sa.Column("quiet", TEXT),
        sa.Column("mutes", TEXT, nullable=False),
        sa.Column("updates", sa.Boolean, nullable=False),
        sa.Column("look_back", sa.BigInteger, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("paused", sa.Boolean, nullable=False),
        sa.Column("declared", TEXT),
        sa.Column("stopped", TEXT, nullable=False),
        sa.Column("ended", sa.Boolean, nullable=False),
        sa.Column("served_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_subscriptions"),
        sa.UniqueConstraint("declared", name="uq_subscriptions_declared"),
    )
    op.create_table(
        "take_keys",
        sa.Column("key", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("version_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("key", "version_id", name="pk_take_keys"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "tasks",
        sa.Column("stage", TEXT, nullable=False),
        sa.Column("subject", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("lineage", sa.BigInteger, nullable=False),
        sa.Column("order_at", sa.BigInteger, nullable=False),
        sa.Column("silent", sa.Boolean, nullable=False),
        sa.Column("owner", TEXT),
        sa.Column("claimed_at", sa.BigInteger),
        sa.Column("lease_until", sa.BigInteger),
        sa.PrimaryKeyConstraint("stage", "subject", name="pk_tasks"),
    )
    op.create_index("ix_tasks_lineage", "tasks", ["lineage", "stage"])
    op.create_index("ix_tasks_order", "tasks", ["stage", "order_at", "subject"])
    op.create_table(
        "label_counts",
        sa.Column("key", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("documents", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_label_counts"),
    )
    op.create_table(
        "item_links",
        sa.Column("target_key", sa.LargeBinary, nullable=False),
        sa.Column("source_item", sa.BigInteger, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("target_key", "source_item", name="pk_item_links"),
        sa.ForeignKeyConstraint(["source_item"], ["items.id"], name="fk_item_links_source_item"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_item_links_source_item", "item_links", ["source_item"])
    op.create_table(
        "versions",
        sa.Column("id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("item_id", sa.BigInteger, nullable=False),
        sa.Column("lineage", sa.BigInteger, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("publisher_version", sa.BigInteger),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("take_number", sa.BigInteger),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("tagged", sa.Boolean, nullable=False),
        sa.Column("related", sa.Boolean, nullable=False),
        sa.Column("backfill", sa.Boolean, nullable=False),
        sa.Column("corrected", sa.Boolean, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("seen", TEXT, nullable=False),
        sa.Column("published_at", sa.BigInteger),
        sa.Column("updated_at", sa.BigInteger),
        sa.Column("fetched_at", sa.BigInteger, nullable=False),
        sa.Column("release_at", sa.BigInteger),
        sa.Column("expires_at", sa.BigInteger),
        sa.Column("headline", TEXT, nullable=False),
        sa.Column("agency", TEXT),
        sa.Column("source", TEXT),
        sa.Column("story", TEXT, nullable=False),
        sa.Column("origin", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_versions"),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name="fk_versions_item_id"),
    )
    op.create_index(
        "ix_versions_expiry",
        "versions",
        ["expires_at"],
        sqlite_where=sa.text("expires_at IS NOT NULL"),
        postgresql_where=sa.text("expires_at IS NOT NULL"),
    )
    op.create_index("ix_versions_item_id", "versions", ["item_id"])
    op.create_index("ix_versions_lineage", "versions", ["lineage"])
    op.create_index(
        "ix_versions_release",
        "versions",
        ["release_at"],
        sqlite_where=sa.text("state = 'withheld'"),
        postgresql_where=sa.text("state = 'withheld'"),
    )
    op.create_table(
        "bodies",
        sa.Column("version_id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("body", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("version_id", name="pk_bodies"),
        sa.ForeignKeyConstraint(["version_id"], ["versions.id"], name="fk_bodies_version_id"),
    )
    op.create_table(
        "enrichments",
        sa.Column("version_id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("stamp", sa.BigInteger, nullable=False),
        sa.Column("revision", TEXT, nullable=False),
        sa.Column("data", TEXT, nullable=False),
        sa.Column("sketch", sa.LargeBinary, nullable=False),
        sa.Column("vector", sa.LargeBinary),
        sa.Column("signature", sa.LargeBinary),
        sa.PrimaryKeyConstraint("version_id", name="pk_enrichments"),
        sa.ForeignKeyConstraint(["version_id"], ["versions.id"], name="fk_enrichments_version_id"),
    )
    op.create_table(
        "mentions",
        sa.Column("version_id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("data", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("version_id", name="pk_mentions"),
        sa.ForeignKeyConstraint(["version_id"], ["versions.id"], name="fk_mentions_version_id"),
    )
    counters = sa.table("counters", sa.column("name", sa.Text), sa.column("value", sa.BigInteger))
    names = ("items", "versions", "stamps", "documents", "indexed_from", "texts_from")
    op.bulk_insert(counters, [{"name": name, "value": 0} for name in names])
