"""Which engine's statements an installation uses."""

from helpline.audit import statements_postgresql, statements_sqlite
from helpline.audit.record import Statements
from integrations.database import EngineName


def statements_for(engine_name: EngineName) -> Statements:
    """The statements of an engine. Asked once, by the wiring."""
    return statements_sqlite if engine_name == "sqlite" else statements_postgresql
