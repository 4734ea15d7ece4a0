"""Signed requests to the service, with the retry, the fallback and the resignation of Twilio."""

from collections.abc import Mapping
from uuid import uuid4

from integrations.standins.twilio import account, posting, signing
from integrations.standins.twilio.ledger import Ledger

HTTP_FAILED = 11200
NOT_ANSWERED = 11205


class Webhooks:
    """Asks the service."""

    def __init__(self, own: account.Account, ledger: Ledger) -> None:
        self._own = own
        self._ledger = ledger

    async def ask(
        self, url: str, fields: Mapping[str, str], *, sid: str, fallback: str | None = None
    ) -> posting.Answer | None:
        """Return the service's answer, or nothing when it gave none that counts.

        A failure goes to `fallback` once. When that fails too, or there is none, it is only noted.
        """
        answer, code = await self._once(url, fields)
        if answer is not None:
            return answer
        self._ledger.trouble(code, url=url, sid=sid)
        if fallback is None:
            return None
        self._ledger.counts["fallbacks"] += 1
        told = {**fields, "ErrorCode": str(code), "ErrorUrl": url}
        answer, code = await self._once(fallback, told)
        if answer is None:
            self._ledger.trouble(code, url=fallback, sid=sid)
        return answer

    async def _once(self, url: str, fields: Mapping[str, str]) -> tuple[posting.Answer | None, int]:
        form = tuple(fields.items())
        headers = {
            "X-Twilio-Signature": signing.sign(token=self._own.token, url=url, form=form),
            "I-Twilio-Idempotency-Token": str(uuid4()),
            "User-Agent": "TwilioProxy/1.1",
            "Accept": "*/*",
        }
        try:
            answer = await posting.post(url, form=form, headers=headers)
        except (posting.UnansweredError, account.NotLoopbackError):
            return None, NOT_ANSWERED
        return (answer, 0) if answer.is_good else (None, HTTP_FAILED)
