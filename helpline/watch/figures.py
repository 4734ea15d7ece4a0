"""The figures and words of `watch.toml`."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib import resources
from typing import Any


@dataclass(frozen=True, slots=True)
class Limit:
    """How old one sign may grow, and the words for staff when it is older."""

    id: str
    after: timedelta
    says: str
    do: str


@dataclass(frozen=True, slots=True)
class Figures:
    """When work counts as not finishing, and who is told when."""

    limits: Mapping[str, Limit]
    look_every: timedelta
    outside_after: timedelta
    outside_again: timedelta
    outside_retry: timedelta
    heartbeat_every: timedelta


@cache
def load() -> Figures:
    """The figures that ship."""
    text = resources.files("helpline.watch").joinpath("watch.toml").read_text("utf-8")
    return parsed(tomllib.loads(text))


def parsed(table: Mapping[str, Any]) -> Figures:
    """The figures of a parsed `watch.toml`; `KeyError` names one that is missing."""
    limits = (
        Limit(
            id=each["id"],
            after=timedelta(seconds=each["after_seconds"]),
            says=each["says"],
            do=each["do"],
        )
        for each in table["fault"]
    )
    return Figures(
        limits={limit.id: limit for limit in limits},
        look_every=timedelta(seconds=table["look_every_seconds"]),
        outside_after=timedelta(seconds=table["outside_after_seconds"]),
        outside_again=timedelta(minutes=table["outside_again_minutes"]),
        outside_retry=timedelta(seconds=table["outside_retry_seconds"]),
        heartbeat_every=timedelta(seconds=table["heartbeat_every_seconds"]),
    )
