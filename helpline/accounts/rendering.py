"""The pages of signing in, made from their templates. Their words stand there, not here."""

import functools
from datetime import timedelta
from http import HTTPStatus

import jinja2
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from helpline.accounts import limits
from helpline.accounts.attempts import Refused

NO_STORE = {"Cache-Control": "no-store"}


def page(
    template: str, *, status: int = HTTPStatus.OK, csrf: str | None = None, **given: object
) -> Response:
    """A page without the strip of somebody who is signed in; never kept by the browser."""
    context = {"person": None, "csrf": csrf, "problem": None, "wait": 0, **given}
    text = _environment().get_template(f"staff/{template}").render(context)
    return Response(text, status_code=status, media_type="text/html", headers=NO_STORE)


def refused(
    template: str, refusal: Refused, *, csrf: str | None = None, **given: object
) -> Response:
    """The same page again after a refusal, with its word and, where there is one, the wait."""
    waits = refusal.wait_seconds > 0
    response = page(
        template,
        status=HTTPStatus.TOO_MANY_REQUESTS if waits else HTTPStatus.UNPROCESSABLE_ENTITY,
        csrf=csrf,
        problem="wait" if waits else "wrong",
        wait=refusal.wait_seconds,
        **given,
    )
    if waits:
        response.headers["Retry-After"] = str(refusal.wait_seconds)
    return response


def problem(status: HTTPStatus, detail: str, **more: object) -> JSONResponse:
    """A problem document (RFC 9457) for a page's own script."""
    body = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": detail,
        **more,
    }
    return JSONResponse(body, status, NO_STORE, "application/problem+json")


def wants_json(request: Request) -> bool:
    """Whether a script asks, which wants a problem document, or a person, who wants a page."""
    return "application/json" in request.headers.get("accept", "")


@functools.cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        autoescape=True,
        loader=jinja2.PackageLoader("helpline", "templates"),
        undefined=jinja2.StrictUndefined,
    )
    environment.globals["password_min"] = limits.PASSWORD_MIN
    environment.globals["password_max"] = limits.PASSWORD_MAX
    environment.globals["email_max"] = limits.EMAIL_MAX
    environment.globals["name_max"] = limits.NAME_MAX
    environment.globals["idle_minutes"] = limits.IDLE_LOCK // timedelta(minutes=1)
    environment.globals["welcome_hours"] = limits.WELCOME_LASTS // timedelta(hours=1)
    return environment
