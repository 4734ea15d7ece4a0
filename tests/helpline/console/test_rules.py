"""The rules on the console: all of them, searched without scripts, and words tried unseen."""

import html
import re
from collections.abc import Iterator

import pytest
import structlog
from structlog.typing import EventDict

from helpline.console import rules_pages
from tests.helpline.console.conftest import Desk, House
from triage import lexicon

HERE = rules_pages.HERE
ROWS = lexicon.default().rows
WORDS = "they locked me in my room <b>marmalade</b>"


@pytest.fixture
def logged() -> Iterator[list[EventDict]]:
    with structlog.testing.capture_logs() as lines:
        yield lines


def rules_on(page: str) -> set[str]:
    return set(re.findall(r'id="rule-([^"]+)"', page))


def test_every_rule_stands_there_with_all_that_it_says(sam: Desk) -> None:
    page = html.unescape(sam.get(HERE).text)
    assert rules_on(page) == {row.id for row in ROWS}
    for row in ROWS:
        said = (row.why, row.must_match, row.must_not_match, row.source, row.checked, *row.any_of)
        assert all(each in page for each in said)


def test_a_search_is_an_address_and_finds_every_word(sam: Desk) -> None:
    page = sam.get(f"{HERE}?q=RAN+away").text
    assert "missing-away" in rules_on(page)
    assert len(rules_on(page)) < len(ROWS)
    assert 'value="RAN away"' in page
    nothing = sam.get(f"{HERE}?q=zeppelin").text
    assert rules_on(nothing) == set()
    assert "No rule holds these words" in nothing


def test_a_search_is_written_out_as_it_was_typed(sam: Desk) -> None:
    page = sam.get(f"{HERE}?q=%3Cscript%3E").text
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_tried_words_come_back_with_grade_and_marks(sam: Desk) -> None:
    answer = sam.post(HERE, words=WORDS)
    assert answer.status_code == 200
    tried = answer.text.partition('id="tried"')[2].partition("</section>")[0]
    assert "grade-urgent" in tried
    assert "<mark>locked me in</mark>" in tried
    assert "restraint and seclusion" in tried
    assert "<b>marmalade</b>" not in answer.text
    assert "&lt;b&gt;marmalade" in tried


def test_words_that_no_rule_knows_are_high_and_read_all_the_same(sam: Desk) -> None:
    page = sam.post(HERE, words="what is for tea").text
    tried = page.partition('id="tried"')[2].partition("</section>")[0]
    assert "grade-high" in tried
    assert "No rule finds anything" in tried


def test_tried_words_are_kept_nowhere(house: House, sam: Desk, logged: list[EventDict]) -> None:
    before = house.actions()
    assert sam.post(HERE, words=WORDS).status_code == 200
    assert house.actions() == before
    assert "marmalade" not in repr(logged)
    assert "marmalade" not in sam.get(HERE).text
    assert house.rung == []


def test_words_of_another_origin_or_without_the_token_are_refused(sam: Desk) -> None:
    assert sam.post(HERE, origin="https://evil.example", words=WORDS).status_code == 403
    assert sam.post(HERE, csrf="another", words=WORDS).status_code == 403


@pytest.mark.parametrize("key", ["advocate", "supervisor"])
def test_the_rules_are_for_everybody_who_reads_and_stand_in_the_strip(
    house: House, key: str
) -> None:
    desk = house.desk(key)
    assert desk.get(HERE).status_code == 200
    assert f'href="{HERE}"' in desk.get("/console").text


def test_the_rules_are_for_nobody_else(house: House, sam: Desk) -> None:
    manager = house.desk("manager")
    assert manager.get(HERE).status_code != 200
    assert manager.post(HERE, words=WORDS).status_code != 200
    house.end_session(sam, house.clock.now())
    assert sam.get(HERE).status_code != 200


def test_a_page_says_how_many_rules_nobody_has_checked(sam: Desk) -> None:
    page = sam.get(HERE).text
    unchecked = page.count(">not checked</span>")
    assert unchecked == sum(row.checked.startswith("Not yet checked") for row in ROWS)
    assert ("Do not lean on them" in page) == bool(unchecked)
