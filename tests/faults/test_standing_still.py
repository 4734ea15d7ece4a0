"""A worker that is stopped, not dead: the console says so in 60 s, outside hears in 180."""

import http.cookiejar
import os
import signal
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from integrations.standins import mail
from integrations.standins.watcher import OutsideWatcher
from tests.faults.processes import Installation

BANNER_WITHIN = 60.0
OUTSIDE_WITHIN = 180.0
# The page asks every ten seconds; a test asks at once, and must leave that time to it.
PAGE_ASKS_EVERY = 10.0


@pytest.mark.timeout(400)
def test_a_stopped_worker_is_shown_and_told_outside_and_then_it_is_over(
    grown: Installation,
) -> None:
    assert grown.worker is not None
    with OutsideWatcher() as outside:
        grown.environ["HELPLINE_HEARTBEAT_URL"] = outside.url
        grown.environ["HELPLINE_OUTSIDE_CONTACT"] = "outside@example.org"
        grown.launch()
        assert grown.worker.running is not None
        banner = _banner(grown)
        _until(lambda: bool(outside.pinged_at), within=60)
        assert "<p>" not in banner()
        os.killpg(grown.worker.running.pid, signal.SIGSTOP)
        stopped_at = time.monotonic()
        pinged = len(outside.pinged_at)
        try:
            _until(lambda: "No worker" in banner(), within=BANNER_WITHIN - PAGE_ASKS_EVERY)
            _until(
                lambda: _told(grown.folder, "not finishing"),
                within=OUTSIDE_WITHIN - (time.monotonic() - stopped_at),
            )
            assert len(outside.pinged_at) - pinged <= 1
        finally:
            os.killpg(grown.worker.running.pid, signal.SIGCONT)
        _until(lambda: "<p>" not in banner(), within=60)
        _until(lambda: _told(grown.folder, "finishing again"), within=60)


def _banner(grown: Installation) -> Callable[[], str]:
    staff = grown.settings.staff_origin
    opener = urllib.request.build_opener(
        urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
    )
    assert urlsplit(staff).hostname == "127.0.0.1"
    opener.open(f"{staff}/demo/as/advocate").read()

    def read() -> str:
        with opener.open(f"{staff}/console/fragments/watch") as answer:
            text: bytes = answer.read()
        return text.decode()

    return read


def _told(folder: Path, words: str) -> bool:
    return any(words in each.subject for each in mail.sent(folder / "mail"))


def _until(holds: Callable[[], bool], *, within: float) -> None:
    give_up = time.monotonic() + within
    while not holds():
        assert time.monotonic() < give_up
        time.sleep(0.5)
