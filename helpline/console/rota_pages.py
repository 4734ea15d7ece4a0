"""The rota: who is on now, whose shift is whose, checking in, swapping, and saving a week."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from http import HTTPStatus
from uuid import UUID

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from helpline.accounts import sessions
from helpline.accounts.forms import Form
from helpline.accounts.models import Role
from helpline.console import asking, rendering, rota_deeds, rota_view
from helpline.console.asking import Asked, Posted
from helpline.console.rota_view import Row
from triage import rota
from triage.rota import Line
from triage.service import on_call

BACK = "/console/rota"
# Room for a week of many people; empty rows are left out.
_MOST_ROWS = 60
_SPARE_ROWS = 4


async def rota_page(request: Request) -> Response:
    """A week of the rota. ``edit`` opens the form, ``copy`` fills it with the week before."""
    asked = await asking.asked(request)
    return await run_in_threadpool(
        _page,
        asked,
        rota_view.monday_asked(request.query_params.get("week", ""), now=asked.adapters.clock()),
        edits="edit" in request.query_params,
        copies="copy" in request.query_params,
    )


async def save(request: Request) -> Response:
    """Save a week, whole or not at all."""
    await sessions.required(request, Role.SUPERVISOR)
    posted = await asking.posted(request)
    monday = rota_view.monday_asked(posted.form.get("week"), now=posted.adapters.clock())
    rows = _rows(posted.form)
    deed = partial(rota_deeds.save, posted.adapters, person=posted.person, monday=monday, rows=rows)

    def again(words: str, status: int) -> Response:
        return _page(
            posted, monday, edits=True, typed=rows, problem=words, status=HTTPStatus(status)
        )

    return await asking.answer(request, posted, deed, back=_week(monday), again=again)


async def undo(request: Request) -> Response:
    """Take the last save of a week back."""
    await sessions.required(request, Role.SUPERVISOR)
    posted = await asking.posted(request)
    monday = rota_view.monday_asked(posted.form.get("week"), now=posted.adapters.clock())
    deed = partial(
        rota_deeds.undo,
        posted.adapters,
        person=posted.person,
        monday=monday,
        save=request.path_params["save"],
    )
    return await asking.answer(request, posted, deed, back=_week(monday))


async def check_in(request: Request) -> Response:
    """Check in for one's shift."""
    posted = await asking.posted(request)
    return await _answer(
        request, posted, partial(rota_deeds.check_in, shift=request.path_params["shift"])
    )


async def offer(request: Request) -> Response:
    """Offer one's shift."""
    posted = await asking.posted(request)
    deed = partial(
        rota_deeds.offer, shift=request.path_params["shift"], to=_id(posted.form.get("to"))
    )
    return await _answer(request, posted, deed)


async def accept(request: Request) -> Response:
    """Take a shift that was offered."""
    return await _swap(request, rota_deeds.accept)


async def decline(request: Request) -> Response:
    """Say no to it."""
    return await _swap(request, rota_deeds.decline)


async def withdraw(request: Request) -> Response:
    """Take one's own offer back."""
    return await _swap(request, rota_deeds.withdraw)


async def _swap(request: Request, deed: Callable[..., None]) -> Response:
    posted = await asking.posted(request)
    return await _answer(request, posted, partial(deed, swap=request.path_params["swap"]))


async def _answer(request: Request, posted: Posted, deed: "partial[None]") -> Response:
    done = partial(deed, posted.adapters, person=posted.person)
    monday = rota_view.monday_asked(posted.form.get("week"), now=posted.adapters.clock())
    return await asking.answer(request, posted, done, back=_week(monday))


def _page(
    asked: Asked,
    monday: date,
    *,
    edits: bool = False,
    copies: bool = False,
    typed: tuple[Row, ...] | None = None,
    problem: str | None = None,
    status: HTTPStatus = HTTPStatus.OK,
) -> Response:
    adapters, now, figures = asked.adapters, asked.adapters.clock(), rota.load()
    with adapters.transactions.reading() as session:
        names = adapters.names.within(session)
        week = rota_view.week(
            session,
            monday=monday,
            reader=asked.person.id,
            names=names,
            figures=figures,
            now=now,
        )
        rows = typed if typed is not None else week.rows
        if copies:
            rows = rota_view.copied(session, monday=monday)
        return rendering.page(
            adapters,
            "rota.html",
            person=asked.person,
            status=status,
            here="rota",
            week=week,
            rows=(*rows, *[_EMPTY] * _SPARE_ROWS),
            edits=edits or copies,
            may_edit=asked.person.role is Role.SUPERVISOR,
            problem=problem,
            on_duty=[names(each.person) for each in on_call.on_duty(session, now=now)],
            people=rota_view.people(session, names=names),
            lines=[(line.value, words) for line, words in rota_view.LINES.items()],
            day_names=rota_view.DAYS,
            today=rota_view.monday_of(now),
            before=monday - timedelta(days=7),
            after=monday + timedelta(days=7),
            longest=int(figures.longest / timedelta(hours=1)),
        )


_EMPTY = Row(line=Line.FIRST.value, person="", days=frozenset(), starts="", ends="")


def _rows(form: Form) -> tuple[Row, ...]:
    rows = []
    for number in range(_MOST_ROWS):
        row = Row(
            line=form.get(f"line-{number}"),
            person=form.get(f"person-{number}"),
            days=frozenset(day for day in range(7) if form.get(f"day-{number}-{day}")),
            starts=form.get(f"starts-{number}"),
            ends=form.get(f"ends-{number}"),
        )
        if row.person or row.days or row.starts or row.ends:
            rows.append(row)
    return tuple(rows)


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _week(monday: date) -> str:
    return f"{BACK}?week={monday.isoformat()}"


routes: list[BaseRoute] = [
    Route(BACK, rota_page, methods=["GET"]),
    Route(BACK, save, methods=["POST"]),
    Route(f"{BACK}/saves/{{save:uuid}}/undo", undo, methods=["POST"]),
    Route(f"{BACK}/shifts/{{shift:uuid}}/check-in", check_in, methods=["POST"]),
    Route(f"{BACK}/shifts/{{shift:uuid}}/offer", offer, methods=["POST"]),
    Route(f"{BACK}/swaps/{{swap:uuid}}/accept", accept, methods=["POST"]),
    Route(f"{BACK}/swaps/{{swap:uuid}}/decline", decline, methods=["POST"]),
    Route(f"{BACK}/swaps/{{swap:uuid}}/withdraw", withdraw, methods=["POST"]),
]
