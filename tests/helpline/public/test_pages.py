"""The child's pages without a browser: one address, one dull title, and no word lost."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from chat.models import Conversation
from helpline import access
from helpline.public import headers, visits
from helpline.public import talking as talking_page
from tests.clock import Clock
from tests.helpline.public.browser import TITLE, Child, answer, hidden

BANNED = re.compile(r"help|abus|advoca|\bcare|safe|child", re.IGNORECASE)
NIGHT = datetime(2026, 11, 2, 23, 0, tzinfo=UTC)


def pages(child: Child) -> dict[str, str]:
    """Every page of a visit, by the step that leads to it."""
    shown = {"landing": child.look(), "nothing": child.get("/nothing").text}
    for step in ("device", "told", "danger", "talk"):
        child.press(step)
        shown[step] = child.look()
    shown["inner"] = child.get("/m").text
    shown["left"] = child.client.get("/x", follow_redirects=True).text
    shown["dull"] = child.look()
    return shown


def test_every_step_is_answered_with_the_one_address(child: Child) -> None:
    for step in ("device", "told", "danger", "back", "talk"):
        answered = child.press(step)
        assert answered.status_code == 303
        assert answered.headers["location"] == "/"


def test_titles_and_whatever_a_browser_shows_say_nothing(child: Child) -> None:
    for step, page in pages(child).items():
        assert TITLE in page or step == "left", step
        seen = re.findall(
            r'<title>[^<]*|(?<![\w-])(?:alt|title|content|name|id)="[^"]*"|<!--.*?-->', page
        )
        assert [each for each in seen if BANNED.search(each)] == [], step


def test_every_page_has_the_way_out_and_the_numbers_for_danger(child: Child) -> None:
    shown = pages(child)
    for step in ("landing", "nothing", "device", "told", "danger", "talk"):
        assert 'action="/x"' in shown[step], step
        assert 'href="tel:999"' in shown[step], step
        assert 'href="tel:08001111"' in shown[step], step


def test_every_answer_forbids_keeping_and_loading_from_elsewhere(child: Child) -> None:
    for path in ("/", "/m", "/nothing", "/plain", "/f/page.js", "/favicon.ico"):
        sent = child.get(path).headers
        assert sent["cache-control"] == "no-store", path
        assert sent["referrer-policy"] == "no-referrer", path
        assert "default-src 'none'" in sent["content-security-policy"], path
        assert "unsafe" not in sent["content-security-policy"], path
    assert "frame-ancestors 'none'" in child.get("/").headers["content-security-policy"]
    assert "frame-ancestors 'self'" in child.get("/m").headers["content-security-policy"]


def test_a_form_may_lead_away_to_where_leaving_leads(child: Child) -> None:
    settings = replace(child.adapters.settings, leave_to="https://weather.example/today")
    policy = headers._policy(settings, framed=False)
    assert "form-action 'self' https://weather.example;" in policy


def test_the_landing_page_is_light(child: Child) -> None:
    page = child.get("/")
    scripts = re.findall(r'src="(/f/[a-z]+\.js)"', page.text)
    packed = [child.get(path, **{"Accept-Encoding": "gzip"}) for path in scripts]
    weight = [int(each.headers["content-length"]) for each in packed]
    assert sum(weight) <= 8 * 1024
    assert len(page.content) + sum(weight) <= 24 * 1024
    assert 1 + len(scripts) <= 3


def test_the_scripts_of_the_chat_are_light(child: Child) -> None:
    assert sum(len(child.get(f"/f/{name}.js").content) for name in ("chat", "line")) <= 20 * 1024


def test_nothing_but_the_scripts_is_served_from_the_folder(child: Child) -> None:
    for name in ("page.css", "..%2f__init__.py", "x"):
        assert child.get(f"/f/{name}").status_code == 404


def test_a_first_look_leaves_no_cookie(child: Child) -> None:
    assert "set-cookie" not in child.get("/").headers


def test_the_session_cookie_is_strict_and_ends_with_the_browser(child: Child) -> None:
    given = child.press("told").headers["set-cookie"].lower()
    assert given.startswith("s=")
    assert "httponly" in given
    assert "samesite=strict" in given
    assert "max-age" not in given
    assert "expires" not in given


@pytest.mark.parametrize(
    "sent",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "null", "Sec-Fetch-Site": "same-site"},
    ],
)
def test_another_sites_form_is_refused_and_begins_nothing(
    child: Child, sent: dict[str, str]
) -> None:
    answered = child.post("/", {"step": "talk"}, **sent)
    assert answered.status_code == 403
    assert "set-cookie" not in answered.headers
    assert TITLE in answered.text


def test_our_own_form_that_hides_its_origin_is_taken(child: Child) -> None:
    sent = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
    assert child.post("/", {"step": "talk"}, **sent).status_code == 303


def test_a_form_without_the_visits_token_changes_nothing(talking: Child) -> None:
    assert talking.post("/", {"step": "told", "csrf": "stale"}).status_code == 403
    assert "<textarea" in talking.look()


def test_the_numbers_for_danger_are_shown_whatever_the_form_is_worth(talking: Child) -> None:
    assert talking.post("/", {"step": "danger", "csrf": "stale"}).status_code == 303
    assert "85258" in talking.look()


def test_a_message_is_kept_and_shown_once_however_often_it_is_sent(talking: Child) -> None:
    for _ in range(3):
        assert talking.send("My room is cold.", "a" * 32).status_code == 303
    assert [(m.seq, m.text) for m in talking.messages()] == [(1, "My room is cold.")]
    assert talking.look().count("My room is cold.") == 1
    assert talking.get("/m").text.count("My room is cold.") == 1


def test_what_a_child_writes_is_never_markup(talking: Child) -> None:
    talking.send("<script>alert(1)</script>")
    assert "<script>alert(1)" not in talking.look()
    assert "<script>alert(1)" not in talking.get("/m").text


def test_a_text_too_long_comes_back_in_the_box(talking: Child) -> None:
    text = "long " * 2001
    answered = talking.send(text)
    assert answered.status_code == 413
    assert text in answered.text
    assert "too long" in answered.text
    assert talking.messages() == []


def test_ten_thousand_characters_of_many_bytes_are_kept(talking: Child) -> None:
    assert talking.send("\N{SMILING FACE WITH SMILING EYES}" * 10_000).status_code == 303
    assert len(talking.messages()[0].text) == 10_000


def test_a_body_beyond_all_measure_gets_a_calm_page(talking: Child) -> None:
    answered = talking.send("x" * 600_000)
    assert answered.status_code == 413
    assert TITLE in answered.text


def test_other_words_under_the_same_id_come_back_under_a_new_one(talking: Child) -> None:
    talking.send("One.", "a" * 32)
    answered = talking.send("Two.", "a" * 32)
    assert answered.status_code == 409
    assert "Two." in answered.text
    fresh = re.findall(r'name="client_id" value="([^"]*)"', answered.text)[-1]
    assert fresh != "a" * 32
    assert talking.send("Two.", fresh).status_code == 303
    assert [m.text for m in talking.messages()] == ["One.", "Two."]


def test_words_that_could_not_be_kept_come_back_under_their_own_id(talking: Child) -> None:
    form = {"csrf": hidden(talking.look(), "csrf"), "step": "send"}
    form |= {"text": "Please read this.", "client_id": "b" * 32}
    talking.adapters.writer.is_alive = False
    answered = talking.post("/", form)
    talking.adapters.writer.is_alive = True
    assert answered.status_code == 503
    assert "Please read this." in answered.text
    assert f'value="{"b" * 32}"' in answered.text


def test_words_survive_a_store_that_is_away(
    talking: Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = {"csrf": hidden(talking.look(), "csrf"), "step": "send"}
    form |= {"text": "Still here.", "client_id": "c" * 32}

    def away(*_: object) -> None:
        raise sa.exc.OperationalError("", {}, Exception())

    monkeypatch.setattr(visits, "find", away)
    answered = talking.post("/", form)
    assert answered.status_code == 503
    assert "Still here." in answered.text
    assert f'value="{"c" * 32}"' in answered.text


def test_a_message_after_the_session_ended_begins_a_conversation_and_is_kept(
    child: Child,
) -> None:
    form = {"step": "send", "csrf": "old", "text": "Am I too late?", "client_id": "d" * 32}
    assert child.post("/", form).status_code == 303
    assert "Am I too late?" in child.look()
    assert [m.text for m in child.messages()] == ["Am I too late?"]


def test_a_quick_answer_is_a_message(talking: Child) -> None:
    talking.send("Hello?")
    answer(talking.adapters, "Do you want to talk?")
    assert 'value="Not sure"' in talking.look()
    talking.press("send", quick="Not sure", client_id=uuid4().hex)
    assert [m.text for m in talking.messages()][-1] == "Not sure"


def test_a_quick_answer_leaves_half_written_words_in_the_box(talking: Child) -> None:
    talking.send("Hello?")
    answer(talking.adapters, "Do you want to talk?")
    page = talking.look()
    chips = re.findall(r"<button class=.chip.[^>]*>", page)
    assert chips
    assert all('form="say"' in chip for chip in chips), "a chip sends what stands in the box too"
    assert page.count('id="say"') == 1
    client_id = uuid4().hex
    pressed = talking.press("send", quick="Yes", text="But first I", client_id=client_id)
    assert pressed.status_code == 200
    assert re.search(r"<textarea[^>]*>\s*But first I</textarea>", pressed.text)
    assert [m.text for m in talking.messages()][-1] == "Yes"
    assert talking.send("But first I want", client_id).status_code == 303
    assert [m.text for m in talking.messages()][-1] == "But first I want"


def test_a_long_chat_shows_its_newest_messages_and_says_that_the_others_are_kept(
    talking: Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(talking_page, "MOST_SHOWN", 2)
    for text in ("The first.", "The second."):
        talking.send(text)
    assert "Earlier messages are kept." not in talking.look()
    talking.send("The third.")
    for path in ("/", "/m"):
        page = talking.get(path).text
        assert "The first." not in page
        assert "The second." in page
        assert "The third." in page
        assert "Earlier messages are kept." in page


def test_asking_for_the_wait_opens_no_words(
    talking: Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    talking.send("Hello?")

    def opened(*_: object, **__: object) -> None:
        pytest.fail("nobody asked for words")

    monkeypatch.setattr(access, "_opened", opened)
    assert "within 2 hours" in talking.look(**{"X-Part": "wait"})


def test_the_inner_view_shows_replies_and_refreshes_itself(talking: Child) -> None:
    talking.send("Hello?")
    answer(talking.adapters, "Hi, I am Sam.")
    inner = talking.get("/m").text
    assert "Hi, I am Sam." in inner
    assert 'http-equiv="refresh" content="20"' in inner
    assert "/m" not in re.sub(r'href="/m"', "", inner).split("<body", 1)[1]


def test_the_inner_view_alone_leads_to_the_page_with_the_way_out(talking: Child) -> None:
    sent = {"Sec-Fetch-Dest": "document"}
    answered = talking.client.get("/m", headers=sent, follow_redirects=False)
    assert answered.headers["location"] == "/"


def test_going_back_from_the_danger_page_leads_to_the_conversation(talking: Child) -> None:
    talking.press("danger")
    assert "0800" in talking.look()
    talking.press("back")
    assert "<textarea" in talking.look()


def test_a_second_press_of_talk_stays_in_the_one_conversation(talking: Child) -> None:
    talking.press("talk")
    with talking.adapters.transactions.reading() as session:
        assert len(session.scalars(sa.select(Conversation.id)).all()) == 1


def test_a_waiting_child_reads_how_long_it_takes_at_most(talking: Child, clock: Clock) -> None:
    assert "within 2 hours" in talking.look()
    talking.send("Hello?")
    clock.advance(timedelta(minutes=95))
    assert "within 30 minutes" in talking.look()
    assert "within 30 minutes" in talking.look(**{"X-Part": "wait"})
    clock.advance(timedelta(minutes=30))
    assert "within" not in talking.look(**{"X-Part": "wait"})
    assert "cannot tell yet" in talking.look()


def test_an_answered_child_is_not_told_to_wait(talking: Child) -> None:
    talking.send("Hello?")
    answer(talking.adapters, "Hi, I am Sam.")
    assert "within" not in talking.look(**{"X-Part": "wait"})


def test_at_night_the_page_names_the_opening_and_still_takes_words(
    child: Child, clock: Clock
) -> None:
    clock.set(NIGHT)
    for step in ("landing", "talk"):
        page = child.look()
        assert "at 9 am tomorrow" in page, step
        assert page.index("tel:999") < page.index("<h1"), "danger comes first"
        child.press("talk")
    assert child.send("Are you there?").status_code == 303


def test_colours_and_letters_are_remembered_without_a_session(child: Child) -> None:
    child.press("look", look="dark")
    child.press("look", look="bigger")
    page = child.look()
    assert 'data-colour="dark"' in page
    assert 'data-size="bigger"' in page
    assert "s" not in child.client.cookies
    child.press("look", look="</style>")
    assert 'data-colour="dark"' in child.look()


def test_a_step_nobody_offers_is_refused_calmly(child: Child) -> None:
    for form in ({"step": "no-such"}, {}, {str(n): "x" for n in range(100)}):
        answered = child.post("/", form)
        assert answered.status_code == 400
        assert TITLE in answered.text


def test_a_broken_page_shows_numbers_and_no_trace(
    talking: Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(visits, "find", broken)
    answered = talking.get("/")
    assert answered.status_code == 500
    assert "secret detail" not in answered.text
    assert 'href="tel:999"' in answered.text
    assert answered.headers["cache-control"] == "no-store"


def test_a_page_while_the_store_is_away_says_so_calmly(
    talking: Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise sa.exc.OperationalError("", {}, Exception())

    monkeypatch.setattr(visits, "find", away)
    answered = talking.get("/")
    assert answered.status_code == 503
    assert "It is our fault, not yours." in answered.text
    assert 'href="tel:999"' in answered.text


def test_a_form_of_more_than_256_kib_is_refused_calmly(talking: Child) -> None:
    refused = talking.press("send", text="x" * 256 * 1024, client_id=uuid4().hex)
    assert refused.status_code == 413
    assert 'href="tel:999"' in refused.text
