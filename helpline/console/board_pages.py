"""The supervisor's board, and the list behind each of its numbers."""

from collections.abc import Callable, Mapping
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from chat.service import heard
from helpline import checked
from helpline.accounts import sessions
from helpline.accounts.models import Role
from helpline.console import board_view, rendering, spoken
from helpline.console.board_view import Board, Item
from helpline.institutions import register
from triage.grades import Grade

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

    from chat.service.heard import Passing
    from helpline.accounts.sessions import SignedIn
    from helpline.wiring import Adapters

HERE = "/console/board"

# The lists of texts, by the last word of their address.
TEXTS: Mapping[str, tuple[str, Callable[["Session"], list["Passing"]]]] = {
    "in": ("Texts that came last", heard.newest),
    "out": ("Texts that wait to leave", heard.not_left),
    "unreported": ("Texts whose end nobody told", heard.not_reported),
}


async def board_page(request: Request) -> Response:
    """How things stand now, for a supervisor."""
    person = await sessions.required(request, Role.SUPERVISOR)
    return await run_in_threadpool(_page, request.app.state.adapters, person)


async def board_fragment(request: Request) -> Response:
    """The board alone, for a page that is open; nothing when it shows ``seen`` already."""
    person = await sessions.required(request, Role.SUPERVISOR)
    seen = request.query_params.get("seen", "")
    return await run_in_threadpool(_fragment, request.app.state.adapters, person, seen)


async def waiting_page(request: Request) -> Response:
    """The children who wait; of one grade when the address names it."""
    person = await sessions.required(request, Role.SUPERVISOR)
    word = request.query_params.get("grade", "")
    grade = Grade(word) if word in set(Grade) else None
    title = "Waiting" if grade is None else f"Waiting, {grade.value}"
    adapters: Adapters = request.app.state.adapters

    def found() -> list[Item]:
        with adapters.transactions.reading() as session:
            return board_view.waiting(session, grade=grade, names=adapters.names.within(session))

    return await run_in_threadpool(partial(_list, adapters, person, title, found))


async def held_page(request: Request) -> Response:
    """What one person holds."""
    person = await sessions.required(request, Role.SUPERVISOR)
    staff: UUID = request.path_params["staff"]
    adapters: Adapters = request.app.state.adapters

    def found() -> list[Item]:
        with adapters.transactions.reading() as session:
            return board_view.held(session, staff=staff, names=adapters.names.within(session))

    def page() -> Response:
        return _list(adapters, person, f"Held by {adapters.names.of(staff)}", found)

    return await run_in_threadpool(page)


async def texts_page(request: Request) -> Response:
    """The texts that came last, that wait to leave, or whose end nobody told."""
    person = await sessions.required(request, Role.SUPERVISOR)
    way = request.path_params["way"]
    if way not in TEXTS:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    title, passing = TEXTS[way]
    adapters: Adapters = request.app.state.adapters

    def found() -> list[Item]:
        with adapters.transactions.reading() as session:
            return board_view.texts(passing(session))

    return await run_in_threadpool(partial(_list, adapters, person, title, found))


async def work_page(request: Request) -> Response:
    """What is due in each lane, and when anything last came out of it."""
    person = await sessions.required(request, Role.SUPERVISOR)
    adapters: Adapters = request.app.state.adapters

    def page() -> Response:
        with adapters.transactions.reading() as session:
            lanes = board_view.lanes(session, now=adapters.clock())
        return rendering.page(adapters, "board_work.html", person=person, here="board", lanes=lanes)

    return await run_in_threadpool(page)


async def numbers_page(request: Request) -> Response:
    """Every authority and police force, with how its numbers stand."""
    person = await sessions.required(request, Role.SUPERVISOR)
    return await run_in_threadpool(_numbers, request.app.state.adapters, person)


def _found(adapters: "Adapters", person: "SignedIn") -> Board:
    with adapters.transactions.reading() as session:
        return board_view.board(
            session,
            reader=person.id,
            names=adapters.names.within(session),
            has_phones=adapters.phones is not None,
            now=adapters.clock(),
        )


def _page(adapters: "Adapters", person: "SignedIn") -> Response:
    return rendering.page(
        adapters, "board.html", person=person, here="board", board=_found(adapters, person)
    )


def _fragment(adapters: "Adapters", person: "SignedIn", seen: str) -> Response:
    board = _found(adapters, person)
    if board.version == seen:
        return Response(status_code=HTTPStatus.NO_CONTENT)
    return HTMLResponse(rendering.fragment(adapters, "_board.html", person=person, board=board))


def _list(
    adapters: "Adapters", person: "SignedIn", title: str, found: Callable[[], list[Item]]
) -> Response:
    items = found()
    return rendering.page(
        adapters,
        "board_list.html",
        person=person,
        here="board",
        title=title,
        items=items,
        is_cut=len(items) >= board_view.MOST_AT_ONCE,
    )


def _numbers(adapters: "Adapters", person: "SignedIn") -> Response:
    today = spoken.local_day(adapters.clock())
    with adapters.transactions.reading() as session:
        offices = [
            *(
                (each.name, (each.duty_number, each.social_care_number), each.checked)
                for each in register.authorities(session)
            ),
            *(
                (each.name, (each.control_room_number,), each.checked)
                for each in register.forces(session)
            ),
        ]
    rows = [
        (name, [number for number in numbers if number], day, checked.of(day, today=today))
        for name, numbers, day in offices
    ]
    rows.sort(key=lambda row: (row[3] is checked.Check.FRESH, row[0]))
    return rendering.page(adapters, "board_numbers.html", person=person, here="board", rows=rows)


routes: list[BaseRoute] = [
    Route(HERE, board_page),
    Route("/console/fragments/board", board_fragment),
    Route(f"{HERE}/waiting", waiting_page),
    Route(f"{HERE}/held/{{staff:uuid}}", held_page),
    Route(f"{HERE}/texts/{{way}}", texts_page),
    Route(f"{HERE}/work", work_page),
    Route(f"{HERE}/numbers", numbers_page),
]
