"""The sweep of reports: what became of texts of ours, whatever happened to the webhooks about them.

A report that met an outage of ours is lost. So the provider is asked about each text without one,
and what it answers is taken in like its report. A text whose time is over, and whose end the
provider cannot tell, is not known to have arrived: a person is told.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from chat import delivery
from chat.service import unreported as chat
from chat.service.unreported import Due
from helpline import outbox
from helpline.queue import lease
from integrations.twilio.errors import TwilioError

if TYPE_CHECKING:
    from helpline.phones import Phones
    from helpline.wiring import Adapters

log = structlog.get_logger()

# One run at a time, also among many processes: none begins sooner after the last one began.
EVERY = timedelta(seconds=60)
LEADS = "unreported"


def ask(adapters: "Adapters", *, owner: str, most: int | None = None) -> int:
    """Ask about the texts that are due, the oldest first and ``most`` at most; once a minute.

    Says of how many something new was learned, or that nobody will. A provider that does not
    answer is left alone until the next run.
    """
    own = adapters.phones
    if own is None:
        return 0
    now = adapters.clock()
    with adapters.transactions.reading() as session:
        asked_at = lease.beaten_at(session, name=LEADS)
        if asked_at is not None and timedelta() <= now - asked_at < EVERY:
            return 0
        found = chat.list_due(session, figures=delivery.load().unreported, now=now)[:most]
    if not found or not _leads(adapters, owner, now):
        return 0
    learned = _ask_about(adapters, own, found, began_at=now)
    if learned:
        log.warning("unreported.found", texts=learned)
    return learned


def _ask_about(
    adapters: "Adapters", own: "Phones", found: Sequence[Due], *, began_at: datetime
) -> int:
    figures = delivery.load().unreported
    learned = unanswered = 0
    for due in found:
        now = adapters.clock()
        if now - began_at >= figures.run_takes_at_most or unanswered >= figures.unanswered_in_a_row:
            break
        with adapters.transactions.begin() as session:
            if not chat.ask(session, due=due, figures=figures, now=now):
                continue
        try:
            learned += _learn(adapters, own, due)
            unanswered = 0
        except TwilioError as problem:
            log.warning("unreported.not_answered", text=due.text, code=problem.code)
            # That it knows no such text is an answer, too.
            unanswered = unanswered + 1 if problem.can_retry else 0
        if due.is_over:
            learned += _give_up(adapters, due)
    return learned


def _leads(adapters: "Adapters", owner: str, now: datetime) -> bool:
    with adapters.transactions.begin() as session:
        return lease.lead(session, name=LEADS, holder=owner, now=now, for_=EVERY)


def _learn(adapters: "Adapters", own: "Phones", due: Due) -> bool:
    told = own.texts.status(sid=due.sid)
    with adapters.transactions.begin() as session:
        return outbox.take_report(
            session,
            adapters,
            text=due.text,
            sid=told.sid,
            status=told.status,
            code=told.error_code,
            now=adapters.clock(),
        )


def _give_up(adapters: "Adapters", due: Due) -> bool:
    with adapters.transactions.begin() as session:
        return outbox.give_up_unreported(session, adapters, due=due, now=adapters.clock())
