"""A reload, a lost connection, a second tab, a dead service: nothing is lost, nothing doubled."""

import os
import signal
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests import service
from tests.browser.acting import ADVOCATE, CALM, Child, Desk
from tests.browser.test_journey_chat import REPLY
from tests.service import Service

pytestmark = service.ON_BOTH_ENGINES

BACK_WITHIN_MS = 45_000  # the longest rest between two tries is 15 s, and the service has to start
NO_SIGNAL = "No signal. We keep trying. Your words stay here."


@pytest.fixture
def advocate(open_staff_page: Callable[[], Page]) -> Desk:
    desk = Desk(open_staff_page())
    desk.sign_in(ADVOCATE)
    return desk


def second_tab(child: Child) -> Child:
    tab = Child(child.page.context.new_page())
    tab.page.goto("/")
    expect(tab.box).to_be_visible()
    return tab


def test_reload_a_second_tab_and_no_network_lose_and_double_nothing(
    advocate: Desk, child_page: Page
) -> None:
    child = Child(child_page)
    child.begin()
    conversation = child.tell(CALM)
    child_page.reload()
    tab = second_tab(child)
    tab.write("From the other tab")
    expect(child.words).to_have_text([CALM, "From the other tab"])
    advocate.claim(conversation)

    child_page.context.set_offline(True)
    child.write("Without a network")
    child.box.fill("half a thou")
    expect(child.no_signal).to_have_text(NO_SIGNAL)
    expect(child.no_signal).to_be_visible(timeout=BACK_WITHIN_MS)
    expect(child.words).to_have_count(3)
    expect(child.ticks).to_have_count(2)
    advocate.reply(REPLY)
    expect(child.box).to_have_value("half a thou")

    child_page.context.set_offline(False)
    said = [CALM, "From the other tab", REPLY, "Without a network"]
    expect(child.ticks).to_have_count(3, timeout=BACK_WITHIN_MS)
    expect(child.no_signal).to_be_hidden()
    for page in (child, tab):
        expect(page.words).to_have_text(said, timeout=BACK_WITHIN_MS)
    expect(child.box).to_have_value("half a thou")
    expect(advocate.said).to_have_text(said)
    child_page.reload()
    expect(child.words).to_have_text(said)


@pytest.fixture
def restarting(served: Service) -> Iterator[Service]:
    """A service that a test may kill; it runs again for the next test."""
    yield served
    if not served.is_ready():
        served.launch()


def kill(running: Service) -> None:
    """Kill the web process as a power cut would. The rest of the demo then ends by itself."""
    assert running.process is not None
    os.kill(running.pid("web"), signal.SIGKILL)
    running.process.wait(timeout=service.STOP_WITHIN)
    running.process = None


def test_a_killed_service_loses_and_doubles_nothing(
    restarting: Service, advocate: Desk, child_page: Page
) -> None:
    child = Child(child_page)
    child.begin()
    conversation = child.tell(CALM)
    advocate.claim(conversation)
    advocate.reply_box.fill("Begun before")

    child.write("Just before")
    kill(restarting)
    child.write("While it was dead")
    child.box.fill("half a thou")
    advocate.page.locator("#send").click()
    expect(child.no_signal).to_be_visible(timeout=BACK_WITHIN_MS)
    expect(advocate.page.locator("#alarm")).to_contain_text("You may be missing messages")
    expect(child.words).to_have_text([CALM, "Just before", "While it was dead"])
    expect(child.box).to_have_value("half a thou")
    restarting.launch()

    expect(child.ticks).to_have_count(3, timeout=BACK_WITHIN_MS)
    expect(child.no_signal).to_be_hidden(timeout=BACK_WITHIN_MS)
    expect(child.box).to_have_value("half a thou")
    wanted = [CALM, "Just before", "While it was dead", "Begun before"]
    # The child wrote meanwhile, so the advocate may be asked to look before the reply leaves.
    anyway = advocate.pending.get_by_role("button", name="Send it now")
    left = advocate.said.filter(has_text="Begun before")
    expect(anyway.or_(left).first).to_be_visible(timeout=BACK_WITHIN_MS)
    if anyway.is_visible():
        anyway.click()
    expect(child.words).to_have_count(4, timeout=BACK_WITHIN_MS)
    assert sorted(child.words.all_inner_texts()) == sorted(wanted)
    order = [each["text"] for each in child.asked().json()["messages"]]
    assert sorted(order) == sorted(wanted)
    assert [each for each in order if each in wanted[:3]] == wanted[:3]
    expect(advocate.said).to_have_text(order, timeout=BACK_WITHIN_MS)
    expect(advocate.page.locator("#alarm")).not_to_contain_text("You may be missing messages")
    child_page.reload()
    expect(child.words).to_have_text(order)
    child.expect_plain_words()
