"""The forms about a phone: pause, safe again, close kindly, what was agreed."""

from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from helpline.console import asking, conversation_forms, conversation_pages, phone_deeds
from helpline.console.conversation_pages import subject

_ANSWERS: dict[str, bool | None] = {"yes": True, "no": False, "": None}


async def pause(request: Request) -> Response:
    """It is not safe to text."""
    return await conversation_forms.post(request, phone_deeds.pause)


async def is_safe(request: Request) -> Response:
    """It is safe to text again."""
    return await conversation_forms.post(request, phone_deeds.is_safe)


async def close(request: Request) -> Response:
    """The conversation is over, for now."""
    return await conversation_forms.post(request, phone_deeds.close)


async def agree(request: Request) -> Response:
    """When is safe, by which way, and the child's own word."""
    asked = await asking.posted(request)
    deed = partial(
        phone_deeds.agree,
        asked.adapters,
        person=asked.person,
        conversation=subject(request),
        safe_window=asked.form.get("safe_window").strip(),
        may_text=_ANSWERS.get(asked.form.get("may_text")),
        may_ring=_ANSWERS.get(asked.form.get("may_ring")),
        own_word=asked.form.get("own_word").strip(),
        ends_own_word=asked.form.get("no_own_word") == "yes",
    )
    return await asking.answer(
        request,
        asked,
        deed,
        back=conversation_forms.back(request),
        again=conversation_forms.again(request, asked),
    )


routes: list[BaseRoute] = [
    Route(f"{conversation_pages.ONE}/phone/pause", pause, methods=["POST"]),
    Route(f"{conversation_pages.ONE}/phone/safe", is_safe, methods=["POST"]),
    Route(f"{conversation_pages.ONE}/phone/close", close, methods=["POST"]),
    Route(f"{conversation_pages.ONE}/phone/agree", agree, methods=["POST"]),
]
