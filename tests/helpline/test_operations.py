"""/readyz: whether this process can accept a message, from what it would need for one."""

import time

import pytest

from helpline import operations
from tests import installation
from tests.clock import Clock
from tests.stores import Stores


def test_a_writer_that_hangs_in_one_batch_is_not_ready(
    stores: Stores, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with installation.installed(stores, clock, redis_url="redis://127.0.0.1:1") as adapters:
        monkeypatch.setattr(adapters.writer, "is_alive", True)
        assert operations.look(adapters)["writer"]
        monkeypatch.setattr(adapters.writer, "_busy_since", time.monotonic() - 10)
        assert operations.look(adapters)["writer"]
        monkeypatch.setattr(adapters.writer, "_busy_since", time.monotonic() - 16)
        assert not operations.look(adapters)["writer"]
