"""What Twilio says to us: a text that came in, how one that went out fared, where a call stands.

Twilio adds fields when it likes. What is not named here is never an error and is kept nowhere; the
addresses of pictures are among it on purpose. Nothing of a child's shows in a ``repr``.

A signature covers names and values run together without a mark between them. So a sid must have
exactly a sid's form: a genuine request cannot be cut differently and pass for another message.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

Form = Sequence[tuple[str, str]]

TEXT_SID = re.compile(r"(?:SM|MM)[0-9a-fA-F]{32}")
CALL_SID = re.compile(r"CA[0-9a-fA-F]{32}")
# What stands in the place of a number that the caller hides or the network does not know. Twilio
# says it in words, or in digits that spell ANONYMOUS, RESTRICTED, BLOCKED, UNKNOWN, UNAVAILABLE.
_HIDDEN = frozenset(
    {
        "",
        "anonymous",
        "restricted",
        "blocked",
        "unknown",
        "unavailable",
        "private",
        "+266696687",
        "+7378742833",
        "+2562533",
        "+8656696",
        "+86282452253",
    }
)
_COUNT = re.compile(r"[0-9]{1,3}")
_OVER = frozenset({"completed", "busy", "no-answer", "canceled", "failed"})
_CODE = re.compile(r"[0-9]{1,6}")
_DIGITS = re.compile(r"[0-9*#]{0,32}")


class NotReadableError(Exception):
    """Not what Twilio sends: the sid, the sender or the status is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundSms:
    """A text that somebody sent to our number.

    ``sent_at`` is when Twilio had it, in UTC, as its list says; a webhook does not say it.
    """

    sid: str
    sender: str = field(repr=False)
    to: str = field(repr=False)
    text: str = field(repr=False)
    pictures: int
    segments: int
    sent_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TextStatus:
    """How a text of ours fares, in Twilio's words: queued, sent, delivered, undelivered, failed."""

    sid: str
    status: str
    error_code: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEvent:
    """Where a call stands, or what was pressed in it.

    ``status`` is Twilio's: queued, initiated, ringing, in-progress, completed, busy, no-answer,
    canceled or failed. ``digits`` is empty when nothing was pressed. ``dial_status`` and
    ``was_joined`` are set when a dialled call has ended: one that a voicemail took is "completed"
    too, and only ``was_joined`` says that two people were joined. ``parent_sid`` is the call that
    dialled this one.
    """

    sid: str
    sender: str = field(repr=False)
    to: str = field(repr=False)
    status: str
    digits: str = field(repr=False)
    dial_status: str | None
    was_joined: bool | None
    parent_sid: str | None
    is_inbound: bool

    @property
    def is_hidden(self) -> bool:
        """Whether nobody can tell which number this is."""
        return self.sender.lower() in _HIDDEN

    @property
    def is_over(self) -> bool:
        """Whether this call's line is down, for whichever reason."""
        return self.status in _OVER


def inbound_sms(form: Form) -> InboundSms:
    """Read a text that came in, or raise :class:`NotReadableError`."""
    fields = _first(form)
    sender = fields.get("From", "").strip()
    if not sender:
        raise NotReadableError
    return InboundSms(
        sid=_text_sid(fields),
        sender=sender,
        to=fields.get("To", "").strip(),
        text=fields.get("Body", ""),
        pictures=count(fields.get("NumMedia"), otherwise=0),
        segments=count(fields.get("NumSegments"), otherwise=1),
        sent_at=None,
    )


def text_status(form: Form) -> TextStatus:
    """Read how a text of ours fares, or raise :class:`NotReadableError`."""
    fields = _first(form)
    status = fields.get("MessageStatus") or fields.get("SmsStatus")
    if not status:
        raise NotReadableError
    code = fields.get("ErrorCode", "")
    return TextStatus(
        sid=_text_sid(fields),
        status=status.lower(),
        error_code=int(code) if _CODE.fullmatch(code) and int(code) else None,
    )


def call_event(form: Form) -> CallEvent:
    """Read where a call stands, or raise :class:`NotReadableError`.

    Only the sid must be there: whoever is on the phone is not cut off for a missing field.
    """
    fields = _first(form)
    sid = fields.get("CallSid", "")
    if not CALL_SID.fullmatch(sid):
        raise NotReadableError
    digits = fields.get("Digits", "")
    parent = fields.get("ParentCallSid", "")
    joined = fields.get("DialBridged", "").lower()
    return CallEvent(
        sid=sid,
        sender=fields.get("From", "").strip(),
        to=fields.get("To", "").strip(),
        status=fields.get("CallStatus", "").lower(),
        digits=digits if _DIGITS.fullmatch(digits) else "",
        dial_status=fields.get("DialCallStatus", "").lower() or None,
        was_joined=joined == "true" if joined else None,
        parent_sid=parent if CALL_SID.fullmatch(parent) else None,
        is_inbound=fields.get("Direction", "").lower() == "inbound",
    )


def count(value: str | None, *, otherwise: int) -> int:
    """Read how many pictures or parts there are; ``otherwise`` when that is not to be read."""
    return int(value) if value is not None and _COUNT.fullmatch(value) else otherwise


def _first(form: Form) -> dict[str, str]:
    fields: dict[str, str] = {}
    for name, value in form:
        fields.setdefault(name, value)
    return fields


def _text_sid(fields: dict[str, str]) -> str:
    sid = fields.get("MessageSid") or fields.get("SmsSid") or ""
    if not TEXT_SID.fullmatch(sid):
        raise NotReadableError
    return sid
