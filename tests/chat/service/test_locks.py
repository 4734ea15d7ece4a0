"""On PostgreSQL a message that comes in holds up other messages, and nothing else about a child.

Whoever owns an alarm holds it and then writes a note about its conversation; a message holds its
conversation and then wants the alarm. If the note waited for the message, neither would go on.
"""

from collections.abc import Callable, Iterator
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from psycopg.errors import LockNotAvailable
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from chat import statements_postgresql
from chat.service import reply, start
from chat.service.receive import Arrival
from helpline.casework import notes
from helpline.wiring import Adapters
from tests import installation
from tests import stores as stores_of_tests
from tests.clock import Clock

Holds = Callable[[Session, UUID, Adapters], None]


@pytest.fixture
def adapters(request: pytest.FixtureRequest, clock: Clock) -> Iterator[Adapters]:
    template: stores_of_tests.PostgresTemplate = request.getfixturevalue("_postgresql_template")
    with template.fresh() as stores, installation.installed(stores, clock) as installed:
        yield installed


@pytest.fixture
def conversation(adapters: Adapters) -> UUID:
    with adapters.transactions.begin() as session:
        return start.start(
            session,
            conversation=uuid7(),
            contact=uuid7(),
            language=None,
            shown_name=None,
            now=adapters.clock(),
        ).conversation


def receiving(session: Session, conversation: UUID, adapters: Adapters) -> None:
    arrival = Arrival(uuid7(), conversation, uuid4().hex, b"sealed")
    driver = session.connection().connection.driver_connection
    statements_postgresql.receive(driver, [arrival], now=adapters.clock())


def replying(session: Session, conversation: UUID, adapters: Adapters) -> None:
    reply.reply(
        session,
        message=uuid7(),
        conversation=conversation,
        client_id=uuid4().hex,
        body=b"sealed",
        said_by=uuid4(),
        seen_seq=0,
        now=adapters.clock(),
    )
    session.flush()


def impatient(session: Session) -> None:
    session.execute(sa.text("SET LOCAL lock_timeout = '500ms'"))


@pytest.mark.parametrize("holds", [receiving, replying])
def test_a_note_does_not_wait_for_a_message(
    adapters: Adapters, conversation: UUID, holds: Holds
) -> None:
    with adapters.transactions.begin() as holding:
        holds(holding, conversation, adapters)
        with adapters.transactions.begin() as session:
            impatient(session)
            notes.write_note(
                session,
                note=uuid7(),
                conversation=conversation,
                written_by=uuid4(),
                body=b"sealed",
                now=adapters.clock(),
            )


@pytest.mark.parametrize("holds", [receiving, replying])
@pytest.mark.parametrize("waits", [receiving, replying])
def test_a_message_waits_for_a_message_of_the_same_conversation(
    adapters: Adapters, conversation: UUID, holds: Holds, waits: Holds
) -> None:
    with adapters.transactions.begin() as holding, adapters.transactions.reading() as session:
        holds(holding, conversation, adapters)
        impatient(session)
        with pytest.raises((OperationalError, LockNotAvailable)):
            waits(session, conversation, adapters)
