"""Call-backs, calls, and the phones of staff."""

import sqlalchemy as sa
from alembic import op

from integrations import database

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "call_back",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("phone_token", sa.LargeBinary(), nullable=False),
        sa.Column("number", sa.LargeBinary(), nullable=False),
        sa.Column("asked_by", sa.String(length=8), nullable=False),
        sa.Column("window_from", database.Instant(timezone=True), nullable=False),
        sa.Column("window_until", database.Instant(timezone=True), nullable=False),
        sa.Column("if_answered", sa.String(length=16), nullable=False),
        sa.Column("own_name", sa.LargeBinary(), nullable=True),
        sa.Column("may_leave_voicemail", sa.Boolean(), nullable=False),
        sa.Column("is_shared_phone", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("tries", sa.SmallInteger(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("made_at", database.Instant(timezone=True), nullable=False),
        sa.Column("changed_at", database.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_call_back_conversation_id")
        ),
        sa.ForeignKeyConstraint(
            ["phone_token"], ["phone.token"], name=op.f("fk_call_back_phone_token")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_back")),
    )
    with op.batch_alter_table("call_back", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_call_back_conversation_id"), ["conversation_id"], unique=False
        )
        batch_op.create_index(
            "ix_call_back_open",
            ["window_until"],
            unique=False,
            postgresql_where=sa.text("state = 'asked'"),
            sqlite_where=sa.text("state = 'asked'"),
        )
    op.create_table(
        "call",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("call_back_id", sa.Uuid(), nullable=True),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("provider_sid", sa.String(length=34), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("made_at", database.Instant(timezone=True), nullable=False),
        sa.Column("joined_at", database.Instant(timezone=True), nullable=True),
        sa.Column("ended_at", database.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["call_back_id"], ["call_back.id"], name=op.f("fk_call_call_back_id")
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_call_conversation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call")),
        sa.UniqueConstraint("provider_sid", name=op.f("uq_call_provider_sid")),
    )
    with op.batch_alter_table("call", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_call_call_back_id"), ["call_back_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_call_conversation_id"), ["conversation_id"], unique=False
        )
    op.add_column("staff", sa.Column("phone", sa.LargeBinary(), nullable=True))
    op.add_column("staff", sa.Column("pin_hash", sa.String(length=200), nullable=True))
    op.add_column("page", sa.Column("attempted_at", database.Instant(timezone=True), nullable=True))
    op.add_column("page", sa.Column("provider_sid", sa.String(length=34), nullable=True))
