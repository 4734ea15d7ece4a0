"""What texts and calls share: the account, the file, the calendar, the way to the service."""

import sqlite3

from integrations.standins.twilio import store
from integrations.standins.twilio.account import Account
from integrations.standins.twilio.background import Background, Changes
from integrations.standins.twilio.behaviour import Behaviour
from integrations.standins.twilio.dates import Calendar
from integrations.standins.twilio.lanes import Lane
from integrations.standins.twilio.ledger import Ledger
from integrations.standins.twilio.webhooks import Webhooks


class World:
    """One running stand-in."""

    def __init__(self, own: Account, file: sqlite3.Connection, *, usual: Behaviour) -> None:
        self.own = own
        self.file = file
        self.usual = usual
        self.behaviour = usual
        self.calendar = Calendar()
        self.ledger = Ledger()
        self.changes = Changes()
        self.background = Background(self.changes)
        self.lives = Background(self.changes)  # a task for each leg of a call
        self.webhooks = Webhooks(own, self.ledger)
        self.incoming = Lane(
            "webhooks",
            policy=lambda: self.behaviour.webhooks,
            background=self.background,
            counts=self.ledger.counts,
        )
        self.reports = Lane(
            "callbacks",
            policy=lambda: self.behaviour.callbacks,
            background=self.background,
            counts=self.ledger.counts,
        )
        self.behave(usual.changed({}))

    def now(self) -> int:
        """Return the stand-in's time."""
        return self.calendar.now()

    def behave(self, behaviour: Behaviour) -> None:
        """Behave so from now on."""
        self.behaviour = behaviour
        self.calendar.ahead = behaviour.clock_ahead
        for lane in (self.incoming, self.reports):
            lane.seed(behaviour.seed)

    def forget(self) -> None:
        """Be as new, except for what is on its way."""
        self.incoming.forget()
        self.reports.forget()
        self.background.cancel()
        self.lives.cancel()
        self.ledger.forget()
        store.forget_all(self.file)
        self.behave(self.usual.changed({}))
        self.changes.tell()
