"""Abuse without its name: who does it is told apart, whoever does it is urgent, games are not."""

import pytest

from triage.assessment import assess
from triage.grades import Grade


@pytest.mark.parametrize(
    ("text", "concern"),
    [
        ("the night staff twisted her wrist", "abuse by staff or carers"),
        ("grandad pinches me under the table", "abuse by family"),
        ("hes moved back in n mum said dont say", "domestic violence at home"),
        ("a man on the tram put his hand on my knee", "assault or unwanted touch"),
        ("the older ones take my dinner money", "bullying and peer violence"),
    ],
)
def test_a_reader_sees_who_may_have_done_it(text: str, concern: str) -> None:
    assert concern in assess(text).concerns


@pytest.mark.parametrize(
    "text",
    [
        "my support worker shoved me into the radiator",
        "auntie smacks the little one with a ladle",
        "some bloke followed me home from the shop",
        "a stranger grabbed me at the bus stop",
        "this girl in my class pushed me down the bank",
        "someone on the train rubbed against me",
        "got slapped again",
        "i was touched by the driver",
        "it hurts me when he sits on me",
        "he threw me off the bunk",
        "a man followed me on his bike",
        "he smacked his head against the wall, jays head",
        "they beat me to the floor",
    ],
)
def test_being_struck_grabbed_followed_or_touched_by_anybody_is_urgent(text: str) -> None:
    assert assess(text).grade is not Grade.HIGH


@pytest.mark.parametrize(
    "text",
    [
        "i sleep with a chair under the door handle",
        "she only lets us have one meal a day",
        "he waits til everyone is asleep",
        "they said no inhaler till i say sorry",
        "my letters come already opened",
        "told the doctor i tripped",
    ],
)
def test_what_a_child_only_hints_at_is_urgent(text: str) -> None:
    assert assess(text).grade.rank <= Grade.URGENT.rank


@pytest.mark.parametrize(
    "text",
    [
        "my foster dad battered me at uno",
        "staff hit us with water balloons on sports day",
        "mum dragged me to the garden centre",
        "my cousin followed me on insta",
        "my mum is so annoying she never lets me stay up",
        "no pudding till i tidy my room",
        "staff gave me a high five",
    ],
)
def test_games_moans_and_rules_of_the_house_page_nobody(text: str) -> None:
    assert assess(text).grade is Grade.HIGH


def test_whoever_is_feared_at_home_raises_by_being_there() -> None:
    assert assess("when dad gets drunk he shouts").grade is Grade.URGENT
    assert assess("when dad gets drunk.. hes coming up the stairs").grade is Grade.EMERGENCY
