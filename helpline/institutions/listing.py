"""A list of places as an operator writes it, in TOML. Pure: read whole, or refused in words."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from helpline import checked
from helpline.institutions.models import Kind
from helpline.institutions.register import Authority, Force

_LONGEST = {"code": 9, "name": 120, "number": 40, "source": 300}


class UnusableListError(ValueError):
    """The list of places cannot be used. Nothing was changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """An institution in plain words, before it is sealed."""

    kind: Kind
    name: str
    address: str
    units: tuple[str, ...]
    host_authority: str | None
    police_force: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """What a list says."""

    authorities: tuple[Authority, ...]
    forces: tuple[Force, ...]
    institutions: tuple[Named, ...]


def parse(text: str) -> Listed:
    """Read a list; :class:`UnusableListError` says in words which row is wrong."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise UnusableListError(f"The list is not TOML: {problem}.") from None
    unknown = set(data) - {"authority", "force", "institution"}
    if unknown:
        raise UnusableListError(f"The list has a part that nobody knows: {min(unknown)}.")
    return Listed(
        authorities=tuple(_authority(row) for row in _rows(data, "authority")),
        forces=tuple(_force(row) for row in _rows(data, "force")),
        institutions=tuple(_institution(row) for row in _rows(data, "institution")),
    )


def _rows(data: Mapping[str, Any], part: str) -> list["_Row"]:
    rows = data.get(part, [])
    if not isinstance(rows, list):
        raise UnusableListError(f"Write each {part} as [[{part}]].")
    return [_Row(f"{part} {number}", dict(row)) for number, row in enumerate(rows, start=1)]


@dataclass(frozen=True, slots=True)
class _Row:
    place: str
    fields: dict[str, Any]

    def words(self, name: str, most: int) -> str:
        given = self.fields.pop(name, None)
        if not isinstance(given, str) or not given.strip() or len(given) > most:
            raise UnusableListError(f"{self.place}: {name} must have 1 to {most} letters.")
        return given.strip()

    def maybe(self, name: str, most: int) -> str | None:
        return self.words(name, most) if name in self.fields else None

    def checked(self) -> date | None:
        given = self.fields.pop("checked", None)
        day = None if given is None else checked.as_day(given)
        if given is not None and day is None:
            raise UnusableListError(f"{self.place}: checked must be a day such as 2026-11-02.")
        return day

    def finish(self) -> None:
        if self.fields:
            raise UnusableListError(f"{self.place}: nobody knows the field {min(self.fields)}.")


def _authority(row: _Row) -> Authority:
    found = Authority(
        code=row.words("code", _LONGEST["code"]),
        name=row.words("name", _LONGEST["name"]),
        duty_number=row.maybe("duty_number", _LONGEST["number"]),
        social_care_number=row.maybe("social_care_number", _LONGEST["number"]),
        source=row.words("source", _LONGEST["source"]),
        checked=row.checked(),
    )
    row.finish()
    return found


def _force(row: _Row) -> Force:
    found = Force(
        code=row.words("code", _LONGEST["number"]),
        name=row.words("name", _LONGEST["name"]),
        control_room_number=row.maybe("control_room_number", _LONGEST["number"]),
        source=row.words("source", _LONGEST["source"]),
        checked=row.checked(),
    )
    row.finish()
    return found


def _institution(row: _Row) -> Named:
    kind = row.words("kind", _LONGEST["number"])
    if kind not in set(Kind):
        kinds = ", ".join(Kind)
        raise UnusableListError(f"{row.place}: kind must be one of {kinds}.")
    units = row.fields.pop("units", [])
    if not isinstance(units, list) or not all(isinstance(each, str) and each for each in units):
        raise UnusableListError(f"{row.place}: units must be a list of names.")
    found = Named(
        kind=Kind(kind),
        name=row.words("name", _LONGEST["name"]),
        address=row.words("address", _LONGEST["source"]),
        units=tuple(units),
        host_authority=row.maybe("host_authority", _LONGEST["code"]),
        police_force=row.maybe("police_force", _LONGEST["number"]),
    )
    row.finish()
    return found
