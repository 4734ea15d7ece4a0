"""Texts in the stand-in's file, both ways."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from integrations.standins.twilio import sids


class Direction(StrEnum):
    """Twilio's words: who began."""

    INBOUND = "inbound"
    API = "outbound-api"
    REPLY = "outbound-reply"


class Status(StrEnum):
    """Twilio's words, in the order in which a text lives through them."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    RECEIVED = "received"


LIVES = {
    Status.DELIVERED: (Status.QUEUED, Status.SENDING, Status.SENT, Status.DELIVERED),
    Status.UNDELIVERED: (Status.QUEUED, Status.SENDING, Status.SENT, Status.UNDELIVERED),
    Status.FAILED: (Status.QUEUED, Status.FAILED),
    Status.SENT: (Status.QUEUED, Status.SENDING, Status.SENT),  # and nobody says more
    Status.RECEIVED: (Status.RECEIVED,),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One text, as it is in the file."""

    id: int
    sid: str
    direction: Direction
    sender: str
    recipient: str
    body: str
    shown: str
    pictures: int
    status: Status
    error_code: int | None
    fate: Status
    fate_code: int | None
    callback: str | None
    created: int
    sent: int | None
    updated: int

    @property
    def rest(self) -> Sequence[Status]:
        """What is still to come."""
        life = LIVES[self.fate]
        return life[life.index(self.status) + 1 :]


@dataclass(frozen=True, slots=True, kw_only=True)
class New:
    """A text before it has an identifier."""

    direction: Direction
    sender: str
    recipient: str
    body: str
    pictures: int = 0
    fate: Status = Status.DELIVERED
    fate_code: int | None = None
    callback: str | None = None


def add(file: sqlite3.Connection, new: New, *, now: int) -> Text:
    """Keep a text."""
    came = new.direction is Direction.INBOUND
    cursor = file.execute(
        "INSERT INTO text (sid, direction, sender, recipient, body, shown, pictures, status,"
        " fate, fate_code, callback, created, sent, updated)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING *",
        (
            sids.new(sids.PICTURE_TEXT if new.pictures else sids.TEXT),
            new.direction,
            new.sender,
            new.recipient,
            new.body,
            new.body,
            new.pictures,
            Status.RECEIVED if came else Status.QUEUED,
            Status.RECEIVED if came else new.fate,
            new.fate_code,
            new.callback,
            now,
            now if came else None,
            now,
        ),
    )
    return read(cursor.fetchone())


def read(row: sqlite3.Row) -> Text:
    """Return what a row holds."""
    values = {name: row[name] for name in Text.__dataclass_fields__}
    for name in ("status", "fate"):
        values[name] = Status(values[name])
    return Text(**values | {"direction": Direction(values["direction"])})


def find(file: sqlite3.Connection, sid: str) -> Text | None:
    """Return a text that was not deleted."""
    row = file.execute("SELECT * FROM text WHERE sid = ? AND NOT is_removed", (sid,)).fetchone()
    return None if row is None else read(row)


def move_on(file: sqlite3.Connection, text: Text, *, status: Status, now: int) -> Text:
    """Give a text its next status. It is sent when the network has it."""
    is_last = status is text.fate
    row = file.execute(
        "UPDATE text SET status = ?, error_code = ?, updated = ?, sent = coalesce(sent, ?)"
        " WHERE id = ? RETURNING *",
        (
            status,
            text.fate_code if is_last else None,
            now,
            now if status in (Status.SENT, Status.FAILED) else None,
            text.id,
        ),
    ).fetchone()
    return read(row)


def redact(file: sqlite3.Connection, text: Text, *, now: int) -> Text:
    """Forget the words, as the API's update with an empty body does."""
    row = file.execute(
        "UPDATE text SET body = '', updated = ? WHERE id = ? RETURNING *", (now, text.id)
    ).fetchone()
    return read(row)


def remove(file: sqlite3.Connection, text: Text) -> None:
    """Leave it out of the API's answers. A phone keeps what it got."""
    file.execute("UPDATE text SET is_removed = 1 WHERE id = ?", (text.id,))


def unfinished(file: sqlite3.Connection) -> list[Text]:
    """Return the texts whose life was cut off by our own end."""
    rows = file.execute("SELECT * FROM text WHERE status <> fate ORDER BY id")
    return [read(row) for row in rows]


def on_phone(file: sqlite3.Connection, number: str) -> list[Text]:
    """Return what one phone sent and was sent, the oldest first."""
    rows = file.execute(
        "SELECT * FROM text WHERE sender = ? OR recipient = ? ORDER BY id", (number, number)
    )
    return [read(row) for row in rows]


def accepted(file: sqlite3.Connection) -> list[tuple[str, str, int]]:
    """Return, for each number and each body, how often the API took it."""
    rows = file.execute(
        "SELECT recipient, shown, count(*) FROM text WHERE direction = ?"
        " GROUP BY recipient, shown ORDER BY min(id)",
        (Direction.API,),
    )
    return [(recipient, body, count) for recipient, body, count in rows]


def opt_out(file: sqlite3.Connection, number: str) -> None:
    """Have the carrier refuse what is sent to a number."""
    file.execute("INSERT OR IGNORE INTO opted_out VALUES (?)", (number,))


def opt_in(file: sqlite3.Connection, number: str) -> None:
    """Take that back."""
    file.execute("DELETE FROM opted_out WHERE number = ?", (number,))


def is_opted_out(file: sqlite3.Connection, number: str) -> bool:
    """Say whether the carrier refuses what is sent to a number."""
    return bool(file.execute("SELECT 1 FROM opted_out WHERE number = ?", (number,)).fetchone())
