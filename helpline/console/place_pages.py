"""Saying where a child lives and who must not be told, and taking either back."""

from functools import partial
from http import HTTPStatus
from uuid import UUID

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from chat.errors import UnknownConversationError
from helpline.console import (
    asking,
    conversation_pages,
    deeds,
    place_deeds,
    place_view,
    refusals,
    rendering,
    spoken,
)
from helpline.console.asking import Asked, Posted
from helpline.console.conversation_pages import subject
from helpline.danger.card import Part
from helpline.institutions.models import StatedBy
from helpline.signals.models import Answer, HeardFrom

LONGEST_WHO = 200

PART_WORDS = {
    Part.STAFF: "Somebody who works where the child lives",
    Part.FAMILY: "Somebody of the family",
    Part.SOCIAL_WORKER: "The social worker",
    Part.CHILD_THERE: "Another child there",
    Part.OTHER: "Somebody else",
}


async def place_page(request: Request) -> Response:
    """What is known of the place. Opening it is recorded."""
    asked = await asking.asked(request)
    return await run_in_threadpool(partial(_page, asked, subject(request)))


async def place(request: Request) -> Response:
    """Say that the child lives in a place."""
    asked = await asking.posted(request)

    def deed() -> None:
        where, _, unit = asked.form.get("where").partition("/")
        stated = asked.form.get("stated_by")
        if stated not in set(StatedBy):
            raise refusals.MissingChoiceError
        place_deeds.place(
            asked.adapters,
            person=asked.person,
            conversation=subject(request),
            stay=place_deeds.Stay(
                child=_id(asked.form.get("child")),
                institution=_id(where),
                unit=_id(unit) if unit else None,
                stated_by=StatedBy(stated),
            ),
        )

    return await _answer(request, asked, deed)


async def left(request: Request) -> Response:
    """The child lives there no more, from today."""
    asked = await asking.posted(request)
    return await _answer(request, asked, _about_placement(request, asked, place_deeds.end))


async def undo_place(request: Request) -> Response:
    """It was never so."""
    asked = await asking.posted(request)
    return await _answer(request, asked, _about_placement(request, asked, place_deeds.undo))


async def implicate(request: Request) -> Response:
    """Somebody must not be told."""
    asked = await asking.posted(request)

    def deed() -> None:
        part = asked.form.get("part")
        if part not in set(Part):
            raise refusals.MissingChoiceError
        place_deeds.implicate(
            asked.adapters,
            person=asked.person,
            conversation=subject(request),
            part=Part(part),
            who=asked.words("who", most=LONGEST_WHO),
        )

    return await _answer(request, asked, deed)


async def undo_implicate(request: Request) -> Response:
    """They may be told after all."""
    asked = await asking.posted(request)
    deed = partial(
        place_deeds.undo_implicate,
        asked.adapters,
        person=asked.person,
        conversation=subject(request),
        mark=request.path_params["mark"],
    )
    return await _answer(request, asked, deed)


async def offered(request: Request) -> Response:
    """An advocate was offered: what was answered, and who said so."""
    asked = await asking.posted(request)

    def deed() -> None:
        answer, heard_from = asked.form.get("answer"), asked.form.get("heard_from")
        if answer not in set(Answer) or heard_from not in set(HeardFrom):
            raise refusals.MissingChoiceError
        place_deeds.keep_offer(
            asked.adapters,
            person=asked.person,
            conversation=subject(request),
            placement=_id(asked.form.get("placement")),
            answer=Answer(answer),
            heard_from=HeardFrom(heard_from),
        )

    return await _answer(request, asked, deed)


async def undo_offered(request: Request) -> Response:
    """It was not so."""
    asked = await asking.posted(request)
    deed = partial(
        place_deeds.undo_offer,
        asked.adapters,
        person=asked.person,
        conversation=subject(request),
        offer=request.path_params["offer"],
    )
    return await _answer(request, asked, deed)


def _about_placement(
    request: Request, asked: Posted, deed: place_deeds.AboutPlacement
) -> "partial[None]":
    return partial(
        deed,
        asked.adapters,
        person=asked.person,
        conversation=subject(request),
        placement=request.path_params["placement"],
    )


async def _answer(request: Request, asked: Posted, deed: asking.Deed) -> Response:
    conversation = subject(request)
    return await asking.answer(
        request,
        asked,
        deed,
        back=f"/console/conversations/{conversation}/place",
        again=lambda why, status: _page(asked, conversation, why, status),
    )


def _page(
    asked: Asked, conversation: UUID, refusal: str | None = None, status: int = HTTPStatus.OK
) -> Response:
    adapters = asked.adapters
    now = adapters.clock()
    try:
        with adapters.transactions.begin() as session:
            known = place_view.known(
                session,
                adapters,
                person=asked.person,
                conversation=conversation,
                names=adapters.names.within(session),
                today=spoken.local_day(now),
            )
            deeds.written_down(session, adapters, asked.person, "place.opened", conversation, now)
    except UnknownConversationError as problem:
        return conversation_pages.not_there(asked, problem)
    return rendering.page(
        adapters,
        "place.html",
        person=asked.person,
        status=status,
        known=known,
        refusal=refusal,
        conversation=conversation,
        reference=spoken.reference(conversation),
        stated=list(StatedBy),
        parts=PART_WORDS,
        longest_who=LONGEST_WHO,
        answers=list(Answer),
        heard_from=list(HeardFrom),
    )


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise refusals.MissingChoiceError from None


AT = f"{conversation_pages.ONE}/place"

routes: list[BaseRoute] = [
    Route(AT, place_page),
    Route(AT, place, methods=["POST"]),
    Route(f"{AT}/{{placement:uuid}}/left", left, methods=["POST"]),
    Route(f"{AT}/{{placement:uuid}}/undo", undo_place, methods=["POST"]),
    Route(f"{conversation_pages.ONE}/implicated", implicate, methods=["POST"]),
    Route(
        f"{conversation_pages.ONE}/implicated/{{mark:uuid}}/undo",
        undo_implicate,
        methods=["POST"],
    ),
    Route(f"{conversation_pages.ONE}/offers", offered, methods=["POST"]),
    Route(f"{conversation_pages.ONE}/offers/{{offer:uuid}}/undo", undo_offered, methods=["POST"]),
]
