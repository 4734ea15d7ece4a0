import re
from collections.abc import Iterator
from importlib import resources

import pytest

from helpline.public import words
from helpline.public.words import Sentence, UnknownWordsError

MOST_WORDS = 15
MEAN_WORDS = 10
TEMPLATES = resources.files("helpline").joinpath("templates", "child")


def every_sentence() -> list[Sentence]:
    return list(words.load().sentences.values())


def spoken(text: str) -> Iterator[str]:
    for part in re.split(r"(?<=[.?!:])\s+", re.sub(r"\{\w+\}", "1", text)):
        if part.strip():
            yield part


def used_in_templates() -> set[str]:
    found: set[str] = set()
    for template in TEMPLATES.iterdir():
        found |= set(re.findall(r'say\(["\']([a-z_.]+)["\']', template.read_text("utf-8")))
    return {name for name in found if not name.endswith((".", "_"))}


def test_no_sentence_is_longer_than_a_tired_child_can_read() -> None:
    long = [
        (sentence.id, part)
        for sentence in every_sentence()
        for part in spoken(sentence.text)
        if len(part.split()) > MOST_WORDS
    ]
    assert long == []


def test_sentences_are_short_on_average() -> None:
    lengths = [len(part.split()) for sentence in every_sentence() for part in spoken(sentence.text)]
    assert sum(lengths) / len(lengths) <= MEAN_WORDS


def test_every_sentence_says_who_has_reviewed_it() -> None:
    assert all(sentence.reviewed for sentence in every_sentence())


def test_a_sentence_may_carry_a_mark_of_its_own() -> None:
    given = """
        language = "en"
        direction = "ltr"
        reviewed = "Nobody yet."
        [page]
        one = "One."
        two = { text = "Two.", reviewed = "Four young people." }
    """
    sentences = words.parse(given).sentences
    assert sentences["page.one"].reviewed == "Nobody yet."
    assert sentences["page.two"].reviewed == "Four young people."


def test_every_sentence_that_a_template_names_is_there() -> None:
    assert used_in_templates() - set(words.load().sentences) == set()


def test_an_unknown_id_is_an_error_and_not_an_empty_page() -> None:
    with pytest.raises(UnknownWordsError):
        words.load().say("landing.nothing")


def test_gaps_are_filled_in() -> None:
    assert words.load().say("times.minutes", count=5) == "5 minutes"


def test_every_number_says_where_it_comes_from_and_who_checked_it() -> None:
    numbers = words.numbers()
    assert numbers["emergency"].dial == "999"
    assert numbers["childline"].dial == "08001111"
    assert numbers["shout"].dial == "85258"
    assert all(number.source and number.checked for number in numbers.values())


def test_before_writing_a_child_reads_when_we_must_tell() -> None:
    chat = (TEMPLATES / "chat.html").read_text("utf-8")
    promise = [
        chat.index(f'say("chat.{name}")') for name in ("must_tell", "tell_first", "may_find")
    ]
    assert max(promise) < chat.index("<textarea")
