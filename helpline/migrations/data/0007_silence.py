"""Phones are found by their state, for the sweep of silence."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_phone_state", "phone", ["state"])
