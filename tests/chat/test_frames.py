"""The frames of the child's socket: each says what it means, and nothing hostile gets past."""

import json
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat import frames
from chat.frames import (
    BadFrameError,
    Hello,
    Kept,
    MessageFrame,
    Ping,
    Pong,
    Refused,
    Say,
    Welcome,
    Writing,
)

WORDS = st.text(st.characters(codec="utf-8"), max_size=60)
# Whatever a phone may put into JSON, lone halves of characters too.
HOSTILE_WORDS = st.text(
    st.characters(codec=None, exclude_categories=()) | st.characters(categories=["Cs"]),
    max_size=20,
)
CURSORS = st.integers(0, 2**31 - 1)
AUTHORS = st.sampled_from(["child", "advocate", "system"])

INCOMING = st.one_of(
    st.builds(Hello, token=st.none() | WORDS, after=CURSORS),
    st.builds(Say, client_id=WORDS, text=WORDS),
    st.builds(Writing),
    st.builds(Ping),
)
OUTGOING = st.one_of(
    st.builds(Welcome, latest=CURSORS),
    st.builds(MessageFrame, seq=CURSORS, author=AUTHORS, text=WORDS, at=WORDS),
    st.builds(Kept, client_id=WORDS, seq=CURSORS),
    st.builds(Refused, client_id=st.none() | WORDS, why=WORDS),
    st.builds(Writing),
    st.builds(Pong),
)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | HOSTILE_WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(HOSTILE_WORDS, inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from(["type", "token", "after", "client_id", "text"])
TYPES = st.sampled_from(["hello", "say", "writing", "ping", "kept", "welcome"])

_outgoing: msgspec.json.Decoder[frames.Outgoing] = msgspec.json.Decoder(frames.Outgoing)


@given(INCOMING)
def test_what_a_client_writes_is_what_is_read(frame: frames.Incoming) -> None:
    assert frames.parse(msgspec.json.encode(frame).decode()) == frame
    assert frames.parse(msgspec.json.encode(frame)) == frame


@given(INCOMING)
def test_a_client_that_escapes_every_letter_is_read_too(frame: frames.Incoming) -> None:
    assert frames.parse(json.dumps(msgspec.to_builtins(frame), ensure_ascii=True)) == frame


@given(OUTGOING)
def test_what_is_rendered_is_what_a_client_reads(frame: frames.Outgoing) -> None:
    assert _outgoing.decode(frames.render(frame)) == frame


@given(
    st.dictionaries(FIELDS | HOSTILE_WORDS, JSON, max_size=5),
    TYPES | JSON,
)
def test_hostile_json_is_a_frame_or_a_bad_frame(fields: dict[str, Any], kind: Any) -> None:
    raw = json.dumps({**fields, "type": kind})
    for form in (raw, raw.encode()):
        try:
            frame = frames.parse(form)
        except BadFrameError:
            continue
        assert isinstance(frame, get_args(frames.Incoming))


@given(HOSTILE_WORDS | st.binary())
def test_what_is_no_json_is_a_bad_frame(raw: str | bytes) -> None:
    try:
        frame = frames.parse(raw)
    except BadFrameError:
        return
    assert isinstance(frame, get_args(frames.Incoming))


@pytest.mark.parametrize(
    "raw",
    [
        "[" * 100_000,
        '{"a":' * 20_000,
        '{"type":"ping","x":' + "[" * 5_000 + "]" * 5_000 + "}",
        '{"type":"hello","after":' + "9" * 60_000 + "}",
        '{"type":"hello","after":1e400}',
        '{"type":"hello","after":NaN}',
        '{"type":"hello","after":-1}',
        '{"type":"hello","after":2147483648}',
        '{"type":"hello","after":"1"}',
        '{"type":"say","client_id":"a"}',
        '{"type":"say","client_id":1,"text":"x"}',
        '{"type":"kept","client_id":"a","seq":1}',
        '{"type":["say"]}',
        '{"type":"say"',
        "\ufeff" + '{"type":"ping"}',
        "null",
        "",
    ],
    ids=lambda raw: f"{len(raw)}-{raw[-32:]}",
)
def test_a_frame_built_to_break_the_reader_is_a_bad_frame(raw: str) -> None:
    with pytest.raises(BadFrameError):
        frames.parse(raw)


def test_half_a_character_of_a_cheap_phone_does_not_cost_the_message() -> None:
    read = frames.parse('{"type":"say","client_id":"a","text":"help \\ud83d"}')
    assert read == Say("a", "help \ud83d")


def test_fields_that_we_do_not_know_yet_are_no_error() -> None:
    assert frames.parse('{"type":"ping","sent_at":12,"more":{"a":[1]}}') == Ping()


def test_a_message_frame_looks_as_the_protocol_says() -> None:
    shown = frames.render(MessageFrame(3, "advocate", "hello", "2026-11-02T10:00:00+00:00"))
    assert json.loads(shown) == {
        "type": "message",
        "seq": 3,
        "from": "advocate",
        "text": "hello",
        "at": "2026-11-02T10:00:00+00:00",
    }


def test_a_bad_frame_error_repeats_none_of_the_words() -> None:
    with pytest.raises(BadFrameError) as caught:
        frames.parse('{"type":"say","text":"a secret"}')
    assert "secret" not in repr(caught.value)
    assert caught.value.__cause__ is None
