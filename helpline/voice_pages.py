"""What the telephone company asks in a call: each answer is the document that it follows next.

On the staff's face, signed like helpline/twilio_pages.py. The addresses hold opaque ids and no
more. A call that we know nothing of, or that is over, is told to hang up: a request that is sent
once more, by whoever kept it, rings nobody and shows no number.
"""

from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from uuid import UUID

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from helpline import calling, ringing, twilio_pages
from helpline.intake import NotKeptError
from integrations.batches import OUTAGES
from integrations.twilio import twiml, webhooks
from integrations.twilio.webhooks import NotReadableError

log = structlog.get_logger()

_MOST_TURNS = 100


async def came_in(request: Request) -> Response:
    """POST /twilio/voice/in: somebody rings us."""
    adapters, form = await twilio_pages.signed(request)
    try:
        event = webhooks.call_event(form)
        return twilio_pages.document(await ringing.comes(adapters, event))
    except NotReadableError:
        return _refused()
    except (NotKeptError, *OUTAGES) as problem:
        return _broken(problem)


async def menu_key(request: Request) -> Response:
    """The caller chose from the menu."""
    return await _answered(request, ringing.chooses)


async def next_person(request: Request) -> Response:
    """Nobody took the call in the last turn, or somebody did and it is over."""
    turn = request.query_params.get("turn", "")
    if not turn.isascii() or not turn.isdigit() or int(turn) > _MOST_TURNS:
        return await _answered(request, lambda *_: twiml.hang_up())
    return await _answered(request, partial(ringing.next_person, turn=int(turn)))


async def offer_key(request: Request) -> Response:
    """Whether we may ring the caller's phone."""
    return await _answered(request, ringing.answers_offer)


async def staff_answers(request: Request) -> Response:
    """A person on call was rung for a caller, and somebody answered."""
    person = _id(request, "person")
    return await _answered(
        request, lambda adapters, call, _: ringing.staff_answers(adapters, call, person)
    )


async def staff_key(request: Request) -> Response:
    """A person on call takes the caller, or does not."""
    person = _id(request, "person")
    return await _answered(
        request,
        lambda adapters, call, event: ringing.staff_presses(adapters, call, person, event),
    )


async def advocate(request: Request) -> Response:
    """The phone of whoever calls a child back was answered."""
    return await _answered(request, calling.advocate_answers)


async def advocate_key(request: Request) -> Response:
    """They pressed a key, or none."""
    return await _answered(request, calling.advocate_presses)


async def child(request: Request) -> Response:
    """The child's phone was answered."""
    return await _answered(
        request, lambda adapters, call, _: calling.child_answers(adapters, call), is_ours=False
    )


async def child_key(request: Request) -> Response:
    """Somebody pressed a key there, or nobody did."""
    return await _answered(request, calling.child_presses, is_ours=False)


async def over(request: Request) -> Response:
    """The child's phone rang in vain, or the two have spoken."""
    return await _answered(request, calling.over)


async def status(request: Request) -> Response:
    """POST /twilio/voice/status: where the first leg of a call stands. The end alone matters."""
    adapters, form = await twilio_pages.signed(request)
    try:
        event = webhooks.call_event(form)
    except NotReadableError:
        return _refused()
    if event.is_over:
        call = _id(request, "call") if "call" in request.query_params else None
        await run_in_threadpool(calling.line_down, adapters, call, event)
    return Response(status_code=HTTPStatus.NO_CONTENT)


async def _answered(
    request: Request, answer: Callable[..., str], *, is_ours: bool = True
) -> Response:
    adapters, form = await twilio_pages.signed(request)
    try:
        event = webhooks.call_event(form)
        text = await run_in_threadpool(answer, adapters, _id(request, "call"), event)
    except NotReadableError:
        return _refused()
    except OUTAGES as problem:
        return _broken(problem) if is_ours else _silent(problem)
    return twilio_pages.document(text)


def _id(request: Request, name: str) -> UUID:
    """An id of ours in an address; one that cannot be read is of nothing that there is."""
    try:
        return UUID(request.query_params.get(name, ""))
    except ValueError:
        return UUID(int=0)


def _refused() -> Response:
    return PlainTextResponse("This is no call.\n", HTTPStatus.BAD_REQUEST)


def _silent(problem: Exception) -> Response:
    # A phone that we rang, and maybe not the child who answers: not a word.
    log.error("call.broken", error=type(problem).__name__)
    return twilio_pages.document(twiml.hang_up())


def _broken(problem: Exception) -> Response:
    # Whoever rang us, or called somebody back, is told the truth and not left ringing.
    log.error("call.broken", error=type(problem).__name__)
    return twilio_pages.document(twiml.say_and_hang_up(say=calling.words("broken")))


_PAGES = {
    "in": came_in,
    "in/key": menu_key,
    "in/next": next_person,
    "in/back": offer_key,
    "staff": staff_answers,
    "staff/key": staff_key,
    "advocate": advocate,
    "advocate/key": advocate_key,
    "child": child,
    "child/key": child_key,
    "over": over,
    "status": status,
}
# Any method, because a forged request is refused before it is looked at.
routes: list[BaseRoute] = [
    Route(f"/twilio/voice/{step}", page, methods=["GET", "POST"]) for step, page in _PAGES.items()
]
