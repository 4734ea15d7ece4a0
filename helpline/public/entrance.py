"""Who may call the child's API: the bearer token, or a page's cookie with our own Origin."""

from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING
from uuid import UUID

import anyio.to_thread
from starlette.requests import HTTPConnection

from helpline import origins
from helpline.public import cookies, visits
from helpline.public.models import Visit
from helpline.public.problems import ApiError, NotAuthorisedError, NotFoundError

if TYPE_CHECKING:
    from helpline.wiring import Adapters

_SAFE = frozenset({"GET", "HEAD"})


class ForeignOriginError(ApiError):
    """The call comes from somebody else's page."""

    def __init__(self) -> None:
        super().__init__(
            HTTPStatus.FORBIDDEN, "foreign-origin", "This call comes from another site's page."
        )


def adapters_of(connection: HTTPConnection) -> "Adapters":
    """The adapters of the running service."""
    adapters: Adapters = connection.app.state.adapters
    return adapters


def check_origin(connection: HTTPConnection) -> None:
    """Refuse a call that another site's page makes. An app names no origin."""
    if "origin" in connection.headers and not origins.is_ours(connection, face="child"):
        raise ForeignOriginError


async def enter(connection: HTTPConnection, *, token: str | None = None) -> UUID:
    """The conversation in the path, if this caller may be in it.

    ``token`` is the one of a socket's first frame. Without one the header's bearer token counts,
    and without that the cookie, with our own Origin and, for what changes something, the CSRF
    token. A conversation of somebody else is answered like one that does not exist.
    """
    check_origin(connection)
    conversation = _conversation_in_path(connection)
    if await _entered(connection, token) != conversation:
        raise NotFoundError
    return conversation


async def enter_own(connection: HTTPConnection) -> UUID:
    """The conversation of the bearer token or the page's visit, checked as :func:`enter` does."""
    check_origin(connection)
    conversation = await _entered(connection, None)
    if conversation is None:
        raise NotFoundError
    return conversation


async def _entered(connection: HTTPConnection, token: str | None) -> UUID | None:
    bearer = token or _bearer(connection)
    settings = adapters_of(connection).settings
    visit = await _visit(connection, bearer or cookies.token_of(connection, settings))
    if visit is None:
        raise NotAuthorisedError
    if bearer is None:
        _check_page(connection, visit)
    return visit.conversation_id


async def still_may_enter(connection: HTTPConnection, *, token: str | None = None) -> bool:
    """Whether the caller may stay: its visit may have ended since it came in."""
    try:
        await enter(connection, token=token)
    except ApiError:
        return False
    return True


def _check_page(connection: HTTPConnection, visit: Visit) -> None:
    # A browser names the origin of every socket, so only an app leaves it out, and it has a token.
    is_nameless = connection.scope["type"] == "websocket" and "origin" not in connection.headers
    if is_nameless or not origins.is_ours(connection, face="child"):
        raise ForeignOriginError
    method = connection.scope.get("method", "GET")
    if method not in _SAFE and not visits.has_csrf(visit, connection.headers.get("x-csrf-token")):
        raise ApiError(
            HTTPStatus.FORBIDDEN, "no-csrf-token", "Load the page again and send it once more."
        )


async def _visit(connection: HTTPConnection, token: str | None) -> Visit | None:
    # Our tokens are ASCII; a lone surrogate in a socket's frame could not even be hashed.
    if token is None or not token.isascii():
        return None
    return await anyio.to_thread.run_sync(partial(_find, adapters_of(connection), token))


def _find(adapters: "Adapters", token: str) -> Visit | None:
    with adapters.transactions.reading() as session:
        return visits.find(session, token, adapters.clock())


def _bearer(connection: HTTPConnection) -> str | None:
    kind, _, token = connection.headers.get("authorization", "").partition(" ")
    return token.strip() or None if kind.lower() == "bearer" else None


def _conversation_in_path(connection: HTTPConnection) -> UUID:
    try:
        return UUID(connection.path_params["conversation"])
    except ValueError:
        raise NotFoundError from None
