"""The four cookies of the child's face, with names that say nothing.

``s`` is the session, ``gone`` the marker of having left, ``t`` the colours and letter size, ``w``
what was chosen so far of something that is not asked for yet, sealed. All end with the browser.
The marker is readable by the page, because leaving sets it in the same instant, before any network.
"""

import base64
import binascii

from starlette.requests import HTTPConnection
from starlette.responses import Response

from helpline.settings import Settings

MARKER = "gone"
LOOK = "t"
WISH = "w"


def is_https(settings: Settings) -> bool:
    """Whether the child's face is reached over https, so that cookies may ask for it."""
    return settings.child_origin.startswith("https:")


def session_name(settings: Settings) -> str:
    """The session's cookie; ``__Host-`` pins it to this very host."""
    return "__Host-s" if is_https(settings) else "s"


def has_left(connection: HTTPConnection) -> bool:
    """Whether this browser has left and nobody has pressed Start since."""
    return MARKER in connection.cookies


def token_of(connection: HTTPConnection, settings: Settings) -> str | None:
    """The session's token. A browser that has left has none, even if its cookie is still there."""
    return None if has_left(connection) else leftover(connection, settings)


def leftover(connection: HTTPConnection, settings: Settings) -> str | None:
    """The token that the browser still holds, for ending its visit."""
    return connection.cookies.get(session_name(settings))


def give_session(response: Response, *, settings: Settings, token: str) -> None:
    """Hand the token to the browser until it closes."""
    response.set_cookie(
        session_name(settings),
        token,
        path="/",
        secure=is_https(settings),
        httponly=True,
        samesite="strict",
    )


def take_session(response: Response, *, settings: Settings) -> None:
    """Make the browser forget the token."""
    response.delete_cookie(
        session_name(settings),
        path="/",
        secure=is_https(settings),
        httponly=True,
        samesite="strict",
    )


def mark_left(response: Response, *, settings: Settings) -> None:
    """Set the marker. It ends with the browser, so that nobody is locked out for long."""
    response.set_cookie(MARKER, "1", path="/", secure=is_https(settings), samesite="lax")


def clear_left(response: Response, *, settings: Settings) -> None:
    """Clear the marker: somebody chose to start."""
    response.delete_cookie(MARKER, path="/", secure=is_https(settings), samesite="lax")


def give_look(response: Response, *, settings: Settings, look: str) -> None:
    """Remember colours and letter size. It says nothing about the visit."""
    response.set_cookie(
        LOOK, look, path="/", secure=is_https(settings), httponly=True, samesite="lax"
    )


def take_look(response: Response, *, settings: Settings) -> None:
    """Forget colours and letter size."""
    response.delete_cookie(LOOK, path="/", secure=is_https(settings), httponly=True, samesite="lax")


def give_wish(response: Response, *, settings: Settings, sealed: bytes) -> None:
    """Let the browser hold what is not asked for yet. Only we can open it."""
    response.set_cookie(
        WISH,
        base64.urlsafe_b64encode(sealed).decode("ascii"),
        path="/",
        secure=is_https(settings),
        httponly=True,
        samesite="strict",
    )


def wish_of(connection: HTTPConnection) -> bytes | None:
    """What the browser holds, still sealed. A browser that has left holds nothing."""
    held = None if has_left(connection) else connection.cookies.get(WISH)
    if held is None:
        return None
    try:
        return base64.urlsafe_b64decode(held)
    except (binascii.Error, ValueError):
        return None


def take_wish(response: Response, *, settings: Settings) -> None:
    """Make the browser forget it."""
    response.delete_cookie(
        WISH, path="/", secure=is_https(settings), httponly=True, samesite="strict"
    )
