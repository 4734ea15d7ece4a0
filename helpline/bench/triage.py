"""How fast a message is read, beside one bare pass of an automaton over the same plain words."""

from collections.abc import Callable
from statistics import median
from typing import Any

import ahocorasick

from helpline.bench import machine, pace
from helpline.bench.pace import Pace
from helpline.rules import forms
from triage import assessment, lexicon


def run(*, rounds: int, many: int, tell: Callable[[str], None]) -> dict[str, Any]:
    """Measure triage and its limit in turn; a ratio is of one round, and the median is told."""
    texts = pace.messages(many)
    bare = bare_pass()
    ours, least, busy = [], [], []
    for number in range(1, rounds + 1):
        busy.append(machine.quiet())
        tell(f"triage: round {number} of {rounds}, {many:,} messages, others busy {busy[-1]:.0%}")
        ours.append(pace.measure(assessment.assess, texts))
        least.append(pace.measure(bare, texts))
    return {**_told(ours, least), "others_busy_rounds": busy}


def bare_pass() -> Callable[[str], object]:
    """One pass over plain words that looks for every word of every phrase, and does no more.

    It is our own automaton, so that the limit stays the same however triage searches.
    """
    automaton = ahocorasick.Automaton(ahocorasick.STORE_LENGTH)
    for row in lexicon.default().rows:
        for phrase in row.any_of:
            for part in forms.without_lists(phrase).split(".."):
                if plain := " ".join(part.split()):
                    automaton.add_word(f" {plain} ")
    automaton.make_automaton()
    # The benchmark's messages are plain words already: small letters and single spaces.
    return lambda text: list(automaton.iter(f" {text} "))


def _told(ours: list[Pace], least: list[Pace]) -> dict[str, Any]:
    shares = [one.per_second / other.per_second for one, other in zip(ours, least, strict=True)]
    return {
        "characters": pace.LENGTH,
        "triage": _middle(ours),
        "bare_pass": _middle(least),
        "share_of_bare_pass": round(median(shares), 3),
        "share_of_bare_pass_rounds": [round(share, 3) for share in shares],
    }


def _middle(rounds: list[Pace]) -> dict[str, float]:
    return {
        "messages_per_second": round(median(each.per_second for each in rounds)),
        "median_ms": round(median(each.median_ms for each in rounds), 4),
        "p99_ms": round(median(each.p99_ms for each in rounds), 4),
    }
