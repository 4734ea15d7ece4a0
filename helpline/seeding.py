"""Demo data: invented people, put in once. What there is stands in demo.toml."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from importlib import resources
from typing import TYPE_CHECKING, Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chat import numbers
from helpline.accounts import passwords, staff, totp
from helpline.accounts.models import Role, Staff
from helpline.institutions import listing, loading, register
from helpline.institutions.listing import Listed
from triage import rota
from triage.escalation import OnCallPerson
from triage.hours import LONDON
from triage.models import Shift
from triage.rota import Line
from triage.service import on_call, shifts

if TYPE_CHECKING:
    from helpline.wiring import Adapters

# A keystore that has this key belongs to a demo, so its data may be thrown away.
MARK = "installation:demo"

_THIRDS = ((time(0), time(8)), (time(8), time(16)), (time(16), time(0)))


@dataclass(frozen=True)
class Person:
    """A member of the demo's staff."""

    key: str
    name: str
    email: str
    role: Role
    on_call: int | None
    phone: str | None = None


def people() -> list[Person]:
    """Everybody in the demo."""
    return [
        Person(
            row["key"],
            row["name"],
            row["email"],
            Role(row["role"]),
            row.get("on_call"),
            row.get("phone"),
        )
        for row in _data()["staff"]
    ]


def password() -> str:
    """The password of everybody in the demo."""
    return str(_data()["password"])


def pin() -> str:
    """The PIN of everybody in the demo who has a phone."""
    return str(_data()["pin"])


def phone_of(key: str) -> str:
    """The phone of the demo's person with this key, as it is dialled; empty for none."""
    return next((person.phone or "" for person in people() if person.key == key), "")


def seed(adapters: "Adapters", *, with_rota: bool = False) -> None:
    """Put the demo's people and places in, unless they are there; two weeks of shifts if wanted."""
    _seed_people(adapters, with_rota=with_rota)
    with adapters.transactions.reading() as session:
        is_there = bool(register.every(session))
    if not is_there:
        loading.load(adapters, listed=places(checked=adapters.clock().date()))


def places(*, checked: date) -> Listed:
    """The demo's places. What its list calls checked counts as checked on the day given."""
    listed = listing.parse(_text("demo_places.toml"))
    return replace(
        listed,
        authorities=tuple(
            replace(each, checked=each.checked and checked) for each in listed.authorities
        ),
        forces=tuple(replace(each, checked=each.checked and checked) for each in listed.forces),
    )


def _seed_people(adapters: "Adapters", *, with_rota: bool) -> None:
    now = adapters.clock()
    lookup = staff.lookup(adapters.keystore, now=now)
    adapters.keystore.key_for_ever(totp.SCOPE, now=now)
    adapters.keystore.key_for_ever(MARK, now=now)
    hashed, pin_hashed = passwords.HASHER.hash(password()), passwords.HASHER.hash(pin())
    with adapters.transactions.begin() as session:
        if session.scalar(sa.select(Staff.id).limit(1)) is not None:
            return
        ranked = []
        for person in people():
            added = staff.add(
                session,
                sealing=adapters.sealing,
                lookup=lookup,
                email=person.email,
                name=person.name,
                role=person.role,
                now=now,
            )
            seeded = session.get_one(Staff, added.id)
            seeded.password_hash, seeded.welcome_hash, seeded.welcome_until = hashed, None, None
            if person.phone is not None:
                number = numbers.read(person.phone).e164
                seeded.phone = adapters.sealing.seal(
                    totp.SCOPE, "staff", seeded.id, "phone", number
                )
                seeded.pin_hash = pin_hashed
            if person.on_call is not None:
                is_supervisor = person.role is Role.SUPERVISOR
                ranked.append(OnCallPerson(added.id, person.on_call, is_supervisor))
        on_call.put(session, people=sorted(ranked, key=lambda each: each.position))
        if with_rota:
            _seed_rota(session, [each.person for each in ranked], now)


def _seed_rota(session: Session, people: Sequence[UUID], now: datetime) -> None:
    # Each line has one person, so that a demo always calls the same one.
    monday = now.astimezone(LONDON).date()
    monday -= timedelta(days=monday.weekday())
    for start in (monday, monday + timedelta(days=7)):
        week_from, week_until = rota.week_of(start)
        wanted = [
            rota.Shift(line, person, *rota.between(start + timedelta(days=day), starts, ends))
            for line, person in zip(Line, people, strict=False)
            for day in range(7)
            for starts, ends in _THIRDS
        ]
        shifts.save_week(
            session,
            week_from=week_from,
            week_until=week_until,
            shifts=wanted,
            staff=people[-1],
            figures=rota.load(),
            now=now,
        )
    # They are there: a demo begins without a missed check-in.
    session.execute(
        sa.update(Shift).where(Shift.starts_at < now + timedelta(days=2)).values(checked_in_at=now)
    )


def id_of(adapters: "Adapters", key: str) -> UUID | None:
    """The id of the demo's person with this key."""
    person = next((each for each in people() if each.key == key), None)
    if person is None:
        return None
    token = staff.lookup(adapters.keystore, now=adapters.clock()).token(person.email)
    with adapters.transactions.reading() as session:
        return session.scalar(sa.select(Staff.id).where(Staff.email_token == token))


def _data() -> dict[str, Any]:
    return tomllib.loads(_text("demo.toml"))


def _text(name: str) -> str:
    return resources.files("helpline").joinpath(name).read_text("utf-8")
