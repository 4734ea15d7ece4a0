"""The team: who is there, what each can do and carries, and who has a tie to a place."""

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from helpline import access, routing
from helpline.accounts import sessions
from helpline.accounts.models import Role
from helpline.accounts.sessions import SignedIn
from helpline.console import asking, deeds, rendering
from helpline.console.asking import Asked, Posted
from helpline.console.refusals import MissingChoiceError
from helpline.hub import Notice
from helpline.institutions import register
from triage import routing as rules
from triage.service import profiles

if TYPE_CHECKING:
    from helpline.wiring import Adapters

BACK = "/console/team"
_ONE = f"{BACK}/{{staff:uuid}}"


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody on the team, as the page shows them."""

    id: UUID
    name: str
    is_present: bool
    says_away: bool
    skills: frozenset[str]
    languages: str
    capacity: int
    load: int
    ties: tuple[tuple[UUID, str], ...]


async def team_page(request: Request) -> Response:
    """Everybody who may answer children."""
    asked = await asking.asked(request)
    return await run_in_threadpool(_page, asked)


async def away(request: Request) -> Response:
    """Say that one is away, or here again."""
    posted = await asking.posted(request)
    deed = partial(
        say_away, posted.adapters, person=posted.person, away=posted.form.get("away") == "yes"
    )
    return await asking.answer(request, posted, deed, back=BACK)


async def change(request: Request) -> Response:
    """What somebody can do and carries: a supervisor's form."""
    posted = await _supervisors(request)
    deed = partial(
        set_profile,
        posted.adapters,
        person=posted.person,
        staff=request.path_params["staff"],
        posted=posted,
    )
    return await asking.answer(request, posted, deed, back=BACK)


async def add_tie(request: Request) -> Response:
    """Somebody has a tie to a place and must not see children who live there."""
    posted = await _supervisors(request)

    def deed() -> None:
        note_tie(
            posted.adapters,
            person=posted.person,
            staff=request.path_params["staff"],
            place=posted.form.get("place"),
        )

    return await asking.answer(request, posted, deed, back=BACK)


async def end_tie(request: Request) -> Response:
    """The tie is over, or was a mistake."""
    posted = await _supervisors(request)

    def deed() -> None:
        now, tie = posted.adapters.clock(), request.path_params["tie"]
        with posted.adapters.transactions.begin() as session:
            if profiles.end_conflict(session, conflict=tie, by=posted.person.id, now=now):
                deeds.written_down(
                    session, posted.adapters, posted.person, "conflict.ended", tie, now
                )

    return await asking.answer(request, posted, deed, back=BACK)


def say_away(adapters: "Adapters", *, person: SignedIn, away: bool) -> None:
    """Away people are not asked first, and what waits for them goes back to the queue in time."""
    now = adapters.clock()
    with adapters.transactions.begin() as session:
        access.check_may_read(person)
        profiles.say_away(session, staff=person.id, away=away, figures=rules.load(), now=now)
        action = "staff.away" if away else "staff.here"
        deeds.written_down(session, adapters, person, action, person.id, now)
        deeds.ring(session, adapters, Notice("staff", person.id))


def set_profile(adapters: "Adapters", *, person: SignedIn, staff: UUID, posted: Posted) -> None:
    """Skills, languages and capacity, as one form has them."""
    figures, now = rules.load(), adapters.clock()
    try:
        capacity = int(posted.form.get("capacity"))
    except ValueError:
        raise MissingChoiceError from None
    languages = posted.form.get("languages").replace(",", " ").split()
    skills = [skill for skill in figures.skills if posted.form.get(f"skill-{skill}")]
    with adapters.transactions.begin() as session:
        profiles.set_skills(
            session, staff=staff, skills=skills, languages=languages, figures=figures
        )
        profiles.set_capacity(session, staff=staff, capacity=capacity, figures=figures)
        deeds.written_down(session, adapters, person, "staff.profile", staff, now)


def note_tie(adapters: "Adapters", *, person: SignedIn, staff: UUID, place: str) -> None:
    """Write a tie down. It shuts the person out at once."""
    now = adapters.clock()
    with adapters.transactions.begin() as session:
        known = {str(each.institution) for each in register.every(session)}
        if place not in known:
            raise MissingChoiceError
        profiles.note_conflict(session, staff=staff, about=UUID(place), by=person.id, now=now)
        deeds.written_down(session, adapters, person, "conflict.noted", staff, now)


async def _supervisors(request: Request) -> Posted:
    await sessions.required(request, Role.SUPERVISOR)
    return await asking.posted(request)


def _page(asked: Asked) -> Response:
    adapters, now, figures = asked.adapters, asked.adapters.clock(), rules.load()
    with adapters.transactions.reading() as session:
        names = adapters.names.within(session)
        team = routing.advocates(session, now=now)
        staff = [each.person for each in team]
        known = profiles.known(session, staff=staff, figures=figures)
        places = {
            each.institution: access.open_about_institution(
                adapters,
                staff=asked.person,
                institution=each.institution,
                table="institution",
                row=each.institution,
                column="name",
                sealed=each.name,
            )
            for each in register.every(session)
        }
        ties = profiles.conflicts(session, staff=staff)
        members = [
            Member(
                id=each.person,
                name=names(each.person),
                is_present=each.is_present,
                says_away=known[each.person].away_since is not None,
                skills=each.skills,
                languages=", ".join(sorted(each.languages)),
                capacity=each.capacity,
                load=each.load,
                ties=tuple(
                    (tie.id, places.get(tie.about, "a place that is gone"))
                    for tie in ties
                    if tie.staff == each.person
                ),
            )
            for each in team
        ]
    return rendering.page(
        adapters,
        "team.html",
        person=asked.person,
        here="team",
        members=members,
        skills=list(figures.skills.items()),
        places=sorted(((str(id_), name) for id_, name in places.items()), key=lambda p: p[1]),
        may_edit=asked.person.role is Role.SUPERVISOR,
        most=figures.most_capacity,
    )


routes: list[BaseRoute] = [
    Route(BACK, team_page, methods=["GET"]),
    Route(f"{BACK}/away", away, methods=["POST"]),
    Route(f"{_ONE}/profile", change, methods=["POST"]),
    Route(f"{_ONE}/ties", add_tie, methods=["POST"]),
    Route(f"{BACK}/ties/{{tie:uuid}}/end", end_tie, methods=["POST"]),
]
