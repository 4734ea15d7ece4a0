"""Finding the lexicon's rows in a text's plain words: one pass, then rules only where it hit."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from triage import lexicon, normalise

WIDEST_GAP = 4


@dataclass(frozen=True, slots=True)
class Hit:
    """A row that was found, from its first to its last word (both counted in plain words)."""

    row: int
    first: int
    last: int


def hits(words: lexicon.Lexicon, plain: normalise.Plain) -> list[Hit]:
    """Every find that counts, sayings taken out, in the order of the text."""
    parts = list(words.automaton.iter(plain.words))
    found = list(_phrases(parts, plain)) if parts else []
    sayings = [hit for hit in found if words.rows[hit.row].kind == "idiom"]
    counted = [hit for hit in found if words.rows[hit.row].kind != "idiom"]
    if sayings:
        counted = _without(counted, sayings)
    whole = words.whole.get(plain.words.strip())
    if whole is not None:
        counted.append(Hit(row=whole, first=0, last=plain.words.strip().count(" ")))
    return counted


def _phrases(
    parts: Sequence[tuple[int, tuple[int, tuple[lexicon.Place, ...]]]], plain: normalise.Plain
) -> Iterator[Hit]:
    starts = plain.word_starts()
    # The latest find of each part but the last: where its phrase began, and where the part ended.
    begun: dict[tuple[int, int, int], tuple[int, int]] = {}
    for end, (length, places) in parts:
        first = normalise.word_at(starts, end - length - 1)
        last = normalise.word_at(starts, end - 1)
        for place in places:
            began = first
            if place.part > 0:
                before = begun.get((place.row, place.phrase, place.part - 1))
                if before is None or not 0 < first - before[1] <= WIDEST_GAP + 1:
                    continue
                began = before[0]
            if place.last:
                yield Hit(row=place.row, first=began, last=last)
            else:
                begun[place.row, place.phrase, place.part] = (began, last)


def _without(found: Sequence[Hit], sayings: Sequence[Hit]) -> list[Hit]:
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
