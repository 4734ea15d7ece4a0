"""The words of a text as a child may write them, in one plain form, with the way back.

Children write k1ll, kiiill, k i l l, kms and "dont". Each word is brought to one form, and only
ever towards words that the lexicon knows: a general speller could correct a danger away. Every
word keeps its place in the text as it was written, so a reason can show the child's own words.

Linear in the length of the text.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product
from typing import TypeAlias

Span: TypeAlias = tuple[int, int]

# Longer words are kept as they are, and stay out of the cache: no hostile word costs much.
LONGEST_WORD = 40
_CACHED_WORDS = 8192
_MOST_RUNS = 4
_SHORTEST_GUESS = 3

_TOKEN = re.compile(r"\S+")
_BETWEEN = (
    r"\s,.;:?\"()\[\]{}<>/\\|_=+~^&#%\-\u2010-\u2015\u2026\u201c-\u201f\u00ab\u00bb\u00b7\u2022"
)
_PIECE = re.compile(f"[^{_BETWEEN}]+")
_SPACED = re.compile(r"(?<![^\W_])(?:[^\W_][\W_]{1,3}){2,}[^\W_](?![^\W_])")
_RUN = re.compile(r"(.)\1{2,}")
# A mark, or any end of a line that `splitlines` knows.
_SENTENCE_END = re.compile("[.!?\u2026\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_EDGES = re.compile(r"^[\W_]+|[\W_]+$")
# The curly, raised and wide marks that stand for an apostrophe.
_QUOTES = str.maketrans(dict.fromkeys("\u2018\u2019\u201b\u02bc`\u00b4\uff07", "'"))


@dataclass(frozen=True, slots=True)
class Spelling:
    """The tables of `lexicon/spelling.toml`, and the words that a spelling may be folded to."""

    vocabulary: frozenset[str]
    # The words of the vocabulary that are of another language.
    foreign: frozenset[str]
    short_forms: Mapping[str, str]
    endings: Mapping[str, str]
    # How an unknown word may end as it is spoken -> as it is written ("askin").
    spoken_endings: Mapping[str, str]
    emoji: Mapping[str, str]
    look_alikes: Mapping[int, str]
    digits: Mapping[str, tuple[str, ...]]
    # An ordinary word, which is left as it is.
    ordinary: Callable[[str], bool]
    # An unknown word -> the word of the lexicon that it is a misspelling of, or nothing.
    misspelt: Callable[[str], str | None]
    # A long unknown word -> the words that it is joined from, or nothing.
    joined: Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class Token:
    """One run without spaces: its plain words, and for each piece (how many words, from, to)."""

    words: str
    pieces: tuple[tuple[int, int, int], ...]


@dataclass(frozen=True, slots=True)
class Plain:
    """A text in plain words, each between single spaces, with the way back to the text."""

    words: str
    text: str = field(repr=False)
    tokens: tuple[tuple[int, Token], ...] | None = field(repr=False)
    fold: Callable[[str], Token] = field(repr=False)

    def spans(self) -> list[Span]:
        """For each plain word, its place in the text as it was written."""
        spans: list[Span] = []
        for at, token in self._placed():
            for count, start, end in token.pieces:
                if count == 1:
                    spans.append((at + start, at + end))
                else:
                    spans.extend([(at + start, at + end)] * count)
        return spans

    def beginnings(self) -> list[int]:
        """Which plain words begin a sentence: the first, and those behind a full stop or a line."""
        if _SENTENCE_END.search(self.text) is None:
            return [0] if self.words.strip() else []
        if self.tokens is not None:
            return self._beginnings_of_runs(self.tokens)
        begins, count = [0], 0
        for line in self.text.splitlines():
            for token in line.split():
                count += len(self.fold(token).words.split())
                if _SENTENCE_END.match(token[-1]):
                    begins.append(count)
            begins.append(count)
        return [at for at in dict.fromkeys(begins) if at < count]

    def _beginnings_of_runs(self, tokens: tuple[tuple[int, Token], ...]) -> list[int]:
        # A run of spaced-out letters is one word, whatever marks and lines stand between them.
        begins, count, end = [0], 0, 0
        for at, token in tokens:
            # From the last sign of the word before: a piece may hold its own mark ("me!").
            if _SENTENCE_END.search(self.text, max(end - 1, 0), at):
                begins.append(count)
            count += len(token.words.split())
            end = at + max((to for _, _, to in token.pieces), default=0)
        return [at for at in dict.fromkeys(begins) if at < count]

    def _placed(self) -> Iterable[tuple[int, Token]]:
        if self.tokens is not None:
            return self.tokens
        fold = self.fold
        return [(found.start(), fold(found[0])) for found in _TOKEN.finditer(self.text)]


class Normaliser:
    """Brings texts to plain words by one set of spelling tables. Safe to share and to keep."""

    def __init__(self, spelling: Spelling) -> None:
        """Keep the tables, and the last few thousand single words in memory for speed."""
        self._spelling = spelling
        marks = "".join(re.escape(mark) for mark in spelling.emoji)
        self._emoji = re.compile(f"[{marks}]") if marks else None
        self._remembered = lru_cache(maxsize=_CACHED_WORDS)(self._token)

    def plain(self, text: str) -> Plain:
        """The text in plain words."""
        words = " ".join([token.words for token in map(self.fold, text.split()) if token.words])
        return Plain(words=f" {words} ", text=text, tokens=None, fold=self.fold)

    def unspaced(self, text: str) -> Plain | None:
        """The same text read with its spaced-out letters joined; None when it has none."""
        runs = list(_SPACED.finditer(text))
        if not runs:
            return None
        placed: list[tuple[int, Token]] = []
        at = 0
        for run in runs:
            placed.extend(self._between(text, at, run.start()))
            placed.append((run.start(), self._letters(run[0])))
            at = run.end()
        placed.extend(self._between(text, at, len(text)))
        words = " ".join(token.words for _, token in placed if token.words)
        return Plain(words=f" {words} ", text=text, tokens=tuple(placed), fold=self.fold)

    def fold(self, token: str) -> Token:
        """The plain words of one run without spaces."""
        return self._remembered(token) if len(token) <= LONGEST_WORD else self._token(token)

    def _between(self, text: str, start: int, end: int) -> Iterator[tuple[int, Token]]:
        for found in _TOKEN.finditer(text, start, end):
            yield found.start(), self.fold(found[0])

    def _letters(self, run: str) -> Token:
        letters = "".join(filter(str.isalnum, run))
        words = self._word(letters)
        # "i k i l l": the first letter is often a word of its own.
        if words not in self._spelling.vocabulary and letters[1:] in self._spelling.vocabulary:
            words = f"{letters[0]} {letters[1:]}"
        return Token(words=words, pieces=((len(words.split()), 0, len(run)),))

    def _token(self, token: str) -> Token:
        words: list[str] = []
        pieces: list[tuple[int, int, int]] = []
        for piece, start, end in self._split(token):
            plain = self._spelling.emoji.get(piece) or self._word(piece)
            if plain:
                words.append(plain)
                pieces.append((len(plain.split()), start, end))
        return Token(words=" ".join(words), pieces=tuple(pieces))

    def _split(self, token: str) -> Iterator[tuple[str, int, int]]:
        for found in _PIECE.finditer(token):
            at = found.start()
            if self._emoji is not None and not found[0].isascii():
                for mark in self._emoji.finditer(found[0]):
                    start = found.start() + mark.start()
                    yield token[at:start], at, start
                    at = start + len(mark[0])
                    yield mark[0], start, at
            yield token[at : found.end()], at, found.end()

    def _word(self, piece: str) -> str:
        word = piece.lower() if piece.isascii() else self._plain_letters(piece)
        known = self._known(word)
        if known is not None:
            return known
        bare = _EDGES.sub("", word)
        if len(bare) > LONGEST_WORD:
            return self._apart(bare.replace("'", "")) or bare.replace("'", "")
        return self._shortened(bare) or self._guessed(bare.replace("'", ""))

    def _plain_letters(self, piece: str) -> str:
        wide = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", piece)).casefold()
        word = "".join(
            letter
            for letter in wide.translate(_QUOTES)
            if unicodedata.category(letter) not in {"Mn", "Cf", "Cc", "Zs"}
        )
        latin = word.translate(self._spelling.look_alikes)
        mixed = any(letter.isascii() and letter.isalpha() for letter in word)
        # A word wholly in another script is another language, unless it looks like one of ours.
        return latin if mixed or latin in self._spelling.vocabulary else word

    def _known(self, word: str) -> str | None:
        short = self._spelling.short_forms.get(word)
        if short is not None:
            return short
        return word if word in self._spelling.vocabulary else None

    def _shortened(self, word: str) -> str | None:
        if "'" not in word:
            return None
        for ending, spoken in self._spelling.endings.items():
            if word.endswith(ending):
                stem = word.removesuffix(ending)
                known = self._known(stem) or (stem if self._spelling.ordinary(stem) else None)
                if known is None:
                    apart = self._apart(word.replace("'", ""))
                    if apart is not None:
                        return apart
                return f"{known or self._guessed(stem)} {spoken}".strip()
        return None

    def _guessed(self, word: str) -> str:
        for guess in self._guesses(word):
            # "shhh" is a hush, not the short form of two letters.
            if len(guess) < _SHORTEST_GUESS and guess not in self._spelling.vocabulary:
                continue
            known = self._known(guess)
            if known is not None:
                return known
        shorter = _RUN.sub(r"\1", word)
        if self._spelling.ordinary(word) or self._spelling.ordinary(shorter):
            return word
        spoken = self._as_written(shorter)
        if spoken is not None:
            return spoken
        meant = self._spelling.misspelt(shorter)
        if meant is not None:
            return self._spelling.short_forms.get(meant, meant)
        return self._apart(shorter) or word

    def _as_written(self, word: str) -> str | None:
        for spoken, written in self._spelling.spoken_endings.items():
            if word.endswith(spoken):
                guess = word.removesuffix(spoken) + written
                if self._known(guess) is not None or self._spelling.ordinary(guess):
                    return guess
        return None

    def _apart(self, run: str) -> str | None:
        words = self._spelling.joined(run)
        if words is None:
            return None
        return " ".join(self._spelling.short_forms.get(word, word) for word in words.split())

    def _guesses(self, word: str) -> Iterator[str]:
        yield word
        if word.isalpha():
            yield from _unstretched(word)
            return
        if any(letter.isalpha() for letter in word):
            choices = [self._spelling.digits.get(letter, (letter,)) for letter in word]
            if sum(len(choice) > 1 for choice in choices) <= _MOST_RUNS:
                for letters in product(*choices):
                    guess = "".join(letters)
                    yield guess
                    yield from _unstretched(guess)


def _unstretched(word: str) -> Iterator[str]:
    # "heeelp" is help, "killlll" is kill: a long run is one letter or two.
    if len(word) > 1 and word[-1] == word[-2]:
        yield word.rstrip(word[-1]) + word[-1]
    runs = [found.span() for found in _RUN.finditer(word)]
    if not runs or len(runs) > _MOST_RUNS:
        return
    for keeps in product((1, 2), repeat=len(runs)):
        parts, at = [], 0
        for (start, end), keep in zip(runs, keeps, strict=True):
            parts.append(word[at : start + keep])
            at = end
        yield "".join(parts) + word[at:]
