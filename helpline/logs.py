"""Logs: one line of JSON an event, with ids, counts and kinds of errors. Never words.

Two walls. Our own events carry only the keys listed here, in the form listed here. Of what the
libraries log only the place in their code is kept, because a library puts into its message
whatever it was handed: an address, a statement's values, a child's words.
"""

import logging
import re
import sys
import threading
import traceback
from collections.abc import MutableMapping
from datetime import UTC, datetime
from pathlib import PurePath
from types import TracebackType
from typing import Any, TextIO
from uuid import UUID

import msgspec
import structlog

# What an event may say of itself. A new key is a decision: can it ever hold a word of a child's?
KEYS = frozenset(
    {
        "batches", "child", "conversation", "count", "entry", "error", "escalation", "job", "kind",
        "lane", "message", "page", "pid", "port", "process", "rows", "seconds", "seq", "size",
        "staff", "status", "subject", "task", "waiting",
    }
)  # fmt: skip

LONGEST_TRACE = 30
_EVENT = re.compile(r"[a-z_]+(\.[a-z_]+)+")
_TOKEN = re.compile(r"[A-Za-z0-9_.:-]{1,64}")

# These chat about every connection, with addresses in it.
_QUIET = ("uvicorn", "uvicorn.error", "uvicorn.access", "celery", "kombu", "sqlalchemy", "alembic")

Entry = MutableMapping[str, Any]


def start(stream: TextIO = sys.stdout) -> None:
    """Send every log of this process, ours and the libraries', to ``stream`` as JSON lines."""
    structlog.configure(
        processors=[_kept, _rendered],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=stream),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(handlers=[Foreign()], level=logging.WARNING, force=True)
    for name in _QUIET:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
        logger.setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)
    sys.excepthook = _uncaught
    threading.excepthook = _uncaught_in_thread


class Foreign(logging.Handler):
    """Takes what libraries log, and keeps where it was logged and the kind of error."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line. The message is not read: formatting it is what would bring words in."""
        entry: Entry = {"event": "library.logged", "logger": record.name}
        entry["where"] = f"{PurePath(record.pathname).name}:{record.lineno}"
        if record.exc_info is not None:
            entry.update(_problem(record.exc_info[1]))
        _write(record.levelname.lower(), entry)


def _kept(_logger: object, method: str, given: Entry) -> Entry:
    """The part of one of our events that may be written."""
    event = given.pop("event", "")
    problem = given.pop("exc_info", None)
    kept: Entry = {"event": event if _EVENT.fullmatch(str(event)) else "event.unnamed"}
    kept["level"] = method
    for key, value in given.items():
        if key in KEYS:
            kept[key] = _value(value)
        else:
            # Told apart from silence, so that whoever adds a key notices.
            kept["left_out"] = kept.get("left_out", 0) + 1
    if problem is not None:
        kept.update(_problem(_raised(problem)))
    return kept


def _value(value: object) -> object:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, str) and _TOKEN.fullmatch(value):
        return str(value)
    return "?"


def _raised(given: object) -> BaseException | None:
    if isinstance(given, BaseException):
        return given
    if isinstance(given, tuple) and isinstance(given[1], BaseException):
        return given[1]
    return sys.exception() if given else None


def _problem(problem: BaseException | None) -> Entry:
    """The kinds of an error and its causes, and the places it came through. Never its text."""
    kinds: list[str] = []
    trace: list[str] = []
    seen: set[int] = set()
    while problem is not None and id(problem) not in seen:
        seen.add(id(problem))
        kinds.append(type(problem).__name__)
        trace += [
            f"{PurePath(frame.filename).name}:{frame.lineno} {frame.name}"
            # Lines of source are left out as well: lookup_lines reads them from disk.
            for frame in traceback.StackSummary.extract(
                traceback.walk_tb(problem.__traceback__), lookup_lines=False
            )
        ]
        problem = problem.__cause__ or problem.__context__
    return {"error": ":".join(kinds), "trace": trace[-LONGEST_TRACE:]} if kinds else {}


def _rendered(_logger: object, _method: str, kept: Entry) -> str:
    return msgspec.json.encode({"at": datetime.now(UTC), **kept}).decode()


def _write(level: str, entry: Entry) -> None:
    # Past the filter and the keys of our own events; everything in it was made here.
    structlog.get_config()["logger_factory"]().msg(
        _rendered(None, level, {"level": level, **entry})
    )


def _uncaught(
    kind: type[BaseException], problem: BaseException, trace: TracebackType | None
) -> None:
    del kind, trace
    _write("critical", {"event": "process.died", **_problem(problem)})


def _uncaught_in_thread(given: threading.ExceptHookArgs) -> None:
    _write("critical", {"event": "thread.died", **_problem(given.exc_value)})
