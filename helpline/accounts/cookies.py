"""The one cookie of the staff's face. Its name says nothing and is not the child's face's."""

from starlette.requests import HTTPConnection
from starlette.responses import Response

from helpline.settings import Settings


def name(settings: Settings) -> str:
    """``__Host-c`` on https, which ties the cookie to this host alone; ``c`` on plain loopback."""
    return "__Host-c" if _is_secure(settings) else "c"


def token_of(connection: HTTPConnection, settings: Settings) -> str | None:
    """The token that a browser brought, if it brought one."""
    return connection.cookies.get(name(settings)) or None


def put(response: Response, settings: Settings, token: str) -> None:
    """Give the browser its token. It forgets it when it closes; the server forgets it sooner."""
    response.set_cookie(
        name(settings),
        token,
        path="/",
        secure=_is_secure(settings),
        httponly=True,
        # Strict, not Lax: no other site's link or form ever acts as a signed-in person. A link in
        # a mail therefore opens the sign-in page, which offers the way on to whoever is signed in.
        samesite="strict",
    )


def take_away(response: Response, settings: Settings) -> None:
    """Have the browser forget its token."""
    response.delete_cookie(
        name(settings), path="/", secure=_is_secure(settings), httponly=True, samesite="strict"
    )


def _is_secure(settings: Settings) -> bool:
    return settings.staff_origin.startswith("https:")
