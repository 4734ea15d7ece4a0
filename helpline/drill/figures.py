"""One figure of the night, its bound, and how they are printed."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib import resources
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """Something that was measured. It is well when it is at most its bound."""

    scene: str
    name: str
    measured: float | None
    bound: float
    unit: str = ""
    note: str = ""

    @property
    def is_well(self) -> bool:
        """Whether the bound was kept; what could not be measured was not."""
        return self.measured is not None and self.measured <= self.bound


@cache
def data() -> Mapping[str, Any]:
    """The bounds, sizes and invented texts of `drill.toml`."""
    return tomllib.loads(resources.files("helpline.drill").joinpath("drill.toml").read_text())


def bound(name: str) -> float:
    """One bound by its name."""
    return float(data()["bounds"][name])


def p99(measured: Sequence[float]) -> float | None:
    """The smallest figure that at least 99 of 100 are at most; of few, the largest."""
    if not measured:
        return None
    ordered = sorted(measured)
    return ordered[max(0, -(-len(ordered) * 99 // 100) - 1)]


def table(found: Iterable[Figure]) -> str:
    """A line a figure, for a terminal."""
    rows = [
        (
            f"{each.scene}: {each.name}",
            "not measured" if each.measured is None else f"{each.measured:.4g}",
            f"{each.bound:g} {each.unit}".strip(),
            "ok" if each.is_well else "MISSED",
            each.note,
        )
        for each in found
    ]
    rows.insert(0, ("figure", "measured", "at most", "", ""))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return "\n".join(
        "  ".join(
            [*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[4]]
        ).rstrip()
        for row in rows
    )


def as_json(found: Iterable[Figure]) -> list[dict[str, Any]]:
    """The same for a program."""
    return [{**asdict(each), "ok": each.is_well} for each in found]
