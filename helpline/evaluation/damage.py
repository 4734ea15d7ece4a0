"""The same text as a frightened thumb types it, damaged in five ways and always the same."""

import random
from collections.abc import Callable, Mapping

# How many of a text's words are damaged. At least one, so that the shortest texts count as well.
SHARE = 0.35
_SHORTEST = 4
_VOWELS = "aeiou"
_LEET = str.maketrans({"a": "4", "e": "3", "i": "1", "o": "0", "s": "5"})

_Chance = random.Random


def swapped(text: str, seed: str) -> str:
    """Two neighbouring letters inside a word change places."""
    return _each_of_some(text, seed, _swap)


def vowels_dropped(text: str, seed: str) -> str:
    """Words lose the vowels behind their first letter."""
    return _each_of_some(text, seed, lambda word, _: word[0] + _without_vowels(word[1:]))


def leet(text: str, seed: str) -> str:
    """Figures stand for letters."""
    return _each_of_some(text, seed, lambda word, _: word.translate(_LEET))


def stretched(text: str, seed: str) -> str:
    """One letter of a word is held down."""
    return _each_of_some(text, seed, _stretch)


def joined(text: str, seed: str) -> str:
    """The space behind a word is forgotten."""
    words = text.split(" ")
    chosen = _chosen(list(range(len(words) - 1)), len(words), _chance(seed))
    ends = ["" if at in chosen else " " for at in range(len(words) - 1)]
    return "".join(word + end for word, end in zip(words, [*ends, ""], strict=True))


WAYS: Mapping[str, Callable[[str, str], str]] = {
    "swapped letters": swapped,
    "dropped vowels": vowels_dropped,
    "leet": leet,
    "joined words": joined,
    "stretched": stretched,
}


def _each_of_some(text: str, seed: str, change: Callable[[str, _Chance], str]) -> str:
    words, chance = text.split(" "), _chance(seed)
    long_enough = [at for at, word in enumerate(words) if _letters(word) >= _SHORTEST]
    # The longest words carry what is meant; a text of short ones has its longest damaged.
    able = long_enough or sorted(range(len(words)), key=lambda at: -_letters(words[at]))[:1]
    chosen = _chosen(able, len(words), chance)
    return " ".join(
        change(word, chance) if at in chosen and word else word for at, word in enumerate(words)
    )


def _chosen(able: list[int], words: int, chance: _Chance) -> set[int]:
    many = min(len(able), max(1, round(SHARE * words)))
    return set(chance.sample(able, many))


def _chance(seed: str) -> _Chance:
    return random.Random(seed)  # noqa: S311 - the same damage in every run is what it is for


def _letters(word: str) -> int:
    return sum(map(str.isalpha, word))


def _swap(word: str, chance: _Chance) -> str:
    # Only where it changes anything, and never the first letter if there is another place.
    places = [
        at
        for at in range(len(word) - 1)
        if word[at] != word[at + 1] and word[at].isalpha() and word[at + 1].isalpha()
    ]
    if not places:
        return word
    at = chance.choice([each for each in places if each > 0] or places)
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _without_vowels(letters: str) -> str:
    return "".join(letter for letter in letters if letter.lower() not in _VOWELS)


def _stretch(word: str, chance: _Chance) -> str:
    places = [at for at, letter in enumerate(word) if letter.isalpha()]
    if not places:
        return word
    at = chance.choice(places)
    return word[:at] + word[at] * chance.randint(3, 5) + word[at + 1 :]
