"""Texts by Twilio's Messages: send, look for one that may be out, ask about one, list arrivals."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from integrations.twilio import client, errors, webhooks

# How long Twilio may keep a text that it cannot hand on, in seconds. Twilio's own maximum is ten
# hours, and a text that comes ten hours late comes when nobody expects it: in the night, or into
# another person's hands. After this Twilio gives it up and says so, and a person decides.
VALID_SECONDS = 4 * 60 * 60
PAGE_SIZE = 1000  # Twilio's maximum

_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SentText:
    """A text that Twilio has taken, and its status in Twilio's words."""

    sid: str
    status: str


class Texts(Protocol):
    """Sends texts and reads the provider's list of them. Every method may raise TwilioError."""

    def send(self, *, to: str, text: str, status_to: str) -> SentText:
        """Send ``text`` once. How it fares is told to ``status_to``, an address of ours.

        That address must hold nothing but opaque ids: Twilio keeps it.
        """

    def find_sent(
        self, *, to: str, text: str, since: datetime, known: Collection[str] = ()
    ) -> SentText | None:
        """Look for a text that went to this number with exactly these words.

        The oldest that was taken at ``since`` or later, to the second, by the provider's clock;
        None when there is none. Sids in ``known`` belong to other texts and are passed over.
        """

    def status(self, *, sid: str) -> webhooks.TextStatus:
        """How the text of this sid fares by now. One that Twilio does not know is an error."""

    def arrived(self, *, since: datetime) -> Iterator[webhooks.InboundSms]:
        """Every text to our number since then, the oldest first: all of them or an error."""


class TwilioTexts:
    """Texts from ``number``, ours in E.164, through one account."""

    def __init__(self, api: client.Api, *, number: str) -> None:
        self._api = api
        self._number = number

    def send(self, *, to: str, text: str, status_to: str) -> SentText:
        """See :class:`Texts`."""
        return self._api.ask(
            lambda sdk: _sent(
                sdk.messages.create(
                    to=to,
                    from_=self._number,
                    body=text,
                    status_callback=status_to,
                    validity_period=VALID_SECONDS,
                    # The words go out as they were written, and are found again as they are.
                    smart_encoded=False,
                )
            ),
            writes=True,
        )

    def find_sent(
        self, *, to: str, text: str, since: datetime, known: Collection[str] = ()
    ) -> SentText | None:
        """See :class:`Texts`."""
        earliest = _whole_second(since)

        def matches(sdk: Any) -> list[tuple[datetime, SentText]]:
            # Not asked for by DateSent: a text that Twilio has taken and not yet handed on has
            # none, and would be missed and sent again.
            listed = sdk.messages.stream(to=to, from_=self._number, page_size=PAGE_SIZE)
            return [
                (_instant(each.date_created), _sent(each))
                for each in listed
                if each.body == text
                and each.direction.startswith("outbound")
                and each.sid not in known
                and _instant(each.date_created) >= earliest
            ]

        found = self._api.ask(matches, writes=False)
        return min(found, key=lambda match: match[0])[1] if found else None

    def status(self, *, sid: str) -> webhooks.TextStatus:
        """See :class:`Texts`."""
        if not webhooks.TEXT_SID.fullmatch(sid):
            # It becomes a part of an address.
            raise errors.TwilioError(can_retry=False)
        return self._api.ask(lambda sdk: _status(sdk.messages(sid).fetch(), of=sid), writes=False)

    def arrived(self, *, since: datetime) -> Iterator[webhooks.InboundSms]:
        """See :class:`Texts`."""
        earliest = _whole_second(since)

        def received(sdk: Any) -> list[tuple[datetime, webhooks.InboundSms]]:
            # Twilio may look at the day only, or leave the second itself out; we look again.
            listed = sdk.messages.stream(
                to=self._number, date_sent_after=earliest - _SECOND, page_size=PAGE_SIZE
            )
            return [
                (sent_at, _inbound(each, sent_at=sent_at))
                for each in listed
                if each.direction == "inbound"
                and (sent_at := _instant(each.date_sent or each.date_created)) >= earliest
            ]

        texts = self._api.ask(received, writes=False)
        # Twilio lists the newest first; within one second its order is all there is.
        texts.reverse()
        texts.sort(key=lambda dated: dated[0])
        return iter([text for _, text in texts])


def _sent(message: Any) -> SentText:
    if not webhooks.TEXT_SID.fullmatch(message.sid) or not isinstance(message.status, str):
        raise TypeError
    return SentText(sid=message.sid, status=message.status)


def _status(message: Any, *, of: str) -> webhooks.TextStatus:
    sent = _sent(message)
    if sent.sid != of:
        raise ValueError
    code = message.error_code
    return webhooks.TextStatus(
        sid=sent.sid,
        status=sent.status.lower(),
        error_code=code if type(code) is int and code > 0 else None,
    )


def _inbound(message: Any, *, sent_at: datetime) -> webhooks.InboundSms:
    if not webhooks.TEXT_SID.fullmatch(message.sid) or not isinstance(message.from_, str):
        raise TypeError
    return webhooks.InboundSms(
        sid=message.sid,
        sender=message.from_,
        to=message.to or "",
        text=message.body or "",
        pictures=webhooks.count(message.num_media, otherwise=0),
        segments=webhooks.count(message.num_segments, otherwise=1),
        sent_at=sent_at,
    )


def _instant(found: Any) -> datetime:
    if not isinstance(found, datetime):
        raise TypeError
    return found


def _whole_second(instant: datetime) -> datetime:
    """Twilio's times have no fractions: what was taken in this second may look older than it."""
    return instant.astimezone(UTC).replace(microsecond=0)
