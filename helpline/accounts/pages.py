"""Signing in and out: the pages, and the routes of everything in this package."""

from functools import partial
from http import HTTPStatus

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from helpline.accounts import (
    cookies,
    destinations,
    entering,
    errors,
    forms,
    lock_pages,
    parts,
    rendering,
    sessions,
    welcome_pages,
)
from helpline.accounts.attempts import Refused
from helpline.accounts.entering import Entered
from helpline.accounts.parts import Parts
from helpline.accounts.sessions import Held, Standing


async def show_sign_in(request: Request) -> Response:
    """Ask for address and password, unless this browser is further on already."""
    wanted = destinations.checked(request.query_params.get("next"))
    held = await sessions.held(request)
    if held is not None:
        return RedirectResponse(_step_of(held, wanted), HTTPStatus.SEE_OTHER, rendering.NO_STORE)
    return rendering.page("sign_in.html", next=wanted, email="")


async def sign_in(request: Request) -> Response:
    """Check address and password. The answer never tells whether anybody has the address."""
    adapters = parts.of(request)
    form = await forms.read(request, csrf=None)
    held = await sessions.held(request)
    entered = await entering.with_password(
        adapters,
        email=form.get("email"),
        password=form.get("password"),
        old_session=held.token_hash if held else None,
    )
    wanted = destinations.checked(form.get("next"))
    if isinstance(entered, Refused):
        return rendering.refused("sign_in.html", entered, next=wanted, email=form.get("email"))
    return _onwards(adapters, entered, wanted)


async def show_second_factor(request: Request) -> Response:
    """Ask for the code of the authenticator app."""
    wanted = destinations.checked(request.query_params.get("next"))
    held = await sessions.held(request)
    if held is None or held.standing is not Standing.HALF:
        step = _step_of(held, wanted)
        return RedirectResponse(step, HTTPStatus.SEE_OTHER, rendering.NO_STORE)
    return rendering.page("second_factor.html", csrf=held.csrf, next=wanted)


async def second_factor(request: Request) -> Response:
    """Check the code of the app, or a recovery code."""
    adapters = parts.of(request)
    held = await sessions.held(request)
    if held is None or held.standing is not Standing.HALF:
        raise errors.NotSignedInError
    form = await forms.read(request, csrf=held.csrf)
    entered = await entering.with_code(adapters, held=held, typed=form.get("code"))
    wanted = destinations.checked(form.get("next"))
    if isinstance(entered, Refused):
        return rendering.refused("second_factor.html", entered, csrf=held.csrf, next=wanted)
    return _onwards(adapters, entered, wanted)


async def sign_out(request: Request) -> Response:
    """End this browser's session, however it stands."""
    adapters = parts.of(request)
    held = await sessions.held(request)
    await forms.read(request, csrf=held.csrf if held else None)
    if held is not None:
        await anyio.to_thread.run_sync(partial(entering.sign_out, adapters, held=held))
    response = RedirectResponse(destinations.SIGN_IN, HTTPStatus.SEE_OTHER, rendering.NO_STORE)
    cookies.take_away(response, adapters.settings)
    return response


def _onwards(adapters: Parts, entered: Entered, wanted: str) -> Response:
    second = destinations.by_way_of(destinations.SECOND_FACTOR, wanted)
    response = RedirectResponse(
        wanted if entered.is_complete else second, HTTPStatus.SEE_OTHER, rendering.NO_STORE
    )
    cookies.put(response, adapters.settings, entered.begun.token)
    return response


def _step_of(held: Held | None, wanted: str) -> str:
    if held is None:
        return destinations.by_way_of(destinations.SIGN_IN, wanted)
    if held.standing is Standing.HALF:
        return destinations.by_way_of(destinations.SECOND_FACTOR, wanted)
    if held.standing is Standing.LOCKED:
        return destinations.by_way_of(destinations.LOCKED, wanted)
    return wanted


routes = [
    Route("/console/sign-in", show_sign_in, methods=["GET"]),
    Route("/console/sign-in", sign_in, methods=["POST"]),
    Route("/console/second-factor", show_second_factor, methods=["GET"]),
    Route("/console/second-factor", second_factor, methods=["POST"]),
    Route("/console/sign-out", sign_out, methods=["POST"]),
    *welcome_pages.routes,
    *lock_pages.routes,
]
