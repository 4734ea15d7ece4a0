"""The tables of children and of what links them to contacts."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from integrations.database import Base


class Child(Base):
    """A child, as staff know them. ``called`` is sealed under the child's own key.

    ``called_token`` finds the same words again; it is keyed, and says nothing by itself.
    """

    __tablename__ = "child"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    called: Mapped[bytes]
    called_token: Mapped[bytes] = mapped_column(unique=True)
    made_by: Mapped[UUID]
    made_at: Mapped[datetime]


class ContactLink(Base):
    """A person said that a contact is this child. A contact may have several, a child too.

    ``how_known`` is sealed under the child's key. A link is undone, never removed.
    """

    __tablename__ = "contact_link"
    __table_args__ = (
        sa.Index(
            "uq_contact_link_standing",
            "contact_id",
            "child_id",
            unique=True,
            postgresql_where=sa.text("undone_at IS NULL"),
            sqlite_where=sa.text("undone_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    contact_id: Mapped[UUID] = mapped_column(sa.ForeignKey("contact.id"), index=True)
    child_id: Mapped[UUID] = mapped_column(sa.ForeignKey("child.id"), index=True)
    how_known: Mapped[bytes]
    linked_by: Mapped[UUID]
    linked_at: Mapped[datetime]
    undone_by: Mapped[UUID | None]
    undone_at: Mapped[datetime | None]
