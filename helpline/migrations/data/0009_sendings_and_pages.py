"""Sendings that are past; since when a page is tried, and when a ring was over."""

import sqlalchemy as sa
from alembic import op

from integrations import database

revision = "0009"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "past_sending",
        sa.Column("sid", sa.String(length=34), nullable=False),
        sa.Column("text_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["text_id"], ["outgoing_text.id"], name=op.f("fk_past_sending_text_id")
        ),
        sa.PrimaryKeyConstraint("sid", name=op.f("pk_past_sending")),
    )
    op.create_index(op.f("ix_past_sending_text_id"), "past_sending", ["text_id"])
    for name in ("first_tried_at", "over_at"):
        op.add_column("page", sa.Column(name, database.Instant(timezone=True), nullable=True))
