"""Columns take the words of the glossary: merged lineages, current and counted versions, tagging versions."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Rename columns, and the counter of taggings."""
    op.alter_column("lineages", "joined_to", new_column_name="merged_into")
    op.alter_column("lineages", "current", new_column_name="current_version_id")
    op.alter_column("lineages", "counted", new_column_name="counted_version_id")
    op.alter_column("enrichments", "stamp", new_column_name="tagging_version")
    op.execute("UPDATE counters SET name = 'tagging_versions' WHERE name = 'stamps'")
