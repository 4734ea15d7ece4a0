"""Signing in through the pages, on both engines."""

from datetime import timedelta
from functools import partial
from typing import Any

import anyio.lowlevel
import anyio.to_thread
import argon2
import pytest
import sqlalchemy as sa

from helpline.accounts import edge, passwords, recovery, sessions
from helpline.accounts.models import Role, Staff
from tests.helpline.accounts.conftest import EMAIL, PASSWORD, Face, csrf_of, token_in


def answers(browser: Any, email: str, password: str) -> Any:
    return browser.post("/console/sign-in", data={"email": email, "password": password})


def test_password_and_code_open_the_console(face: Face) -> None:
    face.welcome()
    face.clock.advance(timedelta(minutes=2))
    browser = face.sign_in()
    assert browser.get("/console").status_code == 303  # half way in is not in
    answer = face.second(browser, face.code())
    assert (answer.status_code, answer.headers["location"]) == (303, "/console")
    assert browser.get("/console").json()["name"] == "Ann"


def test_wrong_password_and_unknown_address_get_the_same_bytes(face: Face) -> None:
    before = answers(face.browser(), EMAIL, PASSWORD)
    face.welcome()
    wrong = answers(face.browser(), EMAIL, "a wrong password here")
    edge.disable(face.parts, email=EMAIL)
    disabled = answers(face.browser(), EMAIL, PASSWORD)
    assert before.status_code == wrong.status_code == disabled.status_code == 422
    assert before.content == wrong.content == disabled.content
    assert set(before.headers) == set(wrong.headers) == set(disabled.headers)


def test_unknown_address_costs_a_hash_too(face: Face, monkeypatch: pytest.MonkeyPatch) -> None:
    face.welcome()
    seen: list[str] = []
    cheap = passwords.HASHER

    class Counting(argon2.PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Any:  # noqa: A002 - argon2's word
            seen.append(str(hash))
            return super().verify(hash, password)

    monkeypatch.setattr(
        passwords,
        "HASHER",
        Counting(time_cost=1, memory_cost=8, parallelism=1),
    )
    assert cheap.memory_cost == 8
    answers(face.browser(), EMAIL, "a wrong password here")
    answers(face.browser(), "nobody@helpline.example", "a wrong password here")
    assert len(seen) == 2


@pytest.mark.parametrize(
    "typed",
    ["", "\x00", "a\x00b@x.example", "ä@ö.example", "%ED%A0%80@x", "x" * 9000, "@", "' OR 1=1 --"],
)
def test_strange_addresses_are_only_wrong(face: Face, typed: str) -> None:
    assert answers(face.browser(), typed, PASSWORD).status_code == 422


def test_address_is_found_however_it_is_typed(face: Face) -> None:
    face.welcome()
    face.clock.advance(timedelta(minutes=2))
    browser = face.sign_in(email=f"  {EMAIL.upper()} ")
    assert face.second(browser, face.code()).status_code == 303


def test_oversize_password_and_form_are_refused(face: Face) -> None:
    face.welcome()
    assert answers(face.browser(), EMAIL, "x" * 5000).status_code == 422
    assert answers(face.browser(), EMAIL, PASSWORD + "x" * 300).status_code == 422
    assert answers(face.browser(), EMAIL, "x" * 20_000).status_code == 413


def test_code_works_once(face: Face) -> None:
    face.welcome()
    face.clock.advance(timedelta(minutes=2))
    code = face.code()
    assert face.second(face.sign_in(), code).status_code == 303
    replay = face.sign_in()
    assert face.second(replay, code).status_code == 422
    face.clock.advance(timedelta(seconds=30))
    assert face.second(replay, code).status_code == 422
    assert face.second(replay, face.code()).status_code == 303


def test_recovery_code_works_once_and_is_kept_as_a_hash(face: Face) -> None:
    browser = face.welcome()
    page = browser.post(
        "/console/recovery-codes", data={"password": PASSWORD, "csrf": csrf_of(browser)}
    ).text
    codes = [part.split("</code>")[0] for part in page.split("<code>")[1:]]
    assert len(set(codes)) == 10
    assert all(recovery.looks_like_one(code) for code in codes)
    first = face.second(face.sign_in(), f" {codes[0].lower()} ")
    assert first.status_code == 303
    assert face.second(face.sign_in(), codes[0]).status_code == 422
    assert face.second(face.sign_in(), codes[1].replace("-", "")).status_code == 303
    with face.reading() as session:
        assert recovery.left(session, staff=face.id_of()) == 8


def test_new_recovery_codes_end_the_old_ones_and_need_the_password(face: Face) -> None:
    browser = face.welcome()
    csrf = csrf_of(browser)
    wrong = browser.post("/console/recovery-codes", data={"password": "no", "csrf": csrf})
    assert wrong.status_code == 422
    assert "<code>" not in wrong.text
    sets = [
        browser.post("/console/recovery-codes", data={"password": PASSWORD, "csrf": csrf}).text
        for _ in range(2)
    ]
    old = sets[0].split("<code>")[1].split("</code>")[0]
    assert face.second(face.sign_in(), old).status_code == 422


def test_token_rotates_at_every_step_and_a_planted_one_is_worthless(face: Face) -> None:
    face.welcome()
    face.clock.advance(timedelta(minutes=2))
    browser = face.browser()
    browser.cookies.set("__Host-c", "planted", domain="console.example", path="/")
    answers(browser, EMAIL, PASSWORD)
    half = browser.cookies.get("__Host-c", domain="console.example", path="/")
    browser = face.sign_in()
    first = token_in(browser)
    face.second(browser, face.code())
    second = token_in(browser)
    assert len({"planted", half, first, second}) == 4
    thief = face.browser()
    for old in ("planted", first):
        thief.cookies.set("__Host-c", old)
        assert thief.get("/console").status_code == 303
        thief.cookies.clear()


def test_cookie_is_for_this_host_only_and_out_of_reach_of_scripts(face: Face) -> None:
    face.welcome()
    cookie = answers(face.browser(), EMAIL, PASSWORD).headers["set-cookie"]
    assert cookie.startswith("__Host-c=")
    for word in ("HttpOnly", "Secure", "SameSite=strict", "Path=/"):
        assert word in cookie
    assert "Domain" not in cookie
    assert "Max-Age" not in cookie


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "https://child.example", "null", "http://console.example", "junk"],
)
def test_foreign_origin_is_refused(face: Face, origin: str) -> None:
    face.welcome()
    stranger = face.browser(origin=origin)
    assert answers(stranger, EMAIL, PASSWORD).status_code == 403
    assert "set-cookie" not in answers(stranger, EMAIL, PASSWORD).headers


def test_form_without_its_token_is_refused(face: Face) -> None:
    browser = face.welcome()
    assert browser.post("/console/sign-out", data={}).status_code == 403
    assert browser.post("/console/sign-out", data={"csrf": "ä"}).status_code == 403
    assert browser.get("/console").status_code == 200


def test_signing_out_ends_the_session_on_the_server(face: Face) -> None:
    browser = face.welcome()
    token = token_in(browser)
    answer = browser.post("/console/sign-out", data={"csrf": csrf_of(browser)})
    assert answer.headers["location"] == "/console/sign-in"
    again = face.browser()
    again.cookies.set("__Host-c", token)
    assert again.get("/console").status_code == 303


@pytest.mark.parametrize(
    ("wanted", "goes"),
    [
        ("/console/conversations/0192", "/console/conversations/0192"),
        ("//evil.example", "/console"),
        ("https://evil.example/console", "/console"),
        ("/console\\evil", "/console"),
        ("/console/..//evil.example", "/console"),
        ("/console/x?to=//evil.example", "/console"),
        ("/console/x\n", "/console"),
        ("/console/sign-out", "/console"),
        ("/elsewhere", "/console"),
    ],
)
def test_next_leads_to_the_console_only(demo_face: Face, wanted: str, goes: str) -> None:
    secret = demo_face.add()
    form = {"step": "password", "secret": secret, "name": "Ann"}
    passwords_ = {"password": PASSWORD, "again": PASSWORD}
    demo_face.browser().post("/console/welcome", data={**form, **passwords_})
    answer = demo_face.browser().post(
        "/console/sign-in", data={"email": EMAIL, "password": PASSWORD, "next": wanted}
    )
    assert answer.headers["location"] == goes


def test_script_gets_problem_documents(face: Face) -> None:
    browser = face.browser()
    answer = browser.get("/console", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["status"]) == (401, 401)
    assert answer.headers["content-type"] == "application/problem+json"
    browser = face.welcome()
    answer = browser.get("/console/supervisors", headers={"Accept": "application/json"})
    assert answer.status_code == 403
    assert browser.get("/console/supervisors").status_code == 403


def test_page_asked_for_is_remembered_through_both_steps(face: Face) -> None:
    face.welcome(role=Role.SUPERVISOR)
    face.clock.advance(timedelta(minutes=2))
    browser = face.browser()
    first = browser.get("/console/supervisors")
    assert first.headers["location"] == "/console/sign-in?next=/console/supervisors"
    answer = browser.post(
        "/console/sign-in",
        data={"email": EMAIL, "password": PASSWORD, "next": "/console/supervisors"},
    )
    assert answer.headers["location"] == "/console/second-factor?next=/console/supervisors"


def test_every_deed_is_audited(face: Face) -> None:
    browser = face.welcome()
    answers(face.browser(), EMAIL, "a wrong password here")
    answers(face.browser(), "nobody@x.example", "a wrong password here")
    browser.post("/console/sign-out", data={"csrf": csrf_of(browser)})
    edge.disable(face.parts, email=EMAIL)
    assert face.audited() == [
        "staff.added", "staff.set_up", "signed_in", "sign_in_failed", "sign_in_failed",
        "signed_out", "staff.disabled",
    ]  # fmt: skip


def test_pages_are_never_kept_by_the_browser(face: Face) -> None:
    for path in ("/console/sign-in", "/console/welcome"):
        assert face.browser().get(path).headers["cache-control"] == "no-store"


def is_held(face: Face, token: str) -> bool:
    with face.reading() as session:
        token_hash = sessions.hash_of(token)
        return sessions.find(session, token_hash=token_hash, now=face.clock.now()) is not None


def test_signing_in_again_in_one_browser_ends_what_it_had(face: Face) -> None:
    browser = face.welcome()
    face.clock.advance(timedelta(minutes=2))
    was_open = token_in(browser)
    answers(browser, EMAIL, PASSWORD)
    was_half = token_in(browser)
    assert not is_held(face, was_open)
    face.second(browser, face.code())
    assert not is_held(face, was_half)
    assert is_held(face, token_in(browser))


def test_session_of_a_disabled_person_is_none_even_if_it_was_never_ended(face: Face) -> None:
    browser = face.welcome()
    with face.parts.transactions.begin() as session:
        session.execute(sa.update(Staff).values(disabled_at=face.clock.now()))
    assert browser.get("/console").headers["location"] == "/console/sign-in"


def test_person_disabled_while_their_password_is_checked_does_not_get_in(
    face: Face, monkeypatch: pytest.MonkeyPatch
) -> None:
    face.welcome()
    verified = passwords.verified

    async def slow(password: str, kept: str | None) -> passwords.Verified:
        found = await verified(password, kept)
        await anyio.to_thread.run_sync(partial(edge.disable, face.parts, email=EMAIL))
        return found

    monkeypatch.setattr(passwords, "verified", slow)
    answer = answers(face.browser(), EMAIL, PASSWORD)
    assert (answer.status_code, "set-cookie" in answer.headers) == (422, False)


def test_password_that_was_changed_while_it_was_checked_does_not_get_in(
    face: Face, monkeypatch: pytest.MonkeyPatch
) -> None:
    face.welcome()
    verified = passwords.verified

    async def slow(password: str, kept: str | None) -> passwords.Verified:
        found = await verified(password, kept)
        with face.parts.transactions.begin() as session:
            session.execute(sa.update(Staff).values(password_hash="another"))
        return found

    monkeypatch.setattr(passwords, "verified", slow)
    assert answers(face.browser(), EMAIL, PASSWORD).status_code == 422
