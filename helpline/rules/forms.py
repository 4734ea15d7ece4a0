"""What a phrase stands for: enough of its forms that every word of its lists is said once."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence

_LIST = re.compile(r"\{([a-z_]+)\}")
# Between the parts of a phrase a few other words may stand, or none.
_GAP = " .. "


def lists_in(phrase: str) -> list[str]:
    """The names of the lists that a phrase asks for."""
    return _LIST.findall(phrase)


def without_lists(phrase: str) -> str:
    """The phrase with its lists taken out."""
    return _LIST.sub(" ", phrase)


def is_plain(phrase: str) -> bool:
    """Whether it is written as texts are read: small letters, figures and single spaces.

    A phrase with a sign or a capital would be looked for as it stands, and teach the spelling a
    word that stands in the way of others.
    """
    written = without_lists(phrase.replace(_GAP, " "))
    return not any(
        letter.isupper() or unicodedata.category(letter)[0] not in "LMN"
        for letter in written.replace(" ", "")
    )


def of(phrase: str, lists: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """The phrase with each word of each list once, the first words of the others beside it."""
    written = phrase.replace(_GAP, " ")
    pieces = _LIST.split(written)
    slots = range(1, len(pieces), 2)
    firsts = [lists[piece][0] if at % 2 else piece for at, piece in enumerate(pieces)]
    yield _joined(firsts)
    for slot in slots:
        for word in lists[pieces[slot]][1:]:
            yield _joined([*firsts[:slot], word, *firsts[slot + 1 :]])


def _joined(pieces: Sequence[str]) -> str:
    return " ".join("".join(pieces).split())
