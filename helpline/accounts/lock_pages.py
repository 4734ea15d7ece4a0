"""Locking and unlocking a console, and a person's own recovery codes.

The console's script asks here too: it lays a dialog over the page, which keeps what was typed.
"""

from functools import partial
from http import HTTPStatus

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from helpline.accounts import (
    destinations,
    errors,
    forms,
    limits,
    parts,
    rendering,
    sessions,
    unlocking,
)
from helpline.accounts.attempts import Refused
from helpline.accounts.sessions import Held, Standing


async def show_locked(request: Request) -> Response:
    """Ask for the password; a script is told how its session stands."""
    held = await sessions.held(request)
    if rendering.wants_json(request):
        return JSONResponse(_told(held), headers=rendering.NO_STORE)
    wanted = destinations.checked(request.query_params.get("next"))
    if held is None or held.standing is Standing.HALF:
        raise errors.NotSignedInError
    if held.standing is Standing.OPEN:
        return RedirectResponse(wanted, HTTPStatus.SEE_OTHER, rendering.NO_STORE)
    return rendering.page("locked.html", csrf=held.csrf, next=wanted, interrupted=False)


async def unlock(request: Request) -> Response:
    """Unlock with the password. The session, and every draft, is the one from before."""
    adapters = parts.of(request)
    held = await _past_second_factor(request)
    form = await forms.read(request, csrf=held.csrf)
    refused = await unlocking.unlock(adapters, held=held, password=form.get("password"))
    wanted = destinations.checked(form.get("next"))
    if rendering.wants_json(request):
        return Response(status_code=HTTPStatus.NO_CONTENT) if refused is None else _said(refused)
    if refused is None:
        return RedirectResponse(wanted, HTTPStatus.SEE_OTHER, rendering.NO_STORE)
    return rendering.refused("locked.html", refused, csrf=held.csrf, next=wanted, interrupted=False)


async def lock(request: Request) -> Response:
    """Lock now: the person asked, or left the page alone for too long."""
    adapters = parts.of(request)
    held = await _past_second_factor(request)
    await forms.read(request, csrf=held.csrf)
    await anyio.to_thread.run_sync(partial(unlocking.lock, adapters, held=held))
    if rendering.wants_json(request):
        return Response(status_code=HTTPStatus.NO_CONTENT)
    return RedirectResponse(destinations.LOCKED, HTTPStatus.SEE_OTHER, rendering.NO_STORE)


async def here(request: Request) -> Response:
    """Somebody sits at the page and reads: looking the session up has written that down."""
    person = await sessions.required(request)
    await forms.read(request, csrf=person.csrf)
    return Response(status_code=HTTPStatus.NO_CONTENT)


async def show_codes(request: Request) -> Response:
    """Ask for the password before new recovery codes are made."""
    person = await sessions.required(request)
    return rendering.page("recovery_codes.html", csrf=person.csrf, codes=(), is_new=False)


async def make_codes(request: Request) -> Response:
    """Make a new set of recovery codes and show it, once."""
    adapters = parts.of(request)
    await sessions.required(request)
    held = await _past_second_factor(request)
    form = await forms.read(request, csrf=held.csrf)
    codes = await unlocking.fresh_codes(adapters, held=held, password=form.get("password"))
    if isinstance(codes, Refused):
        return rendering.refused(
            "recovery_codes.html", codes, csrf=held.csrf, codes=(), is_new=False
        )
    return rendering.page("recovery_codes.html", csrf=held.csrf, codes=codes, is_new=False)


async def _past_second_factor(request: Request) -> Held:
    held = await sessions.held(request)
    if held is None or held.standing is Standing.HALF:
        raise errors.NotSignedInError
    return held


def _told(held: Held | None) -> dict[str, str | float]:
    if held is None or held.standing is Standing.HALF:
        return {"standing": "ended"}
    return {
        "standing": held.standing.value,
        "csrf": held.csrf,
        "person": str(held.staff),
        "idle_seconds": limits.IDLE_LOCK.total_seconds(),
    }


def _said(refused: Refused) -> Response:
    if refused.wait_seconds:
        response = rendering.problem(
            HTTPStatus.TOO_MANY_REQUESTS, "Wait before the next try.", wait=refused.wait_seconds
        )
        response.headers["Retry-After"] = str(refused.wait_seconds)
        return response
    return rendering.problem(HTTPStatus.UNPROCESSABLE_ENTITY, "That password does not fit.")


routes = [
    Route("/console/locked", show_locked, methods=["GET"]),
    Route("/console/locked", unlock, methods=["POST"]),
    Route("/console/lock", lock, methods=["POST"]),
    Route("/console/here", here, methods=["POST"]),
    Route("/console/recovery-codes", show_codes, methods=["GET"]),
    Route("/console/recovery-codes", make_codes, methods=["POST"]),
]
