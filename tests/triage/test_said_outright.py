"""Suicide and self-harm said outright: a person reads it within minutes, however it is put."""

import pytest

from triage.assessment import assess
from triage.grades import Grade

# Written by the project's authors (a program). Each is put in another way than the rows' examples.
SAID = (
    "i really do wanna be dead",
    "every night i pray i dont wake up",
    "im going to off myself",
    "thinking of drowning myself in the river",
    "i tried to od on sunday",
    "im fed up of being alive",
    "i dont belong in this world",
    "whats the point in being alive",
    "nobody would care if i died",
    "life isnt worth living",
    "i feel like ending it",
    "i wish i could just stop breathing",
    "i keep slicing my legs",
    "my arms are covered in cuts i did them",
    "cutting is the only way i cope",
    "i scratch myself when im upset",
    "my friend says shes going to kill herself",
    "swallowed a razor blade",
)
UNDER_WAY = (
    "took everything in the blue tub and im dizzy",
    "just swallowed all my antidepressants",
    "im on the wrong side of the barrier",
    "ive got a rope round my neck",
    "ill be dead by tomorrow",
    "im ending it tonight",
    "by the time you read this i will be gone",
)
SAYINGS = (
    "my mate says pe is killing me too",
    "i literally died laughing",
    "we had nerf guns in the garden",
    "cut my hair today it looks sick",
)


@pytest.mark.parametrize("text", SAID)
def test_what_is_said_outright_is_read_within_minutes(text: str) -> None:
    found = assess(text)
    assert found.grade in {Grade.EMERGENCY, Grade.URGENT}
    assert "suicide and self-harm" in found.concerns


@pytest.mark.parametrize("text", UNDER_WAY)
def test_a_plan_under_way_is_an_emergency(text: str) -> None:
    assert assess(text).grade is Grade.EMERGENCY


@pytest.mark.parametrize("text", SAYINGS)
def test_a_saying_is_no_alarm(text: str) -> None:
    assert assess(text).grade is Grade.HIGH
