"""Adding, welcoming and disabling people, on both engines."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from uuid_utils.compat import uuid7

from helpline.accounts import addresses, edge, errors
from helpline.accounts.models import RecoveryCode, Role, Staff, StaffSession
from helpline.hub import Notice
from tests.helpline.accounts.conftest import (
    EMAIL,
    PASSWORD,
    Face,
    chosen,
    csrf_of,
    shown_secret,
    token_in,
)
from triage.models import Entry


def choose(face: Face, form: dict[str, str]) -> Any:
    return face.browser().post("/console/welcome", data=form)


def everything_kept(face: Face) -> bytes:
    with face.reading() as session:
        found = b""
        for table in (Staff, StaffSession, RecoveryCode):
            for row in session.execute(sa.select(*table.__table__.columns)):
                found += b"|".join(v if isinstance(v, bytes) else str(v).encode() for v in row)
        return found


def test_link_carries_its_secret_in_the_fragment(face: Face) -> None:
    link = edge.add(face.parts, email=EMAIL, name="Ann Okafor", role=Role.ADVOCATE)
    address, _, secret = link.partition("#")
    assert address == "https://console.example/console/welcome"
    assert len(secret) == 43  # 256 bits


def test_nothing_that_opens_anything_is_kept_readable(face: Face) -> None:
    secret = face.add()
    browser = face.welcome(email="ben@helpline.example")
    kept = everything_kept(face)
    for hidden in (
        EMAIL, "Ann Okafor", secret, PASSWORD, token_in(browser),
        face.secrets["ben@helpline.example"],
    ):  # fmt: skip
        assert hidden.encode() not in kept


def test_link_works_until_password_and_app_are_set_and_then_never(face: Face) -> None:
    secret = face.add()
    browser = face.browser()
    assert browser.post("/console/welcome", data=chosen(secret)).status_code == 303
    # The password alone opens nothing yet.
    assert face.sign_in().cookies.get("__Host-c") is None
    # Interrupted, and begun again.
    browser = face.browser()
    browser.post("/console/welcome", data=chosen(secret))
    face.secrets[EMAIL] = shown_secret(browser.get("/console/welcome").text)
    csrf = csrf_of(browser)
    wrong = browser.post("/console/welcome", data={"step": "code", "code": "1", "csrf": csrf})
    assert wrong.status_code == 422
    done = browser.post(
        "/console/welcome", data={"step": "code", "code": face.code(), "csrf": csrf}
    )
    assert done.text.count("<code>") == 10
    assert browser.get("/console").json()["name"] == "Ann"
    assert choose(face, chosen(secret)).status_code == 422


def test_code_that_set_the_app_up_does_not_sign_in_again(face: Face) -> None:
    face.welcome()
    assert face.second(face.sign_in(), face.code()).status_code == 422


def test_link_ends_after_72_hours(face: Face) -> None:
    secret = face.add()
    face.clock.advance(timedelta(hours=72))
    assert "does not work" in choose(face, chosen(secret)).text


@pytest.mark.parametrize("secret", ["", "x", "\x00", "ü" * 90])
def test_guessed_link_opens_nothing(face: Face, secret: str) -> None:
    face.add()
    assert choose(face, chosen(secret)).status_code == 422


@pytest.mark.parametrize(
    ("password", "says"),
    [
        ("short", "Too short"),
        ("x" * 257, "Too long"),
        ("Password1234!", "Too easy"),
        ("okafor-helpline", "Too easy"),
        ("aaaaaaaaaaaaaa", "Too easy"),
        ("123456789012", "Too easy"),
    ],
)
def test_poor_password_is_refused_and_the_link_still_works(
    face: Face, password: str, says: str
) -> None:
    secret = face.add()
    answer = choose(face, chosen(secret, password=password, name="Ann Okafor"))
    assert answer.status_code == 422
    assert says in answer.text
    assert secret in answer.text  # kept in the form, so that nobody has to open the link again
    assert choose(face, chosen(secret)).status_code == 303


def test_two_different_passwords_are_refused(face: Face) -> None:
    form = {**chosen(face.add()), "again": "something else"}
    assert "differ" in choose(face, form).text


def test_code_step_needs_the_token_of_the_session(face: Face) -> None:
    secret = face.add()
    browser = face.browser()
    browser.post("/console/welcome", data=chosen(secret))
    assert browser.post("/console/welcome", data={"step": "code", "code": "1"}).status_code == 403


def test_disabling_ends_sessions_and_returns_work(face: Face) -> None:
    browser = face.welcome()
    person, entry = face.id_of(), claim(face, face.id_of())
    face.hub.rung.clear()
    edge.disable(face.parts, email=EMAIL)
    assert browser.get("/console").headers["location"] == "/console/sign-in"
    with face.reading() as session:
        assert session.get_one(Entry, entry).claimed_by is None
    assert face.hub.rung == [Notice("staff", person), Notice("queue", entry)]
    assert "set-cookie" not in browser.post(
        "/console/sign-in", data={"email": EMAIL, "password": PASSWORD}
    ).headers  # fmt: skip


def test_disabling_ends_an_open_link_too(face: Face) -> None:
    secret = face.add()
    edge.disable(face.parts, email=EMAIL)
    assert choose(face, chosen(secret)).status_code == 422


def test_disabling_nobody_says_so(face: Face) -> None:
    with pytest.raises(errors.NobodyError):
        edge.disable(face.parts, email="nobody@helpline.example")


def test_adding_again_is_a_fresh_start_for_the_same_person(face: Face) -> None:
    browser = face.welcome()
    person = face.id_of()
    edge.disable(face.parts, email=EMAIL)
    secret = face.add(email=EMAIL.upper(), role=Role.SUPERVISOR)
    assert face.id_of() == person
    assert browser.get("/console").status_code == 303
    assert face.sign_in().cookies.get("__Host-c") is None
    assert choose(face, chosen(secret)).status_code == 303


def test_demo_asks_for_no_second_factor(demo_face: Face) -> None:
    browser = demo_face.browser()
    answer = browser.post("/console/welcome", data=chosen(demo_face.add()))
    assert answer.headers["location"] == "/console"
    assert demo_face.sign_in().get("/console").status_code == 200


def test_person_without_second_factor_cannot_sign_in_outside_the_demo(
    demo_face: Face,
) -> None:
    demo_face.browser().post("/console/welcome", data=chosen(demo_face.add()))
    settings = demo_face.parts.settings
    demo_face.parts.settings = type(settings)(**{**vars(settings), "demo": False})
    assert demo_face.sign_in().cookies.get("__Host-c") is None


def test_name_is_told_and_follows_a_change(face: Face) -> None:
    face.add()
    person = face.id_of()
    assert face.parts.names.of(person) == "Ann Okafor"
    edge.add(face.parts, email=EMAIL, name="Ann Bell", role=Role.ADVOCATE)
    face.clock.advance(timedelta(minutes=1))
    assert face.parts.names.of(person) == "Ann Bell"
    assert face.parts.names.of(uuid7()) == "Someone unknown"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ann",
        "@x.example",
        "ann@",
        "a b@x.example",
        "a@b@c",
        "a\x00@x.example",
        "\ud800@x.example",
        "a\u202e@x.example",
        "x" * 250 + "@x.example",
    ],
)
def test_impossible_addresses_are_refused(address: str) -> None:
    with pytest.raises(errors.WrongAddressError):
        addresses.checked(address)


@pytest.mark.parametrize("typed", ["Ä@X.example ", "a\u0308@x.EXAMPLE"])
def test_one_address_has_one_form(typed: str) -> None:
    assert addresses.tidy(typed) == addresses.checked(typed) == "ä@x.example"


def claim(face: Face, staff: UUID) -> UUID:
    now = face.clock.now()
    entry = Entry(
        id=uuid7(), kind="conversation", grade_rank=2, score=0.0, last_child_at=now,
        claimed_by=staff, claimed_at=now,
    )  # fmt: skip
    with face.parts.transactions.begin() as session:
        session.add(entry)
    return entry.id
