"""What leaves for Sentry, byte for byte: the kind of an error and its place in the code."""

import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import sentry_sdk
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport

from integrations import sentry

DSN = "http://key@127.0.0.1:9/1"
# A word as a child might write it, in forms that slip past simple filters.
CANARY = "zebrakanarie"


class Recording(Transport):
    """Keeps the bytes that would have gone out."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[bytes] = []

    def capture_envelope(self, envelope: Envelope) -> None:
        self.sent.append(envelope.serialize())

    @property
    def text(self) -> str:
        return b"".join(self.sent).decode()


@pytest.fixture
def recording() -> Iterator[Recording]:
    transport = Recording()
    excepthook = sys.excepthook
    assert sentry.start(DSN, release="helpline-1", transport=transport)
    with sentry_sdk.isolation_scope():
        yield transport
    sentry.stop()
    sys.excepthook = excepthook


class LostError(Exception):
    """An error that carries a child's words in every way it can."""


def fall(words: str) -> None:
    heard = {"words": words, "list": [words] * 3}
    try:
        int(words)
    except ValueError as inner:
        inner.add_note(words)
        lost = LostError(words, heard)
        lost.words = words  # type: ignore[attr-defined]  # as careless code might
        raise lost from inner


def fallen(words: str) -> LostError:
    with pytest.raises(LostError) as caught:
        fall(words)
    return caught.value


def test_nothing_starts_without_an_address() -> None:
    assert not sentry.start(None)
    assert not sentry_sdk.get_client().is_active()
    sentry.report(ValueError(CANARY))


class Unread:
    """A variable that remembers when somebody writes it out."""

    is_read = False

    def __repr__(self) -> str:
        self.is_read = True
        return CANARY


def test_without_an_address_nobody_reads_the_variables_of_an_error() -> None:
    def lose(held: Unread) -> None:
        raise LostError(held)

    held = Unread()
    with pytest.raises(LostError) as caught:
        lose(held)
    sentry.report(caught.value)
    assert not held.is_read


def test_report_says_what_kind_of_error_and_where(recording: Recording) -> None:
    sentry.report(fallen(CANARY))
    assert '"LostError"' in recording.text
    assert '"ValueError"' in recording.text
    assert '"fall"' in recording.text
    assert "test_sentry.py" in recording.text
    assert "helpline-1" in recording.text


def test_no_word_of_a_child_is_in_any_report(
    recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threading, "excepthook", lambda _given: None)
    scope = sentry_sdk.get_isolation_scope()
    scope.set_tag(CANARY, CANARY)
    scope.set_extra(CANARY, CANARY)
    scope.set_user({"id": CANARY, "ip_address": CANARY})
    scope.set_context(CANARY, {CANARY: CANARY})
    scope.set_transaction_name(CANARY)
    scope.fingerprint = [CANARY]
    scope.add_attachment(bytes=CANARY.encode(), filename=CANARY)
    scope.add_event_processor(_with_a_request)
    sentry_sdk.add_breadcrumb(message=CANARY, data={CANARY: CANARY})
    logging.getLogger(CANARY).error("%s", CANARY, exc_info=fallen(CANARY))
    logging.getLogger(CANARY).error(CANARY)
    sentry.report(fallen(CANARY))
    sentry.report(ExceptionGroup(CANARY, [fallen(CANARY), ValueError(CANARY)]))
    sentry.report(UnicodeDecodeError("utf-8", CANARY.encode(), 0, 1, CANARY))
    sentry.report(OSError(2, CANARY, CANARY))
    with sentry_sdk.start_transaction(name=CANARY, op=CANARY):
        sentry_sdk.capture_message(CANARY)
        sentry.report(KeyError(CANARY))
    thread = threading.Thread(target=fall, args=(CANARY,), name=CANARY)
    thread.start()
    thread.join()
    assert len(recording.sent) >= 5
    assert CANARY not in recording.text
    assert CANARY.encode().hex() not in recording.text


def test_only_errors_are_sent_and_nothing_beside_them(recording: Recording) -> None:
    sentry_sdk.capture_message("something")
    sentry_sdk.capture_event({"type": "transaction", "transaction": CANARY})
    sentry_sdk.get_isolation_scope().start_session()
    sentry_sdk.get_isolation_scope().end_session()
    assert recording.sent == []
    sentry_sdk.get_isolation_scope().add_attachment(bytes=b"x", filename="x")
    sentry.report(ValueError())
    assert recording.text.count('"type":"event"') == 1
    assert "attachment" not in recording.text


def test_program_that_dies_reports_the_kind_and_prints_nothing_of_sentrys() -> None:
    program = f"""
import sys
from integrations import sentry
from sentry_sdk.transport import Transport
class Printing(Transport):
    def capture_envelope(self, envelope):
        sys.stdout.write(envelope.serialize().decode())
sys.excepthook = lambda *given: None
sentry.start({DSN!r}, transport=Printing())
raise ValueError({CANARY!r})
"""
    ended = subprocess.run(
        [sys.executable, "-c", program], check=False, capture_output=True, text=True
    )
    assert '"ValueError"' in ended.stdout
    assert CANARY not in ended.stdout
    assert ended.stderr == ""


def _with_a_request(event: Any, _hint: object) -> Any:
    event["request"] = {
        "url": f"http://127.0.0.1/{CANARY}",
        "data": {"text": CANARY},
        "headers": {"Cookie": CANARY, "User-Agent": CANARY},
        "cookies": {CANARY: CANARY},
        "query_string": CANARY,
        "env": {"REMOTE_ADDR": CANARY},
    }
    event["level"] = CANARY
    event["logentry"] = {"message": CANARY, "params": [CANARY]}
    event["modules"] = {CANARY: CANARY}
    event["server_name"] = CANARY
    event["release"] = f"release {CANARY}"
    event[CANARY] = CANARY
    return event
