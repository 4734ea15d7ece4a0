"""A form of the child's pages is read: bounded, never refused for its letters, from our pages."""

from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request

from helpline import origins

# 10,000 characters can need 12 bytes each when a form encodes them; a longer text must still
# arrive, so that it can be given back with a sentence about its length.
MOST_BYTES = 256 * 1024
MOST_FIELDS = 32


async def read(request: Request) -> Mapping[str, str]:
    """The fields of a form; the last wins. Raises 413 or 400 as an HTTPException."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise HTTPException(413)
    try:
        pairs = parse_qsl(
            body.decode("ascii", errors="replace"),
            keep_blank_values=True,
            errors="replace",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError:
        raise HTTPException(400) from None
    return dict(pairs)


def text_of(form: Mapping[str, str]) -> str:
    """What was written, with the line ends that every form sends as two made one again."""
    return form.get("text", "").replace("\r\n", "\n")


def require_ours(request: Request) -> None:
    """Refuse a form that another site's page sent. Raises 403 as an HTTPException.

    Our own forms carry ``Origin: null``, because the pages ask for no referrer (Fetch standard,
    "append a request Origin header"); then the browser's own word for where it comes from counts.
    """
    if request.headers.get("origin") == "null":
        ours = request.headers.get("sec-fetch-site") in {None, "same-origin", "none"}
    else:
        ours = origins.is_ours(request, face="child")
    if not ours:
        raise HTTPException(403)
