"""What tests of silence say over and over: a child in danger is answered, and somebody looks."""

from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa

from chat.models import Message
from helpline import quiet, replies
from helpline.console import deeds, queue_view
from helpline.console.queue_view import Row, Show
from helpline.replies import Written
from helpline.wiring import Adapters
from tests.helpline.house import House, person
from triage.escalation import State
from triage.models import Entry, Escalation
from triage.service import signs
from triage.service.signs import Seen

SAM = person()
DANGER = "i want to die"


def answered(house: House, *texts: str) -> UUID:
    conversation = house.begin()
    house.say(conversation, *texts)
    deeds.claim(house.adapters, person=SAM, conversation=conversation)
    reply(house, conversation)
    return conversation


def reply(house: House, conversation: UUID, text: str = "Are you safe just now?") -> None:
    with house.adapters.transactions.begin() as session:
        seen = session.scalars(
            sa.select(sa.func.max(Message.seq)).where(Message.conversation_id == conversation)
        ).one()
        replies.send(
            session,
            house.adapters,
            staff=SAM,
            conversation=conversation,
            written=Written(client_id=f"r{seen}", text=text, seen_seq=seen),
            now=house.clock.now(),
        )


def look(house: House, *, after: timedelta) -> int:
    house.clock.advance(after)
    return quiet.notice(house.adapters, owner="tests")


def seen(adapters: Adapters, conversation: UUID) -> list[Seen]:
    with adapters.transactions.reading() as session:
        return signs.seen_in(session, entries=[conversation])


def entry(house: House, conversation: UUID) -> Entry:
    with house.adapters.transactions.reading() as session:
        return session.get_one(Entry, conversation)


def climb(house: House, conversation: UUID) -> Escalation | None:
    with house.adapters.transactions.reading() as session:
        return session.scalar(
            sa.select(Escalation).where(
                Escalation.entry_id == conversation, Escalation.state != State.CLOSED
            )
        )


def opened(house: House, conversation: UUID) -> Escalation:
    found = climb(house, conversation)
    assert found is not None
    return found


def rows(house: House) -> list[Row]:
    with house.adapters.transactions.reading() as session:
        return list(
            queue_view.listed(
                session,
                reader=SAM.id,
                names=house.adapters.names.of,
                show=Show.ALL,
                now=house.clock.now(),
            ).rows
        )
