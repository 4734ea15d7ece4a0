"""One installation on each engine for a module's tests: each begins conversations of its own."""

from collections.abc import Iterator

import pytest

from tests import installation
from tests import stores as stores_of_tests
from tests.clock import Clock
from tests.helpline.public import face as faces
from tests.helpline.public.face import Face, Talk


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
