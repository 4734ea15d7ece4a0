"""The pages behind the one-time link: a password, then the authenticator app, then the codes."""

from functools import partial
from http import HTTPStatus
from typing import Any

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from helpline.accounts import (
    cookies,
    destinations,
    errors,
    forms,
    parts,
    rendering,
    sessions,
    totp,
    welcoming,
)
from helpline.accounts.attempts import Refused
from helpline.accounts.passwords import Fault
from helpline.accounts.sessions import Held
from helpline.accounts.welcoming import Enrolling

_TEMPLATE = "welcome.html"
_GROUP = 4


async def show(request: Request) -> Response:
    """The step that this browser is at: the password, or the app."""
    held, enrolling = await _enrolling(request)
    if held is not None and enrolling is not None:
        return _ask_for_code(held, enrolling, None)
    return _ask_for_password()


async def take(request: Request) -> Response:
    """Take the password with the link's secret, or the first code of the app."""
    held, enrolling = await _enrolling(request)
    form = await forms.read(request, csrf=None)
    if form.get("step") == "code":
        if held is None or enrolling is None:
            return _ask_for_password(problem="begin_again")
        forms.check_token(request, form, csrf=held.csrf)
        return await _take_code(request, form, held, enrolling)
    return await _take_password(request, form)


async def _take_password(request: Request, form: forms.Form) -> Response:
    adapters = parts.of(request)
    secret, name = form.get("secret"), form.get("name")
    password = form.get("password")
    if password != form.get("again"):
        return _ask_for_password(problem="not_the_same", secret=secret, name=name)
    try:
        chosen = await welcoming.choose(adapters, secret=secret, name=name, password=password)
    except errors.WrongNameError:
        return _ask_for_password(problem="wrong_name", secret=secret)
    if chosen is None:
        return _ask_for_password(problem="wrong_link")
    if isinstance(chosen, Fault):
        return _ask_for_password(problem=chosen.value, secret=secret, name=name)
    after = destinations.HOME if chosen.is_complete else destinations.WELCOME
    response = RedirectResponse(after, HTTPStatus.SEE_OTHER, rendering.NO_STORE)
    cookies.put(response, adapters.settings, chosen.begun.token)
    return response


async def _take_code(
    request: Request, form: forms.Form, held: Held, enrolling: Enrolling
) -> Response:
    adapters = parts.of(request)
    completed = await anyio.to_thread.run_sync(
        partial(welcoming.prove, adapters, held=held, code=form.get("code"))
    )
    if isinstance(completed, Refused):
        return _ask_for_code(held, enrolling, completed)
    response = rendering.page(
        "recovery_codes.html", csrf=completed.begun.csrf, codes=completed.codes, is_new=True
    )
    cookies.put(response, adapters.settings, completed.begun.token)
    return response


async def _enrolling(request: Request) -> tuple[Held | None, Enrolling | None]:
    adapters = parts.of(request)
    held = await sessions.held(request)
    look = partial(welcoming.enrolling, adapters, held=held)
    return held, await anyio.to_thread.run_sync(look)


def _ask_for_password(*, problem: str | None = None, secret: str = "", name: str = "") -> Response:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK
    return rendering.page(
        _TEMPLATE, status=status, problem=problem, secret=secret, name=name, step="password"
    )


def _ask_for_code(held: Held, enrolling: Enrolling, refusal: Refused | None) -> Response:
    shown: dict[str, Any] = {
        "step": "code",
        "picture": totp.picture(enrolling.secret, email=enrolling.email),
        "spelled": " ".join(
            enrolling.secret[at : at + _GROUP] for at in range(0, len(enrolling.secret), _GROUP)
        ),
    }
    if refusal is None:
        return rendering.page(_TEMPLATE, csrf=held.csrf, **shown)
    return rendering.refused(_TEMPLATE, refusal, csrf=held.csrf, **shown)


routes = [
    Route("/console/welcome", show, methods=["GET"]),
    Route("/console/welcome", take, methods=["POST"]),
]
