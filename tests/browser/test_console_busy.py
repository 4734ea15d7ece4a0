"""A click counts although the page changes under it, as it does all the time on a busy night."""

from playwright.sync_api import Page, expect

from tests.browser.test_console import Child, child

__all__ = ["child"]


def press(page: Page, selector: str) -> None:
    """Put the mouse on something and press, without letting go."""
    box = page.locator(selector).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()


def test_a_claim_is_heard_though_the_page_is_refreshed_between_press_and_release(
    staff_page: Page, child: Child
) -> None:
    staff_page.goto("/demo/as/advocate")
    staff_page.locator(f".item[data-conversation='{child.conversation}']").click()
    expect(staff_page.locator("#bar")).to_contain_text("Nobody is answering.")
    # The words of the bar change with every refresh: they say how long the child has waited.
    staff_page.wait_for_timeout(1500)
    press(staff_page, "#bar button")
    child.say("are you there")
    expect(staff_page.locator("#messages")).to_contain_text("are you there")
    staff_page.wait_for_timeout(500)
    staff_page.mouse.up()
    expect(staff_page.locator("#bar")).to_contain_text("You are answering.")


def test_a_row_is_opened_though_the_queue_is_refreshed_between_press_and_release(
    staff_page: Page, child: Child
) -> None:
    staff_page.goto("/demo/as/advocate")
    row = f".item[data-conversation='{child.conversation}']"
    expect(staff_page.locator(row)).to_be_visible()
    before = staff_page.locator(row).element_handle()
    press(staff_page, row)
    child.say("hello again")
    staff_page.wait_for_timeout(1500)
    assert before is not None
    assert before.evaluate("row => row.isConnected"), "nothing is replaced under the mouse"
    staff_page.mouse.up()
    expect(staff_page.locator(f"#middle[data-conversation='{child.conversation}']")).to_be_visible()
