"""Which rules a lexicon finds in words, whatever their grade: the ids alone.

The one place here that knows how triage searches; everything else asks through :data:`Finds`.
"""

from collections.abc import Callable
from typing import TypeAlias

from triage import normalise
from triage.lexicon import Lexicon, search

Finds: TypeAlias = Callable[[str], frozenset[str]]


def finds(words: Lexicon) -> Finds:
    """A function from a text to the ids of the rules that count in it."""
    normaliser = normalise.Normaliser(words.spelling)

    def found(text: str) -> frozenset[str]:
        ids = {words.rows[hit.row].id for hit in search.hits(words, normaliser.plain(text))}
        unspaced = normaliser.unspaced(text)
        if unspaced is not None:
            ids |= {words.rows[hit.row].id for hit in search.hits(words, unspaced)}
        return frozenset(ids)

    return found
