"""Words that mean something when they are the whole text. A child's sentence is never a command.

`keywords.toml` holds the words. A text is compared without regard to capitals, to spaces, and to
the punctuation before and after it, in any script.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources

from chat.errors import UnusableTableError

# Each is an input of `chat.texting`.
FAMILIES = ("stop", "start", "help", "cry", "yes", "no", "later", "call")

# The curly, raised and wide marks that phones put in for an apostrophe.
_APOSTROPHES = str.maketrans(dict.fromkeys("\u2018\u2019\u201b\u02bc`\u00b4\uff07", "'"))
_INVISIBLE = {"Cf", "Cc", "Cs"}
_SPACES = re.compile(r"\s+")


def family(text: str) -> str | None:
    """The keyword family that this whole text is, one of :data:`FAMILIES`; else None."""
    return load().get(plain(text))


def plain(text: str) -> str:
    """The text as keywords are compared, and as a child's own word is compared and kept."""
    composed = unicodedata.normalize("NFKC", text.translate(_APOSTROPHES))
    shown = "".join(
        letter
        for letter in composed
        if letter.isspace() or unicodedata.category(letter) not in _INVISIBLE
    )
    folded = unicodedata.normalize("NFKC", shown.casefold())
    words = _SPACES.sub(" ", folded)
    start, end = 0, len(words)
    while start < end and _is_edge(words[start]):
        start += 1
    while start < end and _is_edge(words[end - 1]):
        end -= 1
    return words[start:end]


def load(text: str | None = None) -> Mapping[str, str]:
    """Each keyword in its plain form, and what it means, from TOML text or as shipped.

    Raises :class:`chat.errors.UnusableTableError` when a word stands in two families, or is none.
    """
    return _packaged() if text is None else _parsed(text)


@cache
def _packaged() -> Mapping[str, str]:
    return _parsed(resources.files("chat").joinpath("keywords.toml").read_text("utf-8"))


def _parsed(text: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for name, word in _words(text):
        keyword = plain(word)
        if not keyword or found.setdefault(keyword, name) != name:
            raise UnusableTableError(f"The keyword {word!r} is none, or stands in two families.")
    return found


def _words(text: str) -> Iterator[tuple[str, str]]:
    try:
        data = tomllib.loads(text)
        for name in FAMILIES:
            for word in data[name]["words"]:
                yield name, word
            for words in data[name].get("translations", {}).values():
                for word in words:
                    yield name, word
    except tomllib.TOMLDecodeError as error:
        raise UnusableTableError(f"The keywords are not readable: {error}") from error
    except KeyError as error:
        raise UnusableTableError(f"The keywords have no {error}.") from error


def _is_edge(letter: str) -> bool:
    return letter == " " or unicodedata.category(letter).startswith("P")
