"""The page where a child writes: what it shows, and how a form's message is kept.

A message that is not kept comes back in its box with a plain sentence. It is never lost.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from uuid import UUID, uuid4

import anyio
import structlog
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from chat.conversation import MOST_CHARACTERS
from chat.errors import BadClientIdError, DifferentTextError, EmptyTextError, TooLongError
from helpline import access, intake
from helpline.hub import Spoken
from helpline.intake import NotKeptError
from helpline.public import conversations, forms, rendering, visiting, waiting, words
from helpline.public.models import Visit
from helpline.wiring import Adapters

log = structlog.get_logger()

CHILD = "child"
ADVOCATE = "advocate"

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


async def page(
    request: Request, visit: Visit | None, *, box: Box | None = None, status: int = 200
) -> HTMLResponse:
    """The writing page, with every message so far."""
    adapters: Adapters = request.app.state.adapters
    messages = await _messages(adapters, visit)
    values = {
        "step": "chat",
        "csrf": visit.csrf if visit else "",
        "conversation": visit.conversation_id if visit else None,
        "messages": messages,
        "latest": messages[-1].seq if messages else 0,
        "most": MOST_CHARACTERS,
        "box": box or Box(),
        **_state(adapters, messages),
    }
    return rendering.page(request, "chat", status=status, values=values)


async def inner(request: Request) -> Response:
    """The messages alone, for the frame that refreshes itself where there is no JavaScript."""
    if request.headers.get("sec-fetch-dest") == "document":
        return RedirectResponse("/", status_code=303)  # it has no way to leave of its own
    adapters: Adapters = request.app.state.adapters
    visit = await visiting.of(request)
    messages = await _messages(adapters, visit)
    return rendering.page(
        request,
        "inner",
        values={"messages": messages, "is_here": visit is not None, **_state(adapters, messages)},
    )


async def wait_line(request: Request, visit: Visit) -> HTMLResponse:
    """The one line that says how long it takes, for a page that asks again every minute."""
    adapters: Adapters = request.app.state.adapters
    messages = await _messages(adapters, visit)
    return rendering.page(request, "wait", values=_state(adapters, messages))


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
    text = form.get("quick") or forms.text_of(form)
    try:
        conversation = await begin(request, visit)
        await intake.keep(
            adapters.writer,
            conversation_id=conversation,
            client_id=form.get("client_id", ""),
            text=text,
        )
    except tuple(_RETURNED) as problem:
        return await _returned(request, visit, form, text, type(problem))
    return None


async def returned(
    request: Request, visit: Visit | None, form: Mapping[str, str], *, notice: str, status: int
) -> HTMLResponse:
    """The writing page with what was written still in its box, under the id it had."""
    box = Box(
        draft=forms.text_of(form), notice=notice, client_id=form.get("client_id") or uuid4().hex
    )
    return await page(request, visit, box=box, status=status)


async def _returned(
    request: Request,
    visit: Visit,
    form: Mapping[str, str],
    text: str,
    why: type[Exception],
) -> HTMLResponse:
    notice, status = _RETURNED[why]
    keeps_id = why is NotKeptError  # it may have been kept after all: a retry must not double it
    box = Box(
        draft=text,
        notice=notice,
        client_id=(form.get("client_id") or uuid4().hex) if keeps_id else uuid4().hex,
    )
    return await page(request, visit, box=box, status=status)


async def _messages(adapters: Adapters, visit: Visit | None) -> Sequence[Spoken]:
    if visit is None or visit.conversation_id is None:
        return ()
    read = partial(_read, adapters, visit.conversation_id)
    try:
        return await anyio.to_thread.run_sync(read)
    except Exception as problem:  # noqa: BLE001 - the box must open even while the store is away
        log.error("pages.messages_not_read", error=type(problem).__name__)
        return ()


def _read(adapters: Adapters, conversation: UUID) -> Sequence[Spoken]:
    shown: list[Spoken] = []
    with adapters.transactions.reading() as session:
        while batch := access.for_child(
            session,
            adapters,
            conversation=conversation,
            after=shown[-1].seq if shown else 0,
        ):
            shown += batch
    return shown


def _state(adapters: Adapters, messages: Sequence[Spoken]) -> dict[str, object]:
    """Whether somebody has answered, and how long it takes until somebody does."""
    answered = [m.seq for m in messages if m.author == ADVOCATE]
    since = [m.at for m in messages if m.author == CHILD and m.seq > max(answered, default=0)]
    return {
        "is_answered": bool(answered),
        "has_unanswered": bool(since),
        "wait": waiting.wait(
            table=adapters.grades,
            hours=adapters.hours,
            now=adapters.clock(),
            since=since[0] if since else None,
        ),
    }
