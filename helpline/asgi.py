"""The two faces of the service, each an app of its own on a host of its own.

A child's page and a staff page never share an origin or a cookie; the wrong host answers 404.
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, ExceptionHandler, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from helpline import (
    demo_pages,
    demo_phone_pages,
    measures,
    operations,
    origins,
    paging_pages,
    twilio_pages,
    voice_pages,
)
from helpline.accounts import pages as accounts_pages
from helpline.accounts import refusals as accounts_refusals
from helpline.console import headers as console_headers
from helpline.console import pages as console_pages
from helpline.public import api, call_back_api, headers, openapi, problems, stream
from helpline.public import pages as child_pages
from helpline.public.problems import ApiError, NotFoundError, Problem

if TYPE_CHECKING:
    from helpline.wiring import Adapters

_OPERATIONS = frozenset({"/healthz", "/readyz"})


class Faces:
    """Sends each request to the face that its Host names, and every other host nowhere."""

    def __init__(self, adapters: "Adapters", lifespan: ASGIApp) -> None:
        self._settings = adapters.settings
        self._lifespan = lifespan
        self._operations = _app(adapters, operations.routes)
        self._faces: dict[origins.Face, ASGIApp] = {
            "child": child_app(adapters),
            "staff": staff_app(adapters),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(scope, receive, send)
            return
        if scope["path"] in _OPERATIONS and scope["type"] == "http":
            await self._operations(scope, receive, send)
            return
        host = next((v.decode("latin-1") for k, v in scope["headers"] if k == b"host"), None)
        face = origins.face_of(self._settings, host)
        if face is not None:
            await self._faces[face](scope, receive, send)
        elif scope["type"] == "websocket":
            await WebSocketClose()(scope, receive, send)
        else:
            nowhere = PlainTextResponse("Nothing here.\n", HTTPStatus.NOT_FOUND)
            await nowhere(scope, receive, send)


def child_app(adapters: "Adapters") -> ASGIApp:
    """The child's face: its pages at one address, and the API for an app."""
    app = _app(
        adapters,
        [
            stream.live_route("/api/v1"),
            Route("/api/v1", _api_root),
            Mount("/api/v1", app=_api(adapters)),
            *child_pages.ROUTES,
        ],
        child_pages.FAILURES,
    )
    return headers.harden(app, settings=adapters.settings)


def staff_app(adapters: "Adapters") -> ASGIApp:
    """The staff's face: sign-in, console, figures; in a demo also the demo's pages."""
    routes: list[BaseRoute] = [*accounts_pages.routes, *console_pages.routes, *measures.routes]
    if adapters.phones is not None:
        routes += [*twilio_pages.routes, *voice_pages.routes, *paging_pages.routes]
    if adapters.settings.demo:
        routes += [*demo_pages.routes, *demo_phone_pages.routes]
    app = _app(
        adapters,
        routes,
        {
            **accounts_refusals.HANDLERS,
            **console_pages.failures,
            **twilio_pages.FAILURES,
        },
    )
    return console_headers.Harden(app)


def _api(adapters: "Adapters") -> Starlette:
    routes: list[BaseRoute] = [*api.routes, *stream.routes, *openapi.routes]
    if adapters.phones is not None:
        routes += call_back_api.routes
    return _app(
        adapters,
        routes,
        {
            ApiError: problems.on_api_error,
            HTTPException: _api_http_error,
            Exception: _api_crash,
        },
    )


def _app(
    adapters: "Adapters",
    routes: Sequence[BaseRoute],
    failures: Mapping[Any, ExceptionHandler] | None = None,
) -> Starlette:
    app = Starlette(routes=routes, exception_handlers=failures or {})
    # A redirect to the address with a slash would be one more address in a child's history.
    app.router.redirect_slashes = False
    app.state.adapters = adapters
    return app


async def _api_root(request: Request) -> Response:
    del request
    return problems.answer(NotFoundError().problem)


async def _api_http_error(request: Request, error: Exception) -> Response:
    del request
    status = error.status_code if isinstance(error, HTTPException) else HTTPStatus.NOT_FOUND
    if status == HTTPStatus.NOT_FOUND:
        return problems.answer(NotFoundError().problem)
    phrase = HTTPStatus(status).phrase
    answer = problems.answer(Problem("urn:problem:refused", phrase, status, f"{phrase}."))
    # A method that is not allowed must say which are (RFC 9110, 15.5.6).
    answer.headers.update((isinstance(error, HTTPException) and error.headers) or {})
    return answer


async def _api_crash(request: Request, error: Exception) -> Response:
    del request, error
    return problems.answer(
        Problem(
            "urn:problem:ours",
            "Something is wrong on our side",
            HTTPStatus.SERVICE_UNAVAILABLE,
            "It was not your doing. Send it again in a moment, with the same client_id.",
        )
    )
