"""What the doctor found."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How grave a finding is, the gravest first. A note alone is no reason to worry."""

    UNSAFE = "unsafe"
    MISSING = "missing"
    STALE = "stale"
    NOTE = "note"


@dataclass(frozen=True)
class Finding:
    """One thing about the installation. ``name`` is for programs, the other two for a person."""

    level: Level
    name: str
    says: str
    mend: str
