"""The API for a child's app: asking to be called. Only there where there are telephones."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import partial
from http import HTTPStatus

import anyio.to_thread
import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from chat import calling, numbers, sending
from chat.calling import WindowError
from chat.errors import NotANumberError
from helpline.accounts.own_phone import NotRingableError
from helpline.intake import NotKeptError
from helpline.public import api, call_asking, call_words, entrance, problems
from helpline.public.call_asking import (
    Choice,
    NoNameError,
    NotOfferedError,
    Planned,
    UnknownAnswerError,
)
from helpline.public.problems import ApiError, NotFoundError


class NewCallBack(msgspec.Struct):
    """What a child asks for. ``own_name`` is said when ``if_answered`` is ``own_name``.

    Where one of the two is left out, what was chosen for the call-back that is open stays.
    """

    number: str
    day: date
    part: str
    if_answered: str | None = None
    own_name: str | None = None
    voicemail: bool = False
    shared_phone: bool = False


class PlannedCallBack(msgspec.Struct, rename={"window_from": "from", "window_until": "until"}):
    """A call-back as it was understood, and the window as two instants.

    ``our_number`` is what the child's phone will show.
    """

    number: str
    day: date
    part: str
    if_answered: str
    own_name: str | None
    voicemail: bool
    shared_phone: bool
    window_from: datetime
    window_until: datetime
    tries_left: int
    our_number: str


_new_call_back: msgspec.json.Decoder[NewCallBack] = msgspec.json.Decoder(NewCallBack)


def _refusal(name: str, detail: str) -> ApiError:
    return ApiError(HTTPStatus.UNPROCESSABLE_ENTITY, name, detail)


# What each refusal means over HTTP.
REFUSALS: Mapping[type[Exception], ApiError] = {
    NotANumberError: _refusal("not-a-number", "number is not a telephone number."),
    WindowError: _refusal("time-over", "That time is over. Offer one that is still to come."),
    NotOfferedError: _refusal("time-not-offered", "Nobody is here to ring at that time."),
    UnknownAnswerError: _refusal("unknown-answer", "if_answered is not one of the answers."),
    NoNameError: _refusal("no-name", "if_answered is own_name, and own_name is empty."),
}
NUMBER_NOT_RUNG = "number-not-rung"


async def ask(request: Request) -> Response:
    """POST /call-backs. The answer follows the commit."""
    conversation = await entrance.enter_own(request)
    given = await api.body_of(request, _new_call_back)
    adapters = entrance.adapters_of(request)
    try:
        slot = call_asking.chosen(adapters, day=given.day, part=given.part, now=adapters.clock())
        choice = Choice(
            number=given.number,
            day=given.day,
            part=given.part,
            if_answered=given.if_answered,
            own_name=given.own_name,
            may_leave_voicemail=given.voicemail,
            is_shared_phone=given.shared_phone,
        )
        planned = await call_asking.ask(
            adapters, conversation=conversation, choice=choice, said=call_words.said(slot)
        )
    except NotRingableError as problem:
        raise _refusal(NUMBER_NOT_RUNG, sending.words(problem.why)) from None
    except NotKeptError as problem:
        raise problems.refusal(problem) from None
    except tuple(REFUSALS) as problem:
        raise REFUSALS[type(problem)] from None
    return _shown(request, planned, HTTPStatus.OK if planned.again else HTTPStatus.CREATED)


async def show(request: Request) -> Response:
    """GET /call-backs."""
    conversation = await entrance.enter_own(request)
    find = partial(call_asking.planned, entrance.adapters_of(request), conversation=conversation)
    planned = await anyio.to_thread.run_sync(find)
    if planned is None:
        raise NotFoundError
    return _shown(request, planned, HTTPStatus.OK)


async def cancel(request: Request) -> Response:
    """DELETE /call-backs."""
    conversation = await entrance.enter_own(request)
    await call_asking.cancel(
        entrance.adapters_of(request), conversation=conversation, said=call_words.said_no()
    )
    return Response(status_code=HTTPStatus.NO_CONTENT, headers={"Cache-Control": "no-store"})


def _shown(request: Request, planned: Planned, status: HTTPStatus) -> Response:
    own = entrance.adapters_of(request).phones
    return api.json_of(
        PlannedCallBack(
            number=numbers.national(planned.number),
            day=planned.slot.day,
            part=planned.slot.part.key,
            if_answered=planned.if_answered,
            own_name=planned.own_name,
            voicemail=planned.may_leave_voicemail,
            shared_phone=planned.is_shared_phone,
            window_from=planned.window_from.astimezone(UTC),
            window_until=planned.window_until.astimezone(UTC),
            tries_left=max(0, calling.load().tries - planned.tries),
            our_number=numbers.national(own.number) if own else "",
        ),
        status,
    )


routes = [
    Route("/call-backs", ask, methods=["POST"]),
    Route("/call-backs", show, methods=["GET"]),
    Route("/call-backs", cancel, methods=["DELETE"]),
]
