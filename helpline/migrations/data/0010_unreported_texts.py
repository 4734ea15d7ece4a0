"""When the provider is asked what became of a text that it took."""

import sqlalchemy as sa
from alembic import op

from integrations import database

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "outgoing_text", sa.Column("ask_at", database.Instant(timezone=True), nullable=True)
    )
    op.create_index(
        "ix_outgoing_text_unreported",
        "outgoing_text",
        ["changed_at"],
        postgresql_where=sa.text("state = 'sent'"),
        sqlite_where=sa.text("state = 'sent'"),
    )
