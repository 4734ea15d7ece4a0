"""The conversation of a child's page, live: nothing is lost and nothing is doubled."""

import pytest
from playwright.sync_api import Locator, Page, WebSocketRoute, expect

ARRIVES_WITHIN_MS = 30_000


def talk(page: Page) -> None:
    page.goto("/")
    page.get_by_role("button", name="Talk to someone").click()
    page.wait_for_selector("textarea")


def second_tab(page: Page) -> Page:
    tab = page.context.new_page()
    tab.goto("/")
    tab.wait_for_selector("textarea")
    return tab


def send(page: Page, text: str) -> None:
    page.get_by_label("Your message").fill(text)
    page.get_by_role("button", name="Send").click()


def block(page: Page, *ways: str) -> None:
    """Break the ways that filters of schools and homes break."""

    def refuse(socket: WebSocketRoute) -> None:
        socket.close()

    page.route_web_socket("**/live", refuse)
    if "events" in ways:
        page.route("**/events*", lambda route: route.abort())


def said(page: Page) -> Locator:
    return page.locator(".said .words")


def ticked(page: Page) -> Locator:
    return page.locator(".said .state.sent:visible")


def test_an_own_message_is_shown_at_once_and_ticked_when_kept(child_page: Page) -> None:
    talk(child_page)
    send(child_page, "Hello?")
    expect(said(child_page)).to_have_text(["Hello?"])
    expect(ticked(child_page)).to_have_count(1)
    expect(child_page.get_by_label("Your message")).to_be_focused()
    expect(child_page.get_by_label("Your message")).to_have_value("")


def test_a_second_tab_shows_the_same_once(child_page: Page) -> None:
    talk(child_page)
    send(child_page, "One")
    tab = second_tab(child_page)
    send(tab, "Two")
    send(child_page, "Two")
    for page in (child_page, tab):
        expect(said(page)).to_have_text(["One", "Two", "Two"])
    child_page.reload()
    expect(said(child_page)).to_have_text(["One", "Two", "Two"])


def test_the_same_words_from_another_tab_tick_nothing_that_is_not_sent(child_page: Page) -> None:
    talk(child_page)
    tab = second_tab(child_page)
    # This tab's words do not get through, but it hears.
    child_page.evaluate("WebSocket.prototype.send = () => undefined")
    child_page.route("**/messages", lambda route: route.abort())
    send(child_page, "help")
    expect(said(child_page)).to_have_text(["help"])
    send(tab, "help")
    expect(said(child_page)).to_have_text(["help", "help"])
    expect(ticked(child_page)).to_have_count(1)


def test_words_written_without_a_network_are_sent_once_when_it_is_back(child_page: Page) -> None:
    talk(child_page)
    send(child_page, "Before")
    expect(ticked(child_page)).to_have_count(1)
    child_page.context.set_offline(True)
    send(child_page, "Meanwhile")
    expect(said(child_page)).to_have_text(["Before", "Meanwhile"])
    expect(ticked(child_page)).to_have_count(1)
    child_page.context.set_offline(False)
    expect(ticked(child_page)).to_have_count(2, timeout=ARRIVES_WITHIN_MS)
    child_page.reload()
    expect(said(child_page)).to_have_text(["Before", "Meanwhile"])


@pytest.mark.parametrize("blocked", [("live",), ("live", "events")])
def test_a_message_arrives_where_filters_break_the_better_ways(
    child_page: Page, blocked: tuple[str, ...]
) -> None:
    block(child_page, *blocked)
    talk(child_page)
    send(child_page, "From here")
    expect(ticked(child_page)).to_have_count(1, timeout=ARRIVES_WITHIN_MS)
    tab = second_tab(child_page)
    send(tab, "From there")
    expect(said(child_page)).to_have_text(["From here", "From there"], timeout=ARRIVES_WITHIN_MS)
    expect(child_page.locator("[data-signal]")).to_be_hidden()


def test_a_text_too_long_stays_in_the_box_with_a_sentence(child_page: Page) -> None:
    talk(child_page)
    send(child_page, "x" * 10_001)
    expect(child_page.get_by_role("alert")).to_have_text(
        "This is too long to send. Please make it shorter."
    )
    expect(child_page.get_by_label("Your message")).to_have_value("x" * 10_001)
    expect(said(child_page)).to_have_count(0)


def test_half_a_text_survives_a_change_of_colours_and_a_look_at_another_page(
    child_page: Page,
) -> None:
    talk(child_page)
    child_page.get_by_label("Your message").fill("half a")
    child_page.locator("summary", has_text="Aa").click()
    child_page.get_by_role("button", name="Dark").click()
    expect(child_page.locator("html")).to_have_attribute("data-colour", "dark")
    expect(child_page.get_by_label("Your message")).to_have_value("half a")
    child_page.locator("summary", has_text="Aa").click()
    child_page.get_by_role("button", name="In danger now?").click()
    child_page.locator("main").get_by_role("button", name="Go back").click()
    expect(child_page.get_by_label("Your message")).to_have_value("half a")


def test_a_message_after_the_session_ended_elsewhere_is_not_lost(child_page: Page) -> None:
    block(child_page, "live", "events")
    talk(child_page)
    send(child_page, "Hello?")
    expect(ticked(child_page)).to_have_count(1)
    child_page.context.clear_cookies()
    send(child_page, "Still there?")
    expect(child_page.get_by_label("Your message")).to_have_value("Still there?")
    child_page.get_by_role("button", name="Send").click()
    expect(said(child_page)).to_have_text(["Still there?"])
    expect(ticked(child_page)).to_have_count(1)
