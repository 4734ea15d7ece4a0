"""A phrase is found wherever its steps stand in their order, and nowhere else."""

import re
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.lexicon.phrases import WIDEST_GAP, Found, compiled

LISTS = {
    "who": ("he", "the night staff", "they"),
    "hits": ("hit", "hits", "laid hands on"),
    "much": ("", "really", "so very"),
}

words = st.sampled_from(
    [
        "he",
        "the",
        "night",
        "staff",
        "they",
        "hit",
        "hits",
        "laid",
        "hands",
        "on",
        "me",
        "really",
        "so",
        "very",
        "x",
        "a",
    ]
)
steps = st.sampled_from(["{who}", "{hits}", "{much}", "me", "a", "so", "night staff"])
written = st.lists(st.tuples(steps, st.sampled_from([" ", " .. "])), min_size=1, max_size=4)


def _found(phrase: str, text: str) -> list[tuple[int, int]]:
    search = compiled([[phrase]], LISTS).search
    return sorted((found.first, found.last) for found in search(f" {text} "))


@pytest.mark.parametrize(
    ("phrase", "text", "places"),
    [
        ("{who} {hits} me", "he hit me", [(0, 2)]),
        ("{who} {hits} me", "and the night staff laid hands on me", [(1, 7)]),
        ("{who} {hits} me", "he never hit me", []),
        ("{who} .. {hits} me", "he a a a a hit me", [(0, 6)]),
        ("{who} .. {hits} me", "he a a a a a hit me", []),
        ("{hits} .. {who}", "he hit", []),
        ("{who} {much} {hits}", "he hit", [(0, 1)]),
        ("{who} {much} {hits}", "he so very hit", [(0, 3)]),
        ("hit me", "hit me hit me", [(0, 1), (2, 3)]),
        ("he .. me", "he he me", [(1, 2)]),
        ("a", "xa", []),
    ],
)
def test_a_phrase_is_found_where_it_stands(
    phrase: str, text: str, places: list[tuple[int, int]]
) -> None:
    assert _found(phrase, text) == places


@given(parts=written, text=st.lists(words, max_size=12).map(" ".join))
@settings(deadline=None)
def test_it_agrees_with_a_search_by_every_form(parts: list[tuple[str, str]], text: str) -> None:
    if "{much}" in {parts[0][0], parts[-1][0]}:
        return  # what may be left out stands inside a phrase, not at its edge
    phrase = "".join(step + between for step, between in parts[:-1]) + parts[-1][0]
    ends = {last for _, last in _found(phrase, text)}
    assert ends == _ends_by_every_form(phrase, text)
    for first, last in _found(phrase, text):
        part = " ".join(text.split()[first : last + 1])
        assert len(part.split()) - 1 in _ends_by_every_form(phrase, part)


def test_each_find_names_its_row() -> None:
    found = compiled([["he"], [], ["they", "me"]], LISTS).search(" they hit me he ")
    assert sorted(found, key=lambda each: each.first) == [
        Found(row=2, first=0, last=0),
        Found(row=2, first=2, last=2),
        Found(row=0, first=3, last=3),
    ]


def test_an_unknown_list_is_refused() -> None:
    with pytest.raises(KeyError, match="nobody"):
        compiled([["{nobody} ran"]], LISTS)


def _ends_by_every_form(phrase: str, text: str) -> set[int]:
    choices = [
        LISTS[piece] if at % 2 else (piece,)
        for at, piece in enumerate(re.split(r"\{([a-z]+)\}", phrase))
    ]
    said = text.split()
    ends: set[int] = set()
    for chosen in product(*choices):
        parts = [part.split() for part in "".join(chosen).split("..")]
        reach: set[int] = set(range(len(said) + 1))
        for number, part in enumerate(parts):
            if number:
                reach = {at + wide for at in reach for wide in range(WIDEST_GAP + 1)}
            reach = {at + len(part) for at in reach if said[at : at + len(part)] == part}
        ends |= {at - 1 for at in reach if at <= len(said)}
    return ends
