"""Which texts the statistical helper of triage may be trained on: data, in `texts.toml`."""

import hashlib
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cache
from importlib import resources
from typing import Any

from helpline.evaluation.sets import Row, TextSet
from triage.grades import Grade


@cache
def table() -> Mapping[str, Any]:
    """The whole file."""
    text = resources.files("helpline.learning").joinpath("texts.toml").read_text("utf-8")
    return tomllib.loads(text)


def usable(sets: Iterable[TextSet]) -> tuple[TextSet, ...]:
    """The sets that may be trained on."""
    return tuple(each for each in sets if _rule(each)["use"])


def rows(each: TextSet) -> Iterator[Row]:
    """The rows of a usable set that say something: in danger, or not."""
    only_harmless = _rule(each).get("only") == "harmless"
    for row in each.rows:
        if row.wanted is Grade.HIGH or (row.is_positive and not only_harmless):
            yield row


def fingerprint(each: TextSet) -> str:
    """What changes when a text or a label of the set changes."""
    lines = (f"{row.id}\t{row.label}\t{row.text}\n" for row in each.rows)
    return hashlib.sha256("".join(lines).encode("utf-8", "backslashreplace")).hexdigest()[:16]


def trained_on(each: TextSet) -> str:
    """The line that the file of weights carries for a set."""
    return f"trained on {each.name}: {sum(1 for _ in rows(each))} texts, {fingerprint(each)}"


def _rule(each: TextSet) -> Mapping[str, Any]:
    owner = each.name.partition("/")[0]
    for rule in table()["text"]:
        if rule["owner"] == owner and fnmatchcase(each.source, rule["file"]):
            found: Mapping[str, Any] = rule
            return found
    return {"use": False}
