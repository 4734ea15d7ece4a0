"""What a request carries, as far as Twilio reads it: fields of a form, more than one of a name."""

import re
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl

from integrations.standins.twilio import account, errors

E164 = re.compile(r"\+[1-9]\d{6,14}", flags=re.ASCII)
Form = Mapping[str, Sequence[str]]


def parse(encoded: bytes | str) -> Form:
    """Return the fields; an empty value is a value."""
    text = encoded.decode("utf-8", "replace") if isinstance(encoded, bytes) else encoded
    found: dict[str, list[str]] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        found.setdefault(name, []).append(value)
    return found


def first(form: Form, name: str) -> str:
    """Return a field, or nothing."""
    return form.get(name, ("",))[0]


def required(form: Form, name: str, *, code: int) -> str:
    """Return a field. Raises ApiError with `code` when it is missing."""
    value = first(form, name)
    if not value:
        raise errors.ApiError(status=400, code=code)
    return value


def recipient(form: Form, *, own: str) -> str:
    """Return whom a text or a call is to. Raises ApiError with the code that Twilio uses."""
    to = required(form, "To", code=21604)
    if E164.fullmatch(to) is None:
        # Twilio repeats the number in its words, so the stand-in does.
        raise errors.ApiError(status=400, code=21211, detail=to)
    if to == own:
        raise errors.ApiError(status=400, code=21266)
    return to


def callback(form: Form, name: str = "StatusCallback", *, code: int = 21609) -> str | None:
    """Return an address of ours that Twilio is to ask, if there is one."""
    url = first(form, name)
    if url and not account.is_loopback(url):
        raise errors.ApiError(status=400, code=code)
    return url or None
