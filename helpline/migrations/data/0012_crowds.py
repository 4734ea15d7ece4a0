"""Crowds of alike texts, and what a person put last."""

import sqlalchemy as sa
from alembic import op

from integrations import database

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "crowd",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("begun_at", database.Instant(timezone=True), nullable=False),
        sa.Column("newest_at", database.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crowd")),
    )
    op.create_table(
        "crowd_print",
        sa.Column("print", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("crowd_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["crowd_id"], ["crowd.id"], name=op.f("fk_crowd_print_crowd_id")),
        sa.PrimaryKeyConstraint("print", name=op.f("pk_crowd_print")),
    )
    op.create_index(op.f("ix_crowd_print_crowd_id"), "crowd_print", ["crowd_id"])
    op.create_table(
        "print_seen",
        sa.Column("print", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("seen_at", database.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_print_seen_entry_id")),
        sa.PrimaryKeyConstraint("print", "entry_id", name=op.f("pk_print_seen")),
    )
    op.create_index(op.f("ix_print_seen_seen_at"), "print_seen", ["seen_at"])
    op.create_table(
        "put_last",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=True),
        sa.Column("crowd_id", sa.Uuid(), nullable=True),
        sa.Column("why", sa.String(length=64), nullable=False),
        sa.Column("put_by", sa.Uuid(), nullable=False),
        sa.Column("put_at", database.Instant(timezone=True), nullable=False),
        sa.Column("until", database.Instant(timezone=True), nullable=False),
        sa.Column("over_at", database.Instant(timezone=True), nullable=True),
        sa.Column("over_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(entry_id IS NULL) <> (crowd_id IS NULL)", name=op.f("ck_put_last_one_subject")
        ),
        sa.ForeignKeyConstraint(["crowd_id"], ["crowd.id"], name=op.f("fk_put_last_crowd_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_put_last_entry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_put_last")),
    )
    op.create_index(op.f("ix_put_last_crowd_id"), "put_last", ["crowd_id"])
    op.create_index(op.f("ix_put_last_entry_id"), "put_last", ["entry_id"])
    op.create_index(
        "ix_put_last_standing",
        "put_last",
        ["until"],
        postgresql_where=sa.text("over_at IS NULL"),
        sqlite_where=sa.text("over_at IS NULL"),
    )
    op.add_column("entry", sa.Column("crowd_id", sa.Uuid(), nullable=True))
    op.create_index(
        "ix_entry_crowd",
        "entry",
        ["crowd_id"],
        postgresql_where=sa.text("crowd_id IS NOT NULL"),
        sqlite_where=sa.text("crowd_id IS NOT NULL"),
    )
