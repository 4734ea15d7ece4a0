"""Rules of the house that no linter knows. Each is tried on a sample that breaks it, too."""

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("helpline", "chat", "triage", "integrations")
LONGEST = 400  # lines; talk about splitting from 300
COUNTED = {".py", ".js", ".html", ".css", ".toml"}
SECTIONS = ("Context", "Decision", "Consequences", "Alternatives")
# A path of one machine, or the folder beside the project that others do not have.
MACHINE_PATHS = re.compile(r"(?<![\w.])/(?:work|root|home/\w+|Users/\w+|opt/pypi)/|\.\./shared\b")


@cache
def tracked() -> tuple[Path, ...]:
    listing = subprocess.run(
        ["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z"],  # noqa: S607 - git is wherever the developer keeps it
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    paths = (ROOT / name for name in listing.stdout.split("\0") if name)
    return tuple(path for path in paths if path.is_file())


def texts() -> Iterator[tuple[Path, str]]:
    for path in tracked():
        if path.name in {"uv.lock", "package-lock.json"}:
            continue
        try:
            yield path.relative_to(ROOT), path.read_text()
        except UnicodeDecodeError:
            continue  # a picture or a sound


def sources(*folders: str) -> Iterator[tuple[Path, ast.Module]]:
    for path, text in texts():
        if path.suffix == ".py" and path.parts[0] in folders:
            yield path, ast.parse(text)


def is_too_long(path: Path, text: str) -> bool:
    # A lexicon is a list.
    a_list = "lexicon" in path.parts
    return path.suffix in COUNTED and not a_list and text.count("\n") > LONGEST


def delayed_calls(tree: ast.Module) -> list[int]:
    """Find the lines that ask Celery to keep a time: a killed worker forgets it."""
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"apply_async", "send_task", "signature", "s", "si", "retry", "set"}
        and any(keyword.arg in {"countdown", "eta"} for keyword in node.keywords)
    ]


def environment_reads(tree: ast.Module) -> list[int]:
    return [
        node.lineno
        for node in ast.walk(tree)
        if (
            isinstance(node, ast.Attribute)
            and node.attr in {"environ", "environb", "getenv"}
            and isinstance(node.value, ast.Name)
            and node.value.id == "os"
        )
        or (
            isinstance(node, ast.ImportFrom)
            and node.module == "os"
            and any(name.name in {"environ", "environb", "getenv"} for name in node.names)
        )
    ]


def missing_sections(record: str) -> list[str]:
    return [
        section
        for section in SECTIONS
        if not re.search(rf"^#+ {section}\b", record, flags=re.MULTILINE)
    ]


def test_no_file_is_longer_than_a_reader_can_hold() -> None:
    assert [str(path) for path, text in texts() if is_too_long(path, text)] == []


def test_no_timer_is_left_to_celery() -> None:
    found = [f"{path}:{line}" for path, tree in sources(*PACKAGES) for line in delayed_calls(tree)]
    assert found == []


def test_only_settings_read_the_environment() -> None:
    found = [
        f"{path}:{line}"
        for path, tree in sources(*PACKAGES, "tests")
        if path != Path("helpline/settings.py")
        for line in environment_reads(tree)
    ]
    assert found == []


def test_nothing_names_a_path_of_one_machine() -> None:
    found = [
        f"{path}: {match[0]}"
        for path, text in texts()
        if ROOT / path != Path(__file__).resolve()
        for match in MACHINE_PATHS.finditer(text)
    ]
    assert found == []


def test_every_decision_says_why_and_what_else_was_weighed() -> None:
    records = [
        (path, text)
        for path, text in texts()
        if path.match("docs/decisions/[0-9][0-9][0-9][0-9]-*.md")
    ]
    assert [
        f"{path}: {missing}" for path, text in records if (missing := missing_sections(text))
    ] == []
    assert len({path.name[:4] for path, _ in records}) == len(records), "two share a number"


@pytest.mark.parametrize(
    ("sample", "found"),
    [
        ("drain.apply_async(countdown=5)", [1]),
        ("drain.apply_async(eta=later)", [1]),
        ("drain.delay(lane)", []),
    ],
)
def test_a_delayed_call_is_seen(sample: str, found: list[int]) -> None:
    assert delayed_calls(ast.parse(sample)) == found


@pytest.mark.parametrize(
    ("sample", "found"),
    [
        ("import os\nos.environ['HOME']", [2]),
        ("from os import environ", [1]),
        ("import os\nos.getenv('HOME')", [2]),
        ("import os\nos.getpid()", []),
    ],
)
def test_a_read_of_the_environment_is_seen(sample: str, found: list[int]) -> None:
    assert environment_reads(ast.parse(sample)) == found


def test_long_files_machine_paths_and_thin_records_are_seen() -> None:
    assert is_too_long(Path("helpline/pages.py"), "\n" * 401)
    assert not is_too_long(Path("helpline/pages.py"), "\n" * 400)
    assert not is_too_long(Path("triage/lexicon/en.toml"), "\n" * 4000)
    assert MACHINE_PATHS.search("see /home/robin/notes")
    assert not MACHINE_PATHS.search("GET /console/work/1")
    assert missing_sections("# 1. X\n## Context\n## Decision\n") == ["Consequences", "Alternatives"]
