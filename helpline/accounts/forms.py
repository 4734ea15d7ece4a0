"""Reading a form of the staff's face: from our own page, of a bounded size, with its token."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from starlette.requests import Request

from helpline import origins
from helpline.accounts import errors, limits

CONTENT_TYPE = "application/x-www-form-urlencoded"
CSRF_FIELD = "csrf"
CSRF_HEADER = "x-csrf-token"
_MOST_FIELDS = 800


@dataclass(frozen=True, kw_only=True)
class Form:
    """The fields of a form. A field that was sent twice counts once, the last."""

    fields: Mapping[str, str]

    def get(self, name: str) -> str:
        """A field, or nothing."""
        return self.fields.get(name, "")


async def read(
    request: Request, *, csrf: str | None, max_bytes: int = limits.FORM_MAX_BYTES
) -> Form:
    """The form that ``request`` carries, once it is sure that our own page sent it.

    ``csrf`` is the token of the session, wanted in the field ``csrf`` or the header
    ``X-CSRF-Token``; None before there is a session, when the Origin alone is checked.
    Raises ForgedFormError, FormTooLargeError and UnreadableFormError.
    """
    if not origins.is_ours(request, face="staff"):
        raise errors.ForgedFormError
    body = await _body(request, max_bytes)
    kind = request.headers.get("content-type", CONTENT_TYPE).partition(";")[0].strip().lower()
    if body and kind != CONTENT_TYPE:
        raise errors.UnreadableFormError
    try:
        # Bytes that are not UTF-8 become U+FFFD; they never make an error.
        pairs = parse_qsl(
            body.decode("latin-1"), keep_blank_values=True, max_num_fields=_MOST_FIELDS
        )
    except ValueError:
        raise errors.UnreadableFormError from None
    form = Form(fields=dict(pairs))
    if csrf is not None:
        check_token(request, form, csrf=csrf)
    return form


def check_token(request: Request, form: Form, *, csrf: str) -> None:
    """Refuse a form without its session's token, where the form itself tells which it needs."""
    given = form.get(CSRF_FIELD) or request.headers.get(CSRF_HEADER, "")
    if not hmac.compare_digest(given.encode(), csrf.encode()):
        raise errors.ForgedFormError


async def _body(request: Request, max_bytes: int) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > max_bytes:
            raise errors.FormTooLargeError
    return bytes(body)
