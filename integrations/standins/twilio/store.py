"""The stand-in's own file: what it accepted is there after a ``kill -9``.

One connection on one thread. Each statement is its own transaction, unless it says otherwise.
"""

import sqlite3
from pathlib import Path

SCHEMA = """
CREATE TABLE IF NOT EXISTS text (
    id INTEGER PRIMARY KEY,
    sid TEXT NOT NULL UNIQUE,
    direction TEXT NOT NULL,
    sender TEXT NOT NULL,
    recipient TEXT NOT NULL,
    body TEXT NOT NULL,        -- as the API tells it: empty once it was redacted
    shown TEXT NOT NULL,       -- as the phone shows it: nobody redacts a phone
    pictures INTEGER NOT NULL,
    status TEXT NOT NULL,
    error_code INTEGER,
    fate TEXT NOT NULL,        -- the status that it will end in
    fate_code INTEGER,
    callback TEXT,
    created INTEGER NOT NULL,  -- milliseconds of the Unix clock, here and below
    sent INTEGER,
    updated INTEGER NOT NULL,
    is_removed INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX IF NOT EXISTS text_created ON text (created, id);
CREATE INDEX IF NOT EXISTS text_sender ON text (sender);
CREATE INDEX IF NOT EXISTS text_recipient ON text (recipient);
CREATE TABLE IF NOT EXISTS call (
    id INTEGER PRIMARY KEY,
    sid TEXT NOT NULL UNIQUE,
    parent TEXT,
    direction TEXT NOT NULL,
    sender TEXT NOT NULL,
    recipient TEXT NOT NULL,
    status TEXT NOT NULL,
    said TEXT NOT NULL,        -- JSON: what was said to whoever held the phone
    is_machine INTEGER NOT NULL,
    joined TEXT,
    created INTEGER NOT NULL,
    started INTEGER,
    answered INTEGER,
    ended INTEGER,
    updated INTEGER NOT NULL,
    is_removed INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE IF NOT EXISTS opted_out (number TEXT PRIMARY KEY) STRICT;
"""
TABLES = ("text", "call", "opted_out")


def open_file(path: Path) -> sqlite3.Connection:
    """Open the file, or make it."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")  # a killed process loses nothing with it
    connection.executescript(SCHEMA)
    return connection


def forget_all(connection: sqlite3.Connection) -> None:
    """Leave the file as new."""
    for table in TABLES:
        connection.execute(f"DELETE FROM {table}")  # noqa: S608 - three names from above
