"""The pages on which a child asks to be called: what each shows, and what its buttons do.

What is chosen goes from page to page in a sealed cookie (helpline/public/call_wish.py). Nothing is
kept with us before the child has seen all of it and pressed Ask.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from uuid import UUID

import anyio
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from chat.calling import Slot, WindowError
from chat.errors import NotANumberError
from helpline import access, scopes
from helpline.accounts.own_phone import NotRingableError
from helpline.intake import NotKeptError
from helpline.public import (
    call_asking,
    call_shown,
    call_wish,
    call_words,
    cookies,
    rendering,
    talking,
    visiting,
)
from helpline.public.call_asking import (
    Choice,
    NoNameError,
    NotOfferedError,
    Planned,
    UnknownAnswerError,
)
from helpline.public.call_wish import Wish
from helpline.public.models import Visit
from helpline.public.steps import Ask, Step
from helpline.wiring import Adapters

# The sentence for each choice that is refused, and the page that it is made on.
_REFUSED: Mapping[type[Exception], tuple[str, Step]] = {
    NotANumberError: ("not_number", Step.CALL_NUMBER),
    WindowError: ("time_over", Step.CALL_WHEN),
    NotOfferedError: ("not_offered", Step.CALL_WHEN),
    UnknownAnswerError: ("no_answer", Step.CALL_ANSWER),
    NoNameError: ("no_name", Step.CALL_ANSWER),
}
_REFUSALS: tuple[type[Exception], ...] = (*_REFUSED, NotRingableError)
_YES = "yes"


async def page(
    request: Request, visit: Visit, step: Step, *, status: int = 200, notice: str = ""
) -> Response:
    """The page of a step, or the first one before it whose choice is still to be made."""
    if step is Step.CALL_ASKED:
        return await _asked_page(request, visit, status=status, notice=notice)
    wish = wish_of(request, visit)
    shown = call_wish.shown(wish, step)
    return _page(request, visit, wish, shown, status=status, notice=notice)


async def press(request: Request, visit: Visit, ask: Ask, form: Mapping[str, str]) -> Response:
    """Do what a button asks. What cannot be taken comes back in its page, with a sentence."""
    wish = wish_of(request, visit)
    if ask in _GIVEN:
        return await _given(request, visit, ask, wish, form)
    if ask in _DONE:
        return await _DONE[ask](request, visit, wish)
    return await _led(request, visit, call_wish.shown(wish, Step(ask.value)))


def asking_at(request: Request, visit: Visit) -> Step | None:
    """How far the child has come with asking; None when it has not begun."""
    if cookies.wish_of(request) is None:
        return None
    return call_wish.reached(wish_of(request, visit))


def wish_of(request: Request, visit: Visit) -> Wish:
    """What was chosen so far in this visit."""
    sealed = cookies.wish_of(request)
    if sealed is None:
        return Wish()
    adapters: Adapters = request.app.state.adapters
    return call_wish.read(access.wish_for_child(adapters, visit=_row_of(visit), sealed=sealed))


async def _given(
    request: Request, visit: Visit, ask: Ask, wish: Wish, form: Mapping[str, str]
) -> Response:
    adapters: Adapters = request.app.state.adapters
    taken = _GIVEN[ask](wish, form)
    try:
        _CHECKS[ask](adapters, taken, adapters.clock())
    except _REFUSALS as problem:
        return _returned(request, visit, taken, problem)
    return await _led(request, visit, call_wish.reached(taken), keeps=taken)


async def _entered(request: Request, visit: Visit, wish: Wish) -> Response:
    """To the call that is planned; else to where the child was, or to the first page."""
    if await _planned(request, visit) is not None:
        return await _led(request, visit, Step.CALL_ASKED)
    return await _led(request, visit, call_wish.reached(wish))


async def _asked(request: Request, visit: Visit, wish: Wish) -> Response:
    adapters: Adapters = request.app.state.adapters
    reached = call_wish.reached(wish)
    if reached is not Step.CALL_REVIEW:
        return await _led(request, visit, reached)
    now = adapters.clock()
    try:
        for check in _CHECKS.values():
            check(adapters, wish, now)
        conversation = await talking.begin(request, visit)
        slot = _chosen(adapters, wish, now)
        await call_asking.ask(
            adapters,
            conversation=conversation,
            choice=_choice(wish, slot),
            said=call_words.said(slot),
        )
    except _REFUSALS as problem:
        return _returned(request, visit, wish, problem)
    except NotKeptError:
        await visiting.moved(request, visit, Step.CALL_REVIEW)
        return _page(request, visit, wish, Step.CALL_REVIEW, status=503, fault="not_kept")
    return await _led(request, visit, Step.CALL_ASKED, forgets=True)


async def _changed(request: Request, visit: Visit, wish: Wish) -> Response:
    """All of it is shown again, each line with a way to change it; until Ask, the call stands."""
    del wish
    planned = await _planned(request, visit)
    if planned is None:
        return await _led(request, visit, Step.CALL_NUMBER)
    return await _led(request, visit, Step.CALL_REVIEW, keeps=call_shown.wish_of(planned))


async def _dropped(request: Request, visit: Visit, wish: Wish) -> Response:
    """Forget what was chosen. A call that is planned stays as it is."""
    del wish
    to = Step.LANDING if visit.conversation_id is None else Step.CHAT
    if await _planned(request, visit) is not None:
        to = Step.CALL_ASKED
    return await _led(request, visit, to, forgets=True)


async def _cancelled(request: Request, visit: Visit, wish: Wish) -> Response:
    del wish
    adapters: Adapters = request.app.state.adapters
    if visit.conversation_id is not None:
        await call_asking.cancel(
            adapters, conversation=visit.conversation_id, said=call_words.said_no()
        )
    return await _led(request, visit, Step.CALL_ASKED, forgets=True)


_DONE: Mapping[Ask, Callable[[Request, Visit, Wish], Awaitable[Response]]] = {
    Ask.CALL: _entered,
    Ask.ASK_CALL: _asked,
    Ask.CHANGE_CALL: _changed,
    Ask.DROP_CALL: _dropped,
    Ask.CANCEL_CALL: _cancelled,
}


def _take_number(wish: Wish, form: Mapping[str, str]) -> Wish:
    shared = form.get("shared")
    return replace(
        wish,
        number=form.get("number", ""),
        is_shared_phone=None if shared is None else shared == _YES,
    )


def _take_when(wish: Wish, form: Mapping[str, str]) -> Wish:
    day, _, part = form.get("when", "").partition(" ")
    try:
        return replace(wish, day=date.fromisoformat(day), part=part)
    except ValueError:
        return replace(wish, day=None, part=None)


def _take_answer(wish: Wish, form: Mapping[str, str]) -> Wish:
    return replace(wish, if_answered=form.get("if_answered", ""), own_name=form.get("own_name", ""))


def _take_voicemail(wish: Wish, form: Mapping[str, str]) -> Wish:
    return replace(wish, may_leave_voicemail=form.get("voicemail") == _YES)


_GIVEN: Mapping[Ask, Callable[[Wish, Mapping[str, str]], Wish]] = {
    Ask.GIVE_NUMBER: _take_number,
    Ask.GIVE_WHEN: _take_when,
    Ask.GIVE_ANSWER: _take_answer,
    Ask.GIVE_VOICEMAIL: _take_voicemail,
}


def _check_number(adapters: Adapters, wish: Wish, now: datetime) -> None:
    call_asking.number(adapters, wish.number or "", now)


def _check_when(adapters: Adapters, wish: Wish, now: datetime) -> None:
    _chosen(adapters, wish, now)


def _check_answer(adapters: Adapters, wish: Wish, now: datetime) -> None:
    del adapters, now
    call_asking.own_name(wish.if_answered or "", wish.own_name)


def _check_voicemail(adapters: Adapters, wish: Wish, now: datetime) -> None:
    del adapters, wish, now  # any answer but yes is no


_CHECKS: Mapping[Ask, Callable[[Adapters, Wish, datetime], None]] = {
    Ask.GIVE_NUMBER: _check_number,
    Ask.GIVE_WHEN: _check_when,
    Ask.GIVE_ANSWER: _check_answer,
    Ask.GIVE_VOICEMAIL: _check_voicemail,
}


def _returned(request: Request, visit: Visit, wish: Wish, problem: Exception) -> Response:
    """The page that the refused choice was made on, with what was chosen or typed."""
    if isinstance(problem, NotRingableError):
        fault, step = problem.why.value, Step.CALL_NUMBER
    else:
        fault, step = _REFUSED[type(problem)]
    return _page(request, visit, wish, step, status=422, fault=fault)


def _page(
    request: Request,
    visit: Visit,
    wish: Wish,
    step: Step,
    *,
    status: int = 200,
    notice: str = "",
    fault: str = "",
) -> Response:
    adapters: Adapters = request.app.state.adapters
    values = {
        **call_shown.of_wish(adapters, wish, step),
        "step": step.value,
        "csrf": visit.csrf,
        "notice": notice,
        "fault": fault,
    }
    return rendering.page(request, step.value, status=status, values=values)


async def _asked_page(request: Request, visit: Visit, *, status: int, notice: str) -> Response:
    adapters: Adapters = request.app.state.adapters
    values = {
        **call_shown.of_planned(adapters, await _planned(request, visit)),
        "step": Step.CALL_ASKED.value,
        "csrf": visit.csrf,
        "notice": notice,
    }
    return rendering.page(request, Step.CALL_ASKED.value, status=status, values=values)


async def _planned(request: Request, visit: Visit) -> Planned | None:
    adapters: Adapters = request.app.state.adapters
    if visit.conversation_id is None:
        return None
    find = partial(call_asking.planned, adapters, conversation=visit.conversation_id)
    return await anyio.to_thread.run_sync(find)


async def _led(
    request: Request,
    visit: Visit,
    step: Step,
    *,
    keeps: Wish | None = None,
    forgets: bool = False,
) -> Response:
    """On to a page, by way of the one address."""
    adapters: Adapters = request.app.state.adapters
    await visiting.moved(request, visit, step)
    answer = RedirectResponse("/", status_code=303)
    if keeps is not None:
        sealed = adapters.sealing.seal(
            scopes.WISH, "visit", _row_of(visit), "wish", call_wish.written(keeps)
        )
        cookies.give_wish(answer, settings=adapters.settings, sealed=sealed)
    elif forgets:
        cookies.take_wish(answer, settings=adapters.settings)
    return answer


def _chosen(adapters: Adapters, wish: Wish, now: datetime) -> Slot:
    if wish.day is None:
        raise NotOfferedError
    return call_asking.chosen(adapters, day=wish.day, part=wish.part or "", now=now)


def _choice(wish: Wish, chosen: Slot) -> Choice:
    return Choice(
        number=wish.number or "",
        day=chosen.day,
        part=chosen.part.key,
        if_answered=wish.if_answered or "",
        own_name=wish.own_name,
        may_leave_voicemail=bool(wish.may_leave_voicemail),
        is_shared_phone=bool(wish.is_shared_phone),
    )


def _row_of(visit: Visit) -> UUID:
    """A visit's row as sealing names rows: what is sealed for one visit opens in no other."""
    return UUID(bytes=visit.token_hash[:16])
