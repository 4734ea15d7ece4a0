"""What tests of asking to be called say over and over."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from httpx2 import Response

from chat.models import CallBack
from chat.service import call_back
from chat.service.call_back import OpenCallBack
from helpline.audit.models import AuditEntry
from helpline.wiring import Adapters
from tests.helpline.public.browser import Child
from triage.models import Entry

NUMBER = "07700 900123"
OURS = "07700\N{NO-BREAK SPACE}900000"
THEIRS = NUMBER.replace(" ", "\N{NO-BREAK SPACE}")
STEPS = ("number", "when", "answer", "voicemail")
# The test's clock stands on Monday, 2 November 2026, at ten.
TODAY, TOMORROW, WEDNESDAY, THURSDAY = ("2026-11-02", "2026-11-03", "2026-11-04", "2026-11-05")


@dataclass(frozen=True)
class Asking:
    """A child without JavaScript that asks to be called."""

    child: Child

    def press(self, step: str, **fields: str) -> Response:
        return self.child.press(step, **fields)

    def look(self) -> str:
        return self.child.look()

    def number(self, number: str = NUMBER, **fields: str) -> Response:
        return self.press("give_number", number=number, **fields)

    def when(self, day: str = WEDNESDAY, part: str = "after_school") -> Response:
        return self.press("give_when", when=f"{day} {part}")

    def answer(self, if_answered: str = "nothing", own_name: str = "") -> Response:
        return self.press("give_answer", if_answered=if_answered, own_name=own_name)

    def voicemail(self, voicemail: str = "no") -> Response:
        return self.press("give_voicemail", voicemail=voicemail)

    def review(self) -> str:
        """Choose something on every page; the page that shows it back."""
        self.press("call")
        for step in (self.number, self.when, self.answer, self.voicemail):
            assert step().status_code == 303, step
        return self.look()

    def ask(self) -> str:
        self.review()
        assert self.press("ask_call").status_code == 303
        return self.look()


def rows(adapters: Adapters) -> Sequence[CallBack]:
    """Every call-back that was asked for, in order."""
    with adapters.transactions.reading() as session:
        return session.scalars(sa.select(CallBack).order_by(CallBack.id)).all()


def open_ones(adapters: Adapters) -> list[OpenCallBack]:
    with adapters.transactions.reading() as session:
        return call_back.list_open(session)


def entries(adapters: Adapters) -> Sequence[Entry]:
    """The queue."""
    with adapters.transactions.reading() as session:
        return session.scalars(sa.select(Entry)).all()


def audited(adapters: Adapters) -> list[str]:
    """What was done about call-backs, in order."""
    with adapters.transactions.reading() as session:
        rows = session.scalars(
            sa.select(AuditEntry.action)
            .where(AuditEntry.action.startswith("call_back."))
            .order_by(AuditEntry.id)
        )
        return list(rows)


def said(asking: Asking) -> list[str]:
    return [each.text for each in asking.child.messages()]


def heading(page: str) -> str:
    found = re.search(r"<h1[^>]*>([^<]*)", page)
    assert found
    return found[1]
