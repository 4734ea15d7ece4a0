"""The rule of the chain, pure: what each link is made of, and what is wrong with a chain."""

import hashlib
import hmac
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

BEFORE_THE_FIRST = b""


class Fault(StrEnum):
    """What is wrong, in words for the person who runs the verification."""

    ALTERED = "a row was changed after it was written"
    DELETED = "rows are missing at this position"
    REORDERED = "a row does not follow from the one before it"
    TRUNCATED = "a head that was published is not in the chain any more"
    NOT_SEALED = "a row has waited for the sealer too long"


@dataclass(frozen=True, slots=True)
class Found:
    """One fault, where it is: a position of the chain, or a row that has none."""

    fault: Fault
    position: int | None = None
    entry: UUID | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain at one moment, kept outside this installation."""

    position: int
    chain: bytes


@dataclass(frozen=True, slots=True)
class Link:
    """A sealed row: its place, its own MAC, its link, and whether the MAC fits the columns."""

    entry: UUID
    position: int
    mac: bytes
    chain: bytes
    is_unaltered: bool


def link(key: bytes, *, before: bytes, mac: bytes, position: int) -> bytes:
    """HMAC-SHA-256 over the link before, the row's own MAC and its position."""
    return hmac.digest(key, before + mac + position.to_bytes(8, "big"), hashlib.sha256)


def faults(key: bytes, links: Iterable[Link], heads: Iterable[Head]) -> Iterator[Found]:
    """Every fault of a chain whose links come in the order of their positions.

    After a fault the check goes on from what stands there, so that one change is one finding.
    """
    published: defaultdict[int, set[bytes]] = defaultdict(set)
    for head in heads:
        published[head.position].add(head.chain)
    expected, before = 1, BEFORE_THE_FIRST
    for each in links:
        if not each.is_unaltered:
            yield Found(Fault.ALTERED, each.position, each.entry)
        if each.position != expected:
            yield Found(Fault.DELETED, expected)
        elif each.chain != link(key, before=before, mac=each.mac, position=each.position):
            yield Found(Fault.REORDERED, each.position, each.entry)
        if published.pop(each.position, {each.chain}) != {each.chain}:
            yield Found(Fault.TRUNCATED, each.position, each.entry)
        expected, before = each.position + 1, each.chain
    for position in sorted(published):
        yield Found(Fault.TRUNCATED, position)
