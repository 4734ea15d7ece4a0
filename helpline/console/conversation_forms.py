"""What a person does with a conversation: each form becomes one deed."""

from collections.abc import Callable
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from helpline.casework.models import Box
from helpline.console import alarms, asking, choices, conversation_pages, deeds, refusals
from helpline.console.asking import Asked
from helpline.console.conversation_pages import subject
from helpline.console.queue_view import Show
from helpline.replies import Written

# The longest text of a form's single line, in characters.
ONE_LINE = 500


async def claim(request: Request) -> Response:
    """Take a conversation that nobody holds."""
    return await post(request, deeds.claim)


async def give_back(request: Request) -> Response:
    """Put it back in the queue."""
    return await post(request, deeds.give_back)


async def take_over(request: Request) -> Response:
    """Take it from a colleague, with a reason."""
    asked = await asking.posted(request)
    reason = asked.form.get("reason")

    def deed() -> None:
        if reason not in choices.offered().take_over_reasons:
            raise refusals.MissingChoiceError
        deeds.take_over(
            asked.adapters,
            person=asked.person,
            conversation=subject(request),
            reason=reason,
        )

    return await asking.answer(
        request, asked, deed, back=back(request), again=again(request, asked)
    )


async def reply(request: Request) -> Response:
    """Send words to the child."""
    asked = await asking.posted(request)

    def deed() -> dict[str, Any]:
        sent = deeds.reply(
            asked.adapters,
            person=asked.person,
            conversation=subject(request),
            written=Written(
                client_id=asked.form.get("client_id"),
                text=asked.form.get("text"),
                seen_seq=conversation_pages.number(asked.form.get("seen")),
                reason=asked.form.get("reason").strip()[:ONE_LINE] or None,
            ),
        )
        return {"seq": sent.seq}

    redo = again(request, asked, reply=asked.form.get("text"))
    return await asking.answer(request, asked, deed, back=back(request), again=redo)


async def note(request: Request) -> Response:
    """Keep words that only staff see."""
    asked = await asking.posted(request)
    deed = partial(
        deeds.note,
        asked.adapters,
        person=asked.person,
        conversation=subject(request),
        text=asked.form.get("text"),
    )
    redo = again(request, asked, note=asked.form.get("text"))
    return await asking.answer(request, asked, deed, back=back(request), again=redo)


async def draft(request: Request) -> Response:
    """Keep what is being typed in one of the two boxes."""
    asked = await asking.posted(request)
    box = asked.form.get("box")

    def deed() -> dict[str, Any]:
        if box not in set(Box):
            raise refusals.MissingChoiceError
        at = deeds.save_draft(
            asked.adapters,
            person=asked.person,
            conversation=subject(request),
            box=Box(box),
            text=asked.form.get("text"),
        )
        return {"saved_at": at.isoformat()}

    return await asking.answer(request, asked, deed, back=back(request))


async def raise_concern(request: Request) -> Response:
    """Call the person on call: how soon, what was seen, whether the child knows."""
    asked = await asking.posted(request)

    def deed() -> None:
        level = choices.offered().level(asked.form.get("grade"))
        told = choices.offered().told.get(asked.form.get("told"))
        if level is None or told is None:
            raise refusals.MissingChoiceError
        alarms.raise_concern(
            asked.adapters,
            person=asked.person,
            conversation=subject(request),
            level=level,
            seen=asked.words("seen", most=ONE_LINE),
            told=told,
        )

    return await asking.answer(
        request, asked, deed, back=back(request), again=again(request, asked)
    )


async def post(request: Request, deed: Callable[..., None]) -> Response:
    asked = await asking.posted(request)
    do = partial(deed, asked.adapters, person=asked.person, conversation=subject(request))
    return await asking.answer(request, asked, do, back=back(request), again=again(request, asked))


def again(request: Request, asked: Asked, **typed: str) -> asking.Again:
    words = {f"{box}_draft": text for box, text in typed.items()}

    def page(why: str, status: int) -> Response:
        return conversation_pages.page(
            asked,
            subject(request),
            Show.ALL,
            refusal=why,
            status=status,
            typed=words,
        )

    return page


def back(request: Request) -> str:
    return f"/console/conversations/{subject(request)}"


routes: list[BaseRoute] = [
    Route(f"{conversation_pages.ONE}/claim", claim, methods=["POST"]),
    Route(f"{conversation_pages.ONE}/release", give_back, methods=["POST"]),
    Route(f"{conversation_pages.ONE}/take-over", take_over, methods=["POST"]),
    Route(f"{conversation_pages.ONE}/reply", reply, methods=["POST"]),
    Route(f"{conversation_pages.ONE}/note", note, methods=["POST"]),
    Route(f"{conversation_pages.ONE}/draft", draft, methods=["POST"]),
    Route(f"{conversation_pages.ONE}/escalate", raise_concern, methods=["POST"]),
]
