"""The child's API over HTTP, in ordinary use and in hostile hands, on both engines."""

import json
import threading
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.helpline.public.face import API, Face, Talk, problem_of


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
