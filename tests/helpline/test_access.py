"""The one door: who may open a child's words, what is shown, and what is written down of it."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from chat.errors import UnknownConversationError
from chat.models import Message
from helpline import access
from helpline.access import NotAllowedError, OpenedConversation
from helpline.accounts.models import READERS, Role
from helpline.accounts.sessions import SignedIn
from helpline.hub import Spoken
from helpline.intake import Said
from helpline.todo import tasks
from helpline.todo.models import Task
from integrations.sealing import SealBrokenError
from tests import stores as stores_of_tests
from tests.helpline import house as houses
from tests.helpline.house import House, person

OPENED = "conversation.opened"


@pytest.fixture(scope="module", params=stores_of_tests.ENGINES)
def house(request: pytest.FixtureRequest) -> Iterator[House]:
    with houses.opened(request, request.param) as house:
        yield house


@pytest.fixture
def conversation(house: House) -> UUID:
    begun = house.begin("Blue Fox")
    house.say(begun, "hello", "are you there")
    return begun


def open_it(
    house: House, conversation: UUID, staff: SignedIn, *, after: int = 0
) -> OpenedConversation:
    with house.adapters.transactions.begin() as session:
        return access.for_staff(
            session,
            house.adapters,
            staff=staff,
            conversation=conversation,
            now=house.clock.now(),
            after=after,
        )


def openings(house: House, conversation: UUID) -> list[UUID | None]:
    return [by for action, by in house.audited(conversation) if action == OPENED]


@pytest.mark.parametrize("role", [Role.ADVOCATE, Role.SUPERVISOR])
def test_who_answers_children_may_open_and_it_is_written_down(
    house: House, conversation: UUID, role: Role
) -> None:
    staff = person(role)
    opened = open_it(house, conversation, staff)
    assert [(each.seq, each.author, each.text) for each in opened.messages] == [
        (1, "child", "hello"),
        (2, "child", "are you there"),
    ]
    assert (opened.shown_name, opened.language, opened.last_seq) == ("Blue Fox", "en", 2)
    assert openings(house, conversation) == [staff.id]


@pytest.mark.parametrize("role", [Role.MANAGER, Role.ADMIN])
def test_who_does_not_is_refused_everything_and_nothing_is_opened(
    house: House, conversation: UUID, role: Role
) -> None:
    staff, adapters = person(role), house.adapters
    with pytest.raises(NotAllowedError):
        open_it(house, conversation, staff)
    with adapters.transactions.reading() as session, pytest.raises(NotAllowedError):
        access.task_for_staff(session, adapters, staff=staff, task=uuid4(), now=house.clock.now())
    with pytest.raises(NotAllowedError):
        access.open_about(
            adapters,
            staff=staff,
            conversation=conversation,
            table="note",
            row=uuid4(),
            column="body",
            sealed=b"",
        )
    assert openings(house, conversation) == []


def test_a_role_that_is_added_one_day_is_refused_until_somebody_decides() -> None:
    assert {role for role in Role if role in READERS} == {Role.ADVOCATE, Role.SUPERVISOR}


def test_every_opening_is_written_down_not_only_the_first(house: House, conversation: UUID) -> None:
    one, other = person(), person(Role.SUPERVISOR)
    for staff in (one, one, other):
        open_it(house, conversation, staff)
    assert openings(house, conversation) == [one.id, one.id, other.id]


def test_an_opening_that_is_not_committed_was_none(house: House, conversation: UUID) -> None:
    with pytest.raises(LookupError):
        _open_and_fail(house, conversation)
    assert openings(house, conversation) == []


def _open_and_fail(house: House, conversation: UUID) -> None:
    with house.adapters.transactions.begin() as session:
        access.for_staff(
            session,
            house.adapters,
            staff=person(),
            conversation=conversation,
            now=house.clock.now(),
        )
        raise LookupError


def test_newer_messages_alone_are_written_down_too(house: House, conversation: UUID) -> None:
    staff = person()
    opened = open_it(house, conversation, staff, after=1)
    assert [each.seq for each in opened.messages] == [2]
    assert openings(house, conversation) == [staff.id]


def test_a_look_that_shows_no_words_shows_no_name_either(house: House, conversation: UUID) -> None:
    opened = open_it(house, conversation, person(), after=2)
    assert (opened.messages, opened.shown_name, opened.last_seq) == ((), None, 2)
    assert openings(house, conversation) == []


def test_what_does_not_exist_is_said_so_and_not_written_down(house: House) -> None:
    nowhere = uuid4()
    with pytest.raises(UnknownConversationError):
        open_it(house, nowhere, person())
    assert house.audited(nowhere) == []


def test_a_child_reads_its_own_words_and_nobody_keeps_a_record_of_it(
    house: House, conversation: UUID
) -> None:
    before = house.audited(conversation)
    with house.adapters.transactions.reading() as session:
        shown = access.for_child(session, house.adapters, conversation=conversation, after=1)
    assert shown == [Spoken(2, "child", "are you there", house.clock.now())]
    assert house.audited(conversation) == before


def test_one_conversation_never_shows_in_another(house: House, conversation: UUID) -> None:
    other = house.begin()
    house.say(other, "somewhere else")
    assert house.texts(conversation) == ["hello", "are you there"]
    assert house.texts(other) == ["somewhere else"]


def test_words_that_somebody_moved_in_the_database_are_not_shown(
    house: House, conversation: UUID
) -> None:
    other = house.begin()
    house.say(other, "not yours")
    with house.adapters.transactions.begin() as session:
        body = session.scalar(sa.select(Message.body).where(Message.conversation_id == other))
        session.execute(
            sa.update(Message).where(Message.conversation_id == conversation).values(body=body)
        )
    assert set(house.texts(conversation)) == {access.UNOPENED}


def test_once_its_key_is_destroyed_nobody_opens_a_conversation(
    house: House, conversation: UUID
) -> None:
    house.adapters.keystore.destroy(f"conversation:{conversation}", now=house.clock.now())
    assert set(house.texts(conversation)) == {access.UNOPENED}
    shown = open_it(house, conversation, person())
    assert {each.text for each in shown.messages} == {access.UNOPENED}


def test_what_staff_write_about_a_child_opens_in_its_place_for_readers_only(
    house: House, conversation: UUID
) -> None:
    row = uuid4()
    sealed = access.seal_about(
        house.adapters, conversation=conversation, table="note", row=row, column="body", text="seen"
    )

    def opened(about: UUID) -> str:
        return access.open_about(
            house.adapters,
            staff=person(),
            conversation=about,
            table="note",
            row=row,
            column="body",
            sealed=sealed,
        )

    assert opened(conversation) == "seen"
    assert b"seen" not in sealed
    with pytest.raises(SealBrokenError):
        opened(house.begin())


def test_a_task_with_raw_words_is_opened_for_readers_and_written_down(house: House) -> None:
    conversation = house.begin()
    house.adapters.keystore.destroy(f"conversation:{conversation}", now=house.clock.now())
    house.write(Said(conversation, "a", "raw words"))
    staff = person()
    with house.adapters.transactions.begin() as session:
        task = session.scalar(sa.select(Task.id).where(Task.subject_id == conversation))
        assert task is not None
        opened = access.task_for_staff(
            session, house.adapters, staff=staff, task=task, now=house.clock.now()
        )
    assert isinstance(opened, tasks.OpenedTask)
    assert opened.words == "raw words"
    assert house.audited(task)[-1] == ("task.opened", staff.id)


def test_triage_reads_the_newest_messages_however_late_it_comes(
    house: House,
) -> None:
    conversation = house.begin()
    house.say(conversation, "long ago")
    house.clock.advance(timedelta(minutes=10))
    house.say(conversation, "i want")
    house.clock.advance(timedelta(minutes=1))
    house.say(conversation, "to")
    house.clock.advance(timedelta(hours=1))
    with house.adapters.transactions.reading() as session:
        spoken = access.for_triage(session, house.adapters, conversation=conversation, most=2)
    assert [each.text for each in spoken] == ["i want", "to"]
    assert OPENED not in dict(house.audited(conversation))
