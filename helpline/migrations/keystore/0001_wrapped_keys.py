"""The wrapped data keys."""

import sqlalchemy as sa
from alembic import op

from integrations import database

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "wrapped_key",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.String(length=120), nullable=False),
        sa.Column("kek_id", sa.String(length=16), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", database.Instant(timezone=True), nullable=False),
        sa.Column("destroyed_at", database.Instant(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wrapped_key")),
        sa.UniqueConstraint("scope", name=op.f("uq_wrapped_key_scope")),
    )


def downgrade() -> None:

    op.drop_table("wrapped_key")
