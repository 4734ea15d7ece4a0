"""`helpline places FILE`: says what it did, and what is wrong with a list in words."""

import base64
import os
import subprocess
import sys
from importlib import resources
from pathlib import Path

import pytest

from helpline import migrating

LIST = resources.files("helpline").joinpath("demo_places.toml").read_text("utf-8")


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    urls = [f"sqlite:///{tmp_path / name}.db" for name in ("data", "keys")]
    migrating.upgrade(*urls)
    return {
        "PATH": os.defpath,
        "HELPLINE_DATABASE_URL": urls[0],
        "HELPLINE_KEYSTORE_URL": urls[1],
        "HELPLINE_CHILD_ORIGIN": "https://child.example.org",
        "HELPLINE_STAFF_ORIGIN": "https://staff.example.org",
        "HELPLINE_KEK": base64.b64encode(b"k" * 32).decode(),
    }


def places(environ: dict[str, str], file: Path, text: str) -> subprocess.CompletedProcess[str]:
    file.write_text(text, "utf-8")
    return subprocess.run(
        [sys.executable, "-m", "helpline", "places", str(file)],
        env=environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_list_is_put_in_once_and_a_wrong_one_not_at_all(
    environ: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "places.toml"
    for new in (3, 0):
        done = places(environ, file, LIST)
        assert done.returncode == 0, done.stderr
        said = f"2 authorities, 2 police forces and 3 institutions, {new} of them new."
        assert done.stdout.strip() == said
    wrong = places(environ, file, LIST.replace('kind = "children', 'kind = "castle'))
    assert wrong.returncode == 1
    assert "institution 1: kind must be one of" in wrong.stderr
    assert "Traceback" not in wrong.stderr
