"""`helpline texts`: the whole table for a person to read, and the faults in words. Offline."""

import os
import subprocess
import sys
from functools import partial

import pytest
from click.testing import CliRunner

from chat import texting, wording
from chat.texting import Input, TextState
from helpline import texts_command


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "helpline", "texts", *arguments],
        env={"PATH": os.defpath},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_table_is_printed_without_settings_and_fits_a_terminal() -> None:
    ended = run("table")
    assert ended.returncode == 0, ended.stderr
    assert max(map(len, ended.stdout.splitlines())) <= 80
    assert "not checked it yet" in ended.stdout


def test_every_state_names_every_input_and_every_text_stands_there_in_full() -> None:
    flat = " ".join(" ".join(texts_command.lines(texting.load(), wording.load())).split())
    table, catalogue = texting.load(), wording.load()
    for state in TextState:
        assert table.states[state] in flat
    for given in Input:
        assert flat.count(table.inputs[given]) >= len(TextState)
    for key in catalogue.texts:
        assert f'"{catalogue.text(key, opens="9am")}"' in flat
    for words in table.flags.values():
        assert f"Staff: {words}" in flat


def test_the_first_words_and_a_cry_read_as_they_are() -> None:
    printed = "\n".join(texts_command.lines(texting.load(), wording.load()))
    new = printed.partition("\nNEW\n")[2].partition("\nWAITING\n")[0]
    first, _, rest = new.partition("    LATER, or")
    assert "-> becomes WAITING" in first
    assert "Sent when closed" in first
    cry = rest.partition("END or QUIT, alone")[2].partition("CALL")[0]
    assert cry.split("\n")[1:3] == ["      -> becomes WAITING", "         Nothing is sent."]


def test_what_ships_has_no_fault_and_says_that_it_is_a_draft() -> None:
    ended = run("check")
    assert ended.returncode == 0, ended.stdout
    assert "no fault" in ended.stdout
    assert "nobody has reviewed them yet" in ended.stdout


def test_faults_are_said_in_words_and_end_with_1(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = wording.load(
        'language="en"\nsource=""\nlongest_opens="9am"\n[new]\ntext="Hi Sam"\nreviewed=false'
    )
    monkeypatch.setattr(wording, "load", lambda: broken)
    ended = CliRunner().invoke(texts_command.texts, ["check"])
    assert ended.exit_code == 1
    assert "new: Sam has a capital and could be a name." in ended.output
    assert "bye: the table sends it, and there is no such text." in ended.output
    assert "no fault" not in ended.output


def test_a_table_that_is_not_usable_is_a_fault_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texting, "load", partial(texting.load, "not toml"))
    for command in ("check", "table"):
        ended = CliRunner().invoke(texts_command.texts, [command])
        assert ended.exit_code == 1
        assert "The table of texting is not readable" in ended.output
