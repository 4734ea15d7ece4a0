"""Logs: our events with their ids, and never a word, whoever logs it and however it fails."""

import io
import json
import logging
import sys
import threading
import warnings
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
import structlog

from helpline import logs

CANARY = "zebrakanarie"


class Lines(io.StringIO):
    """What was logged."""

    def entries(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.getvalue().splitlines()]


@pytest.fixture
def lines() -> Iterator[Lines]:
    root = logging.getLogger()
    before = root.handlers[:], root.level, sys.excepthook, threading.excepthook
    stream = Lines()
    logs.start(stream)
    yield stream
    structlog.reset_defaults()
    logging.captureWarnings(capture=False)
    root.handlers[:], root.level, sys.excepthook, threading.excepthook = before


def fail(words: str) -> None:
    try:
        int(words)
    except ValueError as inner:
        raise RuntimeError(words) from inner


def failed() -> RuntimeError:
    with pytest.raises(RuntimeError) as caught:
        fail(CANARY)
    return caught.value


def test_event_carries_ids_counts_and_kinds(lines: Lines) -> None:
    structlog.get_logger().warning("job.failed", job=UUID(int=1), kind="mail_page", size=3)
    [entry] = lines.entries()
    assert entry.pop("at").endswith("Z")
    assert entry == {
        "event": "job.failed",
        "level": "warning",
        "job": str(UUID(int=1)),
        "kind": "mail_page",
        "size": 3,
    }


def test_other_keys_values_and_events_are_left_out(lines: Lines) -> None:
    log = structlog.get_logger()
    log.info("job.failed", text=CANARY, to=CANARY, kind=f"two {CANARY}s", job=[CANARY])
    for event in (CANARY, f"The child wrote {CANARY}"):
        log.info(event)
    told, *unnamed = lines.entries()
    assert (told["left_out"], told["kind"], told["job"]) == (2, "?", "?")
    assert [entry["event"] for entry in unnamed] == ["event.unnamed"] * 2
    assert CANARY not in lines.getvalue()


def test_error_is_told_by_its_kinds_and_places(lines: Lines) -> None:
    try:
        fail(CANARY)
    except RuntimeError:
        structlog.get_logger().exception("job.failed")
    structlog.get_logger().error("job.failed", exc_info=failed())
    for entry in lines.entries():
        assert entry["error"] == "RuntimeError:ValueError"
        assert any(place.endswith(" fail") for place in entry["trace"])
    assert CANARY not in lines.getvalue()


@pytest.mark.parametrize(
    "name", ["uvicorn.error", "celery.app.trace", "sqlalchemy.engine", "asyncio", "other"]
)
def test_library_is_quoted_by_place_and_not_by_word(lines: Lines, name: str) -> None:
    logger = logging.getLogger(name)
    logger.error("It was %s", CANARY)
    logger.error(CANARY, exc_info=failed(), extra={"data": CANARY})
    plain, with_error = lines.entries()
    assert (plain["event"], plain["logger"], plain["level"]) == ("library.logged", name, "error")
    assert plain["where"].startswith("test_logs.py:")
    assert with_error["error"] == "RuntimeError:ValueError"
    assert CANARY not in lines.getvalue()


def test_libraries_say_nothing_below_a_warning(lines: Lines) -> None:
    for name in ("uvicorn.access", "uvicorn.error", "celery", "other"):
        logging.getLogger(name).info("GET /%s", CANARY)
    assert lines.entries() == []


def test_warning_is_quoted_by_place(lines: Lines) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=True)
        warnings.warn(CANARY, UserWarning, stacklevel=1)
        logging.captureWarnings(capture=False)
    [entry] = lines.entries()
    assert entry["logger"] == "py.warnings"
    assert CANARY not in lines.getvalue()


def test_what_dies_says_only_its_kind(lines: Lines, capsys: pytest.CaptureFixture[str]) -> None:
    problem = failed()
    sys.excepthook(RuntimeError, problem, problem.__traceback__)
    threading.excepthook(
        threading.ExceptHookArgs((RuntimeError, problem, problem.__traceback__, None))
    )
    assert [entry["event"] for entry in lines.entries()] == ["process.died", "thread.died"]
    assert all(entry["error"] == "RuntimeError:ValueError" for entry in lines.entries())
    assert CANARY not in lines.getvalue()
    assert capsys.readouterr().err == ""
