"""Where the children of a conversation live, by whose word, and who is implicated."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.orm import Session

from chat.service import contacts
from helpline import access
from helpline.accounts.sessions import SignedIn
from helpline.children import links
from helpline.console.queue_view import Names
from helpline.danger import marks
from helpline.danger.card import Part
from helpline.institutions import placements, register
from helpline.signals import offers

if TYPE_CHECKING:
    from helpline.wiring import Adapters


@dataclass(frozen=True, slots=True)
class ChildShown:
    """A child that somebody said this contact is."""

    child: UUID
    called: str


@dataclass(frozen=True, slots=True)
class PlacementShown:
    """Where one of them lives."""

    placement: UUID
    child: str
    place: str
    unit: str | None
    from_day: date
    stated_by: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Choice:
    """A place, or a unit of one, to choose."""

    value: str
    words: str


@dataclass(frozen=True, slots=True)
class MarkShown:
    """Somebody who must not be told."""

    mark: UUID
    part: Part
    who: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class OfferShown:
    """What was answered when an advocate was offered."""

    offer: UUID
    child: str
    place: str
    answer: str
    heard_from: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Known:
    """Everything that the page shows. Empty where nobody has said anything."""

    children: tuple[ChildShown, ...]
    placements: tuple[PlacementShown, ...]
    choices: tuple[Choice, ...]
    marks: tuple[MarkShown, ...]
    offers: tuple[OfferShown, ...]


def known(
    session: Session,
    adapters: "Adapters",
    *,
    person: SignedIn,
    conversation: UUID,
    names: Names,
    today: date,
) -> Known:
    """What somebody said about the place of this conversation's child, and about whom to fear.

    Raises :class:`chat.errors.UnknownConversationError`.
    """
    access.check_may_read(person)
    contact = contacts.contact_of(session, conversation=conversation)
    children = {
        each.child: access.child_called(
            adapters, staff=person, child=each.child, sealed=each.called
        )
        for each in links.links_of(session, contact=contact)
    }
    places = _Places(session, adapters, person)
    placed = placements.of_children(session, children=list(children), today=today)
    return Known(
        children=tuple(ChildShown(child, called) for child, called in children.items()),
        placements=tuple(
            PlacementShown(
                each.placement,
                children[each.child],
                places.name(each.institution),
                None if each.unit is None else places.unit(each.institution, each.unit),
                each.from_day,
                each.stated_by.value,
                names(each.kept_by),
                each.kept_at,
            )
            for each in placed
        ),
        choices=tuple(places.choices()) if children else (),
        marks=tuple(
            MarkShown(
                each.mark,
                each.part,
                access.open_about(
                    adapters,
                    staff=person,
                    conversation=conversation,
                    table="implicated",
                    row=each.mark,
                    column="who",
                    sealed=each.who,
                ),
                names(each.marked_by),
                each.marked_at,
            )
            for each in marks.of_conversations(session, conversations=[conversation])
        ),
        offers=tuple(
            OfferShown(
                each.offer,
                children[each.child],
                places.name(each.institution),
                each.answer.value,
                each.heard_from.value,
                names(each.kept_by),
                each.kept_at,
            )
            for each in offers.of_children(session, children=list(children))
        ),
    )


class _Places:
    """The names of places, each opened when it is asked for."""

    def __init__(self, session: Session, adapters: "Adapters", person: SignedIn) -> None:
        self._session = session
        self._adapters = adapters
        self._person = person
        self._every = {each.institution: each for each in register.every(session)}

    def name(self, institution: UUID) -> str:
        return self._open(institution, "institution", institution, self._every[institution].name)

    def unit(self, institution: UUID, unit: UUID) -> str:
        found = register.unit_named(self._session, unit=unit)
        return (
            "" if found is None else self._open(institution, "institution_unit", unit, found.name)
        )

    def choices(self) -> list[Choice]:
        found = []
        for institution in self._every:
            name = self.name(institution)
            found.append(Choice(str(institution), name))
            found += [
                Choice(
                    f"{institution}/{each.unit}",
                    f"{name}: {self._open(institution, 'institution_unit', each.unit, each.name)}",
                )
                for each in register.units_of(self._session, institution=institution)
            ]
        return sorted(found, key=lambda each: each.words.casefold())

    def _open(self, institution: UUID, table: str, row: UUID, sealed: bytes) -> str:
        return access.open_about_institution(
            self._adapters,
            staff=self._person,
            institution=institution,
            table=table,
            row=row,
            column="name",
            sealed=sealed,
        )
