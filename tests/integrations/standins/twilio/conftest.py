"""One stand-in for the session, as new for each test, with the real client before it."""

from collections.abc import Iterator

import pytest
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from integrations.standins.twilio.control import Phones
from tests.integrations.standins.twilio.listening import Listener, Service
from tests.twilio_standin import ACCOUNT, TOKEN, StandIn


@pytest.fixture(scope="session")
def listener() -> Iterator[Listener]:
    listener = Listener()
    yield listener
    listener.stop()


@pytest.fixture(scope="session")
def _running(listener: Listener) -> Iterator[StandIn]:
    standin = StandIn.start(webhooks=listener.origin)
    yield standin
    standin.remove()


@pytest.fixture
def standin(_running: StandIn, listener: Listener) -> StandIn:
    """A stand-in that knows nothing and behaves well."""
    _running.phones.reset()
    listener.drain()
    listener.service.forget()
    return _running


@pytest.fixture
def service(listener: Listener) -> Service:
    """The other side of the webhooks."""
    return listener.service


@pytest.fixture
def phones(standin: StandIn) -> Phones:
    return standin.phones


@pytest.fixture
def client(standin: StandIn) -> Iterator[Client]:
    """Twilio's own client, which asks the stand-in."""
    yield from connected(standin)


def connected(standin: StandIn, *, token: str = TOKEN) -> Iterator[Client]:
    http_client = TwilioHttpClient(timeout=10)
    client = Client(ACCOUNT, token, http_client=http_client)
    client.api.base_url = standin.api
    yield client
    assert http_client.session is not None
    http_client.session.close()
