"""A sentence a child reads: found by its id in `helpline/locale`, never written in code."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

NUMBERS_FILE = "numbers.toml"


class UnknownWordsError(KeyError):
    """No sentence has this id."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence. ``reviewed`` says in words which young people have read it."""

    id: str
    text: str
    reviewed: str


@dataclass(frozen=True, slots=True)
class Words:
    """Every sentence of one language. ``direction`` is ``ltr`` or ``rtl``."""

    language: str
    direction: str
    sentences: Mapping[str, Sentence]

    def say(self, words_id: str, **values: object) -> str:
        """The sentence with its gaps filled in."""
        try:
            text = self.sentences[words_id].text
        except KeyError:
            raise UnknownWordsError(words_id) from None
        return text.format_map(values) if values else text


@dataclass(frozen=True, slots=True)
class Number:
    """A number to ring or text. ``dial`` is what a telephone is given."""

    dial: str
    shown: str
    source: str
    checked: str


@cache
def load(language: str = "en") -> Words:
    """The words of a language, read once."""
    return parse(_read(f"{language}.toml"))


def parse(text: str) -> Words:
    """Words from TOML: a table for each page, the file's own mark where a sentence has none."""
    data = tomllib.loads(text)
    reviewed: str = data["reviewed"]
    return Words(
        language=data["language"],
        direction=data["direction"],
        sentences={sentence.id: sentence for sentence in _sentences(data, reviewed)},
    )


@cache
def numbers() -> Mapping[str, Number]:
    """The numbers for danger, by name."""
    return {name: Number(**row) for name, row in tomllib.loads(_read(NUMBERS_FILE)).items()}


def _sentences(data: Mapping[str, Any], reviewed: str) -> Iterator[Sentence]:
    for page, rows in data.items():
        if not isinstance(rows, dict):
            continue
        for name, row in rows.items():
            own = row if isinstance(row, dict) else {"text": row}
            yield Sentence(
                id=f"{page}.{name}", text=own["text"], reviewed=own.get("reviewed", reviewed)
            )


def _read(name: str) -> str:
    return resources.files("helpline").joinpath("locale", name).read_text("utf-8")
