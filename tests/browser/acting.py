"""What the people of a story do on their pages, in their own words."""

from dataclasses import dataclass

from playwright.sync_api import APIResponse, Locator, Page, expect

# Two cores may carry several services and browsers at once. Bounds that a story promises are given
# where they are checked.
PATIENCE_MS = 15_000
expect.set_options(timeout=PATIENCE_MS)
# A reply is held for four seconds, so that it can be undone, before it leaves.
LEAVES_WITHIN_MS = 15_000
CALM = "Can you help me with a college form"
GRAVE = "I have taken a lot of tablets"
# Words that no child should ever have to read.
TECHNICAL = ("WebSocket", "error", "Error", "fetch", "undefined", "500", "503", "timeout")
ADVOCATE, SECOND, SUPERVISOR = "advocate", "second advocate", "supervisor"


@dataclass(frozen=True)
class Child:
    """A child's phone, with JavaScript or without."""

    page: Page

    def begin(self) -> None:
        """Open the page and get to the box, in two taps at most."""
        self.page.goto("/")
        self.page.get_by_role("button", name="Talk to someone").click()
        expect(self.box).to_be_visible()

    @property
    def box(self) -> Locator:
        return self.page.get_by_label("Your message")

    def write(self, text: str) -> None:
        self.box.fill(text)
        self.page.get_by_role("button", name="Send").click()

    def tell(self, *texts: str) -> str:
        """Write these and wait until each is ticked; the conversation's id."""
        for text in texts:
            self.write(text)
            expect(self.words.filter(has_text=text)).to_have_count(1)
        expect(self.ticks).to_have_count(len(texts))
        return self.conversation

    @property
    def conversation(self) -> str:
        """The conversation's id, as the page knows it."""
        found = self.page.locator("[data-chat]").get_attribute("data-id")
        assert found
        return found

    @property
    def words(self) -> Locator:
        """What was said on both sides, in order."""
        return self._log(".said .words")

    @property
    def ticks(self) -> Locator:
        return self._log(".said .state.sent:visible")

    def _log(self, selector: str) -> Locator:
        inner = self.page.locator("iframe.inner")
        if inner.count():
            return self.page.frame_locator("iframe.inner").locator(selector)
        return self.page.locator(selector)

    @property
    def no_signal(self) -> Locator:
        return self.page.locator("[data-signal]")

    def expect_plain_words(self) -> None:
        """Nothing on the page is for programmers."""
        text = self.page.locator("body").inner_text()
        assert [word for word in TECHNICAL if word in text] == []

    def asked(self, path: str = "messages") -> APIResponse:
        """What the child's own API gives to this page's cookie."""
        return self.page.request.get(f"/api/v1/conversations/{self.conversation}/{path}")


@dataclass(frozen=True)
class Desk:
    """The console of somebody of the staff."""

    page: Page

    def sign_in(self, who: str) -> None:
        """Sign in as one of the demo's people and wait until the console rings."""
        self.page.goto(f"/demo/as/{who}")
        self.expect_live()

    def expect_live(self) -> None:
        expect(self.page.locator("#connection")).to_have_attribute("data-state", "up")

    def row(self, conversation: str) -> Locator:
        """The conversation's place in the queue."""
        return self.page.locator(f'#queue .item[data-conversation="{conversation}"]')

    def open(self, conversation: str) -> None:
        self.row(conversation).click()
        expect(self.page.locator(f'#middle[data-conversation="{conversation}"]')).to_be_visible()

    def claim(self, conversation: str) -> None:
        """Open it and take it."""
        self.open(conversation)
        self.claim_open()

    def claim_open(self) -> None:
        """Take the conversation that is open, and wait for the page that follows."""
        self.page.get_by_role("button", name="Claim").click()
        expect(self.page.locator("#bar")).to_contain_text("You are answering")
        expect(self.reply_box).to_be_editable()

    def take_over(self, conversation: str, reason: str) -> None:
        self.open(conversation)
        self.page.locator("#bar summary", has_text="Take over").click()
        self.page.get_by_label("Why?").select_option(reason)
        self.page.locator("#bar button", has_text="Take over").click()
        expect(self.reply_box).to_be_editable()

    @property
    def reply_box(self) -> Locator:
        return self.page.get_by_label("The child will see this")

    @property
    def note_box(self) -> Locator:
        return self.page.get_by_label("Only staff will see this")

    @property
    def said(self) -> Locator:
        """The words of the open conversation that are kept, in order."""
        return self.page.locator("#messages .bubble")

    @property
    def pending(self) -> Locator:
        """Replies that have not left yet."""
        return self.page.locator("#pending .message")

    def write(self, text: str) -> None:
        """Press Send. The reply is held for four seconds."""
        self.reply_box.fill(text)
        self.page.locator("#send").click()

    def reply(self, text: str) -> None:
        """Answer the child, and wait until it has left."""
        self.write(text)
        expect(self.said.filter(has_text=text)).to_have_count(1, timeout=LEAVES_WITHIN_MS)
        expect(self.pending).to_have_count(0)

    def keep_note(self, text: str) -> None:
        self.note_box.fill(text)
        self.page.get_by_role("button", name="Keep note").click()
        expect(self.page.locator("#notes")).to_contain_text(text)
