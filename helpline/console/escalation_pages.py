"""The open escalations, and what is done about them."""

from typing import Any
from uuid import UUID

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from helpline.console import (
    alarms,
    asking,
    choices,
    conversation_view,
    escalations_view,
    refusals,
    rendering,
)
from helpline.console.asking import Asked
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
    """The same list alone, for a page that is open."""
    asked = await asking.asked(request)
    return await run_in_threadpool(_fragment, asked)


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
        asked.adapters, "escalations.html", person=asked.person, here="escalations", **_shown(asked)
    )


def _fragment(asked: Asked) -> Response:
    return HTMLResponse(
        rendering.fragment(
            asked.adapters, "_escalations.html", person=asked.person, **_shown(asked)
        )
    )


def _shown(asked: Asked) -> dict[str, Any]:
    adapters = asked.adapters
    with adapters.transactions.reading() as session:
        found = escalations_view.climbing(
            session, reader=asked.person.id, names=adapters.names.of, now=adapters.clock()
        )
    return {
        "found": found,
        "next_steps": {
            climb.escalation: conversation_view.next_step(adapters, asked.person, climb)
            for climb in found.owned
        },
        "promises": list(choices.offered().promises.items()),
        "grades": [grade.value for grade in Grade],
        "open_forms": True,
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
