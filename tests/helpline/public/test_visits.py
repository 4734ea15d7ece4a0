from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from chat.models import Contact, Conversation
from helpline.public import visits
from helpline.public.models import Visit
from helpline.public.steps import Step
from helpline.transaction import Transactions
from integrations import database
from tests.clock import Clock
from tests.stores import Stores


@pytest.fixture
def transactions(stores: Stores) -> Iterator[Transactions]:
    store = database.connect(stores.database_url)
    yield Transactions(store)
    store.dispose()


def conversation_in(transactions: Transactions, clock: Clock) -> UUID:
    contact, conversation = uuid4(), uuid4()
    with transactions.begin() as session:
        session.add(Contact(id=contact, channel="web", first_seen_at=clock.now()))
        session.flush()
        session.add(
            Conversation(id=conversation, contact_id=contact, last_seq=0, opened_at=clock.now())
        )
    return conversation


def begun(transactions: Transactions, clock: Clock) -> visits.Begun:
    with transactions.begin() as session:
        return visits.begin(session, now=clock.now())


def found(transactions: Transactions, token: str, clock: Clock) -> Visit | None:
    with transactions.reading() as session:
        return visits.find(session, token, clock.now())


def test_a_visit_is_found_by_its_token_until_it_ends(
    transactions: Transactions, clock: Clock
) -> None:
    token, _ = begun(transactions, clock)
    assert found(transactions, token, clock) is not None
    with transactions.begin() as session:
        visits.end(session, token=token, now=clock.now())
    assert found(transactions, token, clock) is None


def test_the_token_itself_is_not_stored(transactions: Transactions, clock: Clock) -> None:
    token, _ = begun(transactions, clock)
    with transactions.reading() as session:
        row = session.execute(sa.select(Visit.__table__)).one()
    assert token not in repr(row)
    assert visits.hashed(token) in row


def test_a_typed_word_has_at_least_twenty_hours(transactions: Transactions, clock: Clock) -> None:
    token, _ = begun(transactions, clock)
    clock.advance(timedelta(hours=20))
    assert found(transactions, token, clock) is not None
    clock.advance(timedelta(hours=5))
    assert found(transactions, token, clock) is None


def test_an_app_has_no_forms_and_stays_longer(transactions: Transactions, clock: Clock) -> None:
    conversation = conversation_in(transactions, clock)
    with transactions.begin() as session:
        token, visit = visits.begin_for_app(session, conversation=conversation, now=clock.now())
    assert visit.csrf is None
    assert not visits.has_csrf(visit, "")
    clock.advance(timedelta(days=29))
    assert found(transactions, token, clock) is not None


def test_a_second_press_of_talk_keeps_the_first_conversation(
    transactions: Transactions, clock: Clock
) -> None:
    first, second = (conversation_in(transactions, clock) for _ in range(2))
    token, visit = begun(transactions, clock)
    with transactions.begin() as session:
        assert visits.attach(session, visit=visit, conversation=first) == first
    with transactions.begin() as session:
        assert visits.attach(session, visit=visit, conversation=second) == first
    kept = found(transactions, token, clock)
    assert kept is not None
    assert kept.conversation_id == first
    assert kept.step == Step.CHAT


def test_ending_names_the_conversation_once(transactions: Transactions, clock: Clock) -> None:
    conversation = conversation_in(transactions, clock)
    token, visit = begun(transactions, clock)
    with transactions.begin() as session:
        visits.attach(session, visit=visit, conversation=conversation)
    with transactions.begin() as session:
        assert visits.end(session, token=token, now=clock.now()) == conversation
    with transactions.begin() as session:
        assert visits.end(session, token=token, now=clock.now()) is None


def test_the_step_is_remembered(transactions: Transactions, clock: Clock) -> None:
    token, visit = begun(transactions, clock)
    with transactions.begin() as session:
        visits.move(session, visit=visit, step=Step.TOLD)
    kept = found(transactions, token, clock)
    assert kept is not None
    assert kept.step == Step.TOLD


def test_only_its_own_form_token_counts(transactions: Transactions, clock: Clock) -> None:
    _, visit = begun(transactions, clock)
    _, other = begun(transactions, clock)
    assert visits.has_csrf(visit, visit.csrf)
    assert not visits.has_csrf(visit, other.csrf)
    assert not visits.has_csrf(visit, None)
    assert not visits.has_csrf(visit, "é")
