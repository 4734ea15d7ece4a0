"""`helpline triage rules` and `check`: offline, without settings, also on an edited copy."""

import csv
import io
import os
import subprocess
import sys
from importlib import resources
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from helpline.rules import command, faults, files, listing
from triage import lexicon

ROWS = lexicon.default().rows


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "helpline", "triage", *arguments],
        env={"PATH": os.defpath},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def check(folder: Path) -> Result:
    return CliRunner().invoke(command.check, ["--folder", str(folder)])


@pytest.fixture
def edited(tmp_path: Path) -> Path:
    """A folder with one file of the lexicon, as somebody takes it out to change it."""
    shipped = resources.files("triage.lexicon").joinpath("missing.toml")
    (tmp_path / "missing.toml").write_bytes(shipped.read_bytes())
    return tmp_path


def test_every_rule_is_printed_with_all_that_it_says_and_fits_a_terminal() -> None:
    ended = run("rules")
    assert ended.returncode == 0, ended.stderr
    flat = " ".join(ended.stdout.split())
    for row in ROWS:
        for said in (row.id, row.why, row.must_match, row.must_not_match, row.source, row.checked):
            assert " ".join(said.split()) in flat
    assert max(map(len, ended.stdout.splitlines())) <= 80


def test_what_ships_has_no_fault_and_says_that_it_is_a_draft() -> None:
    ended = run("check")
    assert ended.returncode == 0, ended.stdout
    concerns = len({row.concern for row in ROWS})
    first, *rest = ended.stdout.splitlines()
    assert first == f"{len(ROWS)} rows in {concerns} concerns: no fault."
    unchecked = sum(not listing.is_checked(row) for row in ROWS)
    assert bool(rest) == bool(unchecked)


def test_a_concern_can_be_chosen_and_an_unknown_one_names_the_others() -> None:
    ended = CliRunner().invoke(command.show, ["--concern", "missing"])
    assert "missing-away" in ended.output
    assert "BULLYING" not in ended.output
    ended = CliRunner().invoke(command.show, ["--concern", "weather"])
    assert ended.exit_code == 1
    assert "bullying" in ended.output


def test_the_table_for_a_spreadsheet_has_a_line_for_each_rule() -> None:
    ended = CliRunner().invoke(command.show, ["--csv"])
    lines = list(csv.DictReader(io.StringIO(ended.stdout)))
    assert {line["id"] for line in lines} == {row.id for row in ROWS}
    assert all(line["must match"] and line["checked"] for line in lines)


def test_an_edited_file_is_checked_in_the_place_of_the_one_that_ships(edited: Path) -> None:
    assert check(edited).exit_code == 0
    file = edited / "missing.toml"
    file.write_text(
        file.read_text("utf-8").replace("i ran away and i'm not going back", "we went out"), "utf-8"
    )
    ended = check(edited)
    assert ended.exit_code == 1
    assert "missing.toml: missing-away: must_match is not found." in ended.output
    assert "no fault" not in ended.output


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (b"[[row]]\nid = ", "missing.toml: not readable"),
        (b"\xff", "missing.toml: this is not UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_is_a_fault_in_words(
    edited: Path, written: bytes, said: str
) -> None:
    (edited / "missing.toml").write_bytes(written)
    ended = check(edited)
    assert ended.exit_code == 1
    assert said in ended.output
    shown = CliRunner().invoke(command.show, ["--folder", str(edited)])
    assert shown.exit_code == 1
    assert "triage check" in shown.output


def test_a_folder_without_rules_is_no_success(tmp_path: Path) -> None:
    ended = check(tmp_path)
    assert ended.exit_code == 1
    assert "no file of rules" in ended.output


def test_a_new_rule_is_shown_before_anybody_installs_it(edited: Path) -> None:
    file = edited / "missing.toml"
    added = (
        '\n[[row]]\nid = "missing-tent"\ngrade = "urgent"\nwhy = "May sleep in a tent."\n'
        'any_of = ["in my tent"]\nmust_match = "i live in my tent"\nmust_not_match = "a tent"\n'
        'checked = "Checked by Robin Demo on a day."\n'
    )
    file.write_text(file.read_text("utf-8") + added, "utf-8")
    assert check(edited).exit_code == 0
    shown = CliRunner().invoke(command.show, ["--concern", "missing", "--folder", str(edited)])
    assert "missing-tent" in shown.output
    rows = {row.id: row for row in faults.built(files.edited(edited)).rows}
    assert listing.is_checked(rows["missing-tent"])
    assert not listing.is_checked(rows["missing-away"])


def test_rules_are_searched_by_every_word_of_the_search() -> None:
    found = listing.search(ROWS, "RAN away")
    assert "missing-away" in {row.id for row in found}
    assert all("away" in " ".join([*row.any_of, row.must_match]) for row in found)
    assert listing.search(ROWS, " ") == ROWS
    assert listing.search(ROWS, "ran zeppelin") == ()


def test_concerns_stand_in_order_with_the_gravest_rules_first() -> None:
    listed = listing.by_concern(ROWS)
    assert [each.name for each in listed] == sorted({row.concern for row in ROWS})
    for each in listed:
        ranks = [row.grade.rank for row in each.rows]
        assert ranks == sorted(ranks)
