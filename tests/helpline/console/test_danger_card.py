"""The danger card by HTTP: one tap, whoever may read, always recorded."""

import re
from http import HTTPStatus
from uuid import UUID, uuid4

import sqlalchemy as sa

from helpline.console import child_forms
from helpline.danger.models import CardOpened
from tests.helpline.console.conftest import DANGER, Desk, House, chat

CALM = "hello, are you there"


def known(house: House, desk: Desk, *texts: str, called: str = "Robin") -> UUID:
    """A conversation of a child whom staff know."""
    conversation = house.begin(*(texts or (CALM,)))
    child_forms.link_to_child(
        house.adapters,
        person=desk.person,
        conversation=conversation,
        called=called,
        how_known="She named her key worker.",
    )
    return conversation


def place(desk: Desk, conversation: UUID, where: str = "Willow House: Blue corridor") -> None:
    page = desk.get(chat(conversation, "place")).text
    found = re.search(rf'<option value="([^"]+)">{where}</option>', page)
    child = re.search(r'name="child" value="([^"]+)"', page)
    assert found is not None
    assert child is not None
    kept = desk.post(
        chat(conversation, "place"), child=child[1], where=found[1], stated_by="the child"
    )
    assert kept.status_code == HTTPStatus.SEE_OTHER


def implicate(desk: Desk, conversation: UUID, part: str, who: str) -> None:
    kept = desk.post(chat(conversation, "implicated"), part=part, who=who)
    assert kept.status_code == HTTPStatus.SEE_OTHER


def card(desk: Desk, conversation: UUID) -> str:
    shown = desk.post(chat(conversation, "danger-card"))
    assert shown.status_code == HTTPStatus.OK
    assert shown.headers["cache-control"] == "no-store"
    return shown.text


def test_one_tap_shows_the_place_the_authority_and_the_police(house: House, sam: Desk) -> None:
    conversation = known(house, sam)
    place(sam, conversation)
    shown = card(sam, conversation)
    for each in ("Willow House", "Blue corridor", "1 Invented Lane", "Robin", "Northmoor Police"):
        assert each in shown
    for number in ("01632960101", "01632960102", "01632960110", "999"):
        assert f'href="tel:{number}"' in shown
    assert "where you are, not where the child is" in shown
    assert "Do not ring the home" not in shown


def test_each_opening_is_recorded_with_a_reason_that_nobody_typed(house: House, sam: Desk) -> None:
    conversation = house.begin(DANGER)
    card(sam, conversation)
    card(sam, conversation)
    assert house.actions().count("danger_card.opened") == 2
    with house.adapters.transactions.reading() as session:
        rows = session.scalars(sa.select(CardOpened)).all()
    assert {(row.opened_by, row.conversation_id) for row in rows} == {(sam.person.id, conversation)}
    assert rows[0].reason == "urgent, escalation armed"


def test_the_page_of_a_chat_leads_to_the_card_with_one_button(house: House, sam: Desk) -> None:
    conversation = house.begin(CALM)
    page = sam.get(chat(conversation)).text
    assert f'action="{chat(conversation, "danger-card")}"' in page
    assert sam.get(chat(conversation, "danger-card")).status_code == HTTPStatus.METHOD_NOT_ALLOWED
    assert "danger_card.opened" not in house.actions()


def test_whoever_may_not_read_gets_no_card_and_leaves_no_opening(house: House, sam: Desk) -> None:
    conversation = house.begin(CALM)
    alex = house.desk("manager")
    for deed in ("danger-card", "implicated", "place"):
        assert alex.post(chat(conversation, deed)).status_code == HTTPStatus.FORBIDDEN
    assert alex.get(chat(conversation, "place")).status_code == HTTPStatus.FORBIDDEN
    forged = sam.post(chat(conversation, "danger-card"), csrf="wrong")
    assert forged.status_code == HTTPStatus.FORBIDDEN
    assert not {"danger_card.opened", "place.opened"} & set(house.actions())
    assert sam.post(chat(uuid4(), "danger-card")).status_code == HTTPStatus.NOT_FOUND


def test_without_a_place_the_card_says_what_to_ask(house: House, sam: Desk) -> None:
    shown = card(sam, house.begin(CALM))
    assert "Nobody has written down where this child is" in shown
    assert "Are you safe to write right now?" in shown
    assert 'href="tel:999"' in shown


def test_staff_who_are_implicated_shut_the_home_until_that_is_undone(
    house: House, sam: Desk
) -> None:
    conversation = known(house, sam)
    place(sam, conversation)
    implicate(sam, conversation, "staff", "the night manager")
    shown = card(sam, conversation)
    assert "Do not ring the home" in shown
    assert "the night manager" in shown
    assert "LADO" in shown
    page = sam.get(chat(conversation, "place")).text
    [undo] = re.findall(r'action="([^"]+/implicated/[^"]+/undo)"', page)
    sam.post(undo)
    assert "Do not ring the home" not in card(sam, conversation)


def test_the_child_s_own_words_against_staff_shut_the_home(house: House, sam: Desk) -> None:
    conversation = known(house, sam, "the staff here hit me last night")
    place(sam, conversation)
    shown = card(sam, conversation)
    assert "Do not ring the home" in shown
    assert "Software found it" in shown


def test_what_another_child_said_of_the_same_home_shuts_it_and_tells_no_name(
    house: House, sam: Desk
) -> None:
    one, other = known(house, sam), known(house, sam, called="Alex")
    elsewhere = known(house, sam, called="Kim")
    place(sam, one)
    place(sam, other, "Willow House: Green corridor")
    place(sam, elsewhere, "Harbour School")
    implicate(sam, other, "staff", "the night manager")
    shown = card(sam, one)
    assert "Do not ring the home" in shown
    assert "the night manager" not in shown
    assert "Do not ring the home" not in card(sam, elsewhere)


def test_the_family_of_one_child_says_nothing_about_the_home_of_another(
    house: House, sam: Desk
) -> None:
    one, other = known(house, sam), known(house, sam, called="Alex")
    place(sam, one)
    place(sam, other)
    implicate(sam, other, "family", "an uncle")
    shown = card(sam, one)
    assert "Do not ring the family" not in shown
    assert "Do not ring the home" not in shown
    assert "Do not ring the family" in card(sam, other)


def test_numbers_go_stale_on_the_card_and_stay_on_it(house: House, sam: Desk) -> None:
    conversation = known(house, sam)
    place(sam, conversation)
    assert "over 90 days ago" not in card(sam, conversation)
    house.wait(days=91)
    later = house.desk("advocate")
    shown = card(later, conversation)
    assert shown.count("over 90 days ago") == 3
    assert 'href="tel:01632960110"' in shown


def test_a_number_that_nobody_ever_checked_says_so(house: House, sam: Desk) -> None:
    conversation = known(house, sam)
    place(sam, conversation, "Harbour School")
    assert card(sam, conversation).count("Nobody has checked this number") == 3


def test_leaving_and_undoing_take_the_place_off_the_card(house: House, sam: Desk) -> None:
    conversation = known(house, sam)
    for deed in ("left", "undo"):
        place(sam, conversation)
        page = sam.get(chat(conversation, "place")).text
        [address] = re.findall(rf'action="([^"]+/place/[^"]+/{deed})"', page)
        assert sam.post(address).status_code == HTTPStatus.SEE_OTHER
        assert "Willow House" not in card(sam, conversation)
        again = sam.post(address)
        assert again.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert {"child.placed", "placement.ended", "placement.undone"} <= set(house.actions())


def test_a_placement_is_changed_from_its_own_child_s_chat_only(house: House, sam: Desk) -> None:
    conversation, other = known(house, sam), known(house, sam, called="Alex")
    place(sam, conversation)
    page = sam.get(chat(conversation, "place")).text
    [address] = re.findall(r'action="([^"]+/place/[^"]+/undo)"', page)
    crossed = address.replace(str(conversation), str(other))
    assert sam.post(crossed).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Willow House" in card(sam, conversation)


def test_a_form_that_misses_something_is_refused_in_words(house: House, sam: Desk) -> None:
    conversation = known(house, sam)
    for deed, fields in (
        ("place", {"where": "nowhere", "child": "x", "stated_by": "the child"}),
        ("place", {"where": str(uuid4()), "child": str(uuid4()), "stated_by": "the moon"}),
        ("implicated", {"part": "staff", "who": "  "}),
        ("implicated", {"part": "the moon", "who": "x"}),
    ):
        refused = sam.post(chat(conversation, deed), **fields)
        assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert 'role="alert"' in refused.text


def test_a_child_named_by_two_people_of_one_phone_is_a_card_of_both(
    house: House, sam: Desk
) -> None:
    conversation = known(house, sam)
    place(sam, conversation)
    house.wait(minutes=1)
    child_forms.link_to_child(
        house.adapters,
        person=sam.person,
        conversation=conversation,
        called="Alex",
        how_known="He said so.",
    )
    page = sam.get(chat(conversation, "place")).text
    alex = re.findall(r'<option value="([^"]+)">Alex</option>', page)
    harbour = re.findall(r'<option value="([^"]+)">Harbour School</option>', page)
    sam.post(chat(conversation, "place"), child=alex[0], where=harbour[0], stated_by="the family")
    shown = card(sam, conversation)
    assert "Willow House" in shown
    assert "Harbour School" in shown
