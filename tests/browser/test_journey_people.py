"""Several people at several screens: who holds a chat, whose words count, and nobody's are lost."""

import re
import subprocess
import sys
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from helpline import demo, seeding
from tests.browser.acting import ADVOCATE, CALM, LEAVES_WITHIN_MS, SECOND, Child, Desk
from tests.service import Service

RACES = 5
GONE_WITHIN_MS = 5_000
NAMES = {ADVOCATE: "Sam Demo", SECOND: "Jo Demo"}
PASSWORD = "copper ladder autumn kettle"


@pytest.fixture
def desk(open_staff_page: Callable[[], Page]) -> Callable[[str], Desk]:
    """Sit somebody down at a desk of their own."""

    def sits_down(who: str) -> Desk:
        sitting = Desk(open_staff_page())
        sitting.sign_in(who)
        return sitting

    return sits_down


@pytest.fixture
def sam(desk: Callable[[str], Desk]) -> Desk:
    return desk(ADVOCATE)


@pytest.fixture
def jo(desk: Callable[[str], Desk]) -> Desk:
    return desk(SECOND)


@pytest.fixture
def child(child_page: Page) -> Child:
    child = Child(child_page)
    child.begin()
    return child


@pytest.fixture
def waiting(child: Child) -> str:
    """A conversation in which a child waits."""
    return child.tell(CALM)


def test_of_two_who_claim_at_the_same_instant_one_holds_and_the_other_sees_their_name(
    sam: Desk, jo: Desk, child_page: Page
) -> None:
    desks = {NAMES[ADVOCATE]: sam, NAMES[SECOND]: jo}
    for _ in range(RACES):
        conversation = written(child_page)
        for each in desks.values():
            each.open(conversation)
        at = time.time() * 1000 + 400
        for each in desks.values():
            each.page.evaluate(
                """at => void setTimeout(
                    () => document.querySelector("[data-key=c]").click(), at - Date.now())""",
                at,
            )
        for each in desks.values():
            expect(each.page.locator("#bar")).not_to_contain_text("Nobody is answering")
        holders = [
            name
            for name, each in desks.items()
            if "You are answering" in each.page.locator("#bar").inner_text()
        ]
        assert len(holders) == 1
        (loser,) = desks.keys() - set(holders)
        expect(desks[loser].page.locator("#bar")).to_contain_text(f"{holders[0]} is answering")
        expect(desks[loser].reply_box).not_to_be_editable()
        expect(desks[holders[0]].reply_box).to_be_editable()


def written(page: Page) -> str:
    """A new conversation with one message, by the child's API."""
    begun = page.request.post("/api/v1/conversations", data={}).json()
    said = page.request.post(
        f"/api/v1/conversations/{begun['conversation']}/messages",
        headers={"Authorization": f"Bearer {begun['token']}"},
        data={"client_id": "first", "text": CALM},
    )
    assert said.status == 201
    return str(begun["conversation"])


def test_a_reply_after_a_colleague_took_over_is_refused_and_its_words_are_kept(
    sam: Desk, jo: Desk, child: Child, waiting: str
) -> None:
    sam.claim(waiting)
    sam.reply_box.fill("Sam's half a reply")
    expect(sam.page.locator("#reply-state")).to_have_text("Draft kept")
    sam.page.context.set_offline(True)
    expect(sam.page.locator("#alarm")).to_contain_text("You may be missing messages")

    jo.take_over(waiting, "They are away or offline")
    expect(jo.page.locator("#drafts")).to_contain_text("Sam Demo began a reply")
    jo.reply("Jo is here now")
    child.write("Hello Jo")
    expect(jo.said.last).to_have_text("Hello Jo")

    sam.page.locator("#send").click()
    expect(sam.pending).to_contain_text("No connection", timeout=LEAVES_WITHIN_MS)
    sam.page.context.set_offline(False)
    expect(sam.said).to_have_text([CALM, "Jo is here now", "Hello Jo"], timeout=LEAVES_WITHIN_MS)
    expect(sam.pending).to_have_class(re.compile("is-refused"), timeout=LEAVES_WITHIN_MS)
    expect(sam.pending).to_contain_text("Sam's half a reply")
    expect(sam.page.locator("#bar")).to_contain_text("Jo Demo is answering")
    expect(sam.reply_box).not_to_be_editable()
    expect(child.words).to_have_text([CALM, "Jo is here now", "Hello Jo"])
    assert "half a reply" not in child.asked().text()


def test_a_reply_can_be_taken_back_while_it_is_held(sam: Desk, child: Child, waiting: str) -> None:
    sam.claim(waiting)
    sam.write("Not like this")
    sam.pending.get_by_role("button", name="Undo").click()
    expect(sam.reply_box).to_have_value("Not like this")
    sam.reply("Like this")
    expect(child.words).to_have_text([CALM, "Like this"])


def test_both_drafts_survive_a_reload_and_a_look_at_another_chat(
    sam: Desk, child_page: Page, waiting: str
) -> None:
    other = written(child_page)
    sam.claim(waiting)
    sam.reply_box.fill("half a reply")
    sam.note_box.fill("half a note")
    sam.open(other)
    sam.open(waiting)
    for _ in range(2):
        expect(sam.reply_box).to_have_value("half a reply")
        expect(sam.note_box).to_have_value("half a note")
        sam.page.reload()
        sam.expect_live()
    expect(sam.row(waiting)).to_contain_text("Draft")


def test_a_console_that_nobody_sits_at_locks_and_keeps_what_was_typed(
    open_staff_page: Callable[[], Page], child: Child, waiting: str
) -> None:
    page = open_staff_page()
    page.clock.install()
    sam = Desk(page)
    sam.sign_in(ADVOCATE)
    sam.claim(waiting)
    sam.reply_box.fill("half a reply")
    expect(page.locator("#reply-state")).to_have_text("Draft kept")
    with page.expect_response("**/console/lock"):
        page.clock.fast_forward("15:30")

    locked = page.get_by_role("dialog", name="Locked")
    expect(locked).to_be_visible()
    expect(sam.said).to_be_hidden()
    # Behind it nothing can be reached: the server has locked too.
    answer = page.request.get(f"/console/conversations/{waiting}/messages?after=0")
    assert CALM not in answer.text()
    child.write("Are you there?")
    expect(child.ticks).to_have_count(2)

    locked.get_by_label("Your password").fill("not the one")
    locked.get_by_role("button", name="Unlock").click()
    expect(locked).to_contain_text("That password does not fit.")
    locked.get_by_label("Your password").fill(seeding.password())
    locked.get_by_role("button", name="Unlock").click()
    expect(locked).to_be_hidden()
    expect(sam.reply_box).to_have_value("half a reply")
    expect(sam.said).to_have_text([CALM, "Are you there?"])


def test_somebody_disabled_is_out_within_five_seconds_and_their_chat_is_free_again(
    served: Service, sam: Desk, open_staff_page: Callable[[], Page], child: Child, waiting: str
) -> None:
    link = commanded(served, "staff", "add", "kim@example.org", "--role", "advocate")
    kim = Desk(open_staff_page())
    welcomed(kim.page, link, name="Kim Demo")
    kim.expect_live()
    kim.claim(waiting)
    kim.reply("I am Kim")
    child.write("Thank you")
    expect(sam.row(waiting)).to_contain_text("Kim Demo")
    kim.reply_box.fill("half a reply")

    commanded(served, "staff", "disable", "kim@example.org")
    ended = kim.page.get_by_role("dialog")
    expect(ended).to_contain_text("Your session has ended", timeout=GONE_WITHIN_MS)
    expect(kim.said.first).to_be_hidden()
    expect(sam.row(waiting)).to_contain_text("Unclaimed")
    sam.claim(waiting)
    sam.reply("I am Sam")
    expect(child.words).to_have_text([CALM, "I am Kim", "Thank you", "I am Sam"])
    kim.page.goto("/console")
    expect(kim.page).to_have_url(re.compile("/console/sign-in"))


def welcomed(page: Page, link: str, *, name: str) -> None:
    """Follow the one-time link: a name and a password. The demo asks for no second factor."""
    page.goto(link)
    expect(page).to_have_url(re.compile("/console/welcome$"))  # its secret is out of the address
    page.get_by_label("Your name").fill(name)
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_label("The same password again").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    expect(page.locator(".me")).to_contain_text(name)


def commanded(served: Service, *arguments: str) -> str:
    """Run the command line beside the running service; what it printed."""
    environ = {
        **served.settings,
        **demo.defaults(served.settings, served.demo, served.port),
        **demo.key(served.settings, served.demo),
    }
    ran = subprocess.run(
        [sys.executable, "-m", "helpline", *arguments],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip()
