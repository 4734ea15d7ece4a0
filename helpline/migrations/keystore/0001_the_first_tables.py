"""The first tables."""

import sqlalchemy as sa
from alembic import op

from integrations import database


revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:

    pass


def downgrade() -> None:

    pass
