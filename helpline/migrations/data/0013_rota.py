"""Shifts, the saves of a rota, and swaps."""

import sqlalchemy as sa
from alembic import op

from integrations import database

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rota_save",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("week_from", database.Instant(timezone=True), nullable=False),
        sa.Column("saved_by", sa.Uuid(), nullable=False),
        sa.Column("saved_at", database.Instant(timezone=True), nullable=False),
        sa.Column("undone_at", database.Instant(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rota_save")),
    )
    op.create_index(op.f("ix_rota_save_week_from"), "rota_save", ["week_from"])
    op.create_table(
        "shift",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.String(length=16), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", database.Instant(timezone=True), nullable=False),
        sa.Column("ends_at", database.Instant(timezone=True), nullable=False),
        sa.Column("checked_in_at", database.Instant(timezone=True), nullable=True),
        sa.Column("missed_at", database.Instant(timezone=True), nullable=True),
        sa.Column("save_id", sa.Uuid(), nullable=False),
        sa.Column("over_at", database.Instant(timezone=True), nullable=True),
        sa.Column("over_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["save_id"], ["rota_save.id"], name=op.f("fk_shift_save_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shift")),
    )
    op.create_index(op.f("ix_shift_person_id"), "shift", ["person_id"])
    op.create_index(op.f("ix_shift_save_id"), "shift", ["save_id"])
    op.create_index(
        "ix_shift_standing",
        "shift",
        ["starts_at", "ends_at"],
        postgresql_where=sa.text("over_at IS NULL"),
        sqlite_where=sa.text("over_at IS NULL"),
    )
    op.create_table(
        "shift_swap",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("shift_id", sa.Uuid(), nullable=False),
        sa.Column("offered_by", sa.Uuid(), nullable=False),
        sa.Column("offered_to", sa.Uuid(), nullable=True),
        sa.Column("offered_at", database.Instant(timezone=True), nullable=False),
        sa.Column("became", sa.String(length=16), nullable=True),
        sa.Column("settled_by", sa.Uuid(), nullable=True),
        sa.Column("settled_at", database.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["shift_id"], ["shift.id"], name=op.f("fk_shift_swap_shift_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shift_swap")),
    )
    op.create_index(op.f("ix_shift_swap_shift_id"), "shift_swap", ["shift_id"])
    op.create_index(
        "uq_shift_swap_open",
        "shift_swap",
        ["shift_id"],
        unique=True,
        postgresql_where=sa.text("settled_at IS NULL"),
        sqlite_where=sa.text("settled_at IS NULL"),
    )
