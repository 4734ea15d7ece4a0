"""Who may call the child's API, from where, and what everybody else learns: nothing."""

from typing import Any
from uuid import uuid4

import pytest

from helpline.public import visits
from tests.helpline.public.face import API, Face, Talk, problem_of
from tests.installation import CHILD_ORIGIN, STAFF_ORIGIN


def every_call(face: Face, path: str, headers: dict[str, str]) -> list[Any]:
    """Every call about a conversation, as anybody could make it."""
    said = {"client_id": "a", "text": "not theirs"}
    return [
        face.client.get(f"{path}/messages", headers=headers),
        face.client.post(f"{path}/messages", json=said, headers=headers),
        face.client.post(f"{path}/leave", headers=headers),
        face.client.get(f"{path}/events", headers=headers),
    ]


def page(face: Face, talk: Talk) -> str:
    """Give the client a page's cookie for this conversation; the page's CSRF token."""
    with face.adapters.transactions.begin() as session:
        begun = visits.begin(session, now=face.adapters.clock())
        visits.attach(session, visit=begun.visit, conversation=talk.conversation)
    face.client.cookies.set("s", begun.token)
    return begun.visit.csrf or ""


def test_a_call_without_a_token_is_asked_for_one(face: Face, talk: Talk) -> None:
    for answer in every_call(face, talk.path, {}):
        assert (answer.status_code, problem_of(answer)) == (401, "not-authorised")
        assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer ", "Bearer x", "Basic {}", "{}", "Bearer {}x", "Bearer \xff"],
)
def test_a_token_that_is_none_is_asked_for_again(
    face: Face, talk: Talk, authorization: str
) -> None:
    given = authorization.format(talk.token).encode("latin-1")
    answer = face.client.get(f"{talk.path}/messages", headers={b"authorization": given})
    assert (answer.status_code, problem_of(answer)) == (401, "not-authorised")


def test_another_token_learns_nothing_not_even_that_there_is_something(
    face: Face, talk: Talk
) -> None:
    face.say(talk, "hello")
    other = face.begin()
    unknown = f"{API}/conversations/{uuid4()}"
    for theirs, nobodys in zip(
        every_call(face, talk.path, other.bearer),
        every_call(face, unknown, other.bearer),
        strict=True,
    ):
        assert (theirs.status_code, problem_of(theirs)) == (404, "not-found")
        assert theirs.content == nobodys.content
        assert dict(theirs.headers) == dict(nobodys.headers)
    assert face.texts(talk) == ["hello"]


@pytest.mark.parametrize(
    "name", ["x", "0", "9" * 5_000, "%00", "..", "{}", "'; DROP TABLE message"]
)
def test_an_id_that_is_none_is_not_found(face: Face, talk: Talk, name: str) -> None:
    answer = face.client.get(f"{API}/conversations/{name}/messages", headers=talk.bearer)
    assert (answer.status_code, problem_of(answer)) == (404, "not-found")


def test_a_token_in_the_address_opens_nothing(face: Face, talk: Talk) -> None:
    answer = face.client.get(f"{talk.path}/messages", params={"token": talk.token})
    assert answer.status_code == 401


def test_a_token_that_ended_opens_nothing(face: Face, talk: Talk) -> None:
    with face.adapters.transactions.begin() as session:
        visits.end(session, token=talk.token, now=face.adapters.clock())
    assert face.read(talk).status_code == 401


def test_another_sites_page_is_refused(face: Face, talk: Talk) -> None:
    foreign = (
        "https://evil.example",
        "null",
        STAFF_ORIGIN,
        "http://127.0.0.1",
        "x",
        "",
        "http://[",
        "http://a:9x",
    )
    for origin in foreign:
        headers = talk.bearer | {"Origin": origin}
        for answer in [
            face.client.post(f"{API}/conversations", headers=headers, json={}),
            *every_call(face, talk.path, headers),
        ]:
            assert (answer.status_code, problem_of(answer)) == (403, "foreign-origin"), origin
    assert face.texts(talk) == []


def test_our_own_page_reads_and_writes_with_its_cookie(face: Face, talk: Talk) -> None:
    csrf = page(face, talk)
    ours = {"Origin": CHILD_ORIGIN}
    said = {"client_id": "a", "text": "hello"}
    path = f"{talk.path}/messages"
    kept = face.client.post(path, json=said, headers=ours | {"X-CSRF-Token": csrf})
    assert kept.status_code == 201
    assert face.client.get(path).json()["latest"] == 1


@pytest.mark.parametrize("csrf", [None, "", "x", "\xff"])
def test_a_page_without_its_csrf_token_writes_nothing(
    face: Face, talk: Talk, csrf: str | None
) -> None:
    page(face, talk)
    headers = {b"origin": CHILD_ORIGIN.encode()}
    if csrf is not None:
        headers[b"x-csrf-token"] = csrf.encode("latin-1")
    for path in ("messages", "leave"):
        answer = face.client.post(
            f"{talk.path}/{path}", json={"client_id": "a", "text": "b"}, headers=headers
        )
        assert (answer.status_code, problem_of(answer)) == (403, "no-csrf-token")
    assert face.texts(talk) == []


def test_a_cookie_from_another_sites_page_opens_nothing(face: Face, talk: Talk) -> None:
    csrf = page(face, talk)
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        given = headers | {"X-CSRF-Token": csrf}
        for answer in every_call(face, talk.path, given):
            assert (answer.status_code, problem_of(answer)) == (403, "foreign-origin")
    assert face.texts(talk) == []


def test_a_browser_that_has_left_has_no_session(face: Face, talk: Talk) -> None:
    page(face, talk)
    face.client.cookies.set("gone", "1")
    assert face.client.get(f"{talk.path}/messages").status_code == 401


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "X"])
def test_a_method_that_is_none_is_refused_in_words(face: Face, talk: Talk, method: str) -> None:
    answer = face.client.request(method, f"{talk.path}/messages", headers=talk.bearer)
    assert (answer.status_code, problem_of(answer)) == (405, "refused")


@pytest.mark.parametrize("path", ["", "/", "/x", "/conversations/", "/call-backs", "/return"])
def test_what_is_not_there_is_not_found_in_words(face: Face, path: str) -> None:
    answer = face.client.get(f"{API}{path}")
    assert (answer.status_code, problem_of(answer)) == (404, "not-found")


@pytest.mark.parametrize(
    ("host", "path"),
    [
        (STAFF_ORIGIN, f"{API}/openapi.json"),
        (STAFF_ORIGIN, f"{API}/conversations"),
        (STAFF_ORIGIN, "/"),
        (CHILD_ORIGIN, "/console"),
        (CHILD_ORIGIN, "/console/sign-in"),
        (CHILD_ORIGIN, "/metrics"),
        (CHILD_ORIGIN, "/demo"),
        ("http://evil.example", "/"),
        ("http://evil.example", "/console"),
        ("http://127.0.0.1:8002", "/"),
        ("http://127.0.0.1", f"{API}/openapi.json"),
    ],
)
def test_the_wrong_host_has_nothing(face: Face, host: str, path: str) -> None:
    assert face.client.get(f"{host}{path}").status_code == 404


@pytest.mark.parametrize("host", [b"", b"\xff", b"127.0.0.1:8000:8000", b"[", b"127.0.0.1:99999"])
def test_a_host_that_is_none_has_nothing(face: Face, host: bytes) -> None:
    assert face.client.get("/", headers={b"host": host}).status_code == 404


@pytest.mark.parametrize("host", ["http://evil.example", CHILD_ORIGIN, STAFF_ORIGIN])
def test_any_host_says_whether_it_lives(face: Face, host: str) -> None:
    assert face.client.get(f"{host}/healthz").status_code == 200
    assert face.client.get(f"{host}/readyz").status_code == 200
