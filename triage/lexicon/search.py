"""Finding the lexicon's rows in a text's plain words: one pass, then rules only where it hit."""

from bisect import bisect_right
from collections.abc import Sequence

from triage import lexicon, normalise
from triage.lexicon.phrases import Found

# Cries one after the other are a whole message too, as long as there are no more words than this.
MOST_WORDS_OF_WHOLES = 12


def hits(words: lexicon.Lexicon, plain: normalise.Plain) -> list[Found]:
    """Every find that counts, sayings taken out, in the order of the text."""
    found = list(words.phrases.search(plain.words))
    found.sort(key=lambda hit: (hit.last, hit.row))
    sayings = [hit for hit in found if words.rows[hit.row].kind == "idiom"]
    counted = [hit for hit in found if words.rows[hit.row].kind != "idiom"]
    if sayings:
        counted = _without(counted, sayings)
    counted.extend(_whole(words, plain.words.split()))
    return counted


def _whole(words: lexicon.Lexicon, said: Sequence[str]) -> list[Found]:
    """A message that is one row as a whole, or several such one after the other: "help help"."""
    if not said or len(said) > MOST_WORDS_OF_WHOLES:
        return []
    # For each word, how the message up to it is made of whole rows, if it is.
    made: list[list[Found] | None] = [[], *(None for _ in said)]
    for end in range(1, len(said) + 1):
        for start in range(end):
            row = words.whole.get(" ".join(said[start:end]))
            before = made[start]
            if row is not None and before is not None:
                made[end] = [*before, Found(row=row, first=start, last=end - 1)]
                break
    return made[-1] or []


def _without(found: Sequence[Found], sayings: Sequence[Found]) -> list[Found]:
    # A find counts for nothing only when a saying covers all of its words.
    ordered = sorted(sayings, key=lambda hit: hit.first)
    firsts = [hit.first for hit in ordered]
    reach, furthest = [], -1
    for hit in ordered:
        furthest = max(furthest, hit.last)
        reach.append(furthest)
    kept = []
    for hit in found:
        at = bisect_right(firsts, hit.first) - 1
        if at < 0 or reach[at] < hit.last:
            kept.append(hit)
    return kept
