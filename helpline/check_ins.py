"""Whoever does not check in for a shift is told of: to a supervisor, at once and by mail.

They are paged all the same. Checking in shows that somebody can be reached; its absence proves
nothing, and a page may be what wakes them.
"""

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.orm import Session

from helpline import mailing
from helpline.audit.record import SOFTWARE
from helpline.hub import Notice
from helpline.queue import add as queue
from helpline.queue.models import Lane
from helpline.todo import tasks
from helpline.todo.models import Why
from helpline.transaction import after_commit
from triage import rota
from triage.service import on_call, shifts
from triage.service.shifts import Standing

if TYPE_CHECKING:
    from helpline.jobs import Outside
    from helpline.wiring import Adapters

MAIL_CHECK_IN = "mail_check_in"

# Content-free: a mail may be read by anyone who stands near.
_TEXT = (
    "Somebody has not checked in for their shift. Please look at the rota: {origin}/console/rota\n"
)


def notice_missed(adapters: "Adapters") -> int:
    """Tell of check-ins that are missed, each once; say how many."""
    now, figures = adapters.clock(), rota.load()
    with adapters.transactions.reading() as session:
        if not shifts.is_any_missed(session, figures=figures, now=now):
            return 0
    with adapters.transactions.begin() as session:
        missed = shifts.notice_missed(session, figures=figures, now=now)
        for each in missed:
            _tell(session, adapters, each, now)
    return len(missed)


def prepare_mail(
    session: Session, adapters: "Adapters", subject: UUID, now: datetime
) -> "Outside | None":
    """Prepare to mail one person that somebody did not check in. None for whoever left."""
    del now
    address = mailing.address_of(session, adapters, subject)
    if address is None:
        return None
    text = _TEXT.format(origin=adapters.settings.staff_origin)
    return partial(adapters.mail.send, to=address, subject=mailing.SUBJECT, text=text)


def _tell(session: Session, adapters: "Adapters", missed: Standing, now: datetime) -> None:
    tasks.raise_task(
        session,
        why=Why.CHECK_IN_MISSED,
        subject=missed.shift.person,
        dedupe_key=f"check_in:{missed.id}",
        now=now,
    )
    adapters.audit.record(
        session, actor=SOFTWARE, action="shift.check_in_missed", subject=missed.id, now=now
    )
    others = [
        each for each in on_call.on_duty(session, now=now) if each.person != missed.shift.person
    ]
    # Supervisors first of all; without one, whoever is on.
    told = [each for each in others if each.is_supervisor] or others
    for each in told:
        queue.add(
            session,
            kind=MAIL_CHECK_IN,
            subject=each.person,
            lane=Lane.URGENT,
            dedupe_key=f"{MAIL_CHECK_IN}:{missed.id}:{each.person}",
            due_at=now,
            now=now,
        )
    after_commit(session, lambda: adapters.hub.ring(Notice("queue", missed.id)))
    after_commit(session, lambda: adapters.bell.ring(Lane.URGENT))
