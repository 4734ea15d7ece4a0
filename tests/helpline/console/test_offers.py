"""What a child, or somebody else, answered when an advocate was offered."""

import re
from http import HTTPStatus
from uuid import UUID

import pytest

from helpline.signals import events
from tests.helpline.console import test_danger_card as cards
from tests.helpline.console.conftest import Desk, House, chat


@pytest.fixture
def conversation(house: House, sam: Desk) -> UUID:
    found = cards.known(house, sam)
    cards.place(sam, found)
    return found


def offer(desk: Desk, conversation: UUID, answer: str, heard_from: str) -> int:
    page = desk.get(chat(conversation, "place")).text
    found = re.search(r'<option value="([^"]+)">Willow House, Robin', page)
    assert found is not None
    return desk.post(
        chat(conversation, "offers"), placement=found[1], answer=answer, heard_from=heard_from
    ).status_code


def kept(house: House) -> list[tuple[bool, bool]]:
    """Whether each offer that stands was refused, and whether that is only reported."""
    with house.adapters.transactions.reading() as session:
        since = house.clock.now().replace(year=2000)
        return [(each.is_refused, each.is_reported) for each in events.offers(session, since=since)]


def test_only_a_no_is_a_refusal_and_only_the_child_s_own_is_not_reported(
    house: House, sam: Desk, conversation: UUID
) -> None:
    for answer, heard_from in (
        ("no", "the child"),
        ("no", "staff there"),
        ("not now", "the child"),
        ("yes", "a social worker"),
    ):
        assert offer(sam, conversation, answer, heard_from) == HTTPStatus.SEE_OTHER
    assert sorted(kept(house)) == [(False, False), (False, True), (True, False), (True, True)]
    assert house.actions().count("advocate_offer.kept") == 4


def test_an_offer_is_undone_from_its_own_child_s_chat_only(
    house: House, sam: Desk, conversation: UUID
) -> None:
    offer(sam, conversation, "no", "the child")
    page = sam.get(chat(conversation, "place")).text
    [undo] = re.findall(r'action="([^"]+/offers/[^"]+/undo)"', page)
    other = cards.known(house, sam, called="Alex")
    crossed = undo.replace(str(conversation), str(other))
    assert sam.post(crossed).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert len(kept(house)) == 1
    assert sam.post(undo).status_code == HTTPStatus.SEE_OTHER
    assert kept(house) == []


def test_a_form_that_misses_something_keeps_nothing(
    house: House, sam: Desk, conversation: UUID
) -> None:
    for answer, heard_from in (("perhaps", "the child"), ("no", "the moon")):
        refused = offer(sam, conversation, answer, heard_from)
        assert refused == HTTPStatus.UNPROCESSABLE_ENTITY
    assert kept(house) == []
