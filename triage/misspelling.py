"""The word of the lexicon that a misspelt one stands for, if there is one.

Only ever towards the lexicon: nothing here can correct a danger away. Three ways of writing are
undone: letters that changed places ("klil", "mysefl"), vowels left out ("hrt", "tblts") and, in
longer words, one letter too many, too few or another. The first letter is kept: children who spell
badly mostly get it right, and without it too many ordinary words come near.
"""

from collections.abc import Iterator, Mapping

_VOWELS = frozenset("aeiou")
_SHORTEST_SWAPPED = 4
_SHORTEST_WITHOUT_VOWELS = 2
_SHORTEST_EDITED = 5
_FEWEST_CONSONANTS = 2


class Misspellings:
    """Built once from the lexicon's words, each with how many phrases use it."""

    def __init__(self, uses: Mapping[str, int]) -> None:
        """Of two words that a spelling may stand for, the one that more phrases use is taken."""
        self._swapped: dict[str, list[str]] = {}
        self._bare: dict[str, list[str]] = {}
        self._less: dict[str, list[str]] = {}
        for word in sorted(uses, key=lambda word: (-uses[word], word)):
            if not (word.isascii() and word.isalpha()):
                continue
            if len(word) >= _SHORTEST_SWAPPED:
                self._swapped.setdefault(_same_letters(word), []).append(word)
            bare = _without_vowels(word)
            if len(bare) >= _FEWEST_CONSONANTS:
                self._bare.setdefault(bare, []).append(word)
            if len(word) >= _SHORTEST_EDITED:
                for less in _one_less(word):
                    self._less.setdefault(less, []).append(word)

    def meant(self, word: str) -> str | None:
        """The word that this one, in lower case, most likely stands for."""
        if not (word.isascii() and word.isalpha()):
            return None
        return (
            next(self._letters_swapped(word), None)
            or next(self._vowels_left_out(word), None)
            or next(self._one_letter_wrong(word), None)
        )

    def _letters_swapped(self, word: str) -> Iterator[str]:
        if len(word) >= _SHORTEST_SWAPPED:
            yield from self._swapped.get(_same_letters(word), ())

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
        if len(word) < _SHORTEST_EDITED:
            return
        for less in (word, *_one_less(word)):
            for meant in self._less.get(less, ()):
                if _one_edit_apart(word, meant):
                    yield meant


def _same_letters(word: str) -> str:
    return word[0] + "".join(sorted(word[1:]))


def _without_vowels(word: str) -> str:
    return word[0] + "".join(letter for letter in word[1:] if letter not in _VOWELS)


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
