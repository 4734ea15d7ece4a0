"""The bank holidays of England, as data."""

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources

_LAST_MONTH, _LAST_DAY = 12, 31


@dataclass(frozen=True, slots=True)
class Holidays:
    """The days, and up to when they are known: the end of the last year that has any.

    Past that a limit in working days counts a holiday as a working day: it comes sooner, never
    later.
    """

    days: frozenset[date]
    source: str
    checked: str

    @property
    def known_until(self) -> date:
        """The last day of which it is known whether it is one."""
        return date(max(self.days).year, _LAST_MONTH, _LAST_DAY)


@cache
def england() -> Holidays:
    """The holidays that ship."""
    table = tomllib.loads(resources.files("triage").joinpath("bank_holidays.toml").read_text())
    return Holidays(days=frozenset(table["days"]), source=table["source"], checked=table["checked"])
