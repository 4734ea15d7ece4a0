"""The files of the lexicon: those that ship, and those of a folder in their place."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

Parsed = Mapping[str, Mapping[str, Any]]


class LexiconFilesError(ValueError):
    """The lexicon has faults. `helpline triage check` names them."""


@dataclass(frozen=True, slots=True)
class Files:
    """Parsed files by name, and in words what could not be parsed."""

    parsed: Parsed
    unreadable: tuple[str, ...]


def shipped() -> Files:
    """What is installed."""
    folder = resources.files("triage.lexicon")
    texts = {
        entry.name: entry.read_bytes() for entry in folder.iterdir() if entry.name.endswith(".toml")
    }
    return _parsed(texts)


def edited(folder: Path | None) -> Files:
    """What is installed, each file of the folder in the place of the one with its name.

    So a folder may hold a whole copy, or only the file that somebody changed.
    """
    installed = shipped()
    if folder is None:
        return installed
    theirs = _parsed({path.name: path.read_bytes() for path in folder.glob("*.toml")})
    if not theirs.parsed and not theirs.unreadable:
        return Files({}, (f"{folder.name}: there is no file of rules (*.toml) in this folder.",))
    return Files({**installed.parsed, **theirs.parsed}, theirs.unreadable)


def _parsed(texts: Mapping[str, bytes]) -> Files:
    parsed, unreadable = {}, []
    for name in sorted(texts):
        try:
            parsed[name] = tomllib.loads(texts[name].decode())
        except UnicodeDecodeError:
            unreadable.append(f"{name}: this is not UTF-8. Save it as UTF-8 text.")
        except tomllib.TOMLDecodeError as error:
            unreadable.append(f"{name}: not readable: {error}.")
    return Files(parsed, tuple(unreadable))
