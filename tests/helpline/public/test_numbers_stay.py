"""999 and Childline stand on every page of a child's visit, however old their marks are."""

import tomllib
from pathlib import Path

import pytest

import helpline
from helpline.doctor import figures
from helpline.doctor.finding import Level
from helpline.public import rendering, words
from helpline.public.steps import Step
from helpline.public.words import Number
from tests import clock as clocks
from tests.helpline.public.calls import Asking

TEMPLATES = Path(helpline.__file__).parent / "templates" / "child"
NUMBERS = ('href="tel:999"', 'href="tel:08001111"')

# Pieces of a page, the frame inside the chat, and the two neutral pages that must say nothing.
NO_PAGES = {
    "base.html", "call.html", "forms.html", "icons.html", "inner.html", "message.html",
    "numbers.html", "wait.html", "dull.html", "plain.html",
}  # fmt: skip


def walk(asking: Asking) -> dict[Step, str]:
    """Every step there is, by its own way, with the page it shows."""
    shown = {Step.LANDING: asking.look()}
    for step in (Step.DEVICE, Step.TOLD, Step.DANGER):
        asking.press(step.value)
        shown[step] = asking.look()
    asking.press("call")
    shown[Step.CALL_NUMBER] = asking.look()
    for step, deed in (
        (Step.CALL_WHEN, asking.number),
        (Step.CALL_ANSWER, asking.when),
        (Step.CALL_VOICEMAIL, asking.answer),
        (Step.CALL_REVIEW, asking.voicemail),
    ):
        deed()
        shown[step] = asking.look()
    asking.press("ask_call")
    shown[Step.CALL_ASKED] = asking.look()
    asking.press("talk")
    shown[Step.CHAT] = asking.look()
    return shown


def missing(shown: dict[Step, str]) -> list[str]:
    return [step for step, page in shown.items() for each in NUMBERS if each not in page]


def test_every_step_there_is_shows_both_numbers(asking: Asking) -> None:
    shown = walk(asking)
    assert set(shown) == set(Step)
    assert [step for step, page in shown.items() if f'<main class="wide {step}' not in page] == []
    assert missing(shown) == []


@pytest.mark.parametrize("mark", ["2019-01-01", "Nobody has confirmed it.", "2099-01-01"])
def test_a_stale_mark_takes_no_number_away(
    asking: Asking, monkeypatch: pytest.MonkeyPatch, mark: str
) -> None:
    kept = {
        name: Number(each.dial, each.shown, each.source, mark)
        for name, each in words.numbers().items()
    }
    monkeypatch.setitem(rendering._environment().globals, "numbers", kept)
    assert missing(walk(asking)) == []


def test_a_stale_mark_fails_the_doctor_instead() -> None:
    table = tomllib.loads((TEMPLATES.parents[1] / "locale" / "numbers.toml").read_text("utf-8"))
    for row in table.values():
        row["checked"] = "2019-01-01"
    found = figures.numbers(table, clocks.START.date())
    assert {each.name: each.level for each in found} == {
        f"numbers.{name}": Level.STALE for name in table
    }


def test_a_page_that_is_added_stands_in_the_frame_with_the_numbers() -> None:
    pages = {path.name for path in TEMPLATES.glob("*.html")} - NO_PAGES

    def is_framed(name: str) -> bool:
        text = (TEMPLATES / name).read_text("utf-8")
        parent = text.partition('extends "')[2].partition('"')[0]
        return parent == "base.html" or (parent in pages and is_framed(parent))

    assert [name for name in sorted(pages) if not is_framed(name)] == []
