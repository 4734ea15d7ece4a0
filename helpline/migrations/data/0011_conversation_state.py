"""What a conversation shows, and the indexes that silence and coming back are found by."""

import sqlalchemy as sa
from alembic import op

from integrations import database

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sign_seen",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("rule", sa.String(length=32), nullable=False),
        sa.Column("grade_rank", sa.SmallInteger(), nullable=False),
        sa.Column("seen_at", database.Instant(timezone=True), nullable=False),
        sa.Column("over_at", database.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_sign_seen_entry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_seen")),
    )
    op.create_index(op.f("ix_sign_seen_entry_id"), "sign_seen", ["entry_id"])
    op.create_index(
        "uq_sign_seen_open",
        "sign_seen",
        ["entry_id", "rule"],
        unique=True,
        postgresql_where=sa.text("over_at IS NULL"),
        sqlite_where=sa.text("over_at IS NULL"),
    )
    op.create_index(
        "ix_entry_answered_grave",
        "entry",
        ["last_child_at"],
        postgresql_where=sa.text("waiting_since IS NULL AND grade_rank < 2"),
        sqlite_where=sa.text("waiting_since IS NULL AND grade_rank < 2"),
    )
    op.create_index(op.f("ix_conversation_contact_id"), "conversation", ["contact_id"])
