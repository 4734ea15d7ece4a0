"""Call-backs on the console: the list, the card, the form, one tap for what came of a call."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import httpx2
import pytest

from chat import wording
from helpline.accounts import own_phone
from helpline.accounts.models import Role
from helpline.console import phone_deeds
from helpline.phones import Phones
from tests import installation
from tests.clock import Clock
from tests.helpline import ringing_house
from tests.helpline.console.conftest import Desk, chat
from tests.helpline.console.conftest import House as ConsoleHouse
from tests.helpline.phone_house import SETTINGS
from tests.helpline.ringing_house import RingingHouse, answered_by_advocate, end_of
from tests.installation import STAFF_ORIGIN
from tests.stores import Stores
from triage.models import Entry

LIST = "/console/call-backs"
TAIL = "23"


@dataclass
class Office:
    """A line with calls, and people at its consoles."""

    house: RingingHouse
    desks: ConsoleHouse

    def desk(self, key: str = "advocate") -> Desk:
        return self.desks.desk(key)

    def page(self, desk: Desk) -> str:
        return desk.get(chat(self.house.conversation())).text

    def post(self, desk: Desk, deed: str, **fields: str) -> httpx2.Response:
        return desk.post(chat(self.house.conversation(), deed), origin=STAFF_ORIGIN, **fields)


@pytest.fixture
def office(stores: Stores, clock: Clock) -> Iterator[Office]:
    """A child wrote by text. Nobody answers yet."""
    with (
        installation.installed(stores, clock, **SETTINGS) as built,
        ringing_house.opened(built, clock) as made,
    ):
        made.text("can you ring me")
        yield Office(made, ConsoleHouse(made.adapters, made.adapters.intake, clock))


def agreed(**changed: str) -> dict[str, str]:
    return {
        "number": "",
        "day": "2026-11-02",
        "part": "afternoon",
        "if_answered": "wrong_number",
        "own_name": "Robin",
        "voicemail": "no",
        "shared": "yes",
        **changed,
    }


def test_the_list_is_empty_until_somebody_asks(office: Office) -> None:
    desk = office.desk()
    assert "Nobody waits for a call" in desk.get(LIST).text
    assert f'href="{LIST}"' in desk.get("/console").text
    office.house.ask_call_back()
    page = desk.get(LIST).text
    assert "safe now" in page
    assert "Tries left: 2" in page
    assert "Robin" not in page


def test_the_one_whose_window_closes_first_stands_at_the_top(office: Office) -> None:
    house = office.house
    late = house.conversation()
    house.ask_call_back(lasts=timedelta(hours=5))
    house.clock.advance(timedelta(seconds=1))
    house.text("me too", sender="+447700900124")
    soon = house.conversation()
    house.ask_call_back(number="+447700900124", lasts=timedelta(hours=1))
    page = office.desk().get(LIST).text
    assert page.index(str(soon)) < page.index(str(late))
    house.clock.advance(timedelta(hours=2))
    assert "its time is over" in office.desk().get(LIST).text


def test_the_card_says_everything_before_the_call(office: Office) -> None:
    office.house.ask_call_back()
    desk = office.desk()
    assert "Claim this chat, then call" in office.page(desk)
    office.post(desk, "claim")
    page = office.page(desk)
    card = page.partition('class="call-card"')[2]
    for words in (
        "If someone else answers:</b> Say: sorry, wrong number. Hang up.",
        "Voicemail: NO",
        "Robin",
        f"ends in {TAIL}",
        "<dd>2</dd>",
        "our number, +447700900000",
        "cannot be hidden",
        "> Call</button>",
    ):
        assert words in card, words
    assert "900123" not in page


def test_one_button_rings_and_one_tap_says_what_came_of_it(office: Office) -> None:
    call_back, desk = office.house.ask_call_back(), office.desk()
    office.post(desk, "claim")
    answer = office.post(desk, f"call-back/{call_back}/call")
    assert answer.status_code == 303
    office.house.work()
    assert "A call is on its way" in office.page(desk)
    assert office.post(desk, f"call-back/{call_back}/call").status_code == 409
    leg, dial = answered_by_advocate(office.house)
    end_of(leg, dial, joined=False)
    page = office.page(desk)
    for outcome in ("We spoke", "No answer", "Voicemail: hung up", "Somebody else answered"):
        assert outcome in page
    call = office.house.last_call().id
    assert office.post(desk, f"calls/{call}/outcome", outcome="no_answer").status_code == 303
    assert office.post(desk, f"calls/{call}/outcome", outcome="no_answer").status_code == 409
    page = office.page(desk)
    assert "Called: No answer. Tries left: 1." in page
    assert "What came of it?" not in page


def test_outside_the_window_the_button_asks_for_a_reason(office: Office) -> None:
    call_back, desk = office.house.ask_call_back(opens=timedelta(hours=1)), office.desk()
    office.post(desk, "claim")
    assert "Why must this call be made now?" in office.page(desk)
    assert "> Call</button>" not in office.page(desk)
    refused = office.post(desk, f"call-back/{call_back}/call")
    assert refused.status_code == 409
    assert "outside the time" in refused.text
    given = office.post(desk, f"call-back/{call_back}/call", call_reason="She asked me to.")
    assert given.status_code == 303


@pytest.mark.parametrize("word", ["STOP", "LATER"])
def test_stop_and_pause_leave_no_button(office: Office, word: str) -> None:
    call_back, desk = office.house.ask_call_back(), office.desk()
    office.post(desk, "claim")
    office.house.text(word)
    page = office.page(desk)
    assert "Nobody may ring" in page
    assert "Why must this call be made now?" not in page
    refused = office.post(desk, f"call-back/{call_back}/call", call_reason="I must.")
    assert refused.status_code == 409


def test_only_the_holder_has_the_button(office: Office) -> None:
    call_back, sam, jo = office.house.ask_call_back(), office.desk(), office.desk("second advocate")
    office.post(sam, "claim")
    assert "Only Sam Demo can call" in office.page(jo)
    assert office.post(jo, f"call-back/{call_back}/call").status_code == 409
    assert office.house.all_calls() == []


def test_whoever_has_no_phone_is_led_to_set_one(office: Office) -> None:
    call_back, desk = office.house.ask_call_back(), office.desk()
    office.post(desk, "claim")
    own_phone.forget_number(office.house.adapters, staff=desk.person.id)
    assert "/console/me/phone" in office.page(desk).partition("call-card")[2]
    refused = office.post(desk, f"call-back/{call_back}/call")
    assert refused.status_code == 422
    assert "you have set none" in refused.text


def test_a_call_back_is_written_down_with_the_phone_that_wrote(office: Office) -> None:
    desk = office.desk()
    office.post(desk, "claim")
    assert office.post(desk, "call-back", **agreed()).status_code == 303
    kept = office.house.call_back()
    assert (kept.asked_by, kept.if_answered, kept.is_shared_phone) == (
        "staff",
        "wrong_number",
        True,
    )
    assert kept.own_name is not None
    assert b"Robin" not in kept.own_name
    page = office.page(desk)
    assert f"ends in {TAIL}" in page
    assert "Others use this phone" in page
    assert "call_back.written_down" in office.desks.actions()


def test_another_number_and_a_yes_to_voicemail_are_kept(office: Office) -> None:
    desk = office.desk()
    office.post(desk, "claim")
    office.post(desk, "call-back", **agreed(number="020 7946 0777", voicemail="yes"))
    page = office.page(desk)
    assert "ends in 77" in page
    assert "Voicemail: yes, the child said so" in page


def test_another_time_keeps_the_name_until_its_removal_is_ticked(office: Office) -> None:
    desk = office.desk()
    office.post(desk, "claim")
    office.post(desk, "call-back", **agreed())
    office.post(desk, "call-back", **agreed(part="evening", own_name=""))
    assert "<bdi>Robin</bdi>" in office.page(desk)
    both = office.post(desk, "call-back", **agreed(own_name="Jo", no_own_name="yes"))
    assert both.status_code == 422
    office.post(desk, "call-back", **agreed(own_name="", no_own_name="yes"))
    assert "none was chosen" in office.page(desk)


@pytest.mark.parametrize(
    "changed",
    [
        {"number": "hello"},
        {"number": "0808 157 0000"},
        {"day": "2026-11-01"},
        {"day": "soon"},
        {"part": "night"},
        {"if_answered": "shout"},
    ],
)
def test_what_cannot_be_a_call_back_is_refused(office: Office, changed: dict[str, str]) -> None:
    desk = office.desk()
    office.post(desk, "claim")
    assert office.post(desk, "call-back", **agreed(**changed)).status_code == 422
    with pytest.raises(IndexError):
        office.house.call_back()


@pytest.mark.parametrize("answer", ["no", "yes"])
def test_the_card_shows_every_word_that_a_voicemail_hears(office: Office, answer: str) -> None:
    desk = office.desk()
    office.post(desk, "claim")
    office.post(desk, "call-back", **agreed(voicemail=answer))
    card = office.page(desk).partition('class="call-card"')[2].partition("</p>\n  <dl")[0]
    heard = wording.said_to_voicemail(may_leave=answer == "yes")
    assert f"it hears “{heard}” and nothing else, then we hang up" in card
    form = office.page(desk).partition('id="voicemail-hears">')[2].partition("</p>")[0]
    for may_leave in (False, True):
        assert f"“{wording.said_to_voicemail(may_leave=may_leave)}”" in form


def test_a_new_time_takes_the_place_of_the_old_and_it_can_be_taken_off(office: Office) -> None:
    desk = office.desk()
    office.post(desk, "claim")
    office.post(desk, "call-back", **agreed())
    office.post(desk, "call-back", **agreed(part="evening"))
    assert desk.get(LIST).text.count('class="card task"') == 1
    assert office.post(desk, "call-back/cancel").status_code == 303
    assert "Nobody waits for a call" in desk.get(LIST).text


def test_a_caller_with_a_hidden_number_is_seen_and_locks_the_composer(office: Office) -> None:
    leg = office.house.leg(sender="anonymous", to="+447700900000", inbound=True)
    leg.ask("/twilio/voice/in")
    desk = office.desk()
    office.post(desk, "claim")
    page = office.page(desk)
    assert "by a call, with a hidden number" in page
    assert "hid the number" in page
    assert office.post(desk, "reply", text="hello", client_id="r1", seen="1").status_code == 422
    call = office.house.last_call().id
    assert office.post(desk, f"calls/{call}/seen").status_code == 303
    with office.house.adapters.transactions.reading() as session:
        entry = session.get_one(Entry, office.house.conversation())
    assert entry.waiting_since is None


def test_the_open_page_is_told_of_calls(office: Office) -> None:
    desk = office.desk()
    office.house.ask_call_back()
    news = desk.json(chat(office.house.conversation(), "messages?after=0")).json()
    assert "call-card" in news["regions"]["calls"]


def test_an_installation_without_calls_shows_none(office: Office) -> None:
    adapters = replace(office.house.adapters, phones=no_phones())
    desks = ConsoleHouse(adapters, adapters.intake, office.house.clock)
    assert 'id="calls"' not in desks.desk("advocate").get(chat(office.house.conversation())).text


def no_phones() -> Phones | None:
    return None


@pytest.mark.parametrize("path", [LIST, "/console/me/phone"])
def test_a_manager_sees_none_of_it(office: Office, path: str) -> None:
    desk = office.desk("manager")
    assert desk.person.role is Role.MANAGER
    assert desk.get(path).status_code == 403


def test_the_phones_own_time_is_named_when_it_shuts_the_button(office: Office) -> None:
    desk = office.desk()
    office.post(desk, "claim")
    phone_deeds.agree(
        office.house.adapters,
        person=desk.person,
        conversation=office.house.conversation(),
        safe_window="Mon-Sun 02:00-02:01",
        may_text=None,
        may_ring=False,
        own_word="",
        ends_own_word=False,
    )
    office.house.ask_call_back()
    assert "The child said no to this" in office.page(desk)


def test_the_form_of_a_phone_keeps_the_childs_word_until_its_removal_is_ticked(
    office: Office,
) -> None:
    desk = office.desk()
    tick = 'name="no_own_word" value="yes"'
    assert tick not in office.page(desk)
    fields = {"safe_window": "", "may_text": "yes", "may_ring": ""}
    office.post(desk, "phone/agree", **fields, own_word="pizza")
    for without in ({"own_word": ""}, {}):
        office.post(desk, "phone/agree", **fields, **without)
        assert "A word was chosen. Leave this empty to keep it." in office.page(desk)
    refused = office.post(desk, "phone/agree", **fields, own_word="jam", no_own_word="yes")
    assert refused.status_code == 422
    assert "Do one of the two." in refused.text
    office.post(desk, "phone/agree", **fields, own_word="", no_own_word="yes")
    assert tick not in office.page(desk)
