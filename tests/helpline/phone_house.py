"""An installation with a telephone company that remembers, and can be told to misbehave."""

import itertools
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from helpline import jobs, texting
from helpline.queue.models import Lane
from helpline.wiring import Adapters
from integrations.twilio.errors import TwilioError
from integrations.twilio.messages import SentText
from integrations.twilio.webhooks import InboundSms, TextStatus
from tests.clock import Clock

ACCOUNT = "AC" + "1" * 32
TOKEN = "not a real token"
OURS = "+447700900000"
CHILD = "+447700900123"

SETTINGS: dict[str, object] = {
    "twilio_account_sid": ACCOUNT,
    "twilio_auth_token": TOKEN,
    "twilio_number": OURS,
    "twilio_api": "http://127.0.0.1:9",
}


@dataclass
class Company:
    """Takes texts, keeps them in its list, and fails as it is told, one way for each sending.

    ``lost`` takes the text and loses the answer; ``down`` takes nothing. ``ends`` says by sid what
    became of a text, and with which code; of every other one the company says that it is sent.
    """

    clock: Clock
    sent: list[tuple[str, str]] = field(default_factory=list)
    status_to: list[str] = field(default_factory=list)
    fails: list[TwilioError | str] = field(default_factory=list)
    list_fails: list[TwilioError] = field(default_factory=list)
    came: list[InboundSms] = field(default_factory=list)
    taken: list[tuple[datetime, str, str, str]] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    ends: dict[str, tuple[str, int | None]] = field(default_factory=dict)
    status_fails: list[TwilioError] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def send(self, *, to: str, text: str, status_to: str) -> SentText:
        failing = self.fails.pop(0) if self.fails else None
        if isinstance(failing, TwilioError):
            raise failing
        sid = f"SM{next(self.numbers):032x}"
        self.sent.append((to, text))
        self.status_to.append(status_to)
        self.taken.append((self.clock.now(), to, text, sid))
        if failing == "lost":
            raise TwilioError(can_retry=True, maybe_sent=True)
        return SentText(sid=sid, status="queued")

    def find_sent(
        self, *, to: str, text: str, since: datetime, known: Collection[str] = ()
    ) -> SentText | None:
        if self.list_fails:
            raise self.list_fails.pop(0)
        for at, number, words, sid in self.taken:
            if (number, words) == (to, text) and at >= since and sid not in known:
                return SentText(sid=sid, status="sent")
        return None

    def status(self, *, sid: str) -> TextStatus:
        self.asked.append(sid)
        if self.status_fails:
            raise self.status_fails.pop(0)
        status, code = self.ends.get(sid, ("sent", None))
        return TextStatus(sid=sid, status=status, error_code=code)

    def arrived(self, *, since: datetime) -> Iterator[InboundSms]:
        if self.list_fails:
            raise self.list_fails.pop(0)
        return iter([each for each in self.came if each.sent_at and each.sent_at >= since])


def with_company(adapters: Adapters, clock: Clock) -> tuple[Adapters, Company]:
    """The same installation, with this company in the place of the real client."""
    company = Company(clock)
    assert adapters.phones is not None
    return replace(adapters, phones=replace(adapters.phones, texts=company)), company


def sms(
    text: str,
    *,
    number: int,
    sender: str = CHILD,
    pictures: int = 0,
    sent_at: datetime | None = None,
) -> InboundSms:
    return InboundSms(
        sid=f"SM{number:032x}",
        sender=sender,
        to=OURS,
        text=text,
        pictures=pictures,
        segments=1,
        sent_at=sent_at,
    )


def come(adapters: Adapters, text: InboundSms) -> bool:
    """A text comes in, kept without a writer thread. Whether it was new."""
    return texting.receive_found(adapters, text)


def work(adapters: Adapters, clock: Clock, *, for_: timedelta = timedelta(seconds=2)) -> None:
    """Let some time pass and do every job that is due by then."""
    clock.advance(for_)
    for _ in range(3):
        for lane in Lane:
            jobs.drain(adapters, lane=lane, owner="tests")
