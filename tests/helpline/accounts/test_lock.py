"""A console that nobody sits at locks; it opens again with the password and has lost nothing."""

from datetime import timedelta
from typing import Any

import pytest

from helpline.accounts import limits, sessions
from tests.helpline.accounts.conftest import EMAIL, PASSWORD, Face, csrf_of, token_in

SCRIPT = {"Accept": "application/json"}


def unlock(browser: Any, password: str = PASSWORD, **headers: str) -> Any:
    form = {"password": password, "csrf": csrf_of(browser)}
    return browser.post("/console/locked", data=form, headers=headers)


def test_idle_console_locks_and_the_password_opens_the_same_session(face: Face) -> None:
    browser = face.welcome()
    token = token_in(browser)
    face.clock.advance(timedelta(minutes=15))
    assert browser.get("/console").headers["location"] == "/console/locked"
    assert browser.get("/console", headers=SCRIPT).status_code == 423
    assert "Locked" in browser.get("/console/locked").text
    assert unlock(browser, "a wrong password here").status_code == 422
    assert browser.get("/console").status_code == 303
    assert unlock(browser).headers["location"] == "/console"
    assert token_in(browser) == token
    assert browser.get("/console").status_code == 200


def test_console_in_use_does_not_lock(face: Face) -> None:
    browser = face.welcome()
    for _ in range(4):
        face.clock.advance(timedelta(minutes=14))
        assert browser.get("/console").status_code == 200


def test_what_a_page_asks_on_its_own_does_not_keep_it_open(face: Face) -> None:
    browser = face.welcome()
    for _ in range(2):
        face.clock.advance(timedelta(minutes=7))
        assert browser.get("/console", headers={"X-Unattended": "1"}).status_code == 200
    face.clock.advance(timedelta(minutes=1))
    assert browser.get("/console").status_code == 303


def test_somebody_who_only_reads_keeps_it_open(face: Face) -> None:
    browser = face.welcome()
    for _ in range(3):
        face.clock.advance(timedelta(minutes=10))
        beat = browser.post("/console/here", data={"csrf": csrf_of(browser)})
        assert beat.status_code == 204
    assert browser.get("/console").status_code == 200


def test_last_use_is_written_at_most_once_a_minute(face: Face) -> None:
    browser = face.welcome()
    began = seen_at(face, browser)
    face.clock.advance(timedelta(seconds=59))
    browser.get("/console")
    assert seen_at(face, browser) == began
    face.clock.advance(timedelta(seconds=1))
    browser.get("/console")
    assert seen_at(face, browser) == face.clock.now()


def test_form_sent_to_a_locked_console_is_not_carried_out_and_says_so(face: Face) -> None:
    browser = face.welcome()
    face.clock.advance(timedelta(minutes=15))
    answer = browser.post("/console", data={"text": "half a reply"})
    assert answer.status_code == 423
    assert "was not carried out" in answer.text
    assert 'action="/console/locked"' in answer.text


def test_person_may_lock_at_once_and_a_script_may_unlock(face: Face) -> None:
    browser = face.welcome()
    csrf = csrf_of(browser)
    assert browser.post("/console/lock", data={"csrf": csrf}, headers=SCRIPT).status_code == 204
    assert browser.get("/console/locked", headers=SCRIPT).json()["standing"] == "locked"
    assert unlock(browser, "a wrong password here", **SCRIPT).json()["status"] == 422
    assert unlock(browser, **SCRIPT).status_code == 204
    told = browser.get("/console/locked", headers=SCRIPT).json()
    assert (told["standing"], told["csrf"]) == ("open", csrf)


def test_guesses_at_a_lock_are_slowed(face: Face) -> None:
    browser = face.welcome()
    browser.post("/console/lock", data={"csrf": csrf_of(browser)})
    for _ in range(5):
        assert unlock(browser, "a wrong password here").status_code == 422
    assert unlock(browser).status_code == 429
    assert unlock(browser, **SCRIPT).json()["wait"] == 4
    face.clock.advance(timedelta(seconds=4))
    assert unlock(browser).status_code == 303


def test_unlocking_needs_the_token_of_the_session(face: Face) -> None:
    browser = face.welcome()
    browser.post("/console/lock", data={"csrf": csrf_of(browser)})
    assert browser.post("/console/locked", data={"password": PASSWORD}).status_code == 403


def test_session_ends_after_ten_hours_however_busy(face: Face) -> None:
    browser = face.welcome()
    for _ in range(59):
        face.clock.advance(timedelta(minutes=10))
        assert browser.get("/console").status_code == 200
    face.clock.advance(timedelta(minutes=10))
    answer = browser.get("/console")
    assert answer.headers["location"].startswith("/console/sign-in")
    assert browser.get("/console", headers=SCRIPT).status_code == 401
    assert browser.get("/console/locked", headers=SCRIPT).json() == {"standing": "ended"}


def test_half_a_sign_in_lasts_ten_minutes(face: Face) -> None:
    face.welcome()
    face.clock.advance(timedelta(minutes=1))
    browser = face.sign_in()
    face.clock.advance(limits.SECOND_FACTOR_WITHIN)
    assert face.second(browser, face.code()).headers["location"] == "/console/sign-in"


def test_socket_outlives_a_lock_but_not_an_end(face: Face) -> None:
    browser = face.welcome()
    half = sessions.hash_of(token_in(face.sign_in(email=EMAIL)))
    token = sessions.hash_of(token_in(browser))
    face.clock.advance(timedelta(minutes=20))
    with face.reading() as session:
        now = face.clock.now()
        assert sessions.still_valid(session, token_hash=token, now=now)
        assert not sessions.still_valid(session, token_hash=half, now=now)
    browser.post("/console/sign-out", data={"csrf": csrf_of(browser)})
    with face.reading() as session:
        assert not sessions.still_valid(session, token_hash=token, now=now)


@pytest.mark.parametrize("path", ["/console/locked", "/console/lock", "/console/here"])
def test_stranger_cannot_lock_or_unlock(face: Face, path: str) -> None:
    answer = face.browser().post(path, data={"password": PASSWORD}, headers=SCRIPT)
    assert answer.status_code == 401


def seen_at(face: Face, browser: Any) -> Any:
    with face.reading() as session:
        held = sessions.find(
            session, token_hash=sessions.hash_of(token_in(browser)), now=face.clock.now()
        )
    assert held is not None
    return held.seen_at
