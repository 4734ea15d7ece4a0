"""Patterns across children, for supervisors: seen, closed with a note, opened again."""

from datetime import timedelta
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING
from uuid import UUID

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from helpline import access
from helpline.accounts import sessions
from helpline.accounts.models import Role
from helpline.console import asking, deeds, patterns_view, refusals, rendering
from helpline.hub import Notice
from helpline.signals import patterns
from helpline.signals.patterns import UnknownPatternError
from helpline.todo import tasks
from helpline.todo.models import Why

if TYPE_CHECKING:
    from helpline.accounts.sessions import SignedIn
    from helpline.wiring import Adapters

HERE = "/console/patterns"
CLOSED_SHOWN_FOR = timedelta(days=90)
LONGEST_NOTE = 2000


async def patterns_page(request: Request) -> Response:
    """What stands out, the newest first."""
    person = await sessions.required(request, Role.SUPERVISOR)
    return await run_in_threadpool(_list, request.app.state.adapters, person)


async def pattern_page(request: Request) -> Response:
    """One pattern with where its evidence leads. Opening it is recorded, and shown to others."""
    person = await sessions.required(request, Role.SUPERVISOR)
    return await run_in_threadpool(_one, request.app.state.adapters, person, _subject(request))


async def close(request: Request) -> Response:
    """It is dealt with: how, in words."""
    await sessions.required(request, Role.SUPERVISOR)
    asked = await asking.posted(request)
    pattern = _subject(request)

    def deed() -> None:
        note = asked.words("note", most=LONGEST_NOTE)
        close_pattern(asked.adapters, person=asked.person, pattern=pattern, note=note)

    return await asking.answer(
        request,
        asked,
        deed,
        back=HERE,
        again=lambda why, status: _one(asked.adapters, asked.person, pattern, why, status),
    )


async def reopen(request: Request) -> Response:
    """It was closed too early."""
    await sessions.required(request, Role.SUPERVISOR)
    asked = await asking.posted(request)
    deed = partial(reopen_pattern, asked.adapters, person=asked.person, pattern=_subject(request))
    return await asking.answer(request, asked, deed, back=HERE)


def close_pattern(adapters: "Adapters", *, person: "SignedIn", pattern: UUID, note: str) -> None:
    """Close a pattern with a sealed note; its task is done with it."""
    now = adapters.clock()
    with adapters.transactions.begin() as session:
        patterns_view.check_may_see(person)
        institution = patterns.load(session, pattern=pattern).found.institution
        sealed = access.seal_about_institution(
            adapters,
            institution=institution,
            table="pattern",
            row=pattern,
            column="note",
            text=note,
        )
        patterns.close(session, pattern=pattern, note=sealed, by=person.id, now=now)
        tasks.settle(session, why=Why.PATTERN, subject=pattern, by=person.id, now=now)
        deeds.written_down(session, adapters, person, "pattern.closed", pattern, now)
        deeds.ring(session, adapters, Notice("queue", pattern))


def reopen_pattern(adapters: "Adapters", *, person: "SignedIn", pattern: UUID) -> None:
    """Take a closing back; it is a task again."""
    now = adapters.clock()
    with adapters.transactions.begin() as session:
        patterns_view.check_may_see(person)
        patterns.reopen(session, pattern=pattern)
        tasks.raise_task(
            session,
            why=Why.PATTERN,
            subject=pattern,
            dedupe_key=f"pattern:{pattern}:{now.isoformat()}",
            now=now,
        )
        deeds.written_down(session, adapters, person, "pattern.reopened", pattern, now)
        deeds.ring(session, adapters, Notice("queue", pattern))


def _list(adapters: "Adapters", person: "SignedIn") -> Response:
    with adapters.transactions.reading() as session:
        found = patterns_view.listed(
            session,
            adapters,
            person=person,
            names=adapters.names.within(session),
            closed_since=adapters.clock() - CLOSED_SHOWN_FOR,
        )
    return rendering.page(
        adapters,
        "patterns.html",
        person=person,
        here="patterns",
        opened=[each for each in found if each.closed_at is None],
        closed=[each for each in found if each.closed_at is not None],
        closed_days=CLOSED_SHOWN_FOR.days,
    )


def _one(
    adapters: "Adapters",
    person: "SignedIn",
    pattern: UUID,
    refusal: str | None = None,
    status: int = HTTPStatus.OK,
) -> Response:
    now = adapters.clock()
    try:
        with adapters.transactions.begin() as session:
            patterns_view.check_may_see(person)
            patterns.see(session, pattern=pattern, by=person.id, now=now)
            found = patterns_view.opened(
                session,
                adapters,
                person=person,
                pattern=pattern,
                names=adapters.names.within(session),
            )
            deeds.written_down(session, adapters, person, "pattern.opened", pattern, now)
    except UnknownPatternError as problem:
        return rendering.page(
            adapters,
            "refused.html",
            person=person,
            status=HTTPStatus.NOT_FOUND,
            why=refusals.words(problem, adapters.names.of),
            back=HERE,
        )
    return rendering.page(
        adapters,
        "pattern.html",
        person=person,
        status=status,
        here="patterns",
        each=found.shown,
        conversations=found.conversations,
        refusal=refusal,
        longest_note=LONGEST_NOTE,
    )


def _subject(request: Request) -> UUID:
    subject: UUID = request.path_params["pattern"]
    return subject


routes: list[BaseRoute] = [
    Route(HERE, patterns_page),
    Route(f"{HERE}/{{pattern:uuid}}", pattern_page),
    Route(f"{HERE}/{{pattern:uuid}}/close", close, methods=["POST"]),
    Route(f"{HERE}/{{pattern:uuid}}/reopen", reopen, methods=["POST"]),
]
