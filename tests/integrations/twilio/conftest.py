"""A server on loopback that the real client talks to."""

from collections.abc import Iterator

import pytest

from tests.integrations.twilio.wire import Wire, serving


@pytest.fixture
def wire() -> Iterator[Wire]:
    with serving() as running:
        yield running
