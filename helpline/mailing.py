"""What every mail to staff has in common: a subject that says nothing, and whose address it is."""

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.orm import Session

from helpline.accounts.models import Staff

if TYPE_CHECKING:
    from helpline.wiring import Adapters

# Content-free: a mail may be read by anyone who stands near.
SUBJECT = "Please look at the console"


def address_of(session: Session, adapters: "Adapters", person: UUID) -> str | None:
    """The address of a member of staff; None for whoever has left."""
    row = session.get(Staff, person)
    if row is None or row.disabled_at is not None:
        return None
    return adapters.sealing.open("staff", "staff", row.id, "email", row.email)
