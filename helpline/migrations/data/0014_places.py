"""Institutions, who answers for each place, and where children live."""

import sqlalchemy as sa
from alembic import op

from integrations import database

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    instant = database.Instant(timezone=True)
    op.create_table(
        "local_authority",
        sa.Column("code", sa.String(length=9), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("duty_number", sa.String(length=40), nullable=True),
        sa.Column("social_care_number", sa.String(length=40), nullable=True),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.Column("checked", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_local_authority")),
    )
    op.create_table(
        "police_force",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("control_room_number", sa.String(length=40), nullable=True),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.Column("checked", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_police_force")),
    )
    op.create_table(
        "institution",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("name_token", sa.LargeBinary(), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("host_authority", sa.String(length=9), nullable=True),
        sa.Column("police_force", sa.String(length=40), nullable=True),
        sa.Column("made_at", instant, nullable=False),
        sa.ForeignKeyConstraint(
            ["host_authority"],
            ["local_authority.code"],
            name=op.f("fk_institution_host_authority"),
        ),
        sa.ForeignKeyConstraint(
            ["police_force"], ["police_force.code"], name=op.f("fk_institution_police_force")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_institution")),
        sa.UniqueConstraint("name_token", name=op.f("uq_institution_name_token")),
    )
    op.create_table(
        "institution_unit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("institution_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("gone_at", instant, nullable=True),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_institution_unit_institution_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_institution_unit")),
    )
    op.create_index(
        op.f("ix_institution_unit_institution_id"), "institution_unit", ["institution_id"]
    )
    op.create_table(
        "placement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("child_id", sa.Uuid(), nullable=False),
        sa.Column("institution_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("until_day", sa.Date(), nullable=True),
        sa.Column("stated_by", sa.String(length=32), nullable=False),
        sa.Column("kept_by", sa.Uuid(), nullable=False),
        sa.Column("kept_at", instant, nullable=False),
        sa.Column("undone_by", sa.Uuid(), nullable=True),
        sa.Column("undone_at", instant, nullable=True),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_placement_child_id")),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_placement_institution_id")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["institution_unit.id"], name=op.f("fk_placement_unit_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_placement")),
    )
    op.create_index(op.f("ix_placement_child_id"), "placement", ["child_id"])
    op.create_index(op.f("ix_placement_institution_id"), "placement", ["institution_id"])
    op.create_index(
        "uq_placement_standing",
        "placement",
        ["child_id", "institution_id"],
        unique=True,
        postgresql_where=sa.text("undone_at IS NULL AND until_day IS NULL"),
        sqlite_where=sa.text("undone_at IS NULL AND until_day IS NULL"),
    )
    op.create_table(
        "implicated",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("part", sa.String(length=16), nullable=False),
        sa.Column("who", sa.LargeBinary(), nullable=False),
        sa.Column("marked_by", sa.Uuid(), nullable=False),
        sa.Column("marked_at", instant, nullable=False),
        sa.Column("undone_by", sa.Uuid(), nullable=True),
        sa.Column("undone_at", instant, nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_implicated_conversation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_implicated")),
    )
    op.create_index(op.f("ix_implicated_conversation_id"), "implicated", ["conversation_id"])
    op.create_index(op.f("ix_implicated_part"), "implicated", ["part"])
    op.create_table(
        "danger_card_opened",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=False),
        sa.Column("opened_at", instant, nullable=False),
        sa.Column("reason", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_danger_card_opened_conversation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_danger_card_opened")),
    )
    op.create_index(
        op.f("ix_danger_card_opened_conversation_id"), "danger_card_opened", ["conversation_id"]
    )
    # The supervisor's board asks at every look when the newest text came.
    op.create_index(op.f("ix_inbound_text_seen_at"), "inbound_text", ["seen_at"])
    op.create_table(
        "advocate_offer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("institution_id", sa.Uuid(), nullable=False),
        sa.Column("child_id", sa.Uuid(), nullable=False),
        sa.Column("answer", sa.String(length=16), nullable=False),
        sa.Column("heard_from", sa.String(length=32), nullable=False),
        sa.Column("kept_by", sa.Uuid(), nullable=False),
        sa.Column("kept_at", instant, nullable=False),
        sa.Column("undone_by", sa.Uuid(), nullable=True),
        sa.Column("undone_at", instant, nullable=True),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_advocate_offer_institution_id")
        ),
        sa.ForeignKeyConstraint(
            ["child_id"], ["child.id"], name=op.f("fk_advocate_offer_child_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_advocate_offer")),
    )
    op.create_index(op.f("ix_advocate_offer_child_id"), "advocate_offer", ["child_id"])
    op.create_index(op.f("ix_advocate_offer_kept_at"), "advocate_offer", ["kept_at"])
    op.create_table(
        "pattern",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("institution_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("here", sa.Integer(), nullable=False),
        sa.Column("of", sa.Integer(), nullable=False),
        sa.Column("elsewhere", sa.Integer(), nullable=False),
        sa.Column("elsewhere_of", sa.Integer(), nullable=False),
        sa.Column("chance", sa.Double(), nullable=True),
        sa.Column("raised_at", instant, nullable=False),
        sa.Column("grew_at", instant, nullable=True),
        sa.Column("closed_at", instant, nullable=True),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_pattern_institution_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pattern")),
    )
    op.create_index(op.f("ix_pattern_closed_at"), "pattern", ["closed_at"])
    op.create_index(
        "uq_pattern_open",
        "pattern",
        ["institution_id", "kind"],
        unique=True,
        postgresql_where=sa.text("closed_at IS NULL"),
        sqlite_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "pattern_evidence",
        sa.Column("pattern_id", sa.Uuid(), nullable=False),
        sa.Column("evidence_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["pattern_id"], ["pattern.id"], name=op.f("fk_pattern_evidence_pattern_id")
        ),
        sa.PrimaryKeyConstraint("pattern_id", "evidence_id", name=op.f("pk_pattern_evidence")),
    )
    op.create_table(
        "pattern_seen",
        sa.Column("pattern_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("seen_at", instant, nullable=False),
        sa.ForeignKeyConstraint(
            ["pattern_id"], ["pattern.id"], name=op.f("fk_pattern_seen_pattern_id")
        ),
        sa.PrimaryKeyConstraint("pattern_id", "staff_id", name=op.f("pk_pattern_seen")),
    )
