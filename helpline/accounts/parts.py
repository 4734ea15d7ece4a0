"""What accounts need from the wiring, and nothing more."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol
from uuid import UUID

from starlette.requests import HTTPConnection

from helpline.audit.record import Audit
from helpline.hub import Hub
from helpline.settings import Settings
from helpline.transaction import Transactions
from integrations.keystore import Keystore
from integrations.sealing import Sealing


class Names(Protocol):
    """Tells the name of a member of staff."""

    def of(self, staff: UUID, /) -> str:
        """The name, opened. Reads the database when it is not remembered."""


class Parts(Protocol):
    """The adapters that accounts use; ``helpline.wiring.Adapters`` has them all."""

    @property
    def settings(self) -> Settings: ...

    @property
    def clock(self) -> Callable[[], datetime]: ...

    @property
    def transactions(self) -> Transactions: ...

    @property
    def keystore(self) -> Keystore: ...

    @property
    def sealing(self) -> Sealing: ...

    @property
    def audit(self) -> Audit: ...

    @property
    def names(self) -> Names: ...

    @property
    def hub(self) -> Hub: ...


def of(connection: HTTPConnection) -> Parts:
    """The adapters of the app that a request or a socket came to."""
    adapters: Parts = connection.app.state.adapters
    return adapters
