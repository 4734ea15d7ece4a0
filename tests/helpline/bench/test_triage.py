"""The benchmark of triage reads real messages, and its limit is a pass over the same words."""

import json
import time

import pytest
from click.testing import CliRunner

from helpline.bench import command, machine, pace, table, triage
from helpline.bench.pace import Pace
from helpline.rules import forms
from triage import assessment, likeness
from triage.grades import Grade


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "quiet", lambda: 0.0)


def test_messages_have_160_characters_are_plain_and_some_are_of_concern() -> None:
    texts = pace.messages(400)
    assert {len(text) for text in texts} == {160}
    assert texts == pace.messages(400)
    assert all(forms.is_plain(text) for text in texts)
    grades = [assessment.assess(text, helper=likeness.NOTHING).grade for text in texts]
    assert grades.count(Grade.EMERGENCY) >= 2
    assert 0.05 < sum(grade is not Grade.HIGH for grade in grades) / len(grades) < 0.5


def test_the_bare_pass_finds_the_words_of_phrases() -> None:
    bare = triage.bare_pass()
    assert bare("i ran away")
    assert not bare("xylophone")


def test_a_ratio_is_of_one_round_and_the_median_is_told() -> None:
    ours = [Pace(1, 2, rate) for rate in (100, 50, 10)]
    least = [Pace(0.1, 0.2, rate) for rate in (1000, 100, 1000)]
    told = triage._told(ours, least)
    assert told["share_of_bare_pass"] == 0.1
    assert told["share_of_bare_pass_rounds"] == [0.1, 0.5, 0.01]
    assert told["triage"]["messages_per_second"] == 50


def test_a_slow_message_in_a_hundred_is_the_p99() -> None:
    took = iter([0.0] * 2000 + [0.0] * 97 + [0.01] * 3)

    def read(_: str) -> None:
        until = time.perf_counter() + next(took)
        while time.perf_counter() < until:
            pass

    found = pace.measure(read, ["x"] * 100)
    assert found.p99_ms >= 10 > found.median_ms


def test_the_command_prints_figure_limit_and_ratio() -> None:
    arguments = ["triage", "--rounds", "1", "--messages", "100"]
    said = CliRunner().invoke(command.bench, [*arguments, "--json"])
    assert said.exit_code == 0, said.output
    found = json.loads(said.stdout)
    assert found["benchmark"] == "triage"
    assert found["triage"]["p99_ms"] >= found["triage"]["median_ms"] > 0
    assert 0 < found["share_of_bare_pass"] < 1
    shown = CliRunner().invoke(command.bench, arguments)
    assert "messages/s on one core" in shown.stdout


def test_a_p99_over_the_goal_is_said() -> None:
    found = triage._told([Pace(1, 6, 100)], [Pace(1, 1, 1000)]) | {"characters": 160}
    verdicts = [line.verdict for line in table.triage(found, {"p99_ms": 5.0})]
    assert verdicts == ["", "over 5"]
    verdicts = [line.verdict for line in table.triage(found, {"p99_ms": 6.0})]
    assert verdicts == ["", "ok"]
