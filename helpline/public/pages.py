"""Every page of the child's face, at one address.

A press of a button is `POST /` with `step=`, answered 303 to `/`; which page that shows is in the
visit's row. So neither the address nor the history says what was visited.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from helpline.public import (
    assets,
    call_me,
    call_offer,
    cookies,
    forms,
    leave,
    looks,
    rendering,
    steps,
    talking,
    visiting,
    visits,
    waiting,
)
from helpline.public.models import Visit
from helpline.public.steps import Ask, Step
from integrations.batches import OUTAGES

if TYPE_CHECKING:
    from helpline.wiring import Adapters

log = structlog.get_logger()

HOME = "/"

# The words of an error page; every other status of ours reads as "broken".
_ERROR_WORDS = {400: "refused", 403: "refused", 404: "not_found", 405: "refused", 413: "too_long"}


async def home(request: Request) -> Response:
    """Show the page that the visit is on."""
    if cookies.has_left(request):
        return await leave.dull(request)
    visit = await visiting.of(request)
    step = _step(visit)
    if visit is not None and step is Step.CHAT:
        if request.headers.get("x-part") == "wait":
            return await talking.wait_line(request, visit)
        return await talking.page(request, visit)
    if visit is not None and _is_calling(request, step):
        return await call_me.page(request, visit, step)
    return await _page(request, visit, step)


async def press(request: Request) -> Response:
    """Do what a button asks, then lead back to the one address."""
    forms.require_ours(request)
    form = await forms.read(request)
    ask = steps.asked(form.get("step", ""))
    if ask is None or (ask in steps.ABOUT_CALLS and not _has_phones(request)):
        raise HTTPException(400)
    if ask is Ask.START:
        return await _start(request)
    if cookies.has_left(request):
        return _home()
    if ask is Ask.LOOK:
        return _look(request, form)
    if ask is Ask.SEND:
        return await _send(request, form)
    return await _go(request, form, ask)


async def _go(request: Request, form: Mapping[str, str], ask: Ask) -> Response:
    visit = await visiting.of(request)
    # Nothing stands between a child and the numbers for danger, not even a form that is too old.
    if visit is not None and ask is not Ask.DANGER and not _is_from(visit, request, form):
        return await _again(request, visit)
    visit, token = await _present(request, visit)
    answer = await _done(request, visit, form, ask)
    if token is not None:
        _give(request, answer, token)
    return answer


async def _done(request: Request, visit: Visit, form: Mapping[str, str], ask: Ask) -> Response:
    adapters: Adapters = request.app.state.adapters
    if ask in steps.ABOUT_CALLS:
        return await call_me.press(request, visit, ask, form)
    if ask is Ask.TALK:
        await talking.begin(request, visit)
    now_at = _step(visit)
    step = steps.after(
        ask,
        now_at=now_at,
        is_talking=ask is Ask.TALK or visit.conversation_id is not None,
        asking_at=call_me.asking_at(request, visit),
    )
    await visiting.moved(request, visit, step)
    answer = _home()
    if now_at in steps.CALLING and step not in {*steps.CALLING, Step.DANGER}:
        # Whoever goes back out of asking has not asked.
        cookies.take_wish(answer, settings=adapters.settings)
    return answer


async def _send(request: Request, form: Mapping[str, str]) -> Response:
    """Keep a message. Whatever fails, the page comes back with the words in the box."""
    visit: Visit | None = None
    try:
        visit = await visiting.of(request)
        if visit is not None and not _is_from(visit, request, form):
            return await talking.returned(request, visit, form, notice="again", status=403)
        visit, token = await _present(request, visit)
        sent_back = await talking.send(request, visit, form)
        if sent_back is None:
            await visiting.moved(request, visit, Step.CHAT)
    except Exception as problem:  # noqa: BLE001 - the child's words are in this request only
        log.error("pages.not_kept", error=type(problem).__name__)
        return await talking.returned(request, visit, form, notice="not_kept", status=503)
    answer = sent_back or _home()
    if token is not None:
        _give(request, answer, token)
    return answer


async def _start(request: Request) -> Response:
    """Somebody chose to come back: what was left over ends, and the marker goes."""
    adapters: Adapters = request.app.state.adapters
    await leave.forget(request)
    answer = _home()
    cookies.take_session(answer, settings=adapters.settings)
    cookies.take_wish(answer, settings=adapters.settings)
    cookies.clear_left(answer, settings=adapters.settings)
    return answer


def _look(request: Request, form: Mapping[str, str]) -> Response:
    """Change colours or letter size. It changes nothing but looks, so it needs no visit."""
    adapters: Adapters = request.app.state.adapters
    look = looks.read(request.cookies.get(cookies.LOOK)).changed(form.get("look", ""))
    answer = _home()
    cookies.give_look(answer, settings=adapters.settings, look=look.written())
    return answer


async def _again(request: Request, visit: Visit) -> Response:
    """The page as it is, for a form that is too old to be trusted."""
    step = _step(visit)
    if step is Step.CHAT:
        return await talking.page(request, visit, status=403)
    if _is_calling(request, step):
        return await call_me.page(request, visit, step, status=403, notice="try_again")
    return await _page(request, visit, step, status=403, notice="try_again")


async def _present(request: Request, visit: Visit | None) -> tuple[Visit, str | None]:
    """The visit, begun now if there is none; then with its new token, for the cookie."""
    if visit is not None:
        return visit, None
    begun = await visiting.begun(request)
    return begun.visit, begun.token


async def _page(
    request: Request, visit: Visit | None, step: Step, *, status: int = 200, notice: str = ""
) -> HTMLResponse:
    adapters: Adapters = request.app.state.adapters
    if step in steps.CALLING:
        step = Step.LANDING  # there are no telephones any more
    values = {
        "step": step.value,
        "csrf": visit.csrf if visit else "",
        "is_first": visit is None,
        "notice": notice,
        "offer": await call_offer.to(adapters, visit),
        "wait": waiting.wait(table=adapters.grades, hours=adapters.hours, now=adapters.clock()),
    }
    return rendering.page(request, step.value, status=status, values=values)


def _step(visit: Visit | None) -> Step:
    if visit is None:
        return Step.LANDING
    return steps.stored(visit.step, is_talking=visit.conversation_id is not None)


def _has_phones(request: Request) -> bool:
    adapters: Adapters = request.app.state.adapters
    return adapters.phones is not None


def _is_calling(request: Request, step: Step) -> bool:
    return step in steps.CALLING and _has_phones(request)


def _is_from(visit: Visit, request: Request, form: Mapping[str, str]) -> bool:
    return visits.has_csrf(visit, form.get("csrf") or request.headers.get("x-csrf-token"))


def _home() -> RedirectResponse:
    return RedirectResponse(HOME, status_code=303)


def _give(request: Request, answer: Response, token: str) -> None:
    adapters: Adapters = request.app.state.adapters
    cookies.give_session(answer, settings=adapters.settings, token=token)


async def failed(request: Request, problem: Exception) -> Response:
    """The calm page for whatever went wrong: numbers for danger and the way out are on it."""
    status = _status_of(problem)
    if cookies.has_left(request):
        return _home()
    try:
        visit = await visiting.of(request)
    except Exception:  # noqa: BLE001 - the store itself may be what failed
        visit = None
    said = _ERROR_WORDS.get(status, "broken")
    values = {"said": said, "step": "error", "csrf": visit.csrf if visit else ""}
    return rendering.page(request, "error", status=status, values=values)


def _status_of(problem: Exception) -> int:
    if isinstance(problem, HTTPException):
        return problem.status_code
    return 503 if isinstance(problem, OUTAGES) else 500


async def robots(request: Request) -> Response:  # noqa: ARG001 - every page is given its request
    """Nothing here is for a search engine."""
    return Response("User-agent: *\nDisallow: /\n", media_type="text/plain")


async def icon(request: Request) -> Response:  # noqa: ARG001 - every page is given its request
    """No icon: a tab shows the browser's own."""
    return Response(status_code=204)


ROUTES: tuple[BaseRoute, ...] = (
    Route("/", home, methods=["GET"]),
    Route("/", press, methods=["POST"]),
    Route("/m", talking.inner, methods=["GET"]),
    Route("/x", leave.leave, methods=["GET", "POST"]),
    Route("/plain", leave.plain, methods=["GET"]),
    Route("/f/{name}", assets.file, methods=["GET"]),
    Route("/robots.txt", robots, methods=["GET"]),
    Route("/favicon.ico", icon, methods=["GET"]),
)

# For addresses outside the API, whose errors are problem documents.
FAILURES = {HTTPException: failed, **dict.fromkeys(OUTAGES, failed), Exception: failed}
