"""What language a text may be in. Whatever is not plainly English needs a person who can tell.

Script and vocabulary together, and either is enough: letters that are mostly not Latin; or so many
words that are neither English nor text-speak, fewer where the small words of a language stand
among them. Without a model and without the network. Linear in the length of the text.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

from triage import script
from triage.normalise import LONGEST_WORD

ENGLISH = "en"
UNKNOWN = "und"
_CACHED_WORDS = 8192
_LONGEST_SOUND = 3

_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*|\w*[^\W\d_]\w*")
_RUN = re.compile(r"(.)\1+")


@dataclass(frozen=True, slots=True)
class Languages:
    """The small words of each language, and from how many on a text is held."""

    small: Mapping[str, tuple[str, ...]]
    unknown_share: float
    unknown_words: int
    small_words: int
    unknown_share_with_small_words: float


def language_of(text: str, is_english: Callable[[str], bool]) -> str:
    """`en`, `zxx` (no words), `und-` and a script, a language's tag, or `und`.

    `is_english` is asked for single words in small letters. A tag is the likeliest of few, a hint
    for the person who reads, never a finding. It is the share of the whole text that counts: a
    foreign sentence inside a long English text is read by the rules alone.
    """
    by_script = script.language_of(text)
    if by_script != ENGLISH:
        return by_script
    unknown = sum([_unknown_in(token, is_english) for token in text.split()])
    if not unknown:
        return ENGLISH
    words = _words(text)
    rules = _languages()
    tag, small = _likeliest(words, is_english, rules)
    share = unknown / len(words)
    if small >= rules.small_words and share >= rules.unknown_share_with_small_words:
        return tag
    # "K" and "hmm" are sounds, not words of another language.
    whole = unknown == len(words) and max(map(len, words)) > _LONGEST_SOUND
    enough = unknown >= rules.unknown_words or whole
    if enough and share >= rules.unknown_share:
        return tag if small else UNKNOWN
    return ENGLISH


def _words(text: str) -> list[str]:
    found: list[str] = _WORD.findall(text.replace("\u2019", "'").lower())
    return found


def _unknown_in(token: str, is_english: Callable[[str], bool]) -> int:
    # A hostile run of letters stays out of the memory.
    return (_remembered if len(token) <= LONGEST_WORD else _counted)(token, is_english)


def _counted(token: str, is_english: Callable[[str], bool]) -> int:
    return sum(not _known(word, is_english) for word in _words(token))


_remembered = lru_cache(maxsize=_CACHED_WORDS)(_counted)


def _known(word: str, is_english: Callable[[str], bool]) -> bool:
    stem = word.partition("'")[0]
    if is_english(word.replace("'", "")) or is_english(stem):
        return True
    # "sooo", "heyyy": a letter that is held down.
    return is_english(_RUN.sub(r"\1\1", stem)) or is_english(_RUN.sub(r"\1", stem))


def _likeliest(
    words: list[str], is_english: Callable[[str], bool], rules: Languages
) -> tuple[str, int]:
    said = {word for word in words if word in _small_words()}
    # A word that is English as well counts only beside others that are not.
    foreign = {word for word in said if not is_english(word)}
    if not foreign:
        return UNKNOWN, 0
    counts = Counter({tag: len(said.intersection(small)) for tag, small in rules.small.items()})
    tag, many = counts.most_common(1)[0]
    return tag, many


@cache
def _small_words() -> frozenset[str]:
    return frozenset(word for small in _languages().small.values() for word in small)


@cache
def _languages() -> Languages:
    file = tomllib.loads((resources.files("triage") / "languages.toml").read_text("utf-8"))
    return Languages(
        small={tag: tuple(words) for tag, words in file["small"].items()},
        unknown_share=file["unknown_share"],
        unknown_words=file["unknown_words"],
        small_words=file["small_words"],
        unknown_share_with_small_words=file["unknown_share_with_small_words"],
    )
