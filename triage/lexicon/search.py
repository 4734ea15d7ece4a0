"""Finding the lexicon's rows in a text's plain words: one pass, then rules only where it hit."""

from bisect import bisect_right
from collections.abc import Sequence

from triage import lexicon, normalise
from triage.lexicon.phrases import Found


def hits(words: lexicon.Lexicon, plain: normalise.Plain) -> list[Found]:
    """Every find that counts, sayings taken out, in the order of the text."""
    found = list(words.phrases.search(plain.words))
    found.sort(key=lambda hit: (hit.last, hit.row))
    sayings = [hit for hit in found if words.rows[hit.row].kind == "idiom"]
    counted = [hit for hit in found if words.rows[hit.row].kind != "idiom"]
    if sayings:
        counted = _without(counted, sayings)
    whole = words.whole.get(plain.words.strip())
    if whole is not None:
        counted.append(Found(row=whole, first=0, last=plain.words.strip().count(" ")))
    return counted


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
