"""The sweep of grave silence: a child in danger who says nothing after we wrote is noticed.

Silence after something urgent is a sign, too. Whoever holds the conversation is shown it, it stands
at the top of its grade, and people on call are called when nobody does anything. It never sends
the child a word: see docs/decisions/0015-conversation-state.md.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.orm import Session

from chat.service import quiet as chat
from chat.service.quiet import SilentSince
from helpline import reconcile
from helpline.audit.record import SOFTWARE
from helpline.hub import Notice
from helpline.queue import lease
from helpline.transaction import after_commit
from triage import conversation as rules
from triage.conversation import GoneQuiet, Quiet
from triage.service import quiet as triage
from triage.service.quiet import Answered

if TYPE_CHECKING:
    from helpline.wiring import Adapters

log = structlog.get_logger()

# One whole look at a time, also among many processes; and the sign of life of these looks.
EVERY = timedelta(seconds=30)
DONE = "quiet"
# So many in one look; the others follow in the next.
MOST_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class HeardUntil:
    """Up to when a word of a child would be known here, by page and by text (None: not known)."""

    page: datetime
    text: datetime | None


def notice(adapters: "Adapters", *, owner: str) -> int:
    """Notice every grave silence that is long enough; say how many were new.

    Safe to run again and beside others: a silence is noticed once, under the lock of its entry.
    """
    now = adapters.clock()
    figures = rules.load().gone_quiet.sped_up(adapters.settings.clock_speed)
    with adapters.transactions.reading() as session:
        looked_at = lease.beaten_at(session, name=DONE)
    if looked_at is not None and timedelta() <= now - looked_at < EVERY:
        return 0
    with adapters.transactions.begin() as session:
        if not lease.lead(session, name=DONE, holder=owner, now=now, for_=EVERY):
            return 0
    with adapters.transactions.reading() as session:
        heard_until = _heard_until(session, now)
        seen = {
            each.entry: each
            for each in triage.answered_and_grave(session, figures=figures, now=now)
        }
        silent = [
            seen[each.conversation]
            for each in chat.silent_among(session, conversations=[*seen])
            if _judged(session, seen[each.conversation], each, heard_until, figures) is not None
        ]
    noticed = sum(
        _notice(adapters, each, heard_until, figures, now) for each in silent[:MOST_AT_ONCE]
    )
    if noticed:
        log.info("quiet.noticed", children=noticed)
    return noticed


def _notice(
    adapters: "Adapters",
    seen: Answered,
    heard_until: HeardUntil,
    figures: GoneQuiet,
    now: datetime,
) -> bool:
    with adapters.transactions.begin() as session:
        if not triage.hold(session, seen=seen, figures=figures):
            return False
        found = chat.silent_among(session, conversations=[seen.entry])
        quiet = next((_judged(session, seen, each, heard_until, figures) for each in found), None)
        if quiet is None:
            return False
        triage.notice_quiet(
            session,
            entry=seen.entry,
            quiet=quiet,
            figures=figures,
            grades=adapters.grades,
            hours=adapters.hours,
            now=now,
        )
        adapters.audit.record(
            session, actor=SOFTWARE, action="entry.gone_quiet", subject=seen.entry, now=now
        )
        after_commit(session, lambda: adapters.hub.ring(Notice("queue", seen.entry)))
    return True


def _judged(
    session: Session,
    seen: Answered,
    silent: SilentSince,
    heard_until: HeardUntil,
    figures: GoneQuiet,
) -> Quiet | None:
    until = heard_until.text if silent.by_text else heard_until.page
    rule = figures.sign.rule
    if until is None or triage.was_noticed(
        session, entry=seen.entry, rule=rule, since=silent.since
    ):
        return None
    return rules.quiet(seen.grade, silent_since=silent.since, heard_until=until, figures=figures)


def _heard_until(session: Session, now: datetime) -> HeardUntil:
    texts = lease.beaten_at(session, name=reconcile.DONE)
    return HeardUntil(page=now, text=None if texts is None else min(texts, now))
