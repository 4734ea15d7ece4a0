"""JSON from phones we do not know: a strict fast reader, and a patient one behind it.

Python's readers disagree on odd input (lone surrogates, deep nesting, huge numbers), so what the
fast one refuses is read once more; what neither can read is one error.
"""

import json
from typing import Any, TypeVar

import msgspec

Read = TypeVar("Read")


class UnreadableError(ValueError):
    """The text is not JSON of the expected shape."""


def decode(raw: str | bytes, decoder: "msgspec.json.Decoder[Read]") -> Read:
    """The value that ``raw`` holds; :class:`UnreadableError` for anything else.

    Lone surrogates survive: a cheap phone may send one in the middle of a child's words.
    """
    try:
        return decoder.decode(raw)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        pass
    try:
        text = raw.decode() if isinstance(raw, bytes) else raw
        loose: Any = json.loads(text)
        read: Read = msgspec.convert(loose, decoder.type)
    except (ValueError, RecursionError, msgspec.MsgspecError):
        raise UnreadableError from None
    return read
