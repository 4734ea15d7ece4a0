"""What tests of texts say over and over: a phone, what it got, what staff were told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from chat.models import Contact, Conversation, InboundText, Message, OutgoingText, Phone
from helpline import access, call_backs, phones, reconcile, replies, silence
from helpline.accounts.sessions import SignedIn
from helpline.call_backs import Wanted
from helpline.console import deeds, phone_deeds
from helpline.replies import Sent, Written
from helpline.todo import tasks
from helpline.todo.models import Why
from helpline.wiring import Adapters
from tests.clock import Clock
from tests.helpline import phone_house
from tests.helpline.house import person
from tests.helpline.phone_house import CHILD, Company

SAM = person()
# The silences of chat/silence.toml.
QUIET, CLOSED = timedelta(minutes=20), timedelta(hours=24)


@dataclass
class Line:
    """One installation with phones, on one engine."""

    adapters: Adapters
    company: Company
    clock: Clock
    numbers: int = 0

    def text(self, text: str, *, sender: str = CHILD, pictures: int = 0) -> None:
        """Let a phone text us, once."""
        self.numbers += 1
        phone_house.come(
            self.adapters,
            phone_house.sms(text, number=self.numbers, sender=sender, pictures=pictures),
        )

    def work(self, *, for_: timedelta = timedelta(seconds=2)) -> None:
        phone_house.work(self.adapters, self.clock, for_=for_)

    def conversations(self) -> list[UUID]:
        with self.adapters.transactions.reading() as session:
            rows = session.scalars(
                sa.select(Conversation.id).order_by(Conversation.opened_at, Conversation.id)
            )
            return list(rows)

    def conversation(self) -> UUID:
        """The newest conversation."""
        return self.conversations()[-1]

    def said(self, conversation: UUID | None = None) -> list[tuple[str, str]]:
        """Who said what in a conversation, in order."""
        with self.adapters.transactions.reading() as session:
            found = access.for_child(
                session,
                self.adapters,
                conversation=conversation or self.conversation(),
                after=0,
            )
        return [(each.author, each.text) for each in found]

    def claim(self, staff: SignedIn = SAM) -> None:
        deeds.claim(self.adapters, person=staff, conversation=self.conversation())

    def reply(self, text: str, *, reason: str | None = None, staff: SignedIn = SAM) -> Sent:
        conversation = self.conversation()
        with self.adapters.transactions.begin() as session:
            seen = session.get_one(Conversation, conversation).last_seq
            return replies.send(
                session,
                self.adapters,
                staff=staff,
                conversation=conversation,
                written=Written(client_id=f"r{seen}", text=text, seen_seq=seen, reason=reason),
                now=self.clock.now(),
            )

    def wants_a_call(
        self,
        *,
        for_: timedelta = timedelta(hours=1),
        asked_by: str = "child",
        conversation: UUID | None = None,
    ) -> None:
        """A call-back is written down, from now on, to the phone that writes here."""
        with self.adapters.transactions.begin() as session:
            call_backs.ask(
                session,
                self.adapters,
                conversation=conversation or self.conversation(),
                asked_by=asked_by,
                wanted=Wanted(
                    number=phones.number_from(CHILD),
                    window_from=self.now,
                    window_until=self.now + for_,
                    if_answered="hang_up",
                ),
                now=self.now,
            )

    def agreed(
        self,
        *,
        own_word: str = "",
        ends_own_word: bool = False,
        safe_window: str = "",
        may_text: bool | None = None,
        may_ring: bool | None = None,
        conversation: UUID | None = None,
    ) -> None:
        """An advocate writes down what the child agreed about the phone."""
        phone_deeds.agree(
            self.adapters,
            person=SAM,
            conversation=conversation or self.conversation(),
            safe_window=safe_window,
            may_text=may_text,
            may_ring=may_ring,
            own_word=own_word,
            ends_own_word=ends_own_word,
        )

    def live(self, *, sender: str = CHILD) -> None:
        """A child wrote and a person answered; the answer has left."""
        self.text("they moved my room", sender=sender)
        self.claim()
        self.work()
        self.reply("Hi, I am Sam.")
        self.work(for_=timedelta())

    def swept(self, *, after: timedelta = timedelta()) -> int:
        """How many phones moved when the list of texts was read and silence looked at."""
        self.clock.advance(after)
        reconcile.reconcile(self.adapters, owner="tests")
        return silence.fall_silent(self.adapters)

    def closed_at(self) -> datetime | None:
        """When the newest conversation was closed."""
        with self.adapters.transactions.reading() as session:
            return session.get_one(Conversation, self.conversation()).closed_at

    def state(self) -> str:
        with self.adapters.transactions.reading() as session:
            return session.scalars(sa.select(Phone.state)).one()

    def outgoing(self) -> Sequence[OutgoingText]:
        with self.adapters.transactions.reading() as session:
            return session.scalars(sa.select(OutgoingText).order_by(OutgoingText.made_at)).all()

    def inbound(self) -> Sequence[InboundText]:
        with self.adapters.transactions.reading() as session:
            return session.scalars(sa.select(InboundText)).all()

    def messages(self) -> Sequence[UUID]:
        with self.adapters.transactions.reading() as session:
            return session.scalars(sa.select(Message.id).order_by(Message.kept_at)).all()

    def contacts(self) -> int:
        with self.adapters.transactions.reading() as session:
            return session.scalar(sa.select(sa.func.count()).select_from(Contact)) or 0

    def tasks(self) -> list[Why]:
        with self.adapters.transactions.reading() as session:
            return [each.why for each in tasks.list_open(session)]

    def set_phone(self, **values: object) -> None:
        with self.adapters.transactions.begin() as session:
            session.execute(sa.update(Phone).values(**values))

    @property
    def now(self) -> datetime:
        return self.clock.now()
