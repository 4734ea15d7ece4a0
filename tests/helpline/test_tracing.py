"""Where a message is: states and times, from whichever id there is, and never a word."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from chat.models import Message
from helpline import apart, climbing, intake, tracing
from helpline.accounts import edge
from helpline.accounts.models import Role, Staff
from helpline.audit import seal
from helpline.intake import Said
from helpline.public import conversations
from helpline.queue.models import Job
from helpline.todo.models import Task
from helpline.wiring import Adapters
from tests import installation
from tests.clock import Clock
from tests.stores import Stores
from triage.escalation import OnCallPerson
from triage.models import Escalation, Page
from triage.service import holding, on_call

SECRET = "canaryword he has a knife outside my door"


@pytest.fixture
def adapters(stores: Stores, clock: Clock) -> Iterator[Adapters]:
    with installation.installed(stores, clock) as installed:
        yield installed


@pytest.fixture
def session(adapters: Adapters) -> Iterator[Session]:
    with adapters.transactions.reading() as reading:
        yield reading


@pytest.fixture
def conversation(adapters: Adapters, clock: Clock) -> UUID:
    """A child in danger wrote at ten; at five past somebody on call was paged."""
    edge.add(adapters, email="ann@helpline.example", role=Role.SUPERVISOR, name="Canaryname")
    with adapters.transactions.begin() as session:
        person = session.scalars(sa.select(Staff.id)).one()
        on_call.put(session, people=[OnCallPerson(person, 0, is_supervisor=True)])
    begun = conversations.start(adapters, display_name="Canaryname").conversation
    [outcome] = adapters.writer._write([Said(begun, "a", SECRET)])
    assert isinstance(outcome, intake.Kept)
    clock.advance(timedelta(minutes=5))
    climbing.climb(adapters)
    return begun


def one(session: Session, model: type) -> UUID:
    found: UUID = session.execute(sa.select(model)).scalars().all()[0].id
    return found


def test_a_message_is_followed_from_the_commit_to_the_page(
    session: Session, conversation: UUID
) -> None:
    message = one(session, Message)
    told = "\n".join(tracing.trace(session, str(message)))
    assert told.startswith(f"message       {message}")
    assert "kept        2026-11-02 10:00:00.000+00:00" in told
    assert f"conversation  {conversation}" in told
    assert "entry         emergency, score " in told
    assert "waiting     since 2026-11-02 10:00:00" in told
    assert "state       paging, emergency, round 0" in told
    assert "page        mail due" in told
    assert "page        console shown" in told
    assert " mail_page" in told
    assert " read_together" in told
    assert "message.kept by child" in told
    assert "not sealed yet" in told


def test_any_id_of_the_story_leads_into_it(session: Session, conversation: UUID) -> None:
    for model in (Message, Escalation, Page, Job):
        told = tracing.trace(session, one(session, model).hex)
        assert len(told) > 1, (model, conversation)


def test_no_word_and_no_name_is_told(session: Session, conversation: UUID) -> None:
    for sought in (conversation, one(session, Message)):
        told = "\n".join(tracing.trace(session, str(sought))).lower()
        assert "canary" not in told
        assert "@" not in told


def test_who_holds_it_and_what_was_sealed_is_told(
    adapters: Adapters, session: Session, conversation: UUID, clock: Clock
) -> None:
    person = one(session, Staff)
    with adapters.transactions.begin() as writing:
        holding.claim(writing, entry=conversation, staff=person, now=clock.now())
        seal.seal(writing, key=adapters.audit.key, holder="a", now=clock.now())
    session.rollback()  # a new look
    told = "\n".join(tracing.trace(session, str(conversation)))
    assert f"claimed     2026-11-02 10:05:00.000+00:00 by staff {person}" in told
    assert "link " in told


def test_a_message_that_was_kept_apart_is_found_by_its_conversation_or_task(
    adapters: Adapters, session: Session, clock: Clock
) -> None:
    begun = conversations.start(adapters).conversation
    with adapters.transactions.begin() as writing:
        apart.keep_apart(
            writing,
            adapters.sealing,
            conversation=begun,
            client_id="a",
            text=SECRET,
            now=clock.now(),
        )
    for sought in (begun, one(session, Task)):
        told = "\n".join(tracing.trace(session, str(sought)))
        assert "message not processed" in told
        assert "done        not yet" in told
    assert "entry         none" in "\n".join(tracing.trace(session, str(begun)))


def test_an_unknown_id_and_what_is_none_are_told_apart(session: Session) -> None:
    with pytest.raises(tracing.UnknownIdError):
        tracing.trace(session, str(uuid4()))
    for given in ("", "x", "07700 900123", "0" * 33):
        with pytest.raises(tracing.NotAnIdError):
            tracing.trace(session, given)
