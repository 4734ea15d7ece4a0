"""How soon a text must be read, and why, in the child's own words. Software only raises.

The grade is the worst that any row of the lexicon gives; nothing subtracts from it. Words such as
"not", "my friend" or "last year" change the reason and the score (the order), never the grade.
A text that no row raised is urgent when it reads like those that should be seen within minutes.
Linear in the length of the text; a text is read up to `LONGEST_TEXT` characters.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from triage import language, lexicon, likeness, normalise
from triage.grades import Grade
from triage.lexicon import search
from triage.lexicon.phrases import Found
from triage.likeness import Alike, Likeness

LONGEST_TEXT = 10_000
# As many reasons as a person can take in; the worst are kept.
MOST_REASONS = 12

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
    unspaced = _normaliser().unspaced(read)
    ranked = _ranked(words, [said] if unspaced is None else [said, unspaced])
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


def _is_english(word: str) -> bool:
    spelling = lexicon.default().spelling
    if word in spelling.short_forms or word in spelling.vocabulary:
        return word not in spelling.foreign
    return spelling.ordinary(word)


@cache
def _normaliser() -> normalise.Normaliser:
    return normalise.Normaliser(lexicon.default().spelling)


def _ranked(words: lexicon.Lexicon, readings: Sequence[normalise.Plain]) -> list[_Found]:
    """What counts in any reading of a text, each row once where it is plainest, worst first."""
    hits = [search.hits(words, reading) for reading in readings]
    counts = _that_count(words, {hit.row for each in hits for hit in each})
    found = [
        one
        for reading, each in zip(readings, hits, strict=True)
        for one in _found(words, reading, [hit for hit in each if hit.row in counts])
    ]
    strongest: dict[str, _Found] = {}
    for one in sorted(found, key=lambda one: one.order):
        strongest.setdefault(one.row.id, one)
    return list(strongest.values())


def _that_count(words: lexicon.Lexicon, found: set[int]) -> set[int]:
    rows = {number: words.rows[number] for number in found}
    # "tomorrow" raises only beside something that it can make worse.
    concerns = {row.concern for row in rows.values() if not row.beside}
    counted = {
        number
        for number, row in rows.items()
        if not row.beside or not concerns.isdisjoint(row.beside)
    }
    # A subject by itself ("my room") says nothing to a reader; it is why a raising row counts.
    raised = {concern for number in counted for concern in rows[number].beside}
    return {
        number
        for number in counted
        if rows[number].kind != "subject" or rows[number].concern in raised
    }


def _found(
    words: lexicon.Lexicon, text: normalise.Plain, hits: Sequence[Found]
) -> Iterator[_Found]:
    if not hits:
        return
    spans, said = text.spans(), text.words.split()
    # Few of a text's words change what a find means: most modifiers are out of the question.
    modifiers = [each for each in words.modifiers if not each.words.isdisjoint(said)]
    for hit in hits:
        yield _Found(
            row=words.rows[hit.row],
            modifiers=tuple(each for each in modifiers if _is_near(each, said, hit)),
            start=spans[hit.first][0],
            end=spans[hit.last][1],
        )


def _is_near(modifier: lexicon.Modifier, said: list[str], hit: Found) -> bool:
    before = said[max(0, hit.first - modifier.before) : hit.first]
    after = said[hit.last + 1 : hit.last + 1 + modifier.after]
    if modifier.words.isdisjoint(before) and modifier.words.isdisjoint(after):
        return False
    return modifier.unless.isdisjoint(said[hit.first : hit.last + 1])


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
    return helper.alike(text.words.split(), text.beginnings()) if helper.has_weights else None


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
