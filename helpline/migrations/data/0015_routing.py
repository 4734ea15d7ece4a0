"""Skills, capacity, conflicts of interest, handing on, and what came back."""

import sqlalchemy as sa
from alembic import op

from integrations import database

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "profile",
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("capacity", sa.SmallInteger(), nullable=False),
        sa.Column("away_since", database.Instant(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_profile")),
    )
    op.create_table(
        "skill_of",
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("skill", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("staff_id", "skill", name=op.f("pk_skill_of")),
    )
    op.create_table(
        "conflict_of_interest",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("about_id", sa.Uuid(), nullable=False),
        sa.Column("noted_by", sa.Uuid(), nullable=False),
        sa.Column("noted_at", database.Instant(timezone=True), nullable=False),
        sa.Column("over_at", database.Instant(timezone=True), nullable=True),
        sa.Column("over_by", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conflict_of_interest")),
    )
    op.create_index(op.f("ix_conflict_of_interest_about_id"), "conflict_of_interest", ["about_id"])
    op.create_index(
        "uq_conflict_standing",
        "conflict_of_interest",
        ["staff_id", "about_id"],
        unique=True,
        postgresql_where=sa.text("over_at IS NULL"),
        sqlite_where=sa.text("over_at IS NULL"),
    )
    op.create_table(
        "handing_on",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("from_staff", sa.Uuid(), nullable=False),
        sa.Column("to_staff", sa.Uuid(), nullable=True),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("offered_at", database.Instant(timezone=True), nullable=False),
        sa.Column("until", database.Instant(timezone=True), nullable=False),
        sa.Column("became", sa.String(length=16), nullable=True),
        sa.Column("settled_by", sa.Uuid(), nullable=True),
        sa.Column("settled_at", database.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_handing_on_entry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handing_on")),
    )
    op.create_index(op.f("ix_handing_on_entry_id"), "handing_on", ["entry_id"])
    op.create_index(
        "uq_handing_on_open",
        "handing_on",
        ["entry_id"],
        unique=True,
        postgresql_where=sa.text("settled_at IS NULL"),
        sqlite_where=sa.text("settled_at IS NULL"),
    )
    op.add_column("entry", sa.Column("returned_from", sa.Uuid(), nullable=True))
    op.add_column(
        "entry", sa.Column("returned_at", database.Instant(timezone=True), nullable=True)
    )
