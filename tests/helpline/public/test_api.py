"""The child's API over HTTP, in ordinary use and in hostile hands, on both engines."""

import json
import threading
import time
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpline.public import visits
from tests.helpline.public.face import API, Face, Talk
from tests.installation import CHILD_ORIGIN, STAFF_ORIGIN

PROBLEM = "application/problem+json"


def problem_of(answer: Any) -> str:
    """The name of the problem, after checking that it is a problem document in words."""
    assert answer.headers["content-type"] == PROBLEM, answer.text
    told = answer.json()
    assert set(told) == {"type", "title", "status", "detail"}
    assert told["status"] == answer.status_code
    assert told["detail"].endswith(".")
    return str(told["type"]).removeprefix("urn:problem:")


def page(face: Face, talk: Talk) -> str:
    """Give the client a page's cookie for this conversation; the page's CSRF token."""
    with face.adapters.transactions.begin() as session:
        begun = visits.begin(session, now=face.adapters.clock())
        visits.attach(session, visit=begun.visit, conversation=talk.conversation)
    face.client.cookies.set("s", begun.token)
    return begun.visit.csrf or ""


def test_a_message_is_kept_then_shown(face: Face) -> None:
    talk = face.begin({"language": "en", "display_name": "Sam"})
    said = face.say(talk, "hello", "first-1")
    assert said.status_code == 201
    assert said.json() == {"seq": 1, "client_id": "first-1", "kept_at": said.json()["kept_at"]}
    read = face.read(talk)
    assert read.status_code == 200
    assert read.headers["cache-control"] == "no-store"
    assert read.json() == {
        "messages": [
            {"seq": 1, "from": "child", "text": "hello", "at": read.json()["messages"][0]["at"]}
        ],
        "latest": 1,
    }


def test_a_conversation_begins_without_a_body(face: Face) -> None:
    assert face.client.post(f"{API}/conversations").status_code == 201


def test_a_retry_is_answered_200_with_the_same_body(face: Face, talk: Talk) -> None:
    first = face.say(talk, "hello", "a")
    again = face.say(talk, "hello", "a")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.content == again.content
    assert face.texts(talk) == ["hello"]


def test_other_words_under_the_same_client_id_are_refused(face: Face, talk: Talk) -> None:
    face.say(talk, "hello", "a")
    answer = face.say(talk, "goodbye", "a")
    assert (answer.status_code, problem_of(answer)) == (409, "different-text")
    assert face.texts(talk) == ["hello"]


def test_reading_goes_on_from_the_cursor(face: Face, talk: Talk) -> None:
    for number in range(3):
        face.say(talk, f"words {number}", f"id-{number}")
    read = face.read(talk, after=1).json()
    assert [each["seq"] for each in read["messages"]] == [2, 3]
    assert read["latest"] == 3
    assert face.read(talk, after=2**31 - 1).json() == {"messages": [], "latest": 3}


def test_leaving_closes_nothing(face: Face, talk: Talk) -> None:
    left = face.client.post(f"{talk.path}/leave", headers=talk.bearer)
    assert (left.status_code, left.content) == (204, b"")
    assert face.say(talk, "i am back").status_code == 201


def test_a_long_poll_answers_when_a_message_comes(face: Face, talk: Talk) -> None:
    def say_soon() -> None:
        time.sleep(0.3)
        face.say(talk, "hello")

    sender = threading.Thread(target=say_soon)
    began = time.monotonic()
    sender.start()
    read = face.read(talk, wait=20)
    waited = time.monotonic() - began
    sender.join()
    assert [each["text"] for each in read.json()["messages"]] == ["hello"]
    assert 0.2 < waited < 10


def test_a_long_poll_without_news_ends_when_its_time_is_over(face: Face, talk: Talk) -> None:
    began = time.monotonic()
    assert face.read(talk, wait=1).json() == {"messages": [], "latest": 0}
    assert 0.9 < time.monotonic() - began < 10


@pytest.mark.parametrize("length", [1, 10_000])
def test_a_text_up_to_the_limit_is_kept(face: Face, talk: Talk, length: int) -> None:
    # Four bytes a letter, and each escaped as a pair of six: the largest honest body there is.
    assert face.say(talk, "\N{PILE OF POO}" * length).status_code == 201
    assert face.texts(talk) == ["\N{PILE OF POO}" * length]


def test_a_text_over_the_limit_is_refused_and_not_kept(face: Face, talk: Talk) -> None:
    answer = face.say(talk, "x" * 10_001)
    assert (answer.status_code, problem_of(answer)) == (413, "too-long")
    assert face.texts(talk) == []


def test_a_body_over_the_limit_is_refused_and_not_kept(face: Face, talk: Talk) -> None:
    answer = face.say_raw(talk, b'{"client_id":"a","text":"x"' + b" " * 200_000 + b"}")
    assert (answer.status_code, problem_of(answer)) == (413, "too-long")
    assert face.texts(talk) == []


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        (rb'{"client_id":"a","text":"a\u0000b"}', "a\N{REPLACEMENT CHARACTER}b"),
        (rb'{"client_id":"a","text":"a\ud800b"}', "a\N{REPLACEMENT CHARACTER}b"),
        (rb'{"client_id":"a","text":"\udc00\ud800"}', "\N{REPLACEMENT CHARACTER}" * 2),
        (rb'{"client_id":"a","text":"\ud83d\ude00"}', "\N{GRINNING FACE}"),
        ('{"client_id":"a","text":"\N{RIGHT-TO-LEFT OVERRIDE}a"}'.encode(), "\u202ea"),
    ],
)
def test_odd_characters_never_cost_a_message(
    face: Face, talk: Talk, body: bytes, kept: str
) -> None:
    assert face.say_raw(talk, body).status_code == 201
    assert face.texts(talk) == [kept]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"text"',
        b"{",
        b"{}",
        b"\xff\xfe",
        b'\xef\xbb\xbf{"client_id":"a","text":"b"}',
        b'{"client_id":"a"}',
        b'{"text":"a"}',
        b'{"client_id":1,"text":"a"}',
        b'{"client_id":"a","text":1}',
        b'{"client_id":"a","text":null}',
        b'{"client_id":"a","text":["a"]}',
        b'{"client_id":"a","text":{"a":"b"}}',
        b'{"client_id":"a","text":"a","n":' + b"9" * 5_000 + b"x}",
        b'{"client_id":"a","text":' + b"9" * 5_000 + b"}",
        b"9" * 5_000,
        b"[" * 100_000,
        b'{"a":' * 20_000,
        b'{"client_id":"a","text":"\xed\xa0\x80"}',
        rb'{"\ud800":1,"client_id":"a","text":1}',
    ],
    ids=lambda body: repr(body[:40]),
)
def test_a_body_of_another_shape_is_refused_in_words(face: Face, talk: Talk, body: bytes) -> None:
    answer = face.say_raw(talk, body)
    assert (answer.status_code, problem_of(answer)) == (422, "invalid")
    assert face.texts(talk) == []


def test_what_the_app_adds_does_not_cost_a_message(face: Face, talk: Talk) -> None:
    nested = b"[" * 100 + b"]" * 100
    body = b'{"client_id":"a","text":"hello","more":' + nested + b',"n":' + b"9" * 5_000 + b"}"
    assert face.say_raw(talk, body).status_code == 201
    assert face.texts(talk) == ["hello"]


@pytest.mark.parametrize("client_id", ["", " ", "a b", "a" * 65, "é", "a\n", "a/b", "\0", "٣"])
def test_a_client_id_of_another_form_is_refused(face: Face, talk: Talk, client_id: str) -> None:
    answer = face.say(talk, "hello", client_id)
    assert (answer.status_code, problem_of(answer)) == (422, "bad-client-id")
    assert face.texts(talk) == []


@pytest.mark.parametrize("text", ["", " ", "\n\t \u2003"])
def test_a_message_without_words_is_refused(face: Face, talk: Talk, text: str) -> None:
    answer = face.say(talk, text)
    assert (answer.status_code, problem_of(answer)) == (422, "empty")


@pytest.mark.parametrize(
    "body",
    [
        {"language": "not a tag"},
        {"language": "e"},
        {"language": "en\n"},
        {"language": 5},
        {"display_name": []},
        {"display_name": " "},
        {"display_name": "x" * 10_001},
        [],
        "a",
    ],
)
def test_a_conversation_of_another_shape_is_refused(face: Face, body: Any) -> None:
    answer = face.client.post(f"{API}/conversations", json=body)
    assert (answer.status_code, problem_of(answer)) == (422, "invalid")


@pytest.mark.parametrize("name", ["after", "wait"])
@pytest.mark.parametrize(
    "number", ["", "-1", "1.5", "x", "٣", "²", "9" * 5_000, "2147483648", " 1"]
)
def test_a_cursor_of_another_form_is_refused(
    face: Face, talk: Talk, name: str, number: str
) -> None:
    answer = face.read(talk, **{name: number})
    assert (answer.status_code, problem_of(answer)) == (422, "invalid")


def test_a_wait_over_the_limit_is_refused(face: Face, talk: Talk) -> None:
    face.say(talk, "hello")
    assert face.read(talk, wait=25).status_code == 200
    assert face.read(talk, wait=26).status_code == 422


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


def test_nothing_sent_to_a_dead_writer_gets_a_tick(face: Face, talk: Talk) -> None:
    face.adapters.writer.is_alive = False
    try:
        answer = face.say(talk, "hello")
        assert (answer.status_code, problem_of(answer)) == (503, "not-kept")
        assert int(answer.headers["retry-after"]) > 0
        assert face.client.get("/readyz").status_code == 503
    finally:
        face.adapters.writer.is_alive = True
    assert face.say(talk, "hello").status_code == 201


def every_call(face: Face, path: str, headers: dict[str, str]) -> list[Any]:
    """Every call about a conversation, as anybody could make it."""
    said = {"client_id": "a", "text": "not theirs"}
    return [
        face.client.get(f"{path}/messages", headers=headers),
        face.client.post(f"{path}/messages", json=said, headers=headers),
        face.client.post(f"{path}/leave", headers=headers),
        face.client.get(f"{path}/events", headers=headers),
    ]


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(codec=None), max_size=50),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
MESSAGES = st.fixed_dictionaries(
    {
        "client_id": st.text("abc-_7", min_size=1, max_size=64) | JSON,
        "text": st.text(st.characters(codec=None)) | JSON,
    },
    optional={"more": JSON},
)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(body=MESSAGES | JSON)
def test_whatever_is_sent_is_refused_in_words_or_there_to_read_back(face: Face, body: Any) -> None:
    talk = face.begin()
    answer = face.say_raw(talk, json.dumps(body).encode())
    assert answer.status_code < 500
    if answer.status_code == 201:
        kept = "".join(
            "\ufffd" if c == "\0" or "\ud800" <= c <= "\udfff" else c for c in body["text"]
        )
        assert face.texts(talk) == [kept]
    else:
        problem_of(answer)
        assert face.texts(talk) == []
