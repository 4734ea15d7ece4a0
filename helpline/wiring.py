"""Builds the parts of an installation once: the real ones, or the shipped stand-ins.

Apart from helpline/transaction.py this is the only place that asks which engine it runs on.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from chat import statements_postgresql as chat_postgresql
from chat import statements_sqlite as chat_sqlite
from helpline import apart, crowding, intake, phones
from helpline.accounts.names import StaffNames
from helpline.audit import record, statements
from helpline.audit.record import Audit
from helpline.clock import Clock, utc_now
from helpline.hub import Hub
from helpline.intake import Intake, Outcome, Said
from helpline.phones import Phones
from helpline.queue import statements as queue_statements
from helpline.queue.models import Lane
from helpline.settings import Settings
from helpline.transaction import Transactions
from helpline.watch.watcher import Watch
from helpline.writer import Writer
from integrations import database
from integrations.database import EngineName
from integrations.heartbeat import Heartbeat, HttpHeartbeat
from integrations.keystore import KeyEncryptionKey, Keystore
from integrations.mail import Mail, MailError, SmtpMail
from integrations.sealing import Sealing
from integrations.standins.mail import FolderMail
from triage import grades as grade_table
from triage import hours as open_hours
from triage import statements_postgresql as triage_postgresql
from triage import statements_sqlite as triage_sqlite
from triage.grades import GradeTable
from triage.hours import OpenHours


class Bell(Protocol):
    """Wakes a lane of jobs. A ring may be lost: the clock rings every lane anyway."""

    def ring(self, lane: Lane) -> None:
        """Wake a lane, from any thread, without waiting."""


class NoMail:
    """There is no mail server. Every mail becomes a task for a person."""

    def send(self, *, to: str, subject: str, text: str) -> None:
        """See :class:`integrations.mail.Mail`."""
        del to, subject, text
        raise MailError(can_retry=False)


@dataclass(frozen=True)
class Adapters:
    """The parts of one running installation."""

    settings: Settings
    clock: Clock
    transactions: Transactions
    keystore_store: database.Store
    keystore: Keystore
    sealing: Sealing
    crowd_key: bytes = field(repr=False)
    audit: Audit
    names: StaffNames
    grades: GradeTable
    hours: OpenHours
    mail: Mail
    hub: Hub
    bell: Bell
    intake: Intake
    writer: Writer[Said, Outcome]
    phones: Phones | None
    heartbeat: Heartbeat | None
    watch: Watch

    def close(self) -> None:
        """Close every connection to a database."""
        self.transactions.close()
        self.keystore_store.dispose()


def build(
    settings: Settings,
    *,
    bell: Bell,
    clock: Clock = utc_now,
    writes: Callable[[Intake], Writer[Said, Outcome]] = Intake.writer,
) -> Adapters:
    """Build everything. Refuses a key-encryption key that does not fit the keystore.

    ``writes`` lets a benchmark put a writer in place that keeps nothing.
    """
    store = database.connect(settings.database_url)
    keystore_store = database.connect(settings.keystore_url)
    now = clock()
    keystore = Keystore(keystore_store, KeyEncryptionKey(settings.kek))
    keystore.check(now=now)
    transactions = Transactions(store)
    sealing = Sealing(keystore)
    audit = Audit(keystore.key_for_ever(record.KEY_SCOPE, now=now))
    # Task rows that keep a raw message are sealed under this scope when something is wrong, which
    # is no time to make a key.
    keystore.key_for_ever(apart.SCOPE, now=now)
    hub = Hub()
    grades = grade_table.load().sped_up(settings.clock_speed)
    hours = open_hours.parse(settings.open_hours)
    incoming = Intake(
        transactions=transactions,
        statements=statements_for(store.engine_name),
        sealing=sealing,
        audit=audit,
        grades=grades,
        hours=hours,
        clock=clock,
        hub=hub,
        on_emergency=lambda: bell.ring(Lane.URGENT),
    )
    return Adapters(
        settings=settings,
        clock=clock,
        transactions=transactions,
        keystore_store=keystore_store,
        keystore=keystore,
        sealing=sealing,
        crowd_key=keystore.key_for_ever(crowding.KEY_SCOPE, now=now),
        audit=audit,
        names=StaffNames(transactions=transactions, sealing=sealing, clock=clock),
        grades=grades,
        hours=hours,
        mail=_mail(settings),
        hub=hub,
        bell=bell,
        intake=incoming,
        writer=writes(incoming),
        phones=phones.build(settings, keystore, now=now),
        heartbeat=HttpHeartbeat(settings.heartbeat_url) if settings.heartbeat_url else None,
        watch=Watch(),
    )


def statements_for(engine: EngineName) -> intake.Statements:
    """Every context's batch statement for one engine."""
    is_postgresql = engine == "postgresql"
    return intake.Statements(
        chat=chat_postgresql if is_postgresql else chat_sqlite,
        triage=triage_postgresql if is_postgresql else triage_sqlite,
        queue=queue_statements.statements_for(engine),
        audit=statements.statements_for(engine),
    )


def _mail(settings: Settings) -> Mail:
    if settings.mail_url is None:
        return NoMail()
    if settings.mail_url.startswith("folder:"):
        return FolderMail(Path(urlsplit(settings.mail_url).path), sender=settings.mail_from)
    return SmtpMail(settings.mail_url, sender=settings.mail_from)
