"""Who is called when nobody looks, in order. A supervisor keeps the list."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from helpline.accounts import sessions
from helpline.accounts.models import Role, Staff
from helpline.accounts.sessions import SignedIn
from helpline.console import alarms, asking, refusals, rendering
from triage.service import on_call

if TYPE_CHECKING:
    from helpline.wiring import Adapters

BACK = "/console/on-call"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is, or could be, on call."""

    id: UUID
    name: str
    role: str
    has_phone: bool
    has_pin: bool


async def on_call_page(request: Request) -> Response:
    """The list, with what is missing from it."""
    person = await sessions.required(request, Role.SUPERVISOR)
    return await run_in_threadpool(_page, request.app.state.adapters, person)


async def add(request: Request) -> Response:
    """Put somebody at the end."""
    return await _change(request, lambda people, person: [*people, person])


async def remove(request: Request) -> Response:
    """Take somebody off."""
    return await _change(request, lambda people, person: [p for p in people if p != person])


async def move(request: Request) -> Response:
    """Move somebody one place up, to be called sooner."""
    return await _change(request, _one_up)


async def _change(request: Request, change: alarms.Change) -> Response:
    await sessions.required(request, Role.SUPERVISOR)
    posted = await asking.posted(request)

    def deed() -> None:
        person = _id(posted.form.get("person"))
        alarms.change_on_call(posted.adapters, person=posted.person, subject=person, change=change)

    return await asking.answer(request, posted, deed, back=BACK)


def _one_up(people: Sequence[UUID], person: UUID) -> list[UUID]:
    if person not in people:
        raise refusals.NobodyToAddError
    at = people.index(person)
    others = [each for each in people if each != person]
    return [*others[: max(0, at - 1)], person, *others[max(0, at - 1) :]]


def _page(adapters: "Adapters", person: SignedIn) -> Response:
    with adapters.transactions.reading() as session:
        listed = [each.person for each in on_call.list_on_call(session)]
        staff = session.execute(
            sa.select(
                Staff.id,
                Staff.role,
                Staff.disabled_at,
                Staff.phone.is_not(None).label("has_phone"),
                Staff.pin_hash.is_not(None).label("has_pin"),
            ).order_by(Staff.made_at)
        ).all()
    known = {
        row.id: Person(row.id, adapters.names.of(row.id), row.role, row.has_phone, row.has_pin)
        for row in staff
    }
    disabled = {row.id for row in staff if row.disabled_at is not None}
    on_the_list = [known[each] for each in listed if each in known]
    return rendering.page(
        adapters,
        "on_call.html",
        person=person,
        here="on-call",
        people=on_the_list,
        disabled=disabled,
        has_phones=adapters.phones is not None,
        others=[
            each
            for each in known.values()
            if each.id not in set(listed) | disabled and Role(each.role) in alarms.CALLABLE
        ],
        has_supervisor=any(
            each.role == Role.SUPERVISOR and each.id not in disabled for each in on_the_list
        ),
    )


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise refusals.MissingChoiceError from None


routes: list[BaseRoute] = [
    Route("/console/on-call", on_call_page),
    Route("/console/on-call/add", add, methods=["POST"]),
    Route("/console/on-call/remove", remove, methods=["POST"]),
    Route("/console/on-call/move", move, methods=["POST"]),
]
