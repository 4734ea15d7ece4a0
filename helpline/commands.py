"""Commands that change something, and the errors that a command line says in words.

In the embedded default one process writes. A command run beside a running service therefore asks
that service over a Unix socket that only its own user may open (helpline/control.py).
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import sqlalchemy as sa

from helpline import control, failpoints, migrating, tracing, wiring
from helpline.accounts import edge
from helpline.accounts import errors as accounts
from helpline.accounts.models import Role
from helpline.audit.heads import HeadUnreadableError
from helpline.institutions import listing, loading
from helpline.institutions.listing import UnusableListError
from helpline.settings import Settings, SettingsError
from helpline.transaction import AlreadyRunningError, hold_alone
from integrations.database import UnknownEngineError, UnsafeDatabaseError
from integrations.keystore import KeyMissingError, WrongKeyEncryptionKeyError
from integrations.mail import MailAddressError
from triage.hours import OpenHoursError

if TYPE_CHECKING:
    from helpline.wiring import Adapters

Arguments = Mapping[str, str]

REFUSALS = (
    SettingsError,
    AlreadyRunningError,
    control.RefusedError,
    migrating.SchemaAheadError,
    migrating.SchemaBehindError,
    UnknownEngineError,
    UnsafeDatabaseError,
    KeyMissingError,
    WrongKeyEncryptionKeyError,
    HeadUnreadableError,
    MailAddressError,
    OpenHoursError,
    UnusableListError,
    failpoints.UnknownFailpointError,
    tracing.NotAnIdError,
    tracing.UnknownIdError,
    accounts.NobodyError,
    accounts.WrongAddressError,
    accounts.WrongNameError,
    sa.exc.SQLAlchemyError,
    OSError,
)


def words(problem: Exception) -> str:
    """What is wrong, for a person: the error's own words or its docstring."""
    if isinstance(problem, sa.exc.SQLAlchemyError):
        # Its own words may repeat a statement's values.
        return (
            "The database does not answer. Is it running, is its address right, "
            "and may this user open it?"
        )
    if isinstance(problem, OSError):
        where = f": {problem.filename}" if problem.filename else ""
        return f"This machine says: {problem.strerror or type(problem).__name__}{where}."
    return str(problem) or (type(problem).__doc__ or type(problem).__name__).strip()


def _staff_add(adapters: "Adapters", given: Arguments) -> str:
    return edge.add(
        adapters, email=given["email"], role=Role(given["role"]), name=given.get("name")
    )


def _staff_disable(adapters: "Adapters", given: Arguments) -> str:
    edge.disable(adapters, email=given["email"])
    return "Disabled. Open screens close within 5 seconds and what they held is in the queue."


def _places(adapters: "Adapters", given: Arguments) -> str:
    loaded = loading.load(adapters, listed=listing.parse(given["list"]))
    return (
        f"{loaded.authorities} authorities, {loaded.forces} police forces and "
        f"{loaded.institutions} institutions, {loaded.new} of them new."
    )


COMMANDS: Mapping[str, Callable[["Adapters", Arguments], str]] = {
    "staff add": _staff_add,
    "staff disable": _staff_disable,
    "places": _places,
}


def answer(adapters: "Adapters", command: str, given: Arguments) -> str:
    """Do a command inside the running service; :class:`control.RefusedError` in words."""
    try:
        return COMMANDS[command](adapters, given)
    except REFUSALS as problem:
        raise control.RefusedError(words(problem)) from None


def do(settings: Settings, command: str, given: Arguments, *, bell: wiring.Bell) -> str:
    """Do a command here, or ask the running service to."""
    try:
        with hold_alone(settings):
            migrating.check_both(settings.database_url, settings.keystore_url)
            adapters = wiring.build(settings, bell=bell)
            try:
                return COMMANDS[command](adapters, given)
            finally:
                adapters.close()
    except AlreadyRunningError:
        return control.ask(settings, command, given)
