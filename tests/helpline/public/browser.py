"""A child's browser without JavaScript, for tests that need no real one."""

import re
from dataclasses import dataclass
from uuid import uuid4

import httpx2
import sqlalchemy as sa
from starlette.testclient import TestClient
from uuid_utils.compat import uuid7

from chat.models import Conversation
from chat.service import reply
from helpline import access, scopes
from helpline.hub import Spoken
from helpline.wiring import Adapters
from tests import installation
from triage.service import answered

TITLE = "<title>Home</title>"


@dataclass(frozen=True)
class Child:
    """A browser without JavaScript."""

    client: TestClient
    adapters: Adapters

    def look(self, **sent: str) -> str:
        return self.get(**sent).text

    def get(self, path: str = "/", **sent: str) -> httpx2.Response:
        return self.client.get(path, headers=sent)

    def press(self, step: str, **fields: str) -> httpx2.Response:
        """Press a button of the page that is shown, and stay on its answer."""
        form = {"csrf": hidden(self.look(), "csrf"), "step": step, **fields}
        return self.post("/", form)

    def post(self, path: str, form: dict[str, str], **sent: str) -> httpx2.Response:
        given = {"Origin": installation.CHILD_ORIGIN, **sent}
        return self.client.post(path, data=form, headers=given, follow_redirects=False)

    def send(self, text: str, client_id: str | None = None) -> httpx2.Response:
        return self.press("send", text=text, client_id=client_id or uuid4().hex)

    def messages(self) -> list[Spoken]:
        with self.adapters.transactions.reading() as session:
            found = session.scalars(sa.select(Conversation.id)).all()
            return [
                spoken
                for each in found
                for spoken in access.for_child(session, self.adapters, conversation=each, after=0)
            ]


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    return found[1] if found else ""


def answer(adapters: Adapters, text: str) -> None:
    """An advocate replies in the one conversation there is."""
    with adapters.transactions.begin() as session:
        conversation = session.scalars(sa.select(Conversation)).one()
        message = uuid7()
        body = adapters.sealing.seal(
            scopes.of_conversation(conversation.id), "message", message, "body", text
        )
        reply.reply(
            session,
            message=message,
            conversation=conversation.id,
            client_id=str(message),
            body=body,
            said_by=uuid7(),
            seen_seq=conversation.last_seq,
            now=adapters.clock(),
        )
        answered.answered(session, entry=conversation.id, staff=uuid7(), now=adapters.clock())
