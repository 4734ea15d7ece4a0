"""What a failed request to Twilio means: try again or not, and whether it may be out already."""

import json
from typing import Any

# "Never processed and always safe to retry": too many requests at once.
TOO_MANY = 20429
# About this text, this call or these two numbers: they stay refused, whatever status comes along.
ABOUT_THIS_REQUEST = range(21000, 22000)

_MULTIPLE_CHOICES = 300
_BAD_REQUEST = 400
_UNAUTHORIZED = 401
_FORBIDDEN = 403
_REQUEST_TIMEOUT = 408
_TOO_MANY_REQUESTS = 429
_SERVER_ERROR = 500


class TwilioError(Exception):
    """Twilio did not do it, or nobody knows whether it did.

    ``can_retry`` says whether trying again can help; a person may have to mend something first.
    ``code`` is Twilio's, or the status of HTTP where the answer held none, or None without an
    answer. ``maybe_sent`` says that the text or call may be out: look for it before trying again.
    Twilio's own words are left out, because they quote numbers.
    """

    def __init__(
        self, *, can_retry: bool, code: int | None = None, maybe_sent: bool = False
    ) -> None:
        super().__init__()
        self.can_retry = can_retry
        self.code = code
        self.maybe_sent = maybe_sent


def from_answer(*, status: int, body: str, writes: bool) -> TwilioError:
    """What an answer other than 2xx means. ``writes``: the request was to send, ring or end."""
    code = _code(body) or status
    if status == _TOO_MANY_REQUESTS or code == TOO_MANY:
        return TwilioError(can_retry=True, code=code)
    if status >= _SERVER_ERROR or status == _REQUEST_TIMEOUT:
        return TwilioError(can_retry=True, code=code, maybe_sent=writes)
    if _MULTIPLE_CHOICES <= status < _BAD_REQUEST:
        # Twilio sends nobody elsewhere: something else answered in its place.
        return TwilioError(can_retry=True, code=code, maybe_sent=writes)
    if status in {_UNAUTHORIZED, _FORBIDDEN} and code not in ABOUT_THIS_REQUEST:
        # A wrong token or a closed account. A person mends it, and what waits must still go out.
        return TwilioError(can_retry=True, code=code)
    return TwilioError(can_retry=False, code=code)


def unreadable(*, writes: bool) -> TwilioError:
    """What an answer means that says yes and cannot be understood."""
    return TwilioError(can_retry=True, maybe_sent=writes)


def _code(body: str) -> int | None:
    try:
        answer: Any = json.loads(body)
    except (ValueError, RecursionError):
        return None
    code = answer.get("code") if isinstance(answer, dict) else None
    return code if type(code) is int and code > 0 else None
