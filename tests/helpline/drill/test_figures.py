"""What the drill prints, and when it fails."""

import json

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from helpline.drill import command, figures
from helpline.drill.figures import Figure


def figure(measured: float | None, bound: float = 10.0) -> Figure:
    return Figure("scene", "name", measured, bound, "s")


def test_a_figure_is_well_up_to_its_bound_and_never_when_it_was_not_measured() -> None:
    assert figure(10.0).is_well
    assert not figure(10.1).is_well
    assert not figure(None).is_well


@given(measured=st.lists(st.floats(0, 100), min_size=1, max_size=300))
def test_at_least_99_of_100_are_at_most_the_p99_and_it_was_measured(measured: list[float]) -> None:
    found = figures.p99(measured)
    assert found is not None
    assert found in measured
    assert sum(each <= found for each in measured) >= 0.99 * len(measured)


def test_of_nothing_there_is_no_p99() -> None:
    assert figures.p99([]) is None


def test_the_table_says_what_was_missed() -> None:
    lines = figures.table([figure(1.0), figure(99.0), figure(None)]).splitlines()
    assert [line.split()[-1] for line in lines[1:]] == ["ok", "MISSED", "MISSED"]


@pytest.mark.parametrize(("measured", "code"), [(1.0, 0), (11.0, 1)])
def test_the_command_fails_where_a_bound_is_missed(
    monkeypatch: pytest.MonkeyPatch, measured: float, code: int
) -> None:
    monkeypatch.setattr(command, "_played", lambda *_, **__: iter([figure(measured)]))
    result = CliRunner().invoke(command.drill, ["--json", "--engine", "sqlite"])
    assert result.exit_code == code
    assert json.loads(result.stdout)["figures"][0]["ok"] is (code == 0)


def test_every_bound_and_every_text_of_the_night_is_there() -> None:
    data = figures.data()
    assert {figures.bound(name) for name in data["bounds"]} >= {0.0, 1.0, 5.0}
    assert len(data["flood"]["genuine"]) == 20
    assert len(data["flood"]["many"]) * 1000 >= max(data["night"]["numbers"])
