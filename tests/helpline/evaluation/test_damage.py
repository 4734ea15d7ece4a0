"""Damage that is always the same, hits about a third of the words, and is what it says."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.evaluation import damage

TEXT = "nobody here believes anything that happened yesterday evening upstairs again"

each_way = pytest.mark.parametrize("spoil", damage.WAYS.values(), ids=damage.WAYS)
Spoil = Callable[[str, str], str]


def changed(text: str, spoiled: str) -> int:
    pairs = zip(text.split(" "), spoiled.split(" "), strict=True)
    return sum(one != other for one, other in pairs)


@each_way
def test_damage_is_the_same_for_the_same_seed_and_differs_for_another(spoil: Spoil) -> None:
    assert spoil(TEXT, "a") == spoil(TEXT, "a") != TEXT
    assert len({spoil(TEXT, str(seed)) for seed in range(20)}) > 1


@each_way
@given(text=st.text(max_size=80), seed=st.text(max_size=5))
def test_no_text_is_too_odd_to_damage(spoil: Spoil, text: str, seed: str) -> None:
    assert spoil(text, seed) == spoil(text, seed)


@pytest.mark.parametrize("way", [way for way in damage.WAYS if way != "joined words"])
def test_about_a_third_of_the_words_is_hit(way: str) -> None:
    # 10 words, so at 35 % four of them; a word without the letters that a way needs stays whole.
    hit = [changed(TEXT, damage.WAYS[way](TEXT, str(seed))) for seed in range(50)]
    assert max(hit) == 4
    assert sum(hit) / len(hit) > 3


def test_spaces_are_forgotten_and_nothing_else() -> None:
    spoiled = damage.joined(TEXT, "a")
    assert spoiled.replace(" ", "") == TEXT.replace(" ", "")
    assert TEXT.count(" ") - spoiled.count(" ") == 4


def test_each_way_does_what_it_is_called() -> None:
    assert damage.swapped("word", "a") in {"wrod", "wodr"}
    assert damage.vowels_dropped("again", "a") == "agn"
    assert damage.leet("please", "a") == "pl3453"
    stretched = damage.stretched("word", "a")
    assert len(stretched) > 5
    assert sorted(set(stretched)) == sorted("word")


def test_a_text_of_short_words_is_damaged_too() -> None:
    assert damage.vowels_dropped("i do cut", "a") == "i do ct"
