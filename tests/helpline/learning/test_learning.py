"""Training: only on what may be used, the same every time; the shipped weights are of our sets."""

from importlib import resources
from pathlib import Path

import pytest
from click.testing import CliRunner

from helpline.evaluation import sets
from helpline.evaluation.sets import Line, TextSet
from helpline.learning import command, fitting, texts
from triage.grades import Grade

CARE = Path("tests/triage/care")
GRAVE = ("he waits by my bed when it is dark", "she waits by the bed in the dark", "dark bed waits")
MILD = ("pizza for tea and football", "we had pizza and football", "football then pizza")


def made(name: str) -> TextSet:
    rows = [(text, "urgent") for text in GRAVE] + [(text, "high") for text in MILD]
    return sets.made(name, [Line(str(at), text, label) for at, (text, label) in enumerate(rows)])


def weights_file() -> str:
    return resources.files("triage.likeness").joinpath("weights.txt").read_text("utf-8")


@pytest.mark.parametrize(
    ("name", "usable"),
    [
        ("care/a", True),
        ("care/d", False),
        ("data/sms_ham_A", True),
        ("data/sad_A", False),
        ("data/esconv_failed_seeker_turns", False),
        ("data/another", False),
    ],
)
def test_only_what_may_be_used_is_trained_on(name: str, *, usable: bool) -> None:
    assert bool(texts.usable([made(name)])) is usable


def test_a_topic_says_nothing_of_danger() -> None:
    topics = sets.made(
        "data/counsel_chat_topics",
        [Line("1", "x", "domestic-violence"), Line("2", "y", "marriage"), Line("3", "z", "trauma")],
    )
    assert [row.wanted for row in texts.rows(topics)] == [Grade.HIGH]


def test_the_same_texts_give_the_same_weights_and_these_tell_them_apart() -> None:
    weights = fitting.trained([made("care/a")])
    assert weights == fitting.trained([made("care/a")])
    helper = fitting.helper(weights, threshold=0)

    def score(text: str) -> int:
        found = helper.alike(text.split(), [0])
        assert found is not None
        return found.score

    assert min(map(score, GRAVE)) > max(map(score, MILD))


def test_the_command_writes_what_is_read_back(tmp_path: Path) -> None:
    care, target = tmp_path / "care", tmp_path / "weights.txt"
    care.mkdir()
    lines = [
        f'{{"id": "{at}", "text": "{text}", "label": "urgent"}}' for at, text in enumerate(GRAVE)
    ]
    lines += [
        f'{{"id": "m{at}", "text": "{text}", "label": "high"}}' for at, text in enumerate(MILD)
    ]
    (care / "a.jsonl").write_text("\n".join(lines))
    ended = CliRunner().invoke(
        command.learn, ["--care", str(care), "--data", str(tmp_path), "--write", str(target)]
    )
    assert ended.exit_code == 0, ended.output
    assert "pizza" not in ended.output
    assert "# trained on care/a: 6 texts, " in target.read_text("utf-8")


def test_the_shipped_weights_are_of_the_sets_as_they_are_now() -> None:
    # After a change of a set: make likeness DATA=FOLDER.
    ours = texts.usable(sets.read(CARE, owner="care"))
    wanted = {f"# {texts.trained_on(each)}" for each in ours}
    stood = {line for line in weights_file().splitlines() if line.startswith("# trained on care/")}
    assert stood == wanted


def test_the_card_names_every_text_that_was_trained_on() -> None:
    card = resources.files("triage.likeness").joinpath("card.md").read_text("utf-8")
    for rule in texts.table()["text"]:
        if rule["use"]:
            assert rule["attribution"].split(",")[0] in card
