"""Publishing the end of the chain where this installation cannot take it back.

Whoever can write the database can cut the newest rows off; the heads outside show that rows once
stood there. A head is a position and a hash: it tells nothing about anybody.
"""

import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import msgspec

from helpline.audit import seal
from helpline.audit.chain import Head
from helpline.queue import lease

if TYPE_CHECKING:
    from helpline.transaction import Transactions
    from integrations.mail import Mail

EVERY = timedelta(minutes=5)
LEASE_NAME = "audit head"
_MAILTO = "mailto:"


class HeadUnreadableError(ValueError):
    """A line of the published heads is not a head."""


class _Line(msgspec.Struct):
    position: int
    chain: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What was published, and where the chain ended: nothing when it was not time yet."""

    head: Head | None


def publish(
    transactions: "Transactions",
    *,
    mail: "Mail",
    to: str | None,
    now: datetime,
    on_demand: bool = False,
) -> Published:
    """Publish the head to ``to``: a file that is appended to, or ``mailto:`` an address.

    At most every 5 minutes for all processes together, unless somebody asks. Raises OSError or
    :class:`integrations.mail.MailError` when the place cannot be reached.
    """
    if to is None or not (on_demand or _is_time(transactions, now)):
        return Published(head=None)
    with transactions.reading() as session:
        head = Head(*seal.last(session))
    if head.position == 0:
        return Published(head=None)
    line = text(head, at=now)
    if to.startswith(_MAILTO):
        mail.send(to=to.removeprefix(_MAILTO), subject="Audit head", text=line)
    else:
        _append(Path(to), line)
    return Published(head=head)


def text(head: Head, *, at: datetime) -> str:
    """A head as one line of JSON."""
    return msgspec.json.encode(_Line(head.position, head.chain.hex(), at)).decode() + "\n"


def read(lines: str) -> list[Head]:
    """The heads of such lines; blank lines and the lines around them in a mail do not count."""
    heads = []
    for line in lines.splitlines():
        if line.startswith("{"):
            try:
                found = msgspec.json.decode(line, type=_Line)
                heads.append(Head(found.position, bytes.fromhex(found.chain)))
            except ValueError:
                raise HeadUnreadableError from None
    return heads


def _is_time(transactions: "Transactions", now: datetime) -> bool:
    # A holder that never returns cannot renew, so the next one leads when the five minutes are
    # over and not before.
    with transactions.begin() as session:
        return lease.lead(session, name=LEASE_NAME, holder=uuid4().hex, now=now, for_=EVERY)


def _append(path: Path, line: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, line.encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
