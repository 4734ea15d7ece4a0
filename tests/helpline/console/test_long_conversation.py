"""A conversation longer than one answer: nothing is skipped, the beginning can be reached."""

import re

import pytest

from chat.service import read
from helpline.console import conversation_view, messages_view
from tests.helpline.console.conftest import Desk, House, chat

TOTAL = 12


@pytest.fixture(autouse=True)
def short_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read, "MOST_AT_ONCE", 5)
    monkeypatch.setattr(conversation_view, "MOST_AT_FIRST", 3)
    monkeypatch.setattr(messages_view, "CONTEXT", 1)


def numbers(html: str) -> list[int]:
    return [int(each) for each in re.findall(r'data-seq="(\d+)"', html)]


def test_who_is_far_behind_catches_up_without_a_gap(house: House, sam: Desk) -> None:
    conversation = house.begin(*[f"message {n}" for n in range(1, TOTAL + 1)])
    seen, after, more = list[int](), 1, True
    while more:
        news = sam.json(f"{chat(conversation)}/messages?after={after}").json()
        seen += numbers(news["messages"])
        assert news["latest"] == seen[-1]
        after, more = news["latest"], news["more"]
    assert seen == list(range(2, TOTAL + 1))


def test_earlier_messages_lead_back_to_the_first(house: House, sam: Desk) -> None:
    conversation = house.begin(*[f"message {n}" for n in range(1, TOTAL + 1)])
    page = sam.get(chat(conversation)).text
    seen = numbers(page)
    assert seen == [10, 11, 12]
    assert f'href="{chat(conversation)}?before=10"' in page
    assert numbers(sam.get(f"{chat(conversation)}?before=10").text) == [7, 8, 9]
    before: int | None = seen[0]
    opened = house.actions().count("conversation.opened")
    while before:
        older = sam.json(f"{chat(conversation)}/earlier?before={before}").json()
        seen = numbers(older["messages"]) + seen
        before = older["earlier"]
    assert seen == list(range(1, TOTAL + 1))
    assert house.actions().count("conversation.opened") == opened + 3
