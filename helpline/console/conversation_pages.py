"""One conversation: its page, what is new in it, and what a person does with it."""

from http import HTTPStatus
from typing import Any
from uuid import UUID, uuid4

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from chat.errors import UnknownConversationError
from helpline.console import (
    asking,
    choices,
    conversation_view,
    queue_pages,
    refusals,
    rendering,
)
from helpline.console.asking import Asked
from helpline.console.conversation_view import Opened, Wanted
from helpline.console.queue_view import Show
from triage.grades import Grade


async def conversation_page(request: Request) -> Response:
    """A conversation, with the queue and the details beside it."""
    asked = await asking.asked(request)
    show = queue_pages.shown(request)
    before = number(request.query_params.get("before", "")) or None
    return await run_in_threadpool(page, asked, subject(request), show, before=before)


async def news(request: Request) -> Response:
    """Everything that changed: the messages after ``after``, who answers, notes, escalation.

    ``casework`` is the version of notes, drafts and escalation that the page shows already.
    """
    asked = await asking.asked(request)
    after = number(request.query_params.get("after", ""))
    seen = request.query_params.get("casework", "")
    return await run_in_threadpool(_news, asked, subject(request), after, seen)


async def earlier(request: Request) -> Response:
    """The messages before ``before``, as many as a page shows at first."""
    asked = await asking.asked(request)
    before = number(request.query_params.get("before", ""))
    return await run_in_threadpool(_earlier, asked, subject(request), before)


def page(
    asked: Asked,
    conversation: UUID,
    show: Show,
    refusal: str | None = None,
    status: int = HTTPStatus.OK,
    typed: dict[str, str] | None = None,
    before: int | None = None,
) -> Response:
    """The whole page, also when it must say why something was refused."""
    try:
        opened = _opened(asked, conversation, Wanted(before=before))
    except UnknownConversationError as problem:
        return not_there(asked, problem)
    return rendering.page(
        asked.adapters,
        "console.html",
        person=asked.person,
        status=status,
        here="queue",
        queue=queue_pages.listed(asked.adapters, asked.person, show),
        path=f"/console/conversations/{conversation}",
        selected=conversation,
        refusal=refusal,
        client_id=str(uuid4()),
        **{**shown(opened), **(typed or {})},
    )


def not_there(asked: Asked, problem: UnknownConversationError) -> Response:
    """The page that says that there is no such conversation."""
    return rendering.page(
        asked.adapters,
        "refused.html",
        person=asked.person,
        status=HTTPStatus.NOT_FOUND,
        why=refusals.words(problem, asked.adapters.names.of),
        back="/console",
    )


def shown(opened: Opened) -> dict[str, Any]:
    """What the templates about one conversation are given."""
    offered = choices.offered()
    return {
        "chat": opened.chat,
        "messages": opened.messages,
        "phone": opened.phone,
        "texts": opened.texts,
        "calls": opened.calls,
        "identity": opened.identity,
        "climb": opened.climb,
        "signs": opened.signs,
        "version": opened.version,
        "next_step": opened.casework.next_step,
        "notes": opened.casework.notes,
        "reply_draft": opened.casework.reply_draft,
        "note_draft": opened.casework.note_draft,
        "other_drafts": opened.casework.other_drafts,
        "take_over_reasons": offered.take_over_reasons,
        "levels": [(each.grade.value, each.word, each.example) for each in offered.levels],
        "told_choices": list(offered.told.items()),
        "promises": list(offered.promises.items()),
        "grades": [grade.value for grade in Grade],
        "open_forms": False,
    }


def _opened(asked: Asked, conversation: UUID, wanted: Wanted) -> Opened:
    transactions = asked.adapters.transactions
    # Opening words leaves an audit row, so it writes; a look at the rest does not.
    writes = wanted.words or wanted.casework
    with transactions.begin() if writes else transactions.reading() as session:
        return conversation_view.opened(
            session,
            asked.adapters,
            person=asked.person,
            conversation=conversation,
            wanted=wanted,
            now=asked.adapters.clock(),
        )


def _news(asked: Asked, conversation: UUID, after: int, seen: str) -> Response:
    adapters = asked.adapters
    try:
        with adapters.transactions.reading() as session:
            now_there = conversation_view.glance(
                session,
                adapters,
                person=asked.person,
                conversation=conversation,
                now=adapters.clock(),
            )
        is_changed = now_there.version != seen
        opened = _opened(
            asked,
            conversation,
            Wanted(after=after, words=now_there.last_seq > after, casework=is_changed),
        )
    except UnknownConversationError as problem:
        why = refusals.words(problem, adapters.names.of)
        return JSONResponse({"ok": False, "why": why}, status_code=HTTPStatus.NOT_FOUND)
    parts = shown(opened)
    regions = {
        "bar": "_bar.html",
        "facts": "_facts.html",
        "chat-grade": "_grade.html",
        "phone": "_phone.html",
        "phone-state": "_phone_state.html",
        "identity": "_identity.html",
    }
    if opened.calls is not None:
        regions["calls"] = "_calls.html"
    if is_changed:
        regions |= {
            "notes": "_notes.html",
            "drafts": "_drafts.html",
            "climb": "_climb_region.html",
            "signs": "_signs.html",
        }
    return JSONResponse(
        {
            "ok": True,
            "latest": opened.chat.last_seq,
            "more": opened.chat.more,
            "casework": opened.version if is_changed else seen,
            "count": len(opened.messages),
            "from_child": any(each.author == "child" for each in opened.messages),
            "messages": rendering.fragment(
                adapters, "_messages.html", person=asked.person, **parts
            ),
            "holding": opened.chat.holding,
            "locked": opened.phone is not None and opened.phone.is_locked,
            "texts": {str(seq): words for seq, words in opened.texts.items()},
            "holder": opened.chat.holder,
            "waiting": opened.chat.waiting_since is not None,
            "now": adapters.clock().isoformat(),
            "regions": {
                name: rendering.fragment(adapters, template, person=asked.person, **parts)
                for name, template in regions.items()
            },
        }
    )


def _earlier(asked: Asked, conversation: UUID, before: int) -> Response:
    try:
        opened = _opened(asked, conversation, Wanted(before=before, casework=False))
    except UnknownConversationError as problem:
        why = refusals.words(problem, asked.adapters.names.of)
        return JSONResponse({"ok": False, "why": why}, status_code=HTTPStatus.NOT_FOUND)
    html = rendering.fragment(
        asked.adapters,
        "_messages.html",
        person=asked.person,
        messages=opened.messages,
        texts=opened.texts,
    )
    return JSONResponse({"ok": True, "messages": html, "earlier": opened.chat.earlier})


def subject(request: Request) -> UUID:
    """The conversation that the address names."""
    subject: UUID = request.path_params["conversation"]
    return subject


def number(text: str) -> int:
    """The number of the newest message that somebody saw."""
    # A number that nobody could have seen counts as having seen nothing.
    return int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(2**31)) else 0


ONE = "/console/conversations/{conversation:uuid}"

routes: list[BaseRoute] = [
    Route(ONE, conversation_page),
    Route(f"{ONE}/messages", news),
    Route(f"{ONE}/earlier", earlier),
]
