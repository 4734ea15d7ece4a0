"""What the doctor knows by heart agrees with the code, the handbook and the calendar."""

import re
import tomllib
from datetime import date, timedelta
from pathlib import Path

from helpline import doctor
from helpline.doctor import configured, figures
from helpline.doctor.finding import Level
from triage import holidays

OPERATIONS = Path(doctor.__file__).parents[2] / "docs" / "operations.md"


def test_the_numbers_children_see_grow_stale_after_90_days() -> None:
    text = """
    [emergency]
    shown = "999"
    checked = 2026-08-01
    [childline]
    shown = "0800 1111"
    checked = "2026-10-30"
    [shout]
    shown = "85258"
    checked = "Not yet."
    """
    found = figures.numbers(tomllib.loads(text), date(2026, 11, 2))
    assert [(each.name, each.level) for each in found] == [
        ("numbers.emergency", Level.STALE),
        ("numbers", Level.NOTE),
    ]
    assert "shout" in found[1].says


def test_bank_holidays_that_are_known_for_a_quarter_only_are_stale() -> None:
    known_until = holidays.england().known_until
    assert figures.bank_holidays(known_until - timedelta(days=91)) == []
    [found] = figures.bank_holidays(known_until - timedelta(days=90))
    assert found.level is Level.STALE


def test_every_setting_of_the_code_is_known_and_stands_in_the_handbook() -> None:
    told = OPERATIONS.read_text("utf-8")
    code = Path(doctor.__file__).parents[1].joinpath("settings.py").read_text("utf-8")
    known = {each.name for each in configured.KNOWN}
    assert set(re.findall(r'"(HELPLINE_[A-Z_]+)"', code)) == known
    for name in known:
        assert f"`{name}`" in told, name
