"""Tells people beyond the console: a mail when work does not finish, a sign of life while it does.

Neither goes through a lane, a worker or the telephone company: those may be what stands still.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa
import structlog

from helpline.audit.record import SOFTWARE
from helpline.queue import lease
from helpline.watch.figures import Figures
from helpline.watch.judging import Fault
from integrations.heartbeat import HeartbeatError
from integrations.mail import MailError

if TYPE_CHECKING:
    from helpline.wiring import Adapters

log = structlog.get_logger()

HEARTBEAT = "heartbeat"
_TOLD = "told outside"
# It is about no child, no conversation and no member of staff.
_NOBODY = UUID(int=0)
_SUBJECT = "The helpline's work is not finishing"
_OVER = "The helpline's work is finishing again"


class Outside:
    """What this process tells outside. One process of many tells; when it cannot, another does."""

    def __init__(self, adapters: "Adapters", *, figures: Figures, owner: str) -> None:
        self._adapters = adapters
        self._figures = figures
        self._owner = owner
        self._has_told = False
        # Without a database nobody leads, and each process keeps its own count.
        self._told_until: datetime | None = None

    def tell(self, faults: Sequence[Fault], *, now: datetime) -> bool:
        """Mail the contact outside about faults that last, or that they are over; say if it left.

        Work that stands still is told again after a while, a mail that did not leave soon.
        """
        to = self._adapters.settings.outside_contact
        lasting = [each for each in faults if now - each.since > self._lasts(each)]
        if to is None or (not lasting and not (self._has_told and not faults)):
            return False
        if not lasting:
            self._has_told = False
            self._forget(now)
            return self._mail(to, _OVER, "Every kind of work comes out again.\n")
        if not self._may_tell(now):
            return False
        told = self._mail(to, _SUBJECT, _words(lasting, now, self._adapters.settings.staff_origin))
        if told:
            self._has_told = True
            self._hold(now, self._figures.outside_again)
            self._record(now)
        return told

    def beat(self, *, now: datetime) -> bool:
        """Give the watcher outside a sign of life when it is time; say whether it was taken."""
        heartbeat = self._adapters.heartbeat
        if heartbeat is None:
            return False
        with self._adapters.transactions.begin() as session:
            is_time = lease.lead(
                session,
                name=f"{HEARTBEAT} turn",
                # A new holder each time: also our own turn must be over before the next.
                holder=secrets.token_hex(8),
                now=now,
                for_=self._figures.heartbeat_every - self._figures.look_every / 2,
            )
        if not is_time:
            return False
        try:
            heartbeat.beat()
        except HeartbeatError:
            log.warning("watch.heartbeat_not_taken")
            return False
        with self._adapters.transactions.begin() as session:
            lease.lead(
                session,
                name=HEARTBEAT,
                holder=HEARTBEAT,
                now=now,
                for_=self._figures.heartbeat_every,
            )
        return True

    def _lasts(self, fault: Fault) -> timedelta:
        return self._figures.limits[fault.id].after + self._figures.outside_after

    def _may_tell(self, now: datetime) -> bool:
        if self._told_until is not None and now < self._told_until:
            return False
        self._told_until = now + self._figures.outside_retry
        return self._hold(now, self._figures.outside_retry)

    def _hold(self, now: datetime, for_: timedelta) -> bool:
        self._told_until = now + for_
        try:
            with self._adapters.transactions.begin() as session:
                return lease.lead(session, name=_TOLD, holder=self._owner, now=now, for_=for_)
        except sa.exc.SQLAlchemyError:
            return True

    def _forget(self, now: datetime) -> None:
        self._told_until = None
        self._hold(now, timedelta())

    def _record(self, now: datetime) -> None:
        try:
            with self._adapters.transactions.begin() as session:
                self._adapters.audit.record(
                    session, actor=SOFTWARE, action="watch.told_outside", subject=_NOBODY, now=now
                )
        except sa.exc.SQLAlchemyError:
            log.warning("watch.not_recorded")

    def _mail(self, to: str, subject: str, text: str) -> bool:
        try:
            self._adapters.mail.send(to=to, subject=subject, text=text)
        except MailError:
            log.error("watch.mail_not_sent")
            return False
        log.warning("watch.told_outside")
        return True


def _words(faults: Sequence[Fault], now: datetime, origin: str) -> str:
    lines = []
    for each in faults:
        lines.append(f"{each.says} for {int((now - each.since).total_seconds())} seconds.")
        lines.append(f"  {each.do}")
    return "\n".join([*lines, "", f"The console: {origin}/console", ""])
