"""What pages by phone say: nothing that tells whoever stands near what this is."""

import tomllib
from datetime import UTC, datetime, timedelta
from importlib import resources

import pytest

from helpline import paging_rules, texts_command
from helpline.paging_rules import Rules

RULES = paging_rules.load()


def given() -> dict[str, object]:
    text = resources.files("helpline").joinpath("paging.toml").read_text("utf-8")
    return tomllib.loads(text)


def changed(key: str, text: str) -> Rules:
    return paging_rules.read({**given(), "words": {key: {"text": text, "reviewed": False}}})


def test_the_words_have_no_fault_and_are_drafts_still() -> None:
    assert RULES.faults() == ()
    assert not any(each.is_reviewed for each in RULES.words.values())
    assert texts_command.faults() == ()


@pytest.mark.parametrize(
    "text", ["Sam, sign in", "A child waits", "Look at staff.example.org", "Ring 07700 900123"]
)
def test_a_name_a_topic_a_link_or_a_number_is_a_fault(text: str) -> None:
    assert changed("text", text).faults()


def test_a_time_is_said_in_england_s_local_time() -> None:
    summer = datetime(2026, 7, 1, 16, 15, tzinfo=UTC)
    said = RULES.text_until("owned", summer + RULES.promised, now=summer)
    assert "until 5.30pm" in said


def test_nobody_promises_longer_than_an_alarm_may_rest() -> None:
    assert timedelta(0) < RULES.promised <= timedelta(minutes=30)
