"""The lexicon's phrases, compiled: one pass over the words, then a phrase only where it can stand.

A phrase is a row of steps. A step is a run of written words or any form of a list; each form is
an atom of one automaton. Which atoms a text holds is kept as bits, one bit a word, so that a step
is followed by shifting; a phrase is looked at only when the rarest of its steps was found.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import ahocorasick

# How many words may stand where a phrase says " .. ".
WIDEST_GAP = 4

_SLOT = re.compile(r"\{([a-z_]+)\}")
_GAP = ".."

Forms: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One step: the keys under which its forms are found, each with how many words they have.

    `gap` allows other words before it; `optional` allows it to be left out.
    """

    keys: tuple[tuple[int, int], ...]
    gap: bool
    optional: bool


@dataclass(frozen=True, slots=True)
class Phrase:
    """The steps of one phrase, and the row that it belongs to."""

    row: int
    steps: tuple[Step, ...]


class Found(NamedTuple):
    """Where a phrase stands: its row, its first and its last word."""

    row: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Phrases:
    """All phrases, ready to be searched. `uses` counts the steps that use a word.

    Most phrases are one step: where its key stands, so does the row. `_alone` has them as (row, how
    many words), `_by_key` has the others under the keys of their rarest step.
    """

    automaton: Any
    _alone: Mapping[int, tuple[tuple[int, int], ...]]
    _by_key: Mapping[int, tuple[Phrase, ...]]
    uses: Counter[str]

    def search(self, plain: str) -> Iterator[Found]:
        """Every place of every phrase in plain words, each between single spaces."""
        found: dict[int, int] = {}
        word_at: dict[int, int] = {}
        for end, (count, keys) in self.automaton.iter(plain):
            if not word_at:
                word_at = _spaces(plain)
            bit = 1 << (word_at[end] - count)
            for key in keys:
                found[key] = found.get(key, 0) | bit
        alone, by_key = self._alone, self._by_key
        for key in found.keys() & alone.keys():
            for first in _words_of(found[key]):
                for row, length in alone[key]:
                    yield Found(row, first, first + length - 1)
        for key in found.keys() & by_key.keys():
            for phrase in by_key[key]:
                if _stands(phrase.steps, found):
                    yield from _places(phrase, found)


def _spaces(plain: str) -> dict[int, int]:
    # Where each space stands, and how many words stand before it.
    spaces, at = {0: 0}, 0
    for number, word in enumerate(plain.split(" ")[1:-1], start=1):
        at += len(word) + 1
        spaces[at] = number
    return spaces


def written_steps(phrase: str) -> list[tuple[str, bool, bool]]:
    """A phrase's steps as (text, is it the name of a list, may words stand before it)."""
    steps: list[tuple[str, bool, bool]] = []
    gap = False
    for part in phrase.split(f" {_GAP} "):
        for at, piece in enumerate(_SLOT.split(part)):
            if piece.strip():
                steps.append((piece.strip(), at % 2 == 1, gap))
                gap = False
        gap = True
    return steps


def compiled(rows: Iterable[Sequence[str]], lists: Mapping[str, Forms]) -> Phrases:
    """The phrases of each row, rows numbered as they come. An unknown list is a KeyError."""
    keys = _Keys(lists)
    phrases = [
        Phrase(row, tuple(keys.step(*step) for step in written_steps(written)))
        for row, each in enumerate(rows)
        for written in each
    ]
    common = keys.commonness()
    alone: dict[int, list[tuple[int, int]]] = {}
    by_key: dict[int, list[Phrase]] = {}
    for phrase in phrases:
        if len(phrase.steps) == 1:
            for key, length in phrase.steps[0].keys:
                alone.setdefault(key, []).append((phrase.row, length))
            continue
        needed = [step for step in phrase.steps if not step.optional]
        rarest = min(needed, key=lambda step: sum(common[key] for key, _ in step.keys))
        for key, _ in rarest.keys:
            by_key.setdefault(key, []).append(phrase)
    automaton = ahocorasick.Automaton(ahocorasick.STORE_ANY)
    for form, numbers in keys.forms.items():
        automaton.add_word(f" {form} ", (len(form.split()), tuple(numbers)))
    automaton.make_automaton()
    return Phrases(
        automaton=automaton,
        _alone={key: tuple(each) for key, each in alone.items()},
        _by_key={key: tuple(each) for key, each in by_key.items()},
        uses=keys.uses,
    )


class _Keys:
    """A number for each list, or run of written words, of each length; and the forms they have."""

    def __init__(self, lists: Mapping[str, Forms]) -> None:
        self.forms: dict[str, list[int]] = {}
        self._lists = lists
        self._steps: dict[tuple[str, bool], tuple[tuple[tuple[int, int], ...], bool]] = {}
        self.uses: Counter[str] = Counter()
        self._count = 0

    def step(self, text: str, is_list: bool, gap: bool) -> Step:  # noqa: FBT001 - as written
        forms = self._lists[text] if is_list else (text,)
        self.uses.update({word for form in forms for word in form.split()})
        if (text, is_list) not in self._steps:
            self._steps[text, is_list] = self._number(forms)
        keys, optional = self._steps[text, is_list]
        return Step(keys=keys, gap=gap, optional=optional)

    def commonness(self) -> dict[int, int]:
        """How common each key is likely to be: a form is as common as its rarest word.

        Squared: the few words that most phrases use stand in most texts, too, and many rare ones
        together are still rarer.
        """
        common: Counter[int] = Counter()
        for form, keys in self.forms.items():
            for key in keys:
                common[key] += min(self.uses[word] for word in form.split()) ** 2
        return common

    def _number(self, forms: Forms) -> tuple[tuple[tuple[int, int], ...], bool]:
        keys: dict[int, int] = {}
        for form in dict.fromkeys(" ".join(form.split()) for form in forms):
            if not form:
                continue
            length = form.count(" ") + 1
            if length not in keys:
                keys[length] = self._count
                self._count += 1
            self.forms.setdefault(form, []).append(keys[length])
        return tuple((key, length) for length, key in keys.items()), "" in forms


def _stands(steps: tuple[Step, ...], found: Mapping[int, int]) -> bool:
    """Whether every step that is needed was found anywhere: most phrases end here."""
    for step in steps:
        if not step.optional:
            for key, _ in step.keys:
                if key in found:
                    break
            else:
                return False
    return True


def _places(phrase: Phrase, found: Mapping[int, int]) -> Iterator[Found]:
    reach = -1  # any word may begin a phrase
    before: list[int] = []
    for step in phrase.steps:
        before.append(reach)
        begins = _widened(reach) if step.gap else reach
        ends = reach if step.optional else 0
        for key, length in step.keys:
            if key in found:
                ends |= (found[key] & begins) << length
        if not ends:
            return
        reach = ends
    for end in _words_of(reach):
        yield Found(phrase.row, _first(phrase, found, before, end), end - 1)


def _words_of(bits: int) -> Iterator[int]:
    while bits:
        lowest = bits & -bits
        bits ^= lowest
        yield lowest.bit_length() - 1


def _widened(reach: int) -> int:
    for _ in range(WIDEST_GAP):
        reach |= reach << 1
    return reach


def _first(phrase: Phrase, found: Mapping[int, int], before: list[int], end: int) -> int:
    """Where the phrase that ends before this word began, by the nearest way back."""
    for step, reach in zip(reversed(phrase.steps), reversed(before), strict=True):
        begins = _widened(reach) if step.gap else reach
        for key, length in step.keys:
            start = end - length
            if start >= 0 and found.get(key, 0) & begins & (1 << start):
                while not reach >> start & 1:
                    start -= 1
                end = start
                break
    return end
