"""A real browser on a real service: Debian's Chromium, driven by Playwright.

Everything here lives as long as one module: Playwright holds the thread's event loop, which the
asynchronous tests of other modules need. For the same reason a module of browser tests has no
`async def` test.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, sync_playwright

from tests import servers
from tests.browser.opening import DESK, PHONE, OpenPage, Screen
from tests.service import Service

QUIET = (
    "--headless", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-default-apps", "--disable-extensions",
)  # fmt: skip
PATIENCE_MS = 10_000


def _chromium() -> str:
    program = shutil.which("chromium")
    if program is None:
        raise servers.NotInstalledError(package="chromium")
    return program


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = servers.unless_missing(_chromium)
    # Chromium's sandbox cannot be set up by root.
    arguments = [*QUIET, "--no-sandbox"] if os.geteuid() == 0 else [*QUIET]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=arguments)
        yield chromium
        chromium.close()


@pytest.fixture
def javascript(request: pytest.FixtureRequest) -> bool:
    """Whether pages run scripts: `opening.WITH_AND_WITHOUT_JAVASCRIPT` tries both."""
    wanted: bool = getattr(request, "param", True)
    return wanted


@pytest.fixture
def script_faults() -> Iterator[list[str]]:
    """What scripts got wrong: errors nobody caught, and what the content policy refused.

    Anything left here at the end fails the test; a test that provokes a fault clears the list.
    """
    faults: list[str] = []
    yield faults
    assert not faults, "\n".join(faults)


@pytest.fixture
def open_page(browser: Browser, javascript: bool, script_faults: list[str]) -> Iterator[OpenPage]:  # noqa: FBT001 - pytest passes fixtures by name
    """Open pages, each in a browser of its own: no cookie is shared between them."""

    def note(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            script_faults.append(message.text)

    def note_error(error: Error) -> None:
        script_faults.append(str(error))

    with ExitStack() as opened:

        def opening(*, origin: str, screen: Screen) -> Page:
            context = browser.new_context(
                base_url=origin,
                viewport={"width": screen.width, "height": screen.height},
                has_touch=screen.touch,
                is_mobile=screen.touch,
                java_script_enabled=javascript,
                locale="en-GB",
                timezone_id="Europe/London",
            )
            opened.callback(context.close)
            context.set_default_timeout(PATIENCE_MS)
            page = context.new_page()
            page.on("console", note)
            page.on("pageerror", note_error)
            return page

        yield opening


@pytest.fixture
def open_child_page(served: Service, open_page: OpenPage) -> Callable[[], Page]:
    """Open one more child's phone, 360x640. Nothing is loaded yet: `page.goto("/")`."""
    return partial(open_page, origin=served.child, screen=PHONE)


@pytest.fixture
def open_staff_page(served: Service, open_page: OpenPage) -> Callable[[], Page]:
    """Open one more person's desk, 1440x900: `page.goto("/demo/as/advocate")`."""
    return partial(open_page, origin=served.staff, screen=DESK)


@pytest.fixture
def child_page(open_child_page: Callable[[], Page]) -> Page:
    return open_child_page()


@pytest.fixture
def staff_page(open_staff_page: Callable[[], Page]) -> Page:
    return open_staff_page()


@pytest.fixture
def handset(served: Service, open_page: OpenPage) -> Callable[[str], Page]:
    """Open the pretend phone of a number such as 447700900201, at 360x640."""

    def opened(number: str) -> Page:
        page = open_page(origin=served.staff, screen=PHONE)
        page.goto(f"/demo/phone?number=%2B{number}")
        return page

    return opened
