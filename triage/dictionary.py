"""Is this an ordinary English word? Such a word is never taken for a misspelling of another.

The list is SCOWL's (size 35, British spelling, as lower-case letters without apostrophes; its
licence stands in `dictionary_licence.txt`). It is kept as one sorted run of bytes: half a
megabyte, where a set of the same words takes five.
"""

from functools import cache
from importlib import resources


def holds(word: str) -> bool:
    """Whether the list holds this word, given in lower case."""
    if not word.isascii():
        return False
    words, sought = _words(), word.encode()
    low, high = 0, len(words)
    while low < high:
        middle = words.rfind(b"\n", low, (low + high) // 2) + 1 or low
        end = words.index(b"\n", middle)
        here = words[middle:end]
        if here == sought:
            return True
        if here < sought:
            low = end + 1
        else:
            high = middle
    return False


@cache
def _words() -> bytes:
    return (resources.files("triage") / "dictionary.txt").read_bytes()
