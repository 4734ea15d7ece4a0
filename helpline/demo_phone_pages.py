"""A phone on a page, for the demo: it texts the helpline, rings it, and is texted and rung.

The page asks the stand-in for the telephone company (integrations/standins/twilio), which signs its
webhooks like the company itself. Where the demo was given another stand-in, it asks that one.
"""

from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from chat import numbers
from chat.errors import NotANumberError
from helpline import demo_pages, seeding
from helpline.console import rendering
from integrations.standins.twilio.control import Call, Message, Phones, PhonesError

CHILDS = "+447700900123"
LONGEST_TEXT = 1600

_ACTS = frozenset({"answer", "reject", "hang-up", "voicemail", "ring-out"})


async def page(request: Request) -> Response:
    """GET /demo/phone: the phone that ``number`` names, by default a child's."""
    adapters = demo_pages.checked(request)
    number = _number(request.query_params.get("number") or CHILDS)
    shown = await _shown(request, number)
    return rendering.bare(
        adapters,
        "demo_phone.html",
        status=HTTPStatus.OK,
        number=number,
        local=_local(number),
        ours=_local(adapters.settings.twilio_number or ""),
        phones=[("A child", CHILDS, _local(CHILDS)), *_staff()],
        **shown,
    )


async def state(request: Request) -> Response:
    """GET /demo/phone/{number}/state: the texts and calls of one phone, for the page's script."""
    demo_pages.checked(request)
    shown = await _shown(request, _number(request.path_params["number"]))
    return JSONResponse(shown, headers={"Cache-Control": "no-store"})


async def inbox(request: Request) -> Response:
    """GET /demo/phone/{number}/inbox: what came to one phone."""
    demo_pages.checked(request)
    shown = await _shown(request, _number(request.path_params["number"]))
    came = [each for each in shown["texts"] if not each["mine"]]
    return JSONResponse(
        {"messages": [{name: each[name] for name in ("text", "at", "status")} for each in came]}
    )


async def send(request: Request) -> Response:
    """POST /demo/phone/{number}/send: text the helpline from one phone."""
    demo_pages.checked(request)
    number = _number(request.path_params["number"])
    given = await _given(request)
    text, pictures = str(given.get("text", ""))[:LONGEST_TEXT], int(bool(given.get("picture")))
    if not text.strip() and not pictures:
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, "Write something first.")
    sid = await _ask(partial(_phones(request).send, number, text, pictures=pictures))
    return _done(request, number, {"sid": sid}, HTTPStatus.CREATED)


async def ring(request: Request) -> Response:
    """POST /demo/phone/{number}/call: ring the helpline from one phone."""
    demo_pages.checked(request)
    number = _number(request.path_params["number"])
    call = await _ask(partial(_phones(request).call, number))
    return _done(request, number, {"sid": call.sid}, HTTPStatus.CREATED)


async def act(request: Request) -> Response:
    """POST /demo/phone/{number}/calls/{sid}/{act}: answer, refuse, hang up, press a key."""
    demo_pages.checked(request)
    number, what = _number(request.path_params["number"]), request.path_params["act"]
    phones, sid = _phones(request), str(request.path_params["sid"])
    does: Callable[[], Call]
    if what == "press":
        does = partial(phones.press, sid, str((await _given(request)).get("digits", "")))
    elif what in _ACTS:
        does = partial(getattr(phones, what.replace("-", "_")), sid)
    else:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    call = await _ask(does)
    return _done(request, number, {"state": call.state}, HTTPStatus.OK)


async def _shown(request: Request, number: str) -> dict[str, Any]:
    phones = _phones(request)
    texts = await _ask(partial(phones.inbox, number))
    calls = await _ask(partial(phones.calls, number))
    return {"texts": [_text(each) for each in texts], "calls": [_call(each) for each in calls[-3:]]}


def _text(message: Message) -> dict[str, Any]:
    return {
        "text": message.text,
        "picture": bool(message.pictures),
        "at": message.at.isoformat(),
        "status": message.status,
        "mine": message.is_from_phone,
    }


def _call(call: Call) -> dict[str, Any]:
    return {
        "sid": call.sid,
        "state": call.state,
        "mine": call.direction == "inbound",
        "shows": _local(call.sender),
        "said": list(call.said),
        "wants_key": call.wants_key,
        "joined": call.joined is not None,
    }


def _staff() -> list[tuple[str, str, str]]:
    return [
        (f"{each.name}, {each.role.value}", number, _local(number))
        for each in seeding.people()
        if each.phone is not None and (number := numbers.read(each.phone).e164)
    ]


def _phones(request: Request) -> Phones:
    api = request.app.state.adapters.settings.twilio_api
    if api is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return Phones(api)


async def _ask(question: Callable[[], Any]) -> Any:
    try:
        return await run_in_threadpool(question)
    except PhonesError as problem:
        refused = problem.status is not None and problem.status < HTTPStatus.INTERNAL_SERVER_ERROR
        raise HTTPException(
            HTTPStatus.CONFLICT if refused else HTTPStatus.SERVICE_UNAVAILABLE,
            "The pretend phone could not do that just now.",
        ) from None


def _number(text: str) -> str:
    try:
        number = numbers.read(text)
    except NotANumberError:
        raise HTTPException(HTTPStatus.NOT_FOUND) from None
    if not number.is_drama:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return number.e164


def _local(e164: str) -> str:
    """A British number as people write it: ``07700 900123``."""
    national = f"0{e164.removeprefix('+44')}" if e164.startswith("+44") else e164
    return f"{national[:5]} {national[5:]}"


async def _given(request: Request) -> dict[str, Any]:
    if request.headers.get("content-type", "").startswith("application/json"):
        try:
            given = await request.json()
        except ValueError:
            given = None
        if not isinstance(given, dict):
            raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY)
        return given
    return dict(await request.form())


def _done(request: Request, number: str, told: dict[str, Any], status: int) -> Response:
    if request.headers.get("content-type", "").startswith("application/json"):
        return JSONResponse(told, status)
    return RedirectResponse(
        f"/demo/phone?number={number.replace('+', '%2B')}", HTTPStatus.SEE_OTHER
    )


routes: list[BaseRoute] = [
    Route("/demo/phone", page, methods=["GET"]),
    Route("/demo/phone/{number}/state", state, methods=["GET"]),
    Route("/demo/phone/{number}/inbox", inbox, methods=["GET"]),
    Route("/demo/phone/{number}/send", send, methods=["POST"]),
    Route("/demo/phone/{number}/call", ring, methods=["POST"]),
    Route("/demo/phone/{number}/calls/{sid}/{act}", act, methods=["POST"]),
]
