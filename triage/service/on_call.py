"""Who is paged: the shifts of the rota, and behind them the ordered list of people on call."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from triage import rota
from triage.escalation import OnCallPerson
from triage.models import OnCall, Shift
from triage.rota import Line


def list_on_call(session: Session) -> tuple[OnCallPerson, ...]:
    """The people on call, first to be paged first."""
    rows = session.scalars(sa.select(OnCall).order_by(OnCall.position))
    return tuple(OnCallPerson(row.person_id, row.position, row.is_supervisor) for row in rows)


def on_duty(session: Session, *, now: datetime) -> tuple[OnCallPerson, ...]:
    """Who is paged now, first to be paged first: the rota's shifts, then the standing list.

    A line that nobody is on is filled by whoever just left it, and else passed over: the next is
    paged in its place. The standing list is behind the shifts, so that everybody is really
    everybody; its supervisors are called as such only where none is on shift.
    """
    figures = rota.load()
    rows = session.scalars(
        sa.select(Shift).where(
            Shift.over_at.is_(None),
            Shift.starts_at <= now,
            Shift.ends_at > now - figures.handover,
        )
    )
    on = rota.on_at(
        [rota.Shift(Line(row.line), row.person_id, row.starts_at, row.ends_at) for row in rows],
        now,
        figures=figures,
    )
    ranked = [each for line in Line for each in _of_line(on, line, now)]
    supervisors = {each.person for each in ranked if each.line is Line.SUPERVISOR}
    listed = list_on_call(session)
    if not supervisors:
        supervisors = {each.person for each in listed if each.is_supervisor}
    people = [each.person for each in (*ranked, *on)] + [each.person for each in listed]
    return tuple(
        OnCallPerson(person, position, person in supervisors)
        for position, person in enumerate(dict.fromkeys(people))
    )


def _of_line(on: Sequence[rota.Shift], line: Line, now: datetime) -> list[rota.Shift]:
    mine = [each for each in on if each.line is line]
    return [each for each in mine if now < each.ends_at] or mine


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
