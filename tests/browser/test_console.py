"""An advocate's desk in a real browser: live, undone, refused when stale, cut off, taken over."""

import json
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

import pytest
from playwright.sync_api import Page, expect

from tests.service import Service

numbers = count(1)


@dataclass(frozen=True)
class Child:
    """A child with an app of its own."""

    origin: str
    conversation: str
    token: str

    def say(self, text: str) -> None:
        path = f"/api/v1/conversations/{self.conversation}/messages"
        call(self.origin + path, {"client_id": f"c{next(numbers)}", "text": text}, self.token)

    def reads(self) -> list[str]:
        path = f"/api/v1/conversations/{self.conversation}/messages?after=0"
        return [each["text"] for each in call(self.origin + path, None, self.token)["messages"]]


def call(url: str, body: object, token: str | None) -> dict[str, list[dict[str, str]]]:
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=10) as answer:  # noqa: S310 - our own service on loopback
        found: dict[str, list[dict[str, str]]] = json.load(answer)
    return found


@pytest.fixture
def child(served: Service) -> Child:
    begun = call(f"{served.child}/api/v1/conversations", {}, None)
    made = Child(served.child, str(begun["conversation"]), str(begun["token"]))
    made.say("hello")
    return made


@pytest.fixture
def advocate(staff_page: Page, child: Child) -> Page:
    """The desk of an advocate who answers the child."""
    staff_page.goto("/demo/as/advocate")
    staff_page.locator(f".item[data-conversation='{child.conversation}']").click()
    expect(staff_page.locator("#bar")).to_contain_text("Nobody is answering.")
    staff_page.keyboard.press("c")
    expect(staff_page.locator("#bar")).to_contain_text("You are answering.")
    return staff_page


def send(page: Page, text: str) -> None:
    page.locator("#reply").fill(text)
    page.keyboard.press("Control+Enter")


def test_a_chat_appears_and_grows_without_a_reload(advocate: Page, child: Child) -> None:
    child.say("are you there")
    expect(advocate.locator("#messages")).to_contain_text("are you there", timeout=3000)
    send(advocate, "Yes, I am Sam.")
    expect(advocate.locator("#messages .from-advocate")).to_contain_text("I am Sam.")
    assert child.reads()[-1] == "Yes, I am Sam."


def test_a_reply_can_be_undone_for_four_seconds(advocate: Page, child: Child) -> None:
    send(advocate, "Not like this")
    advocate.locator("#pending >> text=Undo").click()
    expect(advocate.locator("#reply")).to_have_value("Not like this")
    advocate.wait_for_timeout(5000)
    assert child.reads() == ["hello"]


def test_a_reply_to_an_old_view_comes_back_with_its_words(advocate: Page, child: Child) -> None:
    send(advocate, "Goodbye")
    child.say("wait")
    refused = advocate.locator("#pending .is-refused")
    expect(refused).to_contain_text("Something new was written")
    expect(refused).to_contain_text("Goodbye")
    expect(advocate.locator("#messages")).to_contain_text("wait")
    assert child.reads() == ["hello", "wait"]


def test_after_a_lost_connection_nothing_is_missing_and_nothing_went_unread(
    advocate: Page, child: Child
) -> None:
    advocate.context.set_offline(True)
    # Before the page has noticed, a message may still come over the old connection.
    expect(advocate.locator("#alarm")).to_contain_text("Not connected.", timeout=15_000)
    child.say("one")
    child.say("two")
    send(advocate, "typed while cut off")
    expect(advocate.locator("#pending")).to_contain_text("Not sent.")
    advocate.context.set_offline(False)
    expect(advocate.locator("#alarm")).to_contain_text("Caught up: 2 new.", timeout=20_000)
    expect(advocate.locator("#pending .is-refused")).to_contain_text("typed while cut off")
    assert child.reads() == ["hello", "one", "two"]


def test_half_a_sentence_survives_a_reload(advocate: Page) -> None:
    advocate.locator("#reply").fill("half a")
    advocate.locator("#note").fill("sounds tired")
    advocate.wait_for_timeout(2000)
    advocate.reload()
    expect(advocate.locator("#reply")).to_have_value("half a")
    expect(advocate.locator("#note")).to_have_value("sounds tired")


def test_a_concern_by_keyboard_rings_the_supervisor_and_take_over_tells_the_holder(
    advocate: Page, child: Child, open_staff_page: Callable[[], Page]
) -> None:
    supervisor = open_staff_page()
    supervisor.goto("/demo/as/supervisor")
    advocate.locator("#scroll").focus()
    for key in ("Shift+E", "Space", "Tab", "d", "Tab", "Space", "Enter"):
        advocate.keyboard.press(key)
    row = supervisor.locator(f".item.is-calling[data-conversation='{child.conversation}']")
    expect(row).to_be_visible(timeout=3000)
    expect(advocate.locator("#climb")).to_contain_text("Nobody has acknowledged this")
    row.click()
    supervisor.locator(".take-over summary").click()
    supervisor.locator(".take-over select").select_option("A supervisor decided")
    supervisor.locator(".take-over button").click()
    expect(advocate.locator("#alarm")).to_contain_text("took this chat over")
    expect(advocate.locator("#reply")).to_have_attribute("readonly", "")


def test_single_keys_never_fire_while_somebody_types(advocate: Page) -> None:
    advocate.locator("#note").press_sequentially("c?jnr")
    expect(advocate.locator("#note")).to_have_value("c?jnr")
    expect(advocate.locator("dialog#keys")).to_be_hidden()
