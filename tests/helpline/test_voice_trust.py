"""What the telephone company is believed of a call, and what its documents never say."""

import re
from collections.abc import Iterator
from xml.etree import ElementTree as ET

import httpx2
import pytest
import sqlalchemy as sa

from chat import wording
from chat.models import Call
from helpline import voice_pages
from helpline.audit.models import AuditEntry
from helpline.intake import NotKeptError
from tests import installation
from tests.clock import Clock
from tests.helpline import ringing_house
from tests.helpline.phone_house import ACCOUNT, CHILD, OURS, SETTINGS
from tests.helpline.ringing_house import (
    JO_PHONE,
    PRIYA_PHONE,
    SAM_PHONE,
    RingingHouse,
    answered_by_advocate,
    answered_by_child,
    end_of,
    is_hung_up,
    new_sid,
    presses,
    rings,
)
from tests.helpline.test_twilio_pages import sign
from tests.installation import STAFF_ORIGIN
from tests.stores import Stores

ON_CALL = [SAM_PHONE, JO_PHONE, PRIYA_PHONE]
HIDDEN = ["anonymous", "Restricted", "+266696687", ""]


@pytest.fixture
def house(stores: Stores, clock: Clock) -> Iterator[RingingHouse]:
    with (
        installation.installed(stores, clock, **SETTINGS) as built,
        ringing_house.opened(built, clock) as made,
    ):
        yield made


@pytest.mark.parametrize("step", list(voice_pages._PAGES))
@pytest.mark.parametrize("forged", ["none", "garbage", "other account", "other path"])
def test_what_is_not_signed_is_refused_and_writes_nothing(
    house: RingingHouse, step: str, forged: str
) -> None:
    path = f"/twilio/voice/{step}?call={house.person('advocate').id}"
    form = {"CallSid": new_sid(1), "AccountSid": ACCOUNT, "From": CHILD, "Digits": "1"}
    if forged == "other account":
        form["AccountSid"] = "AC" + "9" * 32
    signature = {
        "none": "",
        "garbage": "bm90IGEgc2lnbmF0dXJl",
        "other account": sign(path, form),
        "other path": sign("/twilio/sms", form),
    }[forged]
    before = rows(house)
    assert house.post(path, form, signature=signature).status_code == 403
    assert rows(house) == before


def rows(house: RingingHouse) -> tuple[int, int]:
    with house.adapters.transactions.reading() as session:
        calls = session.scalar(sa.select(sa.func.count()).select_from(Call)) or 0
        audited = session.scalar(sa.select(sa.func.count()).select_from(AuditEntry)) or 0
    return calls, audited


@pytest.mark.parametrize(
    "step", [each for each in voice_pages._PAGES if each not in ("in", "status")]
)
def test_a_call_that_we_do_not_know_is_told_to_hang_up(house: RingingHouse, step: str) -> None:
    leg = house.leg(sender=OURS, to=CHILD)
    for call in ("", "?call=nonsense", f"?call={house.person('advocate').id}&person=x&turn=0"):
        document = leg.ask(f"/twilio/voice/{step}{call}", Digits="1")
        assert document.find("Hangup") is not None
        assert document.find("Dial") is None


def test_a_request_sent_once_more_after_the_call_shows_no_number(house: RingingHouse) -> None:
    house.text("can you ring me")
    house.hold()
    house.call(house.ask_call_back())
    house.work()
    leg, dial = answered_by_advocate(house)
    end_of(leg, dial, joined=False)
    rung = house.calls.rung[-1]
    replayed = leg.ask(rung.answer_at.replace("/advocate?", "/advocate/key?"), Digits="1")
    assert is_hung_up(replayed)
    assert CHILD not in leg.documents[-1]


def test_another_leg_cannot_lead_a_call(house: RingingHouse) -> None:
    house.text("can you ring me")
    house.hold()
    house.call(house.ask_call_back())
    house.work()
    other = house.leg(sender=OURS, to=SAM_PHONE)
    assert is_hung_up(other.ask(house.calls.rung[-1].answer_at))


def test_another_caller_cannot_lead_somebodys_call(house: RingingHouse) -> None:
    _, menu = rings(house)
    other, _ = rings(house, sender="+447700900124")
    assert is_hung_up(presses(other, menu, "1"))
    assert is_hung_up(presses(other, menu, "2"))


def test_a_caller_who_cannot_be_kept_hears_the_truth(
    house: RingingHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: object, **__: object) -> None:
        raise NotKeptError

    monkeypatch.setattr("helpline.intake.keep", fails)
    leg, document = rings(house)
    assert is_hung_up(document)
    assert "does not work just now" in leg.heard[-1]


def test_no_document_can_record_and_no_address_or_word_tells(house: RingingHouse) -> None:
    answers: list[str] = []
    original = house.post

    def post(*given: object, **more: object) -> httpx2.Response:
        answer = original(*given, **more)  # type: ignore[arg-type]  # handed through
        answers.append(answer.text)
        return answer

    house.post = post  # type: ignore[method-assign]  # remembers every document
    leg, menu = rings(house)
    document = presses(leg, menu, "1")
    answered_by_child(house, document, digits="")
    while document.find("Dial") is not None:
        document = end_of(leg, document, joined=False)
    presses(leg, document, "1")
    house.hold()
    house.call(house.call_back().id)
    house.work()
    advocate, dial = answered_by_advocate(house)
    answered_by_child(house, dial, digits="1")
    end_of(advocate, dial, joined=False)
    assert len(answers) > 10
    for text in answers:
        tags = ET.fromstring(text)  # noqa: S314 - our own document
        assert not [each for each in tags.iter() if "record" in each.tag.lower()]
        assert not [name for each in tags.iter() for name in each.attrib if "record" in name]
        for address in re.findall(r"https?://[^\"<]+", text):
            assert address.startswith(f"{STAFF_ORIGIN}/twilio/voice/")
            assert "07700" not in address
            assert "447700" not in address
        spoken = " ".join(each.text or "" for each in tags.iter("Say"))
        assert not re.search(r"\d{4}|robin|sam|jo\b|priya|helpline|child", spoken, re.IGNORECASE)


def test_every_word_that_is_spoken_is_in_the_catalogue_and_has_no_fault() -> None:
    spoken = wording.load_spoken()
    assert spoken.faults() == ()
    assert spoken.unreviewed() == tuple(spoken.texts)


def test_what_is_heard_first_from_us_tells_a_voicemail_nothing() -> None:
    words = wording.load_spoken().text("called")
    assert len(words.split()) <= 6
    assert "?" not in words
