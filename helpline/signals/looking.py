"""The look for patterns: every few minutes, by one process, over all institutions at once."""

from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from helpline.audit.record import SOFTWARE
from helpline.hub import Notice
from helpline.queue import lease
from helpline.signals import events, patterns, rule
from helpline.todo import tasks
from helpline.todo.models import Why
from helpline.transaction import after_commit

if TYPE_CHECKING:
    from helpline.signals.rule import Found
    from helpline.wiring import Adapters

log = structlog.get_logger()

EVERY = timedelta(minutes=10)
DONE = "patterns"


def look(adapters: "Adapters", *, owner: str) -> int:
    """Look for patterns if it is time; say how many were raised or grew.

    Safe to run again and beside others: the same evidence raises nothing twice.
    """
    now = adapters.clock()
    with adapters.transactions.reading() as session:
        looked_at = lease.beaten_at(session, name=DONE)
    if looked_at is not None and timedelta() <= now - looked_at < EVERY:
        return 0
    with adapters.transactions.begin() as session:
        if not lease.lead(session, name=DONE, holder=owner, now=now, for_=EVERY):
            return 0
    figures = rule.load()
    with adapters.transactions.reading() as session:
        since = now - figures.looked_back
        concerns = events.concerns(session, since=since)
        offers = events.offers(session, since=since)
        contacts = events.contacts(session, since=since)
    found = [
        *rule.concerns(concerns, now=now, figures=figures),
        *rule.refusals(offers, now=now, figures=figures),
        *rule.silences(contacts, now=now, figures=figures),
    ]
    raised = sum(_raise(adapters, each) for each in found)
    if raised:
        log.info("patterns.raised", patterns=raised)
    return raised


def _raise(adapters: "Adapters", found: "Found") -> bool:
    now = adapters.clock()
    with adapters.transactions.begin() as session:
        raised = patterns.put(session, found=found, now=now)
        if raised is None:
            return False
        subject = raised.pattern
        if subject not in tasks.open_among(session, subjects=[subject]):
            tasks.raise_task(
                session,
                why=Why.PATTERN,
                subject=subject,
                # A task that is done already must not hide that the pattern has grown.
                dedupe_key=f"pattern:{subject}:{now.isoformat()}",
                now=now,
            )
        adapters.audit.record(
            session,
            actor=SOFTWARE,
            action="pattern.raised" if raised.is_new else "pattern.grew",
            subject=subject,
            now=now,
        )
        after_commit(session, lambda: adapters.hub.ring(Notice("queue", subject)))
    return True
