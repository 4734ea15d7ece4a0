"""A page asks for one connection at a time: two of a full pool would wait for each other."""

from datetime import timedelta

import sqlalchemy as sa

from tests.helpline.console.conftest import Desk, House, chat

CONCERN = {"grade": "emergency", "seen": "Says they are on a bridge", "told": "yes"}


def watched(house: House) -> list[int]:
    """How many connections are out, at each moment from now on that one is taken."""
    store = house.adapters.transactions.store
    out: set[int] = set()
    seen: list[int] = []

    def taken(*given: object) -> None:
        out.add(id(given[1]))
        seen.append(len(out))

    def given_back(*given: object) -> None:
        out.discard(id(given[1]))

    for engine in {store.read, store.write}:
        sa.event.listen(engine, "checkout", taken)
        sa.event.listen(engine, "checkin", given_back)
    return seen


def test_no_page_takes_a_second_connection_to_tell_a_name(
    house: House, sam: Desk, jo: Desk, priya: Desk
) -> None:
    conversation = house.begin("hello")
    busiest = watched(house)  # from here: the writer of messages keeps a connection of its own
    jo.fetch(chat(conversation, "claim"))
    jo.fetch(chat(conversation, "note"), text="sounds tired")
    jo.fetch(chat(conversation, "draft"), box="reply", text="half a")
    jo.fetch(chat(conversation, "escalate"), **CONCERN)
    for path in ("/console", chat(conversation), "/console/escalations", "/console/on-call"):
        house.clock.advance(timedelta(minutes=2))  # every name is looked up afresh
        busiest.clear()
        assert priya.get(path).status_code == 200
        assert max(busiest) == 1, path
    house.clock.advance(timedelta(minutes=2))
    busiest.clear()
    taken = sam.fetch(chat(conversation, "take-over"), reason="A supervisor decided")
    assert taken.status_code == 200, taken.text
    assert max(busiest) == 1
