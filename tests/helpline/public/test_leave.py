"""Leaving on the server: it always works, ends the session and keeps the conversation."""

import pytest
import sqlalchemy as sa

from chat.models import Conversation
from helpline.public import rendering, visits
from tests.clock import Clock
from tests.helpline.public.browser import TITLE, Child


def test_leaving_ends_the_session_and_marks_the_browser(talking: Child) -> None:
    talking.send("Secret words.")
    token = talking.client.cookies["s"]
    answered = talking.post("/x", {})
    assert answered.status_code == 303
    assert answered.headers["location"] == "/plain"
    assert "s" not in talking.client.cookies
    assert talking.client.cookies["gone"] == "1"
    page = talking.look()
    assert TITLE in page
    assert "Secret" not in page
    assert "<textarea" not in page
    # Somebody who kept the cookie, and removes the marker, still sees nothing.
    talking.client.cookies.clear()
    talking.client.cookies["s"] = token
    assert "Secret" not in talking.look()


def test_leaving_keeps_the_conversation_open_and_says_so_to_staff(
    talking: Child, clock: Clock
) -> None:
    talking.send("Hello?")
    talking.client.get("/x")
    with talking.adapters.transactions.reading() as session:
        assert session.scalars(sa.select(Conversation.left_at)).all() == [clock.now()]


def test_leaving_needs_no_session_no_token_and_no_store(
    talking: Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> None:
        raise sa.exc.OperationalError("", {}, Exception())

    monkeypatch.setattr(visits, "end", away)
    answered = talking.post("/x", {}, Origin="https://evil.example")
    assert answered.status_code == 303
    assert talking.client.cookies["gone"] == "1"


def test_a_beacon_is_not_led_anywhere(talking: Child) -> None:
    assert talking.post("/x", {}, **{"Sec-Fetch-Dest": "empty"}).status_code == 204


def test_a_lost_beacon_is_made_good_by_the_dull_page(talking: Child) -> None:
    token = talking.client.cookies["s"]
    talking.client.cookies["gone"] = "1"
    assert "<textarea" not in talking.look()
    with talking.adapters.transactions.reading() as session:
        assert visits.find(session, token, talking.adapters.clock()) is None


def test_a_browser_that_has_left_is_let_in_nowhere(talking: Child) -> None:
    talking.send("Secret words.")
    talking.client.cookies["gone"] = "1"
    with talking.adapters.transactions.reading() as session:
        conversation = session.scalars(sa.select(Conversation.id)).one()
    assert "Secret" not in talking.get("/m").text
    assert talking.get(f"/api/v1/conversations/{conversation}/messages").status_code == 401
    assert talking.post("/", {"step": "told"}).headers["location"] == "/"
    assert talking.get("/nothing").text.count("<button") == 1


def test_start_clears_the_marker_and_begins_afresh(talking: Child) -> None:
    talking.send("Secret words.")
    talking.client.get("/x")
    assert talking.post("/", {"step": "start"}).status_code == 303
    page = talking.look()
    assert 'value="talk"' in page
    assert "Secret" not in page


def test_the_dull_pages_show_nothing_of_the_others_even_in_their_source(child: Child) -> None:
    for page in (child.get("/plain").text, child.client.get("/x", follow_redirects=True).text):
        assert str(rendering.style("page.css")) not in page
        assert "danger" not in page
    assert "danger" not in child.look()
