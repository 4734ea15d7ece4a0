"""JSON from phones we do not know: read if it can be, else one error and never another."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations import lenient_json
from integrations.lenient_json import UnreadableError

# Lone halves of characters too: by chance alone they would hardly be tried.
ANY_TEXT = st.text(
    st.characters(codec=None, exclude_categories=()) | st.characters(categories=["Cs"]),
    max_size=40,
)


class Sample(msgspec.Struct):
    name: str
    number: int = 0


_samples: msgspec.json.Decoder[Sample] = msgspec.json.Decoder(Sample)


def read(raw: str | bytes) -> Sample:
    return lenient_json.decode(raw, _samples)


@given(name=ANY_TEXT, number=st.integers(-(2**63), 2**63 - 1))
def test_whatever_text_json_can_hold_is_read(name: str, number: int) -> None:
    raw = json.dumps({"name": name, "number": number})
    assert read(raw) == read(raw.encode()) == Sample(name, number)


def test_half_a_character_survives() -> None:
    assert read('{"name":"\\ud83d"}').name == "\ud83d"
    assert read(b'{"name":"\\ud83d"}').name == "\ud83d"


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "{",
        "[]",
        "null",
        '{"number":1}',
        '{"name":1}',
        '{"name":"a","number":"1"}',
        '{"name":"a","number":1e400}',
        '{"name":"a","number":-Infinity}',
        '{"name":"a","number":' + "9" * 5_000 + "}",
        '{"name":' + "[" * 50_000,
        b'{"name":"\xff"}',
        b"\xff\xfe{\x00}\x00",
        '{"name":"a"} more',
    ],
    ids=lambda raw: f"{len(raw)}-{raw[-12:]!r}",
)
def test_what_is_not_such_json_is_one_error_without_its_words(raw: str | bytes) -> None:
    with pytest.raises(UnreadableError) as caught:
        read(raw)
    assert str(caught.value) == ""
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


@given(st.binary(max_size=60) | ANY_TEXT)
def test_nothing_raises_another_error(raw: str | bytes) -> None:
    try:
        value: Any = read(raw)
    except UnreadableError:
        return
    assert isinstance(value, Sample)
