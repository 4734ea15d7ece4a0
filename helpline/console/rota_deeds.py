"""What people do with the rota: a supervisor saves it, everybody checks in and swaps."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.orm import Session

from helpline import access
from helpline.accounts.models import Role
from helpline.accounts.sessions import SignedIn
from helpline.console import deeds, rota_view
from helpline.console.refusals import MissingChoiceError, NobodyToAddError
from helpline.console.rota_view import Row
from helpline.hub import Notice
from triage import rota
from triage.service import shifts, swaps
from triage.service.swaps import Offered

if TYPE_CHECKING:
    from helpline.wiring import Adapters


def save(adapters: "Adapters", *, person: SignedIn, monday: date, rows: Sequence[Row]) -> None:
    """Let these rows be the rota of a week, whole or not at all."""
    try:
        wanted = rota_view.shifts_of(rows, monday=monday)
    except ValueError:
        raise MissingChoiceError from None
    now = adapters.clock()
    week_from, week_until = rota.week_of(monday)
    with adapters.transactions.begin() as session:
        _check_supervisor(person)
        known = {each for each, _ in rota_view.people(session, names=str)}
        if any(str(each.person) not in known for each in wanted):
            raise NobodyToAddError
        saved = shifts.save_week(
            session,
            week_from=week_from,
            week_until=week_until,
            shifts=wanted,
            staff=person.id,
            figures=rota.load(),
            now=now,
        )
        _written(session, adapters, person, "rota.saved", saved.save, now)


def undo(adapters: "Adapters", *, person: SignedIn, monday: date, save: UUID) -> None:
    """Take the last save of a week back."""
    now = adapters.clock()
    with adapters.transactions.begin() as session:
        _check_supervisor(person)
        shifts.undo_save(
            session,
            save=save,
            figures=rota.load(),
            week_until=rota.week_of(monday)[1],
            now=now,
        )
        _written(session, adapters, person, "rota.undone", save, now)


def check_in(adapters: "Adapters", *, person: SignedIn, shift: UUID) -> None:
    """Show that one can be reached for one's shift."""
    now = adapters.clock()
    with adapters.transactions.begin() as session:
        access.check_may_read(person)
        shifts.check_in(session, shift=shift, staff=person.id, figures=rota.load(), now=now)
        _written(session, adapters, person, "shift.checked_in", shift, now)


def offer(adapters: "Adapters", *, person: SignedIn, shift: UUID, to: UUID | None) -> None:
    """Offer one's shift to a colleague, or to whoever takes it."""
    now = adapters.clock()
    with adapters.transactions.begin() as session:
        access.check_may_read(person)
        if to is not None and str(to) not in {
            each for each, _ in rota_view.people(session, names=str)
        }:
            raise NobodyToAddError
        offered = swaps.offer(session, shift=shift, staff=person.id, to=to, now=now)
        _written(session, adapters, person, "shift.offered", offered.swap, now)


def accept(adapters: "Adapters", *, person: SignedIn, swap: UUID) -> None:
    """Take a shift that was offered."""
    _settle(adapters, person, swap, swaps.accept, "shift.accepted")


def decline(adapters: "Adapters", *, person: SignedIn, swap: UUID) -> None:
    """Say no to it."""
    _settle(adapters, person, swap, swaps.decline, "shift.declined")


def withdraw(adapters: "Adapters", *, person: SignedIn, swap: UUID) -> None:
    """Take one's own offer back."""
    _settle(adapters, person, swap, swaps.withdraw, "shift.withdrawn")


def _settle(
    adapters: "Adapters",
    person: SignedIn,
    swap: UUID,
    verb: Callable[..., Offered],
    action: str,
) -> None:
    now = adapters.clock()
    with adapters.transactions.begin() as session:
        access.check_may_read(person)
        verb(session, swap=swap, staff=person.id, now=now)
        _written(session, adapters, person, action, swap, now)


def _check_supervisor(person: SignedIn) -> None:
    if person.role is not Role.SUPERVISOR:
        raise access.NotAllowedError


def _written(
    session: Session,
    adapters: "Adapters",
    person: SignedIn,
    action: str,
    subject: UUID,
    now: datetime,
) -> None:
    deeds.written_down(session, adapters, person, action, subject, now)
    deeds.ring(session, adapters, Notice("queue", subject))
