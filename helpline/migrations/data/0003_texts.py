"""Phones, and the texts that come in and go out."""

import sqlalchemy as sa
from alembic import op

from integrations import database

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "phone",
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("conversation_id", sa.Uuid(), nullable=True),
        sa.Column("number_kind", sa.String(length=16), nullable=False),
        sa.Column("is_drama", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("state_since", database.Instant(timezone=True), nullable=False),
        sa.Column("last_heard_at", database.Instant(timezone=True), nullable=True),
        sa.Column("last_automatic_at", database.Instant(timezone=True), nullable=True),
        sa.Column("safe_window", sa.String(length=200), nullable=True),
        sa.Column("may_text", sa.Boolean(), nullable=True),
        sa.Column("may_ring", sa.Boolean(), nullable=True),
        sa.Column("own_word_token", sa.LargeBinary(), nullable=True),
        sa.Column("blocked_at", database.Instant(timezone=True), nullable=True),
        sa.Column("dead_at", database.Instant(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_phone")),
    )
    # Columns are added in place: SQLite would build either table anew, and others point to both.
    op.add_column("contact", sa.Column("phone_token", sa.LargeBinary(), nullable=True))
    op.add_column("contact", sa.Column("number", sa.LargeBinary(), nullable=True))
    op.create_index(op.f("ix_contact_phone_token"), "contact", ["phone_token"], unique=False)
    op.add_column(
        "conversation", sa.Column("closed_at", database.Instant(timezone=True), nullable=True)
    )
    op.create_table(
        "inbound_text",
        sa.Column("sid", sa.String(length=34), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("phone_token", sa.LargeBinary(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("given", sa.String(length=16), nullable=False),
        sa.Column("says", sa.String(length=32), nullable=True),
        sa.Column("pictures", sa.SmallInteger(), nullable=False),
        sa.Column("parts", sa.SmallInteger(), nullable=False),
        sa.Column("found_by", sa.String(length=8), nullable=False),
        sa.Column("sent_at", database.Instant(timezone=True), nullable=True),
        sa.Column("seen_at", database.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_inbound_text_conversation_id")
        ),
        sa.ForeignKeyConstraint(
            ["phone_token"], ["phone.token"], name=op.f("fk_inbound_text_phone_token")
        ),
        sa.PrimaryKeyConstraint("sid", name=op.f("pk_inbound_text")),
        sa.UniqueConstraint("id", name=op.f("uq_inbound_text_id")),
    )
    with op.batch_alter_table("inbound_text", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_inbound_text_conversation_id"), ["conversation_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_inbound_text_phone_token"), ["phone_token"], unique=False
        )
    op.create_table(
        "outgoing_text",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("phone_token", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("attempted_at", database.Instant(timezone=True), nullable=True),
        sa.Column("sent_anew", sa.SmallInteger(), nullable=False),
        sa.Column("provider_sid", sa.String(length=34), nullable=True),
        sa.Column("error_code", sa.Integer(), nullable=True),
        sa.Column("is_maybe_twice", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("made_at", database.Instant(timezone=True), nullable=False),
        sa.Column("changed_at", database.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_outgoing_text_contact_id")
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_outgoing_text_conversation_id")
        ),
        sa.ForeignKeyConstraint(["id"], ["message.id"], name=op.f("fk_outgoing_text_id")),
        sa.ForeignKeyConstraint(
            ["phone_token"], ["phone.token"], name=op.f("fk_outgoing_text_phone_token")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outgoing_text")),
        sa.UniqueConstraint("provider_sid", name=op.f("uq_outgoing_text_provider_sid")),
    )
    with op.batch_alter_table("outgoing_text", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_outgoing_text_conversation_id"), ["conversation_id"], unique=False
        )
