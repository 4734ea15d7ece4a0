"""What staff see of a crowd, and what they may do about it."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from tests.helpline.console.conftest import DANGER, Desk, House, chat
from triage.models import Crowd, Entry, PutLast

HOAX = {"why": "The same text from many numbers", "hours": "1"}


@pytest.fixture
def crowd(house: House) -> tuple[UUID, list[UUID]]:
    """Three who stand in one crowd."""
    crowd = uuid4()
    members = [house.begin(DANGER) for _ in range(3)]
    with house.adapters.transactions.begin() as session:
        now = house.clock.now()
        session.add(Crowd(id=crowd, kind="alike", begun_at=now, newest_at=now))
        session.execute(sa.update(Entry).where(Entry.id.in_(members)).values(crowd_id=crowd))
    return crowd, members


def crowd_id(house: House, conversation: UUID) -> UUID | None:
    with house.adapters.transactions.reading() as session:
        return session.get_one(Entry, conversation).crowd_id


def test_a_crowd_is_one_row_that_opens_its_list(
    house: House, sam: Desk, crowd: tuple[UUID, list[UUID]]
) -> None:
    child = house.begin("hello")
    text = sam.get("/console").text
    assert "Crowd of 3" in text
    assert text.count('class="reference"') == 2
    assert str(child) in text
    page = sam.get(f"/console/crowds/{crowd[0]}").text
    assert all(str(member) in page for member in crowd[1])
    assert "3 who wait" in page


def test_a_crowd_is_put_last_and_taken_back(
    house: House, sam: Desk, jo: Desk, crowd: tuple[UUID, list[UUID]]
) -> None:
    child = house.begin("hello")
    assert sam.post(f"/console/crowds/{crowd[0]}/last", **HOAX).status_code == 303
    text = sam.get("/console").text
    assert text.index(str(child)) < text.index(str(crowd[0]))
    assert "Put last" in text
    page = jo.get(f"/console/crowds/{crowd[0]}").text
    assert "The same text from many numbers" in page
    with house.adapters.transactions.reading() as session:
        row = session.scalars(sa.select(PutLast.id)).one()
    assert jo.post(f"/console/put-last/{row}/undo").status_code == 303
    text = sam.get("/console").text
    assert text.index(str(crowd[0])) < text.index(str(child))
    assert house.actions()[-2:] == ["crowd.put_last", "put_last.undone"]


def test_one_sender_is_put_last_from_its_chat_for_a_time(house: House, sam: Desk) -> None:
    hoaxer, child = house.begin(DANGER), house.begin("hello")
    assert f"{chat(hoaxer)}/last" in sam.get(chat(hoaxer)).text
    assert "Is this a hoax?" in sam.get(f"{chat(hoaxer)}/last").text
    assert sam.post(f"{chat(hoaxer)}/last", **HOAX).status_code == 303
    text = sam.get("/console").text
    assert text.index(str(child)) < text.index(str(hoaxer))
    house.clock.advance(timedelta(hours=1))
    text = house.desk("advocate").get("/console").text
    assert text.index(str(hoaxer)) < text.index(str(child))


@pytest.mark.parametrize("missing", [{"why": ""}, {"hours": ""}, {"hours": "9"}, {"why": "me"}])
def test_a_reason_and_a_time_are_chosen_from_what_is_offered(
    house: House, sam: Desk, missing: dict[str, str]
) -> None:
    hoaxer = house.begin(DANGER)
    answer = sam.post(f"{chat(hoaxer)}/last", **{**HOAX, **missing})
    assert "Something is missing" in answer.text
    with house.adapters.transactions.reading() as session:
        assert session.scalars(sa.select(PutLast.id)).all() == []


def test_a_person_lets_one_stand_alone(
    house: House, sam: Desk, crowd: tuple[UUID, list[UUID]]
) -> None:
    member = crowd[1][0]
    assert sam.post(f"{chat(member)}/alone").status_code == 303
    assert crowd_id(house, member) is None
    assert "Crowd of 2" in sam.get("/console").text


def test_linking_a_child_takes_them_out_of_the_crowd(
    house: House, sam: Desk, crowd: tuple[UUID, list[UUID]]
) -> None:
    member = crowd[1][0]
    sam.post(f"{chat(member)}/child", called="Robin", how_known="I know the voice")
    assert crowd_id(house, member) is None


def test_there_is_no_crowd_at_another_address(house: House, sam: Desk) -> None:
    del house
    assert sam.get(f"/console/crowds/{uuid4()}").status_code == 404


def test_an_empty_crowd_says_so(house: House, sam: Desk, crowd: tuple[UUID, list[UUID]]) -> None:
    with house.adapters.transactions.begin() as session:
        session.execute(sa.update(Entry).values(crowd_id=None))
    assert "Nobody in it waits any more" in sam.get(f"/console/crowds/{crowd[0]}").text
