"""Escalations whose time has come climb, and the people they page are told."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.orm import Session

from helpline import mailing, paging
from helpline.audit.record import SOFTWARE
from helpline.hub import Notice
from helpline.queue import add as queue
from helpline.queue.models import Lane
from helpline.transaction import after_commit
from triage.models import Page
from triage.service import climb as triage
from triage.service.climb import ClimbedOne

Outside = Callable[[], None]

if TYPE_CHECKING:
    from helpline.wiring import Adapters

MAIL_PAGE = "mail_page"
MAIL_OUTSIDE = "mail_outside"

# Content-free, too.
_PAGE_TEXT = "Somebody is waiting. Please sign in to the console now: {address}\n"
_OUTSIDE_TEXT = (
    "Nobody on call has answered an alarm. Please ring the people on the rota, or sign in to "
    "the console: {address}\n"
)


def climb(adapters: "Adapters") -> int:
    """Climb everything that is due, and say how many did."""
    now = adapters.clock()
    with adapters.transactions.reading() as session:
        if not triage.is_any_due(session, now=now):
            return 0
    with adapters.transactions.begin() as session:
        climbed = triage.climb(
            session, grades=adapters.grades, further=paging.ways(session, adapters), now=now
        )
        for each in climbed:
            _tell(session, adapters, each, now)
    return len(climbed)


def address_of_page(
    session: Session, adapters: "Adapters", subject: UUID, now: datetime
) -> Outside | None:
    """Prepare to mail one page. Nobody is mailed who has left meanwhile."""
    del now
    page = session.get_one(Page, subject)
    address = mailing.address_of(session, adapters, page.person_id)
    if page.state != "due" or address is None:
        return None
    return partial(_send, adapters, address, _PAGE_TEXT)


def page_is_mailed(session: Session, adapters: "Adapters", subject: UUID, now: datetime) -> None:
    """Write down that a page was handed to the mail server. It is not an answer."""
    del adapters, now
    session.get_one(Page, subject).state = "sent"


def address_outside(
    session: Session, adapters: "Adapters", subject: UUID, now: datetime
) -> Outside | None:
    """Prepare to tell the contact outside that an alarm reached nobody."""
    del session, subject, now
    if adapters.settings.outside_contact is None:
        return None
    return partial(_send, adapters, adapters.settings.outside_contact, _OUTSIDE_TEXT)


def outside_is_told(session: Session, adapters: "Adapters", subject: UUID, now: datetime) -> None:
    """Record that the contact outside was told."""
    adapters.audit.record(
        session, actor=SOFTWARE, action="escalation.told_outside", subject=subject, now=now
    )


def _send(adapters: "Adapters", to: str, text: str) -> None:
    adapters.mail.send(
        to=to,
        subject=mailing.SUBJECT,
        text=text.format(address=f"{adapters.settings.staff_origin}/console/escalations"),
    )


def _tell(session: Session, adapters: "Adapters", climbed: ClimbedOne, now: datetime) -> None:
    adapters.audit.record(
        session,
        actor=SOFTWARE,
        action="escalation.reached_nobody"
        if climbed.newly_reached_nobody
        else "escalation.climbed",
        subject=climbed.escalation,
        now=now,
    )
    mails = [each.page for each in climbed.paged if each.channel == triage.MAIL]
    for page in mails:
        _mail(session, MAIL_PAGE, page, now)
    for each in climbed.paged:
        if each.channel not in triage.ALWAYS:
            paging.send_soon(session, adapters, each, now)
    if climbed.newly_reached_nobody:
        _mail(session, MAIL_OUTSIDE, climbed.escalation, now)
    after_commit(session, lambda: adapters.hub.ring(Notice("escalation", climbed.escalation)))
    if mails or climbed.newly_reached_nobody:
        after_commit(session, lambda: adapters.bell.ring(Lane.URGENT))


def _mail(session: Session, kind: str, subject: UUID, now: datetime) -> None:
    queue.add(
        session,
        kind=kind,
        subject=subject,
        lane=Lane.URGENT,
        dedupe_key=f"{kind}:{subject}",
        due_at=now,
        now=now,
    )
