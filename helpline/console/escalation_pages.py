"""The open escalations, and what is done about them."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from helpline.console import (
    alarms,
    asking,
    casework_view,
    choices,
    escalations_view,
    refusals,
    rendering,
)
from helpline.console.asking import Asked
from helpline.console.escalations_view import Climbing
from triage.grades import Grade

# The longest text of each field, in characters.
ONE_LINE = 500
FEW_LINES = 2000

BACK = "/console/escalations"


async def escalations_page(request: Request) -> Response:
    """Everything that calls for somebody, with its clock."""
    asked = await asking.asked(request)
    return await run_in_threadpool(_page, asked)


async def escalations_fragment(request: Request) -> Response:
    """The same list alone, for a page that is open; nothing when it shows ``seen`` already."""
    asked = await asking.asked(request)
    return await run_in_threadpool(_fragment, asked, request.query_params.get("seen", ""))


async def acknowledge(request: Request) -> Response:
    """Own it: the next step in words, and by when."""
    asked = await asking.posted(request)

    def deed() -> None:
        within = choices.offered().promise(asked.form.get("minutes"))
        if within is None:
            raise refusals.MissingChoiceError
        alarms.acknowledge(
            asked.adapters,
            person=asked.person,
            escalation=_subject(request),
            next_step=asked.words("next_step", most=ONE_LINE),
            within=within,
            seen_owner=asked.form.get("seen_owner"),
        )

    return await asking.answer(request, asked, deed, back=BACK)


async def finish(request: Request) -> Response:
    """End it: what came of it, what the child was told, how grave it is from here on."""
    asked = await asking.posted(request)

    def deed() -> None:
        grade = asked.form.get("grade")
        if grade not in set(Grade):
            raise refusals.MissingChoiceError
        alarms.finish(
            asked.adapters,
            person=asked.person,
            escalation=_subject(request),
            outcome=asked.words("outcome", most=FEW_LINES),
            told=asked.words("told", most=FEW_LINES),
            grade=Grade(grade),
        )

    return await asking.answer(request, asked, deed, back=BACK)


def _page(asked: Asked) -> Response:
    return rendering.page(
        asked.adapters,
        "escalations.html",
        person=asked.person,
        here="escalations",
        **_shown(asked, _found(asked)),
    )


def _fragment(asked: Asked, seen: str) -> Response:
    found = _found(asked)
    if found.version == seen:
        return Response(status_code=HTTPStatus.NO_CONTENT)
    return HTMLResponse(
        rendering.fragment(
            asked.adapters, "_escalations.html", person=asked.person, **_shown(asked, found)
        )
    )


def _found(asked: Asked) -> Climbing:
    adapters = asked.adapters
    with adapters.transactions.reading() as session:
        return escalations_view.climbing(
            session,
            reader=asked.person.id,
            names=adapters.names.within(session),
            now=adapters.clock(),
        )


def _shown(asked: Asked, found: Climbing) -> dict[str, Any]:
    return {
        "found": found,
        "next_steps": _next_steps(asked, found) if found.owned else {},
        "promises": list(choices.offered().promises.items()),
        "grades": [grade.value for grade in Grade],
        "open_forms": True,
    }


def _next_steps(asked: Asked, found: Climbing) -> dict[UUID, str | None]:
    adapters = asked.adapters
    with adapters.transactions.begin() as session:
        for climb in found.owned:
            if climb.next_step is not None:
                casework_view.written_down(
                    session, adapters, asked.person, climb.conversation, adapters.clock()
                )
        return {
            climb.escalation: casework_view.next_step(adapters, asked.person, climb)
            for climb in found.owned
        }


def _subject(request: Request) -> UUID:
    subject: UUID = request.path_params["escalation"]
    return subject


routes: list[BaseRoute] = [
    Route("/console/escalations", escalations_page),
    Route("/console/fragments/escalations", escalations_fragment),
    Route("/console/escalations/{escalation:uuid}/acknowledge", acknowledge, methods=["POST"]),
    Route("/console/escalations/{escalation:uuid}/finish", finish, methods=["POST"]),
]
