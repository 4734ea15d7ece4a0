"""The word of the lexicon that a misspelt one stands for, if there is one.

Only ever towards the lexicon: nothing here can correct a danger away. Undone are letters that
changed places ("klil", "mysefl"), a letter struck twice or once too few ("kkill", "kil"), vowels
left out ("hrt", "tblts"), a first letter not struck ("ushed") and, in longer words, one letter too
many, too few or another. But for the last slip but one the first letter is kept, and the first two
change places only with each other: without that too many ordinary words come near.
"""

from collections.abc import Iterator, Mapping

_VOWELS = frozenset("aeiou")
_SHORTEST_SWAPPED = 4
_SHORTEST_SWAPPED_SIDE_BY_SIDE = 3
_SHORTEST_DOUBLED = 2
_SHORTEST_WITHOUT_VOWELS = 2
_SHORTEST_EDITED = 5
_FEWEST_CONSONANTS = 2


class Misspellings:
    """Built once from the lexicon's words, each with how many phrases use it."""

    def __init__(self, uses: Mapping[str, int]) -> None:
        """Of two words that a spelling may stand for, the one that more phrases use is taken."""
        self._words = frozenset(word for word in uses if word.isascii() and word.isalpha())
        self._swapped: dict[str, list[str]] = {}
        self._bare: dict[str, list[str]] = {}
        self._less: dict[str, list[str]] = {}
        self._headless: dict[str, list[str]] = {}
        for word in sorted(self._words, key=lambda word: (-uses[word], word)):
            if len(word) >= _SHORTEST_SWAPPED:
                self._swapped.setdefault(_same_letters(word), []).append(word)
            bare = _without_vowels(word)
            if len(bare) >= _FEWEST_CONSONANTS:
                self._bare.setdefault(bare, []).append(word)
            if len(word) >= _SHORTEST_EDITED:
                self._headless.setdefault(word[1:], []).append(word)
                for less in _one_less(word):
                    self._less.setdefault(less, []).append(word)

    def meant(self, word: str) -> str | None:
        """The word that this one, in lower case, most likely stands for."""
        if not (word.isascii() and word.isalpha()):
            return None
        return (
            next(self._letters_swapped(word), None)
            or next(self._letter_doubled(word), None)
            or next(self._vowels_left_out(word), None)
            or next(self._one_letter_wrong(word), None)
            or next(self._first_letter_left_out(word), None)
        )

    def _letters_swapped(self, word: str) -> Iterator[str]:
        if len(word) >= _SHORTEST_SWAPPED:
            yield from self._swapped.get(_same_letters(word), ())
        if len(word) >= _SHORTEST_SWAPPED_SIDE_BY_SIDE:
            yield from filter(self._words.__contains__, _side_by_side(word))

    def _letter_doubled(self, word: str) -> Iterator[str]:
        for at in range(_SHORTEST_DOUBLED, len(word) + 1):
            if word[at - 2] == word[at - 1] and len(word) > _SHORTEST_DOUBLED:
                yield from self._words & {word[: at - 1] + word[at:]}
        if len(word) > _SHORTEST_DOUBLED:
            yield from self._words & {word + word[-1]}

    def _first_letter_left_out(self, word: str) -> Iterator[str]:
        yield from self._headless.get(word, ())

    def _vowels_left_out(self, word: str) -> Iterator[str]:
        if len(word) < _SHORTEST_WITHOUT_VOWELS:
            return
        bare = _without_vowels(word)
        if len(word) == _SHORTEST_WITHOUT_VOWELS and bare != word:
            return
        for meant in self._bare.get(bare, ()):
            if len(meant) > len(word) and _in_order(word, meant):
                yield meant

    def _one_letter_wrong(self, word: str) -> Iterator[str]:
        # A word of four letters may be one of five that lost a letter, and nothing else.
        if len(word) < _SHORTEST_EDITED - 1:
            return
        one_letter_other = _one_less(word) if len(word) >= _SHORTEST_EDITED else (word,)
        for less in one_letter_other:
            for meant in self._less.get(less, ()):
                if _one_edit_apart(word, meant):
                    yield meant


def _same_letters(word: str) -> str:
    return word[0] + "".join(sorted(word[1:]))


def _without_vowels(word: str) -> str:
    return word[0] + "".join(letter for letter in word[1:] if letter not in _VOWELS)


def _side_by_side(word: str) -> Iterator[str]:
    for at in range(len(word) - 1):
        yield word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _one_less(word: str) -> Iterator[str]:
    yield word
    for at in range(1, len(word)):
        yield word[:at] + word[at + 1 :]


def _in_order(word: str, longer: str) -> bool:
    letters = iter(longer)
    return all(letter in letters for letter in word)


def _one_edit_apart(word: str, meant: str) -> bool:
    same = 0
    for left, right in zip(word, meant, strict=False):
        if left != right:
            break
        same += 1
    return any(
        word[same + here :] == meant[same + there :] for here, there in ((0, 1), (1, 0), (1, 1))
    )
