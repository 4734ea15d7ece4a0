"""The ordered list of people on call."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from triage.escalation import OnCallPerson
from triage.models import OnCall


def list_on_call(session: Session) -> tuple[OnCallPerson, ...]:
    """The people on call, first to be paged first."""
    rows = session.scalars(sa.select(OnCall).order_by(OnCall.position))
    return tuple(OnCallPerson(row.person_id, row.position, row.is_supervisor) for row in rows)


def put(session: Session, *, people: Sequence[OnCallPerson]) -> None:
    """Replace the list; positions follow the order given."""
    session.execute(sa.delete(OnCall))
    session.add_all(
        OnCall(person_id=each.person, position=position, is_supervisor=each.is_supervisor)
        for position, each in enumerate(people)
    )


def remove(session: Session, *, person: UUID) -> None:
    """Take somebody off the list."""
    session.execute(sa.delete(OnCall).where(OnCall.person_id == person))
