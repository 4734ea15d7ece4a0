"""Who a child is, is a person's word: many to many, undone at any time, never read off a number."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from helpline.access import NotAllowedError
from helpline.accounts.models import Role
from helpline.children.links import UnknownLinkError
from helpline.children.models import Child, ContactLink
from helpline.console import child_forms, child_view, phone_deeds
from helpline.console.child_view import Identity
from tests import installation
from tests.clock import Clock
from tests.helpline import phone_house
from tests.helpline.house import House, person
from tests.helpline.phone_house import SETTINGS
from tests.helpline.phoning import SAM, Line
from tests.stores import Stores

OTHER_PHONE = "+447700900456"


@pytest.fixture
def line(stores: Stores, clock: Clock) -> Iterator[Line]:
    with installation.installed(stores, clock, **SETTINGS) as adapters:
        yield Line(*phone_house.with_company(adapters, clock), clock)


def seen(line: Line, conversation: UUID) -> Identity:
    with line.adapters.transactions.reading() as session:
        return child_view.identity(
            session,
            line.adapters,
            person=SAM,
            conversation=conversation,
            names=lambda _: "Sam Demo",
        )


def link(line: Line, conversation: UUID, called: str = "Robin of the blue house") -> None:
    child_forms.link_to_child(
        line.adapters,
        person=SAM,
        conversation=conversation,
        called=called,
        how_known="She named her key worker and the day she moved in.",
    )


def closed_and_back(line: Line) -> tuple[UUID, UUID]:
    """One phone, two conversations."""
    line.text("hello")
    line.claim()
    line.reply("Hi, I am Sam.")
    first = line.conversation()
    phone_deeds.close(line.adapters, person=SAM, conversation=first)
    line.clock.advance(timedelta(hours=1))
    line.text("its me")
    return first, line.conversation()


def test_the_same_number_alone_shows_nothing_of_before(line: Line) -> None:
    _, second = closed_and_back(line)
    assert seen(line, second) == Identity(links=(), earlier=())


def test_a_person_s_word_shows_the_other_conversations_and_undoing_hides_them(line: Line) -> None:
    first, second = closed_and_back(line)
    link(line, second)
    found = seen(line, second)
    assert [(each.called, each.by) for each in found.links] == [
        ("Robin of the blue house", "Sam Demo")
    ]
    assert [each.conversation for each in found.earlier] == [first]
    child_forms.undo_link(line.adapters, person=SAM, conversation=second, link=found.links[0].link)
    assert seen(line, second) == Identity(links=(), earlier=())
    with line.adapters.transactions.reading() as session:
        assert session.scalars(sa.select(ContactLink.undone_by)).all() == [SAM.id]


def test_two_phones_of_one_child_and_two_children_of_one_phone(line: Line) -> None:
    line.text("hello")
    one = line.conversation()
    line.clock.advance(timedelta(seconds=1))
    line.text("hello", sender=OTHER_PHONE)
    other = line.conversation()
    link(line, one)
    link(line, other, called="  ROBIN of the   blue house. ")
    link(line, other, called="Alex")
    assert [each.conversation for each in seen(line, one).earlier] == [other]
    assert {each.called for each in seen(line, other).links} == {
        "Robin of the blue house",
        "Alex",
    }
    with line.adapters.transactions.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Child)) == 2


def test_saying_it_twice_changes_nothing(line: Line) -> None:
    line.text("hello")
    link(line, line.conversation())
    link(line, line.conversation())
    assert len(seen(line, line.conversation()).links) == 1


def test_undoing_twice_is_refused(line: Line) -> None:
    line.text("hello")
    link(line, line.conversation())
    [found] = seen(line, line.conversation()).links
    child_forms.undo_link(
        line.adapters, person=SAM, conversation=line.conversation(), link=found.link
    )
    with pytest.raises(UnknownLinkError):
        child_forms.undo_link(
            line.adapters, person=SAM, conversation=line.conversation(), link=found.link
        )


def test_whoever_may_not_read_may_not_say_who_it_is(line: Line) -> None:
    line.text("hello")
    with pytest.raises(NotAllowedError):
        child_forms.link_to_child(
            line.adapters,
            person=person(Role.ADMIN),
            conversation=line.conversation(),
            called="Robin",
            how_known="x",
        )


def test_what_a_child_is_called_is_sealed_and_each_deed_recorded(line: Line) -> None:
    line.text("hello")
    link(line, line.conversation())
    with line.adapters.transactions.reading() as session:
        row = session.scalars(sa.select(Child)).one()
        contact = session.scalars(sa.select(ContactLink.contact_id)).one()
    assert b"Robin" not in row.called
    assert House(line.adapters, line.clock).audited(contact) == [("contact.linked", SAM.id)]
