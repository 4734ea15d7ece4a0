"""An installation with a telephone company that rings: it follows our documents as Twilio does."""

import contextlib
import itertools
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID
from xml.etree import ElementTree as ET

import httpx2
import sqlalchemy as sa
from starlette.applications import Starlette
from starlette.testclient import TestClient

from chat import calling as rules
from chat import numbers
from chat.models import Call, CallBack
from helpline import asgi, call_backs, seeding
from helpline.accounts.models import Role
from helpline.accounts.sessions import SignedIn
from helpline.call_backs import Wanted
from helpline.console import call_deeds, deeds
from helpline.wiring import Adapters
from integrations.twilio.calls import RungCall
from integrations.twilio.errors import TwilioError
from tests.clock import Clock
from tests.helpline import phone_house
from tests.helpline.phone_house import ACCOUNT, CHILD, OURS
from tests.helpline.phoning import Line
from tests.helpline.test_twilio_pages import sign
from tests.installation import STAFF_ORIGIN

SAM_PHONE = "+447700900101"
JO_PHONE = "+447700900102"
PRIYA_PHONE = "+447700900103"


@dataclass
class Rung:
    """A call that the company was asked for."""

    to: str
    answer_at: str
    status_to: str
    sid: str


@dataclass
class RecordingCalls:
    """Remembers what it was asked to ring, and fails as it is told."""

    rung: list[Rung] = field(default_factory=list)
    fails: list[Exception | str] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def ring(self, *, to: str, answer_at: str, status_to: str, rings_for_seconds: int) -> RungCall:
        assert rings_for_seconds > 0
        failing = self.fails.pop(0) if self.fails else None
        if isinstance(failing, TwilioError) and not failing.maybe_sent:
            raise failing
        sid = new_sid(next(self.numbers))
        self.rung.append(Rung(to, answer_at, status_to, sid))
        if isinstance(failing, Exception):
            raise failing
        return RungCall(sid=sid)

    def hang_up(self, *, sid: str) -> None:
        del sid


def new_sid(number: int) -> str:
    return f"CA{number:032x}"


@dataclass
class Leg:
    """One line of a call, that asks for documents and follows them."""

    house: "RingingHouse"
    sid: str
    sender: str
    to: str
    direction: str
    heard: list[str] = field(default_factory=list)
    documents: list[str] = field(default_factory=list)

    def ask(self, address: str, **form: str) -> ET.Element:
        """Fetch what comes next. Every request is signed, as the company does."""
        answer = self.house.post(
            address,
            {
                "CallSid": self.sid,
                "AccountSid": ACCOUNT,
                "From": self.sender,
                "To": self.to,
                "CallStatus": "in-progress",
                "Direction": self.direction,
                **form,
            },
        )
        assert answer.status_code == 200, answer.text
        self.documents.append(answer.text)
        document = ET.fromstring(answer.text)  # noqa: S314 - our own document
        self.heard += [each.text or "" for each in document.iter("Say")]
        return document


@dataclass
class RingingHouse(Line):
    """A line with calls: what is asked of the company, and what it asks of us."""

    calls: RecordingCalls = field(default_factory=RecordingCalls)
    client: TestClient | None = None
    legs: list[Leg] = field(default_factory=list)
    sids: Iterator[int] = field(default_factory=lambda: itertools.count(1000))

    def post(
        self, address: str, form: dict[str, str], *, signature: str | None = None
    ) -> httpx2.Response:
        assert self.client is not None
        path = address.removeprefix(STAFF_ORIGIN)
        assert urlsplit(path).netloc == "", "an address of somebody else's"
        given = sign(path, form) if signature is None else signature
        return self.client.post(path, data=form, headers={"X-Twilio-Signature": given})

    def leg(self, *, sender: str, to: str, sid: str | None = None, inbound: bool = False) -> Leg:
        leg = Leg(
            self,
            sid or new_sid(next(self.sids)),
            sender,
            to,
            "inbound" if inbound else "outbound-api",
        )
        self.legs.append(leg)
        return leg

    def person(self, key: str) -> SignedIn:
        staff = seeding.id_of(self.adapters, key)
        assert staff is not None
        role = Role.SUPERVISOR if key == "supervisor" else Role.ADVOCATE
        return SignedIn(id=staff, role=role, session=b"", csrf="", name=key)

    def hold(self, key: str = "advocate") -> SignedIn:
        """Let somebody claim the newest conversation."""
        person = self.person(key)
        deeds.claim(self.adapters, person=person, conversation=self.conversation())
        return person

    def ask_call_back(
        self,
        *,
        number: str = CHILD,
        opens: timedelta = timedelta(),
        lasts: timedelta = timedelta(hours=2),
        if_answered: str = "wrong_number",
        own_name: str | None = "Robin",
        may_leave_voicemail: bool = False,
    ) -> UUID:
        """A child asks to be called, in a window that is open unless the test says otherwise."""
        with self.adapters.transactions.begin() as session:
            return call_backs.ask(
                session,
                self.adapters,
                conversation=self.conversation(),
                asked_by="child",
                wanted=Wanted(
                    number=numbers.read(number),
                    window_from=self.now + opens,
                    window_until=self.now + opens + lasts,
                    if_answered=if_answered,
                    own_name=own_name,
                    may_leave_voicemail=may_leave_voicemail,
                ),
                now=self.now,
            )

    def call(self, call_back: UUID, *, reason: str | None = None, key: str = "advocate") -> None:
        call_deeds.call(self.adapters, person=self.person(key), call_back=call_back, reason=reason)

    def judge(self, outcome: str, *, key: str = "advocate") -> None:
        call_deeds.judge(
            self.adapters, person=self.person(key), call=self.last_call().id, outcome=outcome
        )

    def all_calls(self) -> list[Call]:
        with self.adapters.transactions.reading() as session:
            return list(session.scalars(sa.select(Call).order_by(Call.made_at, Call.id)))

    def last_call(self) -> Call:
        return self.all_calls()[-1]

    def call_back(self) -> CallBack:
        """The newest call-back."""
        with self.adapters.transactions.reading() as session:
            return list(session.scalars(sa.select(CallBack).order_by(CallBack.made_at)))[-1]

    def said_aloud(self) -> list[str]:
        return [words for leg in self.legs for words in leg.heard]


@contextlib.contextmanager
def opened(built: Adapters, clock: Clock) -> Iterator[RingingHouse]:
    """The house with the demo's people, a writer, and a client that posts as the company does."""
    with_texts, company = phone_house.with_company(built, clock)
    calls = RecordingCalls()
    assert with_texts.phones is not None
    adapters = replace(with_texts, phones=replace(with_texts.phones, calls=calls))
    seeding.seed(adapters)

    @contextlib.asynccontextmanager
    async def writing(app: Starlette) -> AsyncIterator[None]:
        del app
        adapters.writer.start()
        yield
        await adapters.writer.stop()

    faces = asgi.Faces(adapters, Starlette(lifespan=writing))
    with TestClient(faces, base_url=STAFF_ORIGIN) as client:
        yield RingingHouse(adapters, company, clock, calls=calls, client=client)


# --- what the company does with our documents -------------------------------------------------


def address_in(document: ET.Element, verb: str) -> str:
    """Where a document sends the company next."""
    found = document.find(verb)
    assert found is not None, ET.tostring(document)
    address = found.get("action")
    assert address is not None
    return address


def number_in(document: ET.Element) -> ET.Element:
    found = document.find("Dial/Number")
    assert found is not None, ET.tostring(document)
    return found


def is_hung_up(document: ET.Element) -> bool:
    return document.find("Hangup") is not None and document.find("Dial") is None


def is_joined(document: ET.Element) -> bool:
    return len(document) == 0


def answered_by_advocate(house: RingingHouse, *, digits: str = "1") -> tuple[Leg, ET.Element]:
    """The advocate's phone was rung, is answered, and a key is pressed."""
    rung = house.calls.rung[-1]
    leg = house.leg(sender=OURS, to=rung.to, sid=rung.sid)
    first = leg.ask(rung.answer_at)
    return leg, leg.ask(address_in(first, "Gather"), Digits=digits)


def answered_by_child(
    house: RingingHouse, dial: ET.Element, *, digits: str
) -> tuple[Leg, ET.Element]:
    """The child's phone is answered by somebody, who presses a key or does not."""
    number = number_in(dial)
    leg = house.leg(sender=OURS, to=number.text or "")
    first = leg.ask(number.attrib["url"])
    return leg, leg.ask(address_in(first, "Gather"), **({"Digits": digits} if digits else {}))


def end_of(leg: Leg, dial: ET.Element, *, joined: bool) -> ET.Element:
    """The dialled call is over, and the first leg asks what comes next."""
    return leg.ask(
        address_in(dial, "Dial"),
        DialCallStatus="completed" if joined else "no-answer",
        DialBridged="true" if joined else "false",
    )


TRIES = rules.load().tries


def rings(house: RingingHouse, *, sender: str = CHILD) -> tuple[Leg, ET.Element]:
    """Somebody rings us; the line, and the menu."""
    leg = house.leg(sender=sender, to=OURS, inbound=True)
    return leg, leg.ask("/twilio/voice/in")


def presses(leg: Leg, document: ET.Element, digits: str) -> ET.Element:
    given = {"Digits": digits} if digits else {}
    return leg.ask(address_in(document, "Gather"), **given)
