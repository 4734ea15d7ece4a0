"""Call-backs: the list of all that are open, and the forms about calls of one conversation."""

from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from helpline.console import (
    asking,
    call_deeds,
    call_view,
    conversation_forms,
    conversation_pages,
    rendering,
)
from helpline.console.asking import Asked
from helpline.console.call_deeds import Agreed
from helpline.console.conversation_pages import subject

LIST = "/console/call-backs"
_YES = "yes"
_LONGEST_NAME = 80


async def call_backs_page(request: Request) -> Response:
    """Everybody who asked to be called, the one whose time ends first at the top."""
    asked = await asking.asked(request)
    return await run_in_threadpool(_list, asked)


async def write_down(request: Request) -> Response:
    """Write down what was agreed about a call."""
    asked = await asking.posted(request)
    form = asked.form
    deed = partial(
        call_deeds.write_down,
        asked.adapters,
        person=asked.person,
        conversation=subject(request),
        agreed=Agreed(
            number=form.get("number").strip(),
            day=form.get("day"),
            part=form.get("part"),
            if_answered=form.get("if_answered"),
            own_name=form.get("own_name").strip()[:_LONGEST_NAME],
            ends_own_name=form.get("no_own_name") == _YES,
            may_leave_voicemail=form.get("voicemail") == _YES,
            is_shared_phone=form.get("shared") == _YES,
        ),
    )
    return await _done(request, asked, deed)


async def cancel(request: Request) -> Response:
    """No call is wanted any more."""
    return await conversation_forms.post(request, call_deeds.cancel)


async def call(request: Request) -> Response:
    """Ring the advocate's own phone, and then the child's."""
    asked = await asking.posted(request)
    deed = partial(
        call_deeds.call,
        asked.adapters,
        person=asked.person,
        call_back=request.path_params["call_back"],
        reason=asked.form.get("call_reason").strip()[: conversation_forms.ONE_LINE] or None,
    )
    return await _done(request, asked, deed)


async def judge(request: Request) -> Response:
    """Say what came of a call, in one tap."""
    asked = await asking.posted(request)
    deed = partial(
        call_deeds.judge,
        asked.adapters,
        person=asked.person,
        call=request.path_params["call"],
        outcome=asked.form.get("outcome"),
    )
    return await _done(request, asked, deed)


async def seen(request: Request) -> Response:
    """A call came in, and there is nobody to answer any more."""
    asked = await asking.posted(request)
    deed = partial(
        call_deeds.seen,
        asked.adapters,
        person=asked.person,
        call=request.path_params["call"],
    )
    return await _done(request, asked, deed)


async def _done(request: Request, asked: asking.Posted, deed: partial[None]) -> Response:
    return await asking.answer(
        request,
        asked,
        deed,
        back=conversation_forms.back(request),
        again=conversation_forms.again(request, asked),
    )


def _list(asked: Asked) -> Response:
    adapters = asked.adapters
    with adapters.transactions.reading() as session:
        rows = call_view.listed(session, names=adapters.names.within(session), now=adapters.clock())
    return rendering.page(
        adapters, "call_backs.html", person=asked.person, here="call-backs", rows=rows
    )


_ONE = conversation_pages.ONE
routes: list[BaseRoute] = [
    Route(LIST, call_backs_page),
    Route(f"{_ONE}/call-back", write_down, methods=["POST"]),
    Route(f"{_ONE}/call-back/cancel", cancel, methods=["POST"]),
    Route(f"{_ONE}/call-back/{{call_back:uuid}}/call", call, methods=["POST"]),
    Route(f"{_ONE}/calls/{{call:uuid}}/outcome", judge, methods=["POST"]),
    Route(f"{_ONE}/calls/{{call:uuid}}/seen", seen, methods=["POST"]),
]
