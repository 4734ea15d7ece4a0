"""Calls by Twilio's Calls: ring one number, and hang up. Nothing is ever recorded.

No machine detection either: it listens and guesses, and a key that is pressed proves a person.
"""

from dataclasses import dataclass
from typing import Any, Protocol

from integrations.twilio import client, errors, webhooks

EVENTS = ("initiated", "ringing", "answered", "completed")
# "Invalid call state": it had ended by itself.
NOT_IN_PROGRESS = 21220


@dataclass(frozen=True, slots=True, kw_only=True)
class RungCall:
    """A call that Twilio has begun."""

    sid: str


class Calls(Protocol):
    """Rings numbers. Every method may raise TwilioError."""

    def ring(self, *, to: str, answer_at: str, status_to: str, rings_for_seconds: int) -> RungCall:
        """Ring ``to`` from our number. What the person hears is fetched from ``answer_at``.

        Each step is told to ``status_to``. Both are addresses of ours with nothing but opaque ids
        in them: Twilio keeps them. It may ring for 5 seconds more than it is told.
        """

    def hang_up(self, *, sid: str) -> None:
        """End a call, whether it still rings or not. One that has ended already is no error."""


class TwilioCalls:
    """Calls from ``number``, ours in E.164, through one account."""

    def __init__(self, api: client.Api, *, number: str) -> None:
        self._api = api
        self._number = number

    def ring(self, *, to: str, answer_at: str, status_to: str, rings_for_seconds: int) -> RungCall:
        """See :class:`Calls`."""
        return self._api.ask(
            lambda sdk: _rung(
                sdk.calls.create(
                    to=to,
                    from_=self._number,
                    url=answer_at,
                    status_callback=status_to,
                    status_callback_event=list(EVENTS),
                    timeout=rings_for_seconds,
                )
            ),
            writes=True,
        )

    def hang_up(self, *, sid: str) -> None:
        """See :class:`Calls`."""
        if not webhooks.CALL_SID.fullmatch(sid):
            # It becomes a part of an address.
            raise errors.TwilioError(can_retry=False)
        try:
            self._api.ask(lambda sdk: sdk.calls(sid).update(status="completed"), writes=True)
        except errors.TwilioError as refused:
            if refused.code != NOT_IN_PROGRESS:
                raise


def _rung(call: Any) -> RungCall:
    if not webhooks.CALL_SID.fullmatch(call.sid):
        raise TypeError
    return RungCall(sid=call.sid)
