"""Phones to ask the gate about: one that everything may leave for, and any other."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from chat import sending
from chat.numbers import Number, NumberKind
from chat.sending import Kind, Recipient, Verdict
from chat.texting import TextState

NOW = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)
A_DAY = timedelta(hours=24)
LONG = timedelta(days=90)
A_MOMENT = timedelta(microseconds=1)
YES = Verdict(may=True, why=None, can_override=False)
MOBILE = Number(e164="+447700900123", kind=NumberKind.MOBILE, is_drama=True)
PAGES = (Kind.PAGE_TEXT, Kind.PAGE_CALL)
TEXTS = (Kind.AUTOMATIC, Kind.REPLY, Kind.PAGE_TEXT)
CALLS = (Kind.CALL, Kind.PAGE_CALL)


@dataclass(frozen=True)
class Hours:
    """A safe window that is open or shut whatever the time."""

    are_open: bool

    def is_open(self, at: datetime) -> bool:
        assert at == NOW
        return self.are_open


FRIENDLY = Recipient(
    number=MOBILE,
    state=TextState.LIVE,
    window=None,
    may_text=None,
    may_ring=True,
    is_blocked=False,
    is_dead=False,
    last_heard_at=NOW,
)


def ask(
    recipient: Recipient, kind: Kind, *, is_demo: bool = True, reason: str | None = None
) -> Verdict:
    return sending.may_send(recipient, NOW, kind, is_demo=is_demo, reason=reason)
