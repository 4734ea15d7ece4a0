"""How soon a text must be read, and why, in the child's own words. Software only raises.

The grade is the worst that any row of the lexicon gives; nothing subtracts from it. Words such as
"not", "my friend" or "last year" change the reason and the score (the order), never the grade.
A text that no row raised is urgent when it reads like those that should be seen within minutes.
Linear in the length of the text; a text is read up to `LONGEST_TEXT` characters.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from triage import language, lexicon, likeness, normalise
from triage.grades import Grade
from triage.lexicon import search
from triage.lexicon.phrases import Found
from triage.likeness import Alike, Likeness

LONGEST_TEXT = 10_000
# As many reasons as a person can take in; the worst are kept.
MOST_REASONS = 12
_CACHED_WORDS = 8192

# The score's bands: every emergency stands above every urgent, every urgent above every high.
_BANDS = {
    Grade.EMERGENCY: (0.75, 1.0),
    Grade.URGENT: (0.40, 0.70),
    Grade.HIGH: (0.10, 0.35),
}
_FOR_EACH_ROW = 0.05
_FOR_EACH_MODIFIER = 0.015
# Below one row: what the helper thinks orders texts in which no rule found anything.
_FOR_LIKENESS = 0.04
_FOR_NO_READABLE_WORDS = 0.15


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that was found. `start` and `end` index the text as the child wrote it."""

    concern: str
    rule: str
    start: int
    end: int
    why: str


@dataclass(frozen=True, slots=True)
class Assessment:
    """A grade of emergency, urgent or high, never below; `score` (0 to 1) orders texts.

    `concerns` and `reasons` run from the worst to the mildest. `language` is `en`, `zxx` (no
    words), or what `triage.language` takes the text for when it is not plainly English.
    """

    grade: Grade
    score: float
    concerns: tuple[str, ...]
    reasons: tuple[Reason, ...]
    language: str


@dataclass(frozen=True, slots=True)
class _Found:
    row: lexicon.Row
    modifiers: tuple[lexicon.Modifier, ...]
    start: int
    end: int

    @property
    def order(self) -> tuple[int, int, int]:
        return self.row.grade.rank, len(self.modifiers), self.start


# What an entry gets when assessing failed or took too long: a person looks soon.
NOT_ASSESSED = Assessment(
    grade=Grade.URGENT,
    score=_BANDS[Grade.URGENT][1],
    concerns=("not assessed",),
    reasons=(),
    language="und",
)


def at_least(found: Assessment, grade: Grade) -> Assessment:
    """The same assessment, raised to this grade of software if it is milder."""
    if found.grade.rank <= grade.rank:
        return found
    return replace(found, grade=grade, score=max(found.score, _BANDS[grade][0]))


def assess(text: str, *, helper: Likeness | None = None) -> Assessment:
    """Grade a text. It never raises for any text, and never grades below `high`.

    `helper` takes the place of the statistical helper that ships (`likeness.NOTHING`: rules only).
    """
    read = text[:LONGEST_TEXT]
    words, said = lexicon.default(), plain(read)
    found = list(_found(words, said))
    unspaced = _normaliser().unspaced(read)
    if unspaced is not None:
        found.extend(_found(words, unspaced))
    ranked = _that_count(_strongest_of_each_row(found))
    spoken = language.language_of(read, _is_english)
    grade = _grade(ranked)
    reasons = [_reason(each) for each in ranked[:MOST_REASONS]]
    alike = _alike(said, helper) if grade is Grade.HIGH else None
    if alike is not None and alike.reaches:
        grade = Grade.URGENT
        reasons.insert(0, _reason_of_likeness(said, alike))
    if spoken != language.ENGLISH:
        reasons.append(_unreadable(words, spoken, len(read)))
    return Assessment(
        grade=grade,
        score=_score(grade, ranked, alike, readable=spoken == language.ENGLISH),
        concerns=tuple(dict.fromkeys(reason.concern for reason in reasons)),
        reasons=tuple(reasons),
        language=spoken,
    )


def plain(text: str) -> normalise.Plain:
    """The words of a text as the rules read them."""
    return _normaliser().plain(text[:LONGEST_TEXT])


@lru_cache(maxsize=_CACHED_WORDS)
def _is_english(word: str) -> bool:
    spelling = lexicon.default().spelling
    if word in spelling.short_forms or word in spelling.vocabulary:
        return word not in spelling.foreign
    return spelling.ordinary(word)


@cache
def _normaliser() -> normalise.Normaliser:
    return normalise.Normaliser(lexicon.default().spelling)


def _found(words: lexicon.Lexicon, text: normalise.Plain) -> Iterator[_Found]:
    hits = search.hits(words, text)
    if not hits:
        return
    spans, said = text.spans(), text.words.split()
    for hit in hits:
        yield _Found(
            row=words.rows[hit.row],
            modifiers=tuple(_modifiers(words, said, hit)),
            start=spans[hit.first][0],
            end=spans[hit.last][1],
        )


def _modifiers(words: lexicon.Lexicon, said: list[str], hit: Found) -> Iterator[lexicon.Modifier]:
    found = said[hit.first : hit.last + 1]
    for modifier in words.modifiers:
        before = said[max(0, hit.first - modifier.before) : hit.first]
        after = said[hit.last + 1 : hit.last + 1 + modifier.after]
        near = not (modifier.words.isdisjoint(before) and modifier.words.isdisjoint(after))
        if near and modifier.unless.isdisjoint(found):
            yield modifier


def _strongest_of_each_row(found: list[_Found]) -> list[_Found]:
    strongest: dict[str, _Found] = {}
    for each in sorted(found, key=lambda each: each.order):
        strongest.setdefault(each.row.id, each)
    return list(strongest.values())


def _that_count(found: list[_Found]) -> list[_Found]:
    # "tomorrow" raises only beside something that it can make worse.
    concerns = {each.row.concern for each in found if not each.row.beside}
    counted = [
        each for each in found if not each.row.beside or not concerns.isdisjoint(each.row.beside)
    ]
    # A subject by itself ("my room") says nothing to a reader; it is why a raising row counts.
    raised = {concern for each in counted for concern in each.row.beside}
    return [each for each in counted if each.row.kind != "subject" or each.row.concern in raised]


def _grade(ranked: list[_Found]) -> Grade:
    grade = ranked[0].row.grade if ranked else Grade.HIGH
    # Taking a worry back is itself a worry: somebody may stand beside the child.
    lifted = any(each.row.lifts for each in ranked) and not all(each.row.lifts for each in ranked)
    return Grade.URGENT if lifted and grade is Grade.HIGH else grade


def _score(grade: Grade, ranked: list[_Found], alike: Alike | None, *, readable: bool) -> float:
    lowest, highest = _BANDS[grade]
    score = lowest + _FOR_EACH_ROW * len(ranked)
    if ranked:
        score -= _FOR_EACH_MODIFIER * len(ranked[0].modifiers)
    elif alike is not None:
        score += _FOR_LIKENESS * alike.share
    if not readable:
        score += _FOR_NO_READABLE_WORDS
    return round(min(max(score, lowest), highest), 4)


def _reason(found: _Found) -> Reason:
    return Reason(
        concern=found.row.concern,
        rule=found.row.id,
        start=found.start,
        end=found.end,
        why=" ".join([found.row.why, *(modifier.note for modifier in found.modifiers)]),
    )


def _alike(text: normalise.Plain, helper: Likeness | None) -> Alike | None:
    helper = likeness.shipped() if helper is None else helper
    return helper.alike(text.words.split(), text.beginnings())


def _reason_of_likeness(text: normalise.Plain, alike: Alike) -> Reason:
    spans, said = text.spans(), likeness.said()
    return Reason(
        concern=said.concern,
        rule="likeness",
        start=spans[alike.first][0],
        end=spans[alike.last][1],
        why=said.why,
    )


def _unreadable(words: lexicon.Lexicon, spoken: str, length: int) -> Reason:
    concern = "no words" if spoken == "zxx" else "another language"
    return Reason(
        concern=concern,
        rule=concern.replace(" ", "-"),
        start=0,
        end=length,
        why=words.unreadable[concern],
    )
