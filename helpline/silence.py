"""The sweep of silence: a phone that says nothing after we wrote is quiet, and later closed.

It sends nothing, and it judges nobody by what may not be here yet: silence counts up to the last
whole reading of the list of texts (helpline/reconcile.py). See docs/decisions/0012-phones.md.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from chat import texting
from chat.service import silence as chat
from chat.service.silence import Silent
from helpline import reconcile
from helpline.audit.record import SOFTWARE
from helpline.hub import Notice
from helpline.queue import lease
from helpline.todo import tasks
from helpline.transaction import after_commit
from triage.service import holding, resting

if TYPE_CHECKING:
    from helpline.wiring import Adapters

log = structlog.get_logger()

# What a round leaves, the next one takes: alarms climb between two of them.
MOST_AT_ONCE = 100


def fall_silent(adapters: "Adapters") -> int:
    """Move every phone that is silent by now; how many did. Any number of processes may do it.

    Each has a transaction of its own, in which it is looked at again: a text that comes at the
    same moment wins, and of two processes one moves it.
    """
    if adapters.phones is None:
        return 0
    now = adapters.clock()
    with adapters.transactions.reading() as session:
        heard_until = lease.beaten_at(session, name=reconcile.DONE)
        if heard_until is None:
            return 0
        found = chat.list_silent(session, table=texting.load(), heard_until=heard_until, now=now)
        held_back = _held_back(session, found)
    silent = [each for each in found if each.conversation not in held_back]
    moved = sum(_fall(adapters, each, heard_until, now) for each in silent[:MOST_AT_ONCE])
    if moved:
        log.info("silence.moved", phones=moved)
    return moved


def _fall(adapters: "Adapters", seen: Silent, heard_until: datetime, now: datetime) -> bool:
    table, conversation = texting.load(), seen.conversation
    with adapters.transactions.begin() as session:
        if not (chat.hold(session, silent=seen) and resting.hold(session, entry=conversation)):
            return False
        silent = chat.judge_again(
            session, silent=seen, table=table, heard_until=heard_until, now=now
        )
        if silent is None or _held_back(session, [silent]):
            return False
        moved = chat.fall_silent(session, silent=silent, table=table, now=now)
        holder = holding.holder_of(session, entry=conversation)
        if silent.closes and holder is not None:
            holding.release(session, entry=conversation, staff=holder)
        adapters.audit.record(
            session,
            actor=SOFTWARE,
            action=f"phone.{moved.cell.next}",
            subject=conversation,
            now=now,
        )
        after_commit(session, lambda: adapters.hub.ring(Notice("queue", conversation)))
    return True


def _held_back(session: Session, found: Sequence[Silent]) -> frozenset[UUID]:
    """Where a child waits for us; and, of what would close, where a person has yet to do a thing.

    That is an alarm that is not closed, a task, or a call-back.
    """
    waiting = resting.waiting_among(session, entries=[each.conversation for each in found])
    closing = [each.conversation for each in found if each.closes]
    if not closing:
        return waiting
    return (
        waiting
        | resting.escalated_among(session, entries=closing)
        | chat.with_call_back(session, conversations=closing)
        | tasks.open_among(session, subjects=closing)
    )
