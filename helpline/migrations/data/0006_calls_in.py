"""When a phone last rang us."""

import sqlalchemy as sa
from alembic import op

from integrations import database

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "phone", sa.Column("last_rang_at", database.Instant(timezone=True), nullable=True)
    )
