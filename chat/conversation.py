"""The rules of a conversation: which texts are kept, and in which form."""

import re

from chat.errors import BadClientIdError, EmptyTextError, TooLongError

# The child's API of this service promises 10,000 characters (docs/protocol.md).
MOST_CHARACTERS = 10_000

# PostgreSQL cannot store NUL and no UTF-8 text holds a lone surrogate. A weird byte must never
# cost a child the message, so each is kept as the sign for "something stood here".
_UNKEEPABLE = re.compile("[\x00\ud800-\udfff]")
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


def kept_text(text: str) -> str:
    """The text as it is kept: all of it, with NUL and lone surrogates as U+FFFD.

    Raises :class:`chat.errors.TooLongError` and :class:`chat.errors.EmptyTextError`.
    """
    if len(text) > MOST_CHARACTERS:
        raise TooLongError
    kept = _UNKEEPABLE.sub(_REPLACEMENT, text) if not text.isascii() or "\0" in text else text
    if not kept.strip():
        raise EmptyTextError
    return kept


def checked_client_id(client_id: str) -> str:
    """The id a sender gave its message, so that a retry is the same message."""
    if not _CLIENT_ID.fullmatch(client_id):
        raise BadClientIdError
    return client_id
