"""The names of staff, opened and remembered for a moment."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.accounts import totp
from helpline.accounts.models import Staff
from helpline.transaction import Transactions
from integrations.sealing import Sealing

REMEMBERED = 500
# Another process may give a person a new name; nobody sees the old one for longer than this.
REMEMBERED_FOR = timedelta(minutes=1)
NOBODY = "Someone unknown"


class StaffNames:
    """Tells names. Safe to call from any thread; reads the database, so not on the event loop."""

    def __init__(
        self, *, transactions: Transactions, sealing: Sealing, clock: Callable[[], datetime]
    ) -> None:
        self._transactions = transactions
        self._sealing = sealing
        self._clock = clock
        self._known: OrderedDict[UUID, tuple[datetime, str]] = OrderedDict()
        self._knowing = threading.Lock()

    def of(self, staff: UUID, /) -> str:
        """The name of a person, also of one who was disabled. Never inside a transaction."""
        known = self._remembered(staff)
        if known is not None:
            return known
        with self._transactions.reading() as session:
            return self._looked_up(session, staff)

    def within(self, session: Session) -> Callable[[UUID], str]:
        """As :meth:`of`, by a session that is open already.

        A second connection for a name, while the first waits for it, would stop a full pool.
        """

        def name(staff: UUID, /) -> str:
            known = self._remembered(staff)
            return self._looked_up(session, staff) if known is None else known

        return name

    def _remembered(self, staff: UUID) -> str | None:
        now = self._clock()
        with self._knowing:
            until, name = self._known.get(staff, (now, ""))
            if now >= until:
                return None
            self._known.move_to_end(staff)
            return name

    def _looked_up(self, session: Session, staff: UUID) -> str:
        sealed = session.scalar(sa.select(Staff.name).where(Staff.id == staff))
        if sealed is None:
            return NOBODY
        name = self._sealing.open(totp.SCOPE, "staff", staff, "name", sealed)
        with self._knowing:
            self._known[staff] = (self._clock() + REMEMBERED_FOR, name)
            self._known.move_to_end(staff)
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return name

    def forget(self, staff: UUID) -> None:
        """Look the name up afresh next time."""
        with self._knowing:
            self._known.pop(staff, None)
