"""Calls in the stand-in's file, a row for each leg."""

import json
import sqlite3
from dataclasses import dataclass, field
from enum import StrEnum

from integrations.standins.twilio import sids


class Direction(StrEnum):
    """Twilio's words: who began."""

    INBOUND = "inbound"
    API = "outbound-api"
    DIAL = "outbound-dial"


class Status(StrEnum):
    """Twilio's words."""

    QUEUED = "queued"
    RINGING = "ringing"
    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    BUSY = "busy"
    FAILED = "failed"
    NO_ANSWER = "no-answer"
    CANCELED = "canceled"


UNANSWERED = frozenset({Status.QUEUED, Status.RINGING})
LIVE = UNANSWERED | {Status.IN_PROGRESS}


@dataclass(slots=True, kw_only=True)
class Call:
    """One leg. Whoever changes it saves it."""

    sid: str
    parent: str | None
    direction: Direction
    sender: str
    recipient: str
    created: int
    status: Status = Status.QUEUED
    said: list[str] = field(default_factory=list)
    is_machine: bool = False
    joined: str | None = None
    started: int | None = None
    answered: int | None = None
    ended: int | None = None
    updated: int = 0

    @property
    def phone(self) -> str:
        """The number that is not ours."""
        return self.sender if self.direction is Direction.INBOUND else self.recipient

    @property
    def seconds(self) -> int | None:
        """How long it lasted, once it is over; nothing when nobody answered."""
        if self.ended is None or self.answered is None:
            return None
        return max(0, (self.ended - self.answered) // 1000)


def new(
    *, direction: Direction, sender: str, recipient: str, now: int, parent: str | None = None
) -> Call:
    """Return a call that is not in the file yet."""
    return Call(
        sid=sids.new(sids.CALL),
        parent=parent,
        direction=direction,
        sender=sender,
        recipient=recipient,
        created=now,
    )


def save(file: sqlite3.Connection, call: Call, *, now: int) -> None:
    """Keep a call as it is now."""
    call.updated = now
    file.execute(
        "INSERT INTO call (sid, parent, direction, sender, recipient, status, said, is_machine,"
        " joined, created, started, answered, ended, updated)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (sid) DO UPDATE SET status = excluded.status, said = excluded.said,"
        " is_machine = excluded.is_machine, joined = excluded.joined, started = excluded.started,"
        " answered = excluded.answered, ended = excluded.ended, updated = excluded.updated",
        (
            call.sid,
            call.parent,
            call.direction,
            call.sender,
            call.recipient,
            call.status,
            json.dumps(call.said),
            call.is_machine,
            call.joined,
            call.created,
            call.started,
            call.answered,
            call.ended,
            now,
        ),
    )


def read(row: sqlite3.Row) -> Call:
    """Return what a row holds."""
    values = {name: row[name] for name in Call.__dataclass_fields__}
    return Call(
        **values
        | {
            "direction": Direction(row["direction"]),
            "status": Status(row["status"]),
            "said": json.loads(row["said"]),
            "is_machine": bool(row["is_machine"]),
        }
    )


def find(file: sqlite3.Connection, sid: str) -> Call | None:
    """Return a call that was not deleted."""
    row = file.execute("SELECT * FROM call WHERE sid = ? AND NOT is_removed", (sid,)).fetchone()
    return None if row is None else read(row)


def remove(file: sqlite3.Connection, call: Call) -> None:
    """Leave it out of the API's answers."""
    file.execute("UPDATE call SET is_removed = 1 WHERE sid = ?", (call.sid,))


def on_phone(file: sqlite3.Connection, number: str) -> list[Call]:
    """Return the calls of one phone, the oldest first."""
    rows = file.execute(
        "SELECT * FROM call WHERE iif(direction = ?, sender, recipient) = ? ORDER BY id",
        (Direction.INBOUND, number),
    )
    return [read(row) for row in rows]


def cut_off(file: sqlite3.Connection, *, now: int) -> None:
    """End the calls that our own end cut off: nobody can hold a line to a program that is gone."""
    for row in file.execute(
        "SELECT * FROM call WHERE status IN (?, ?, ?)",
        (Status.QUEUED, Status.RINGING, Status.IN_PROGRESS),
    ).fetchall():
        call = read(row)
        call.status, call.ended = Status.FAILED, now
        save(file, call, now=now)
