"""Says in plain words what is missing, unsafe or stale in this installation, and how to mend it.

It only reads: it makes no key, migrates nothing and sends no mail, so that it may run at any time,
beside the running service too. It never prints the value of a setting.
"""

from collections.abc import Mapping

from helpline.clock import Clock, utc_now
from helpline.doctor import configured, figures, people, places, stores
from helpline.doctor.finding import Finding, Level
from helpline.settings import Settings, SettingsError
from integrations import database


def inspect(environ: Mapping[str, str], *, clock: Clock = utc_now) -> list[Finding]:
    """Everything worth saying about the installation that these settings describe."""
    found = configured.missing(environ)
    try:
        settings = Settings.from_environ(environ)
    except SettingsError as problem:
        # A missing one has been named already; anything else makes the settings unsafe.
        if not found:
            found.append(configured.refused(problem))
        return found + figures.inspect(clock().date())
    except database.UnknownEngineError:
        return [*found, configured.unknown_engine(), *figures.inspect(clock().date())]
    found += configured.inspect(settings, environ)
    with stores.opened(settings) as opened:
        found += stores.inspect(settings, opened)
        if opened.is_readable:
            found += people.inspect(settings, opened, now=clock())
            found += places.inspect(opened, today=clock().date())
    return found + figures.inspect(clock().date())


def report(environ: Mapping[str, str], *, clock: Clock = utc_now) -> tuple[list[str], int]:
    """What to print, and the exit status: 1 when anything is missing, unsafe or stale."""
    found = inspect(environ, clock=clock)
    order = list(Level)
    lines = ["Settings"]
    lines += [f"  {line}" for line in configured.listed(environ)]
    lines += ["", "Findings"]
    for each in sorted(found, key=lambda one: order.index(one.level)):
        lines += [f"  {each.level.value:8} {each.says}", f"  {'':8} -> {each.mend}"]
    wrong = [each for each in found if each.level is not Level.NOTE]
    lines += ["", _verdict(len(wrong), len(found) - len(wrong))]
    return lines, 1 if wrong else 0


def _verdict(wrong: int, notes: int) -> str:
    noted = f" {notes} to know about." if notes else ""
    if wrong == 0:
        return f"Nothing is missing, unsafe or stale.{noted}"
    return f"{wrong} to mend.{noted}"
