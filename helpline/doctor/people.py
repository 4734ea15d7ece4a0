"""Who is there to answer, who is paged, and whether the record of it all is whole."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.accounts.models import Role, Staff
from helpline.audit import heads, record, seal, verify
from helpline.audit.chain import Head
from helpline.audit.models import AuditEntry
from helpline.doctor import on_shift
from helpline.doctor.finding import Finding, Level
from helpline.doctor.stores import Opened
from helpline.queue import lease
from helpline.settings import Settings
from integrations.keystore import (
    KeyEncryptionKey,
    KeyMissingError,
    Keystore,
    WrongKeyEncryptionKeyError,
)
from triage.service import on_call

# The whole chain is verified up to this length; `helpline audit verify` does a longer one.
MOST_VERIFIED = 20_000
# Worker and schedule beat every 5 s; a file of heads grows every 5 min while anything happens.
BEAT_WITHIN = timedelta(minutes=1)
HEADS_WITHIN = timedelta(minutes=30)


def inspect(settings: Settings, stores: Opened, *, now: datetime) -> list[Finding]:
    """What is wrong with staff, on-call list, processes and audit."""
    with Session(stores.data.read) as session:
        return [
            *_staff(session, settings),
            *_on_call(session),
            *on_shift.inspect(session, now=now),
            *(_own_phones(session) if settings.has_phones else ()),
            *_processes(session, now),
            *_audit(session, settings, stores, now),
        ]


def _staff(session: Session, settings: Settings) -> Iterator[Finding]:
    staff = session.scalars(sa.select(Staff).where(Staff.disabled_at.is_(None))).all()
    ready = [each for each in staff if settings.demo or each.totp_secret is not None]
    if not any(each.role == Role.SUPERVISOR for each in ready):
        yield Finding(
            Level.MISSING,
            "staff.supervisor",
            "No supervisor can sign in with a second factor: nobody stands above the advocates.",
            "Run `helpline staff add EMAIL --role supervisor` and open its link.",
        )
    weak = sum(each.password_hash is not None and each not in ready for each in staff)
    if weak:
        yield Finding(
            Level.UNSAFE,
            "staff.second_factor",
            f"{weak} of {len(staff)} people have a password and no second factor.",
            "Ask them to finish their link, or disable them with `helpline staff disable EMAIL`.",
        )
    new = sum(each.password_hash is None for each in staff)
    if new and not settings.demo:
        yield Finding(
            Level.NOTE,
            "staff.welcome",
            f"{new} of {len(staff)} people have not opened their one-time link yet.",
            "`helpline staff add` gives a fresh one when theirs has run out.",
        )


def _on_call(session: Session) -> Iterator[Finding]:
    people = on_call.list_on_call(session)
    if not people:
        yield Finding(
            Level.MISSING,
            "on_call",
            "Nobody is on call: an escalation pages nobody.",
            "Put people on the list: console, On call.",
        )
        return
    if not any(each.is_supervisor for each in people):
        yield Finding(
            Level.MISSING,
            "on_call.supervisor",
            "No supervisor is on call: an escalation has nobody to climb to.",
            "Put a supervisor on the list: console, On call.",
        )
    able = session.scalars(sa.select(Staff.id).where(Staff.disabled_at.is_(None))).all()
    gone = sum(each.person not in able for each in people)
    if gone:
        yield Finding(
            Level.UNSAFE,
            "on_call.disabled",
            f"{gone} of {len(people)} people on call are disabled and cannot answer.",
            "Take them off the list: console, On call.",
        )


def _own_phones(session: Session) -> Iterator[Finding]:
    listed = [each.person for each in on_call.list_on_call(session)]
    people = session.scalars(
        sa.select(Staff).where(Staff.id.in_(listed), Staff.disabled_at.is_(None))
    ).all()
    without_phone = sum(each.phone is None for each in people)
    if without_phone:
        yield Finding(
            Level.MISSING,
            "on_call.phone",
            f"{without_phone} of {len(people)} people on call have set no phone: a mail alone "
            "wakes them, and nobody who rings us is put through to them.",
            "Ask them to set it under My phone. The console's page On call says who it is.",
        )
    without_pin = sum(each.phone is not None and each.pin_hash is None for each in people)
    if without_pin:
        yield Finding(
            Level.MISSING,
            "on_call.pin",
            f"{without_pin} of {len(people)} people on call have a phone and no PIN: they are rung "
            "and cannot take an alarm by keypad.",
            "Ask them to set it under My phone. The console's page On call says who it is.",
        )


def _processes(session: Session, now: datetime) -> Iterator[Finding]:
    for name in ("worker", "schedule"):
        beaten_at = lease.beaten_at(session, name=name)
        if beaten_at is None:
            yield Finding(
                Level.NOTE, name, f"No {name} has ever run here.", "It starts with the service."
            )
        elif now - beaten_at > BEAT_WITHIN:
            yield Finding(
                Level.STALE,
                name,
                f"The {name} gave its last sign of life at {beaten_at:%Y-%m-%d %H:%M} UTC.",
                "Is the service running? In the grown installation `worker` and `beat` run apart.",
            )


def _audit(
    session: Session, settings: Settings, stores: Opened, now: datetime
) -> Iterator[Finding]:
    try:
        key = Keystore(stores.keys, KeyEncryptionKey(settings.kek)).key(record.KEY_SCOPE)
    except (KeyMissingError, WrongKeyEncryptionKeyError):
        return  # nothing was ever recorded, or the key is a finding of its own already
    published, found = _published(settings, now, is_empty=seal.last(session)[0] == 0)
    yield from found
    rows = session.scalar(sa.select(sa.func.count()).select_from(AuditEntry)) or 0
    if rows > MOST_VERIFIED:
        since = seal.oldest_unsealed(session)
        if since is not None and now - since > verify.SEALED_WITHIN:
            yield _broken("a row has waited for the sealer too long")
        yield Finding(
            Level.NOTE,
            "audit",
            f"The audit has {rows} rows; they were not verified here.",
            "Run `helpline audit verify`.",
        )
        return
    verified = verify.verify(session, key=key, heads=published, now=now)
    for fault in sorted({each.fault.value for each in verified.faults}):
        yield _broken(fault)


def _broken(fault: str) -> Finding:
    return Finding(
        Level.UNSAFE,
        "audit",
        f"The audit is not whole: {fault}.",
        "Run `helpline audit verify` and keep its output. If only the sealer is late, is a worker "
        "running?",
    )


def _published(
    settings: Settings, now: datetime, *, is_empty: bool
) -> tuple[list[Head], list[Finding]]:
    to = settings.audit_head_to
    if to is None or to.startswith("mailto:"):
        return [], []
    path = Path(to)
    try:
        published = heads.read(path.read_text("ascii"))
        age = now.timestamp() - path.stat().st_mtime
    except FileNotFoundError:
        return [], [] if is_empty else [_heads("No head was ever published to it.")]
    except (OSError, UnicodeError, heads.HeadUnreadableError):
        return [], [_heads("It cannot be read.")]
    if age > HEADS_WITHIN.total_seconds():
        return published, [_heads("Its newest line is older than half an hour.")]
    return published, []


def _heads(says: str) -> Finding:
    return Finding(
        Level.STALE,
        "HELPLINE_AUDIT_HEAD_TO",
        f"The file of the audit's published heads: {says}",
        "Is a worker running, and may it write there?",
    )
