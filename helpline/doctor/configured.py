"""The settings: which are given, which are missing, which are unsafe."""

import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from helpline.doctor.finding import Finding, Level
from helpline.settings import Settings, SettingsError
from integrations.mail import MailAddressError, SmtpMail
from triage import hours

PREFIX = "HELPLINE_"
DEMO = "HELPLINE_DEMO"


@dataclass(frozen=True)
class Known:
    """A setting this program reads. ``otherwise`` is what holds when it is not set."""

    name: str
    otherwise: str
    is_needed: bool = False


# docs/operations.md has the same list with more words; a test compares the two.
KNOWN = (
    Known("HELPLINE_DATABASE_URL", "the service does not start", is_needed=True),
    Known("HELPLINE_KEYSTORE_URL", "the service does not start", is_needed=True),
    Known("HELPLINE_KEK", "HELPLINE_KEK_FILE is read"),
    Known("HELPLINE_KEK_FILE", "HELPLINE_KEK is used"),
    Known("HELPLINE_CHILD_ORIGIN", "the service does not start", is_needed=True),
    Known("HELPLINE_STAFF_ORIGIN", "the service does not start", is_needed=True),
    Known("HELPLINE_REDIS_URL", "embedded: one process does everything"),
    Known("HELPLINE_OPEN_HOURS", "always open"),
    Known("HELPLINE_LEAVE_TO", "a weather page"),
    Known("HELPLINE_MAIL_URL", "no page is mailed"),
    Known("HELPLINE_MAIL_FROM", "rota@localhost"),
    Known("HELPLINE_OUTSIDE_CONTACT", "nobody outside is told"),
    Known("HELPLINE_HEARTBEAT_URL", "nobody outside misses us"),
    Known("HELPLINE_AUDIT_HEAD_TO", "the audit's end stays inside"),
    Known("HELPLINE_METRICS_TOKEN", "figures for this machine only"),
    Known("HELPLINE_SENTRY_DSN", "no error reports leave"),
    Known("HELPLINE_TWILIO_ACCOUNT_SID", "no texts and no calls"),
    Known("HELPLINE_TWILIO_AUTH_TOKEN", "no texts and no calls"),
    Known("HELPLINE_TWILIO_AUTH_TOKEN_PREVIOUS", "one token is accepted"),
    Known("HELPLINE_TWILIO_NUMBER", "no texts and no calls"),
    Known("HELPLINE_TWILIO_API", "the company itself"),
    Known(DEMO, "not a demo"),
    Known("HELPLINE_FAILPOINTS", "none"),
)


def listed(environ: Mapping[str, str]) -> list[str]:
    """Every setting with set or not set. Never a value: some are secrets."""
    width = max(len(each.name) for each in KNOWN)
    return [
        f"{each.name:{width}}  {'set' if environ.get(each.name) else f'not set: {each.otherwise}'}"
        for each in KNOWN
    ]


def missing(environ: Mapping[str, str]) -> list[Finding]:
    """The settings without which nothing starts."""
    found = [
        Finding(
            Level.MISSING,
            each.name,
            f"{each.name} is not set, so the service does not start.",
            "Set it in the environment of every process; docs/operations.md tells its form.",
        )
        for each in KNOWN
        if each.is_needed and not environ.get(each.name)
    ]
    if not environ.get("HELPLINE_KEK") and not environ.get("HELPLINE_KEK_FILE"):
        found.append(
            Finding(
                Level.MISSING,
                "HELPLINE_KEK",
                "There is no key-encryption key, so the service does not start.",
                "Make one with `helpline keys new`, put it into a file and name that in "
                "HELPLINE_KEK_FILE. Keep a copy away from every backup.",
            )
        )
    return found


def refused(problem: SettingsError) -> Finding:
    """A setting that the service refuses to start with. The error's words name it."""
    return Finding(
        Level.UNSAFE,
        "settings",
        str(problem),
        "The service does not start until this is mended.",
    )


def unknown_engine() -> Finding:
    """A database address of a kind that is not understood."""
    return Finding(
        Level.UNSAFE,
        "settings",
        "A database address is neither sqlite:///FILE nor postgresql://.",
        "Correct HELPLINE_DATABASE_URL or HELPLINE_KEYSTORE_URL.",
    )


def inspect(settings: Settings, environ: Mapping[str, str]) -> list[Finding]:
    """What is wrong with settings that the service would start with."""
    found = [*_unknown(environ), *_kek_file(environ), *_unreadable(settings)]
    if settings.failpoints:
        found.append(
            Finding(
                Level.UNSAFE,
                "HELPLINE_FAILPOINTS",
                "Failpoints are set: the service will kill itself on purpose.",
                "Unset HELPLINE_FAILPOINTS unless a fault test is running.",
            )
        )
    if settings.demo:
        found.append(
            Finding(
                Level.NOTE,
                DEMO,
                "This is a demo: its pages sign anybody in, and its clocks run fast.",
                "Never let a child use it.",
            )
        )
        return found
    return [*found, *_outside(settings)]


def _outside(settings: Settings) -> list[Finding]:
    """What an installation needs beyond itself when it is not a demo."""
    wanted = (
        (
            settings.mail_url,
            "HELPLINE_MAIL_URL",
            "No mail server is set: whoever has no console open is not paged.",
            "Set HELPLINE_MAIL_URL, such as smtps://user:password@mail.example.org.",
        ),
        (
            settings.outside_contact,
            "HELPLINE_OUTSIDE_CONTACT",
            "Nobody outside is told when an escalation reached nobody.",
            "Set HELPLINE_OUTSIDE_CONTACT to an address that is read day and night.",
        ),
        (
            settings.heartbeat_url,
            "HELPLINE_HEARTBEAT_URL",
            "Nobody outside notices when this machine stands still.",
            "Set HELPLINE_HEARTBEAT_URL to a service that raises an alarm when it is not pinged.",
        ),
        (
            settings.audit_head_to,
            "HELPLINE_AUDIT_HEAD_TO",
            "The end of the audit chain is not published: its newest rows could be cut off unseen.",
            "Set HELPLINE_AUDIT_HEAD_TO to mailto:ADDRESS or to a file on another machine.",
        ),
    )
    found = [
        Finding(Level.MISSING, name, says, mend) for given, name, says, mend in wanted if not given
    ]
    if settings.mail_url and settings.mail_url.startswith("folder:"):
        found.append(
            Finding(
                Level.UNSAFE,
                "HELPLINE_MAIL_URL",
                "Mail goes into a folder, the demo's stand-in: nobody receives it.",
                "Name a mail server.",
            )
        )
    if settings.is_loopback:
        found.append(
            Finding(
                Level.UNSAFE,
                "HELPLINE_CHILD_ORIGIN",
                "Both faces are on this machine only: no child can reach them.",
                "Give each face its public https address.",
            )
        )
    if not settings.metrics_token:
        found.append(
            Finding(
                Level.NOTE,
                "HELPLINE_METRICS_TOKEN",
                "Figures can be read on this machine only.",
                "Set HELPLINE_METRICS_TOKEN if alarms are raised from elsewhere.",
            )
        )
    return found


def _unknown(environ: Mapping[str, str]) -> list[Finding]:
    known = {each.name for each in KNOWN}
    return [
        Finding(
            Level.NOTE,
            name,
            f"{name} is set, but this program has no such setting.",
            "Correct its spelling or remove it.",
        )
        for name in sorted(environ)
        if name.startswith(PREFIX) and name not in known
    ]


def _unreadable(settings: Settings) -> list[Finding]:
    """Settings whose form is only looked at when they are used."""
    found = []
    try:
        hours.parse(settings.open_hours)
    except hours.OpenHoursError:
        found.append(
            Finding(
                Level.UNSAFE,
                "HELPLINE_OPEN_HOURS",
                "The open hours are not readable, so the service does not start.",
                "Write them like: Mon-Fri 09:00-21:00, Sat-Sun 10:00-18:00.",
            )
        )
    try:
        if settings.mail_url and not settings.mail_url.startswith("folder:"):
            SmtpMail(settings.mail_url, sender=settings.mail_from)
    except (MailAddressError, ValueError):
        found.append(
            Finding(
                Level.UNSAFE,
                "HELPLINE_MAIL_URL",
                "The mail server's address is not readable, so the service does not start.",
                "Write it like: smtps://user:password@mail.example.org.",
            )
        )
    return found


def _kek_file(environ: Mapping[str, str]) -> list[Finding]:
    given = environ.get("HELPLINE_KEK_FILE")
    if not given:
        return []
    mode = stat.S_IMODE(Path(given).stat().st_mode)
    if mode & 0o077 == 0:
        return []
    return [
        Finding(
            Level.UNSAFE,
            "HELPLINE_KEK_FILE",
            "Others on this machine may read the file of the key-encryption key.",
            "chmod 600 the file, and let the service's own user own it.",
        )
    ]
