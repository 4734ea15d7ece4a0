"""What an installation from a wheel has: every file that the code reads goes with it."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGES = ("helpline", "chat", "triage", "integrations")


def test_every_file_that_is_no_code_is_package_data() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    patterns = project["tool"]["setuptools"]["package-data"]
    packed: set[str] = set()
    for package, each in patterns.items():
        for pattern in each:
            # "**/*" means files at any depth to setuptools, folders too to pathlib.
            packed.update(map(str, (ROOT / package).glob(pattern)))
    there = {
        str(path)
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and path.suffix != ".py" and "__pycache__" not in path.parts
    }
    assert there
    assert there - packed == set()
