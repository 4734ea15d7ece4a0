"""The sweep of texts: what the provider has and we do not, whatever happened to its webhooks.

This, and not the webhook, is the promise that no text is lost. The list is read ten minutes back;
after the sweep itself was away it is read from then on, up to two days back.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from helpline import texting
from helpline.queue import lease
from integrations.twilio.errors import TwilioError

if TYPE_CHECKING:
    from helpline.wiring import Adapters

log = structlog.get_logger()

EVERY = timedelta(seconds=60)
OVERLAP = timedelta(minutes=10)
LONGEST = timedelta(hours=48)
# One sweep at a time, also among many processes; a sweep of two days may take this long.
LEASE = timedelta(minutes=5)

LEADS = "reconcile"
# Its sign of life is that of the last sweep that came to its end.
DONE = "reconciled"


def reconcile(adapters: "Adapters", *, owner: str) -> int:
    """Keep every text that is missing, the oldest first; how many were. Once a minute at most."""
    own = adapters.phones
    if own is None:
        return 0
    now = adapters.clock()
    with adapters.transactions.reading() as session:
        done_at = lease.beaten_at(session, name=DONE)
    if done_at is not None and timedelta() <= now - done_at < EVERY:
        return 0
    with adapters.transactions.begin() as session:
        if not lease.lead(session, name=LEADS, holder=owner, now=now, for_=LEASE):
            return 0
    found = 0
    try:
        for sms in own.texts.arrived(since=since(done_at, now)):
            found += texting.receive_found(adapters, sms)
    except TwilioError as problem:
        log.warning("reconcile.provider_away", code=problem.code)
        return found
    finally:
        with adapters.transactions.begin() as session:
            lease.lead(session, name=LEADS, holder=owner, now=now, for_=timedelta())
    with adapters.transactions.begin() as session:
        lease.lead(session, name=DONE, holder=owner, now=now, for_=timedelta())
    if found:
        log.warning("reconcile.found", texts=found)
    return found


def since(done_at: datetime | None, now: datetime) -> datetime:
    """From when on the list is read."""
    if done_at is None:
        return now - LONGEST
    return max(min(done_at, now) - OVERLAP, now - LONGEST)
