"""Where a filter of a school or a home breaks the better ways, a reply still arrives in peace."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from tests.browser.acting import ADVOCATE, CALM, Child, Desk
from tests.browser.test_journey_chat import REPLY

ARRIVES_WITHIN_MS = 30_000


@pytest.fixture
def advocate(open_staff_page: Callable[[], Page]) -> Desk:
    desk = Desk(open_staff_page())
    desk.sign_in(ADVOCATE)
    return desk


WAYS = {
    "taken away": "delete window.WebSocket; delete window.EventSource;",
    "never opening": """
        window.WebSocket = class {
            static OPEN = 1;
            readyState = 0;
            close() {}
        };""",
}


@pytest.mark.parametrize("script", WAYS.values(), ids=WAYS)
def test_a_reply_arrives_within_thirty_seconds_whatever_a_filter_breaks(
    advocate: Desk, child_page: Page, script: str
) -> None:
    child_page.add_init_script(script)
    child = Child(child_page)
    child.begin()
    child.write(CALM)
    expect(child.ticks).to_have_count(1, timeout=ARRIVES_WITHIN_MS)
    advocate.claim(child.conversation)
    advocate.reply(REPLY)
    expect(child.words).to_have_text([CALM, REPLY], timeout=ARRIVES_WITHIN_MS)
    expect(child.no_signal).to_be_hidden()
    child.expect_plain_words()


def test_a_socket_cut_in_the_middle_of_a_chat_is_replaced_without_a_word(
    advocate: Desk, child_page: Page
) -> None:
    opened: list[WebSocketRoute] = []

    def join(route: WebSocketRoute) -> None:
        route.connect_to_server()
        opened.append(route)

    child_page.route_web_socket("**/live", join)
    child = Child(child_page)
    child.begin()
    conversation = child.tell(CALM)
    advocate.claim(conversation)
    opened[-1].close()
    advocate.reply(REPLY)
    expect(child.words).to_have_text([CALM, REPLY], timeout=ARRIVES_WITHIN_MS)
    child.expect_plain_words()
