"""Every address of the console, and what is said when one of them fails."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles

from helpline import access
from helpline.console import (
    asking,
    board_pages,
    call_pages,
    child_forms,
    conversation_forms,
    conversation_pages,
    crowd_pages,
    danger_pages,
    escalation_pages,
    hand_on_pages,
    live,
    me_pages,
    on_call_pages,
    patterns_pages,
    phone_forms,
    place_pages,
    queue_pages,
    refusals,
    rendering,
    rota_pages,
    rules_pages,
    task_pages,
    team_pages,
    watch_pages,
)
from triage.errors import ConflictOfInterestError

STATIC = Path(__file__).resolve().parent.parent / "static" / "staff"

NOT_THERE = "There is nothing at this address. It may have been finished or moved."
OURS = (
    "Something is wrong on our side; it was not your doing. What you typed is kept. "
    "Try again in a moment."
)


async def _not_allowed(request: Request, problem: Exception) -> Response:
    why = refusals.words(problem, request.app.state.adapters.names.of)
    return _failed(request, why, HTTPStatus.FORBIDDEN)


async def _http_error(request: Request, problem: Exception) -> Response:
    status = problem.status_code if isinstance(problem, HTTPException) else HTTPStatus.NOT_FOUND
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        return _failed(request, "This address takes a form, not a visit.", status)
    return _failed(request, NOT_THERE, HTTPStatus.NOT_FOUND)


async def _crashed(request: Request, problem: Exception) -> Response:
    del problem
    return _failed(request, OURS, HTTPStatus.SERVICE_UNAVAILABLE)


def _failed(request: Request, why: str, status: int) -> Response:
    if asking.wants_json(request):
        return JSONResponse({"ok": False, "why": why}, status_code=status)
    return rendering.bare(request.app.state.adapters, "failed.html", status=status, why=why)


Failure = Callable[[Request, Exception], Awaitable[Response]]

failures: dict[type[Exception], Failure] = {
    access.NotAllowedError: _not_allowed,
    ConflictOfInterestError: _not_allowed,
    HTTPException: _http_error,
    Exception: _crashed,
}

routes: list[BaseRoute] = [
    *queue_pages.routes,
    *conversation_pages.routes,
    *conversation_forms.routes,
    *crowd_pages.routes,
    *hand_on_pages.routes,
    *team_pages.routes,
    *phone_forms.routes,
    *call_pages.routes,
    *child_forms.routes,
    *place_pages.routes,
    *danger_pages.routes,
    *escalation_pages.routes,
    *task_pages.routes,
    *on_call_pages.routes,
    *board_pages.routes,
    *patterns_pages.routes,
    *me_pages.routes,
    *rota_pages.routes,
    *rules_pages.routes,
    *watch_pages.routes,
    *live.routes,
    Mount("/static/staff", StaticFiles(directory=STATIC)),
]
