"""The banner that says work is not finishing."""

from datetime import timedelta

from helpline.watch.judging import Fault
from tests.helpline.console.conftest import Desk, House

BANNER = "/console/fragments/watch"


def stand_still(house: House) -> None:
    since = house.clock.now() - timedelta(minutes=1)
    house.adapters.watch.faults = (Fault("worker", since, "No worker works", "Ring somebody."),)


def test_every_page_says_that_work_is_not_finishing_and_since_when(house: House, sam: Desk) -> None:
    pages = ("/console", "/console/escalations", "/console/tasks", "/console/call-backs")
    assert all("No worker works" not in sam.get(page).text for page in pages)
    stand_still(house)
    for page in pages:
        text = sam.get(page).text
        assert "No worker works" in text
        assert "Ring somebody." in text


def test_an_open_page_asks_for_it_and_so_does_a_locked_one(house: House, sam: Desk) -> None:
    assert sam.get(BANNER).text.strip() == ""
    stand_still(house)
    assert "No worker works" in sam.get(BANNER).text
    assert sam.fetch("/console/lock").status_code == 204
    assert "No worker works" in sam.get(BANNER).text


def test_it_is_for_people_who_are_signed_in(house: House, sam: Desk) -> None:
    stand_still(house)
    house.end_session(sam, house.clock.now())
    assert sam.json(BANNER).status_code == 401
