"""The page where a child writes: what it shows, and how a form's message is kept.

A message that is not kept comes back in its box with a plain sentence. It is never lost.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from uuid import UUID, uuid4

import anyio
import sqlalchemy as sa
import structlog
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from chat.calling import Slot
from chat.conversation import MOST_CHARACTERS
from chat.errors import BadClientIdError, DifferentTextError, EmptyTextError, TooLongError
from chat.service import read
from helpline import access, intake
from helpline.hub import Spoken
from helpline.intake import NotKeptError
from helpline.public import (
    call_asking,
    call_offer,
    conversations,
    forms,
    rendering,
    visiting,
    waiting,
    words,
)
from helpline.public.models import Visit
from helpline.wiring import Adapters
from triage.models import Entry

log = structlog.get_logger()

# A page shows this many, the newest. Each look at a page opens what it shows.
MOST_SHOWN = 200

# The sentence and the status for each reason why a message came back in its box. A message under
# a new client_id is a new message; after an outage the old one must not arrive twice.
_RETURNED: Mapping[type[Exception], tuple[str, int]] = {
    TooLongError: ("too_long", 413),
    EmptyTextError: ("empty", 422),
    DifferentTextError: ("again", 409),
    BadClientIdError: ("again", 422),
    NotKeptError: ("not_kept", 503),
}


@dataclass(frozen=True, slots=True)
class Box:
    """What stands in the writing box of a page that is sent back, and why it was sent back."""

    draft: str = ""
    notice: str | None = None
    client_id: str = field(default_factory=lambda: uuid4().hex)


@dataclass(frozen=True, slots=True)
class _State:
    """How a conversation stands: ``since`` is when its first unanswered message came.

    ``call`` is when a call is planned, if one is.
    """

    latest: int = 0
    is_answered: bool = False
    since: datetime | None = None
    call: Slot | None = None


async def page(
    request: Request, visit: Visit | None, *, box: Box | None = None, status: int = 200
) -> HTMLResponse:
    """The writing page, with the newest messages."""
    adapters: Adapters = request.app.state.adapters
    state, messages = await _looked(adapters, visit, shows=True)
    values = {
        "step": "chat",
        "csrf": visit.csrf if visit else "",
        "conversation": visit.conversation_id if visit else None,
        "messages": messages,
        "is_cut": state.latest > MOST_SHOWN,
        "latest": messages[-1].seq if messages else 0,
        "most": MOST_CHARACTERS,
        "box": box or Box(),
        "offer": call_offer.of(adapters, state.call),
        **_waiting(adapters, state),
    }
    return rendering.page(request, "chat", status=status, values=values)


async def inner(request: Request) -> Response:
    """The messages alone, for the frame that refreshes itself where there is no JavaScript."""
    if request.headers.get("sec-fetch-dest") == "document":
        return RedirectResponse("/", status_code=303)  # it has no way to leave of its own
    adapters: Adapters = request.app.state.adapters
    visit = await visiting.of(request)
    state, messages = await _looked(adapters, visit, shows=True)
    values = {
        "messages": messages,
        "is_cut": state.latest > MOST_SHOWN,
        "is_here": visit is not None,
        **_waiting(adapters, state),
    }
    return rendering.page(request, "inner", values=values)


async def wait_line(request: Request, visit: Visit) -> HTMLResponse:
    """The one line that says how long it takes, for a page that asks again every minute."""
    adapters: Adapters = request.app.state.adapters
    state, _ = await _looked(adapters, visit, shows=False)
    return rendering.page(request, "wait", values=_waiting(adapters, state))


async def begin(request: Request, visit: Visit) -> UUID:
    """The visit's conversation, begun now if it has none."""
    if visit.conversation_id is not None:
        return visit.conversation_id
    adapters: Adapters = request.app.state.adapters
    begun = partial(
        conversations.start,
        adapters,
        language=words.load().language,
        display_name=None,
        visit=visit,
    )
    return (await anyio.to_thread.run_sync(begun)).conversation


async def send(request: Request, visit: Visit, form: Mapping[str, str]) -> Response | None:
    """Keep the form's message. None when it is kept; else the page with the words in their box.

    A visit without a conversation gets one: somebody whose session ended while they wrote has
    pressed Send and must not lose what they wrote.
    """
    adapters: Adapters = request.app.state.adapters
    quick, draft = form.get("quick", ""), forms.text_of(form)
    # What stands in the box keeps its own id: it is another message, still to be sent.
    client_id = form.get("client_id", "") + ("q" if quick else "")
    try:
        conversation = await begin(request, visit)
        await intake.keep(
            adapters.writer,
            conversation_id=conversation,
            client_id=client_id,
            text=quick or draft,
        )
    except tuple(_RETURNED) as problem:
        held = client_id if quick and not draft.strip() else form.get("client_id", "")
        return await _returned(
            request, visit, held, draft if draft.strip() else quick, type(problem)
        )
    if quick and draft.strip():
        return await page(request, visit, box=Box(draft=draft))
    return None


async def returned(
    request: Request, visit: Visit | None, form: Mapping[str, str], *, notice: str, status: int
) -> HTMLResponse:
    """The writing page with what was written still in its box, under the id it had."""
    box = Box(
        draft=forms.text_of(form) or form.get("quick", ""),
        notice=notice,
        client_id=form.get("client_id") or uuid4().hex,
    )
    return await page(request, visit, box=box, status=status)


async def _returned(
    request: Request,
    visit: Visit,
    client_id: str,
    draft: str,
    why: type[Exception],
) -> HTMLResponse:
    notice, status = _RETURNED[why]
    keeps_id = why is NotKeptError  # it may have been kept after all: a retry must not double it
    box = Box(
        draft=draft,
        notice=notice,
        client_id=(client_id or uuid4().hex) if keeps_id else uuid4().hex,
    )
    return await page(request, visit, box=box, status=status)


async def _looked(
    adapters: Adapters, visit: Visit | None, *, shows: bool
) -> tuple[_State, Sequence[Spoken]]:
    """The visit's conversation; no word of it is opened unless the page ``shows`` them."""
    if visit is None or visit.conversation_id is None:
        return _State(), ()
    read_both = partial(_read, adapters, visit.conversation_id, shows=shows)
    try:
        return await anyio.to_thread.run_sync(read_both)
    except Exception as problem:  # noqa: BLE001 - the box must open even while the store is away
        log.error("pages.messages_not_read", error=type(problem).__name__)
        return _State(), ()


def _read(
    adapters: Adapters, conversation: UUID, *, shows: bool
) -> tuple[_State, Sequence[Spoken]]:
    with adapters.transactions.reading() as session:
        state = _State(
            latest=read.find(session, conversation=conversation).last_seq,
            is_answered=read.is_answered(session, conversation=conversation),
            since=session.scalar(sa.select(Entry.waiting_since).where(Entry.id == conversation)),
        )
        if not shows:
            return state, ()
        if adapters.phones is not None:
            call = call_asking.when(session, conversation=conversation, now=adapters.clock())
            state = replace(state, call=call)
        after = max(0, state.latest - MOST_SHOWN)
        return state, access.for_child(session, adapters, conversation=conversation, after=after)


def _waiting(adapters: Adapters, state: _State) -> dict[str, object]:
    """Whether somebody has answered, and how long it takes until somebody does."""
    return {
        "is_answered": state.is_answered,
        "has_unanswered": state.since is not None,
        "wait": waiting.wait(
            table=adapters.grades, hours=adapters.hours, now=adapters.clock(), since=state.since
        ),
    }
