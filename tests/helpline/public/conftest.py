"""The child's face for tests: shared by a module's tests of the API, new for each test of pages."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from helpline import asgi
from tests import installation
from tests import stores as stores_of_tests
from tests.clock import Clock
from tests.helpline import phone_house
from tests.helpline.public import face as faces
from tests.helpline.public.browser import Child
from tests.helpline.public.calls import Asking
from tests.helpline.public.face import Face, Talk
from tests.stores import Stores


@pytest.fixture(scope="module", params=stores_of_tests.ENGINES)
def _shared_face(request: pytest.FixtureRequest) -> Iterator[Face]:
    template: stores_of_tests.Template = request.getfixturevalue(f"_{request.param}_template")
    with (
        template.fresh() as stores,
        installation.installed(stores, Clock()) as adapters,
        faces.opened(adapters) as opened,
    ):
        yield opened


@pytest.fixture
def face(_shared_face: Face) -> Face:
    """The child's face, to a browser without cookies. Other tests' conversations are there too."""
    _shared_face.client.cookies.clear()
    return _shared_face


@pytest.fixture
def talk(face: Face) -> Talk:
    """A new conversation, with its token."""
    return face.begin()


@pytest.fixture
def child(stores: Stores, clock: Clock) -> Iterator[Child]:
    """A child's browser at an installation of its own, which is open by day."""
    hours = "Mon-Sun 09:00-21:00"
    with (
        installation.installed(stores, clock, leave_to="/plain", open_hours=hours) as adapters,
        TestClient(
            asgi.child_app(adapters),
            base_url=installation.CHILD_ORIGIN,
            raise_server_exceptions=False,
        ) as client,
    ):
        assert client.portal is not None
        client.portal.call(adapters.writer.start)
        yield Child(client, adapters)
        client.portal.call(adapters.writer.stop)


@pytest.fixture
def talking(child: Child) -> Child:
    """The same, on the page where a child writes."""
    child.press("talk")
    return child


@pytest.fixture
def asking(stores: Stores, clock: Clock) -> Iterator[Asking]:
    """A child's browser at an installation with telephones."""
    settings = {**phone_house.SETTINGS, "open_hours": "Mon-Fri 09:00-21:00, Sat-Sun 10:00-18:00"}
    with (
        installation.installed(stores, clock, leave_to="/plain", **settings) as adapters,
        TestClient(
            asgi.child_app(adapters),
            base_url=installation.CHILD_ORIGIN,
            raise_server_exceptions=False,
        ) as client,
    ):
        assert client.portal is not None
        client.portal.call(adapters.writer.start)
        yield Asking(Child(client, adapters))
        client.portal.call(adapters.writer.stop)
