"""Error reports to Sentry: off without an address, and on with nothing in them but code.

What leaves is built from nothing by an allow-list: the types of the exceptions and the places in
the code. Never a message, a value, a variable, a request, a log line: any of them may hold a
child's words. None of Sentry's web, queue or logging integrations is used, so Sentry never gets
to see a request in the first place.
"""

import re
from typing import TYPE_CHECKING, Any

import sentry_sdk
from sentry_sdk.integrations.atexit import AtexitIntegration
from sentry_sdk.integrations.dedupe import DedupeIntegration
from sentry_sdk.integrations.excepthook import ExcepthookIntegration
from sentry_sdk.integrations.threading import ThreadingIntegration

if TYPE_CHECKING:
    from sentry_sdk.transport import Transport
    from sentry_sdk.types import Event, Hint

_NAME = re.compile(r"[A-Za-z_<][A-Za-z0-9_.<>]{0,119}")
_PATH = re.compile(r"[A-Za-z0-9_./<> -]{1,200}")
_HEX = re.compile(r"[0-9a-f]{32}")
_INSTANT = re.compile(r"[0-9T:.Z+-]{10,40}")
_LEVELS = frozenset({"fatal", "error", "warning", "info"})


def start(
    dsn: str | None, *, release: str | None = None, transport: "Transport | None" = None
) -> bool:
    """Report unhandled errors of this process from now on; False when there is no address.

    ``transport`` takes the place of the network, for a test.
    """
    if dsn is None:
        return False
    sentry_sdk.init(
        dsn=dsn,
        release=release,
        transport=transport,
        before_send=scrubbed,
        before_send_transaction=_no_transaction,
        before_breadcrumb=_no_breadcrumb,
        default_integrations=False,
        auto_enabling_integrations=False,
        integrations=[
            AtexitIntegration(callback=_say_nothing),
            DedupeIntegration(),
            ExcepthookIntegration(),
            ThreadingIntegration(propagate_scope=False),
        ],
        # Everything below only keeps from being gathered what would not be let through anyway.
        # (Personal data are off by default; naming the old switch for it is a warning now.)
        include_local_variables=False,
        include_source_context=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        server_name="",
        attach_stacktrace=False,
        propagate_traces=False,
        auto_session_tracking=False,
        send_client_reports=False,
        enable_logs=False,
        enable_metrics=False,
        spotlight=False,
        debug=False,
    )
    return True


def report(problem: BaseException) -> None:
    """Report an error that was handled. Does nothing when Sentry is off."""
    # Without an address the library would still write out every variable of every frame, a
    # child's words among them, and only then find nobody to send it to.
    if sentry_sdk.get_client().is_active():
        sentry_sdk.capture_exception(problem)


def stop() -> None:
    """Send what waits for up to 2 s and report nothing more."""
    sentry_sdk.get_client().close(timeout=2)
    sentry_sdk.get_global_scope().set_client(None)


def scrubbed(event: "Event", hint: "Hint") -> "Event | None":
    """A new event with what is allowed of the old one; None when it is not about an error."""
    # Attachments travel beside the event and are read from the hint after this.
    hint.pop("attachments", None)
    raised = event.get("exception")
    if event.get("type") is not None or not isinstance(raised, dict):
        return None
    kept: dict[str, Any] = {
        "platform": "python",
        "level": event.get("level") if event.get("level") in _LEVELS else "error",
        "exception": {"values": [_exception(each) for each in raised.get("values") or []]},
    }
    _keep(kept, event, "event_id", _HEX)
    _keep(kept, event, "timestamp", _INSTANT)
    # Not the event's: this one was given to start().
    kept["release"] = sentry_sdk.get_client().options["release"]
    return kept  # type: ignore[return-value]  # a plain dict of an event's keys


def _exception(raised: dict[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for key in ("type", "module"):
        _keep(kept, raised, key, _NAME)
    mechanism = raised.get("mechanism") or {}
    kept["mechanism"] = {
        "type": "generic",
        **{
            key: value
            for key in ("handled", "exception_id", "parent_id", "is_exception_group")
            if isinstance(value := mechanism.get(key), int)
        },
    }
    frames = (raised.get("stacktrace") or {}).get("frames") or []
    kept["stacktrace"] = {"frames": [_frame(frame) for frame in frames]}
    return kept


def _frame(frame: dict[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    _keep(kept, frame, "filename", _PATH)
    for key in ("function", "module"):
        _keep(kept, frame, key, _NAME)
    for key in ("lineno", "in_app"):
        if isinstance(frame.get(key), int):
            kept[key] = frame[key]
    return kept


def _keep(kept: dict[str, Any], found: Any, key: str, form: re.Pattern[str]) -> None:
    value = found.get(key)
    if isinstance(value, str) and form.fullmatch(value):
        kept[key] = value


def _no_transaction(_event: "Event", _hint: "Hint") -> None:
    """Timings of requests and queries are not sent; they pass by before_send."""


def _no_breadcrumb(_breadcrumb: dict[str, Any], _hint: dict[str, Any]) -> None:
    """What happened before an error is not sent."""


def _say_nothing(_pending: int, _timeout: float) -> None:
    """Sentry would print how many reports wait when the process ends."""
