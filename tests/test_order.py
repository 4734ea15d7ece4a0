"""Files that wait begin first; nothing is lost or doubled on the way."""

from tests import order


class _Named:
    def __init__(self, nodeid: str) -> None:
        self.nodeid = nodeid


def test_files_that_wait_come_first_and_keep_their_order() -> None:
    names = [
        "tests/chat/test_a.py::one",
        "tests/faults/test_b.py::two",
        "tests/triage/test_c.py::three",
        "tests/browser/test_d.py::four",
    ]
    items = [_Named(name) for name in names]
    order.pytest_collection_modifyitems(items)  # type: ignore[arg-type] # only the name is read
    assert [item.nodeid for item in items] == [names[1], names[3], names[0], names[2]]
