"""Settings, read once from the environment. Nothing else in the project reads it."""

import base64
import binascii
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from integrations import database
from integrations.keystore import KEY_BYTES

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class SettingsError(ValueError):
    """A setting is missing or unsafe. The message names it and says what to do."""


@dataclass(frozen=True)
class Settings:
    """Everything that differs between two installations. Durations are in seconds.

    ``demo`` is set by ``helpline demo`` alone: it opens the demo pages, on loopback only, and runs
    the escalation clocks ``clock_speed`` times as fast.
    """

    # Addresses may hold a password.
    database_url: str = field(repr=False)
    keystore_url: str = field(repr=False)
    redis_url: str | None = field(repr=False)
    child_origin: str
    staff_origin: str
    kek: bytes = field(repr=False)
    leave_to: str = "https://www.bbc.co.uk/weather"
    open_hours: str = "Mon-Sun 00:00-24:00"
    mail_url: str | None = field(default=None, repr=False)
    mail_from: str = "rota@localhost"
    outside_contact: str | None = field(default=None, repr=False)
    heartbeat_url: str | None = field(default=None, repr=False)
    sentry_dsn: str | None = field(default=None, repr=False)
    metrics_token: str | None = field(default=None, repr=False)
    audit_head_to: str | None = None
    twilio_account_sid: str | None = None
    twilio_auth_token: str | None = field(default=None, repr=False)
    twilio_auth_token_previous: str | None = field(default=None, repr=False)
    twilio_number: str | None = None
    twilio_api: str | None = None
    demo: bool = False
    clock_speed: int = 1
    failpoints: str | None = None

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Read and check every setting; :class:`SettingsError` says what is wrong and the mend."""
        given = os.environ if environ is None else environ
        demo = given.get("HELPLINE_DEMO") == "1"
        settings = cls(
            database_url=_required(given, "HELPLINE_DATABASE_URL"),
            keystore_url=_required(given, "HELPLINE_KEYSTORE_URL"),
            redis_url=given.get("HELPLINE_REDIS_URL") or None,
            child_origin=_origin(given, "HELPLINE_CHILD_ORIGIN"),
            staff_origin=_origin(given, "HELPLINE_STAFF_ORIGIN"),
            kek=_kek(given),
            leave_to=given.get("HELPLINE_LEAVE_TO") or cls.leave_to,
            open_hours=given.get("HELPLINE_OPEN_HOURS") or cls.open_hours,
            mail_url=given.get("HELPLINE_MAIL_URL") or None,
            mail_from=given.get("HELPLINE_MAIL_FROM") or cls.mail_from,
            outside_contact=given.get("HELPLINE_OUTSIDE_CONTACT") or None,
            heartbeat_url=given.get("HELPLINE_HEARTBEAT_URL") or None,
            sentry_dsn=given.get("HELPLINE_SENTRY_DSN") or None,
            metrics_token=given.get("HELPLINE_METRICS_TOKEN") or None,
            audit_head_to=given.get("HELPLINE_AUDIT_HEAD_TO") or None,
            twilio_account_sid=given.get("HELPLINE_TWILIO_ACCOUNT_SID") or None,
            twilio_auth_token=given.get("HELPLINE_TWILIO_AUTH_TOKEN") or None,
            twilio_auth_token_previous=given.get("HELPLINE_TWILIO_AUTH_TOKEN_PREVIOUS") or None,
            twilio_number=given.get("HELPLINE_TWILIO_NUMBER") or None,
            twilio_api=given.get("HELPLINE_TWILIO_API") or None,
            demo=demo,
            clock_speed=10 if demo else 1,
            failpoints=given.get("HELPLINE_FAILPOINTS") or None,
        )
        settings.check()
        return settings

    @property
    def is_embedded(self) -> bool:
        """Whether one process does everything on SQLite."""
        return database.engine_name(self.database_url) == "sqlite"

    @property
    def is_loopback(self) -> bool:
        """Whether both faces are reachable from this machine only."""
        hosts = {urlsplit(self.child_origin).hostname, urlsplit(self.staff_origin).hostname}
        return hosts <= LOOPBACK

    @property
    def faces_differ_by_port(self) -> bool:
        """Whether the two faces share a host name. Allowed in the demo only."""
        return urlsplit(self.child_origin).hostname == urlsplit(self.staff_origin).hostname

    @property
    def has_phones(self) -> bool:
        """Whether texts and calls are set up."""
        return self.twilio_account_sid is not None

    def check(self) -> None:
        """Refuse settings that would expose a child or lose a message."""
        if database.is_same(self.keystore_url, self.database_url):
            raise SettingsError(
                "HELPLINE_KEYSTORE_URL is the same database as HELPLINE_DATABASE_URL. "
                "Give the keystore a database of its own."
            )
        if self.is_embedded != (database.engine_name(self.keystore_url) == "sqlite"):
            raise SettingsError("Put the data and the keystore on the same kind of database.")
        if not self.is_embedded and not self.redis_url:
            raise SettingsError(
                "PostgreSQL needs HELPLINE_REDIS_URL, for the worker and the live layer."
            )
        if self.demo and not self.is_loopback:
            raise SettingsError("The demo answers on loopback only.")
        if self.faces_differ_by_port and not self.demo:
            raise SettingsError(
                "HELPLINE_CHILD_ORIGIN and HELPLINE_STAFF_ORIGIN need two host names: "
                "ports do not keep cookies apart."
            )
        phones = (self.twilio_account_sid, self.twilio_auth_token, self.twilio_number)
        if any(phones) and not all(phones):
            raise SettingsError(
                "Texts and calls need HELPLINE_TWILIO_ACCOUNT_SID, HELPLINE_TWILIO_AUTH_TOKEN and "
                "HELPLINE_TWILIO_NUMBER together, or none of them."
            )
        if self.demo and self.has_phones and not _is_loopback(self.twilio_api):
            raise SettingsError(
                "HELPLINE_TWILIO_API: a demo texts nobody real. It needs the stand-in, on loopback."
            )
        if self.twilio_api and not self.demo:
            raise SettingsError("HELPLINE_TWILIO_API points past Twilio itself: demo only.")
        if self.failpoints and not self.demo:
            raise SettingsError("HELPLINE_FAILPOINTS kills the service on purpose: demo only.")


def environ() -> Mapping[str, str]:
    """The whole environment, for the demo that passes it on and the doctor that looks at it."""
    return dict(os.environ)


def _is_loopback(address: str | None) -> bool:
    return address is not None and urlsplit(address).hostname in LOOPBACK


def _required(given: Mapping[str, str], name: str) -> str:
    value = given.get(name)
    if not value:
        raise SettingsError(f"{name} is not set.")
    return value


def _origin(given: Mapping[str, str], name: str) -> str:
    value = _required(given, name).rstrip("/")
    malformed = SettingsError(f"{name} must look like https://name.example.")
    try:
        parts = urlsplit(value)
        port = f":{parts.port}" if parts.port is not None else ""
    except ValueError:
        raise malformed from None
    # A scheme, a name and perhaps a port; no path, no question, no password.
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise malformed
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    if value.lower() != f"{parts.scheme}://{host}{port}":
        raise malformed
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise SettingsError(f"{name} must be https: a child's words would travel in the open.")
    return value


def _kek(given: Mapping[str, str]) -> bytes:
    text = given.get("HELPLINE_KEK")
    path = given.get("HELPLINE_KEK_FILE")
    if text and path:
        raise SettingsError("Set HELPLINE_KEK or HELPLINE_KEK_FILE, not both.")
    if path:
        try:
            text = Path(path).read_text(encoding="ascii")
        except (OSError, UnicodeError):
            raise SettingsError("HELPLINE_KEK_FILE cannot be read.") from None
    if not text:
        raise SettingsError(
            "HELPLINE_KEK is not set. Make one with `helpline keys new` and keep it apart "
            "from every backup."
        )
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise SettingsError("HELPLINE_KEK must be 32 random bytes in base64.")
    return key
