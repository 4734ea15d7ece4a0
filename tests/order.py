"""Begins the files that wait for browsers, processes and outages, so that none is left for last.

A file stays on one worker. Files that mostly wait leave the processor to the others meanwhile;
begun last, one of them would keep a whole run waiting. Within each half the order stays random.
"""

import pytest

_WAIT = ("tests/browser/", "tests/faults/", "tests/deploy/")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not waits(item.nodeid))


def waits(nodeid: str) -> bool:
    """Whether a test's file is one of those that begin first."""
    return nodeid.startswith(_WAIT)
