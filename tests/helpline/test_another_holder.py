"""A number that means somebody else by now: an old conversation no longer reaches it."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import UUID

import pytest

from chat import texting
from chat.models import Conversation
from chat.sending import Why, words
from chat.service import call_back, phone
from chat.service.phone import AnotherHolderError
from chat.texting import Input
from helpline import call_backs, replies
from helpline.console import deeds, phone_deeds, phone_view
from helpline.replies import LockedError, Written
from tests import installation
from tests.clock import Clock
from tests.helpline import phone_house
from tests.helpline.phone_house import SETTINGS
from tests.helpline.phoning import SAM, Line
from tests.stores import Stores

LONG = timedelta(days=100)


@pytest.fixture
def line(stores: Stores, clock: Clock) -> Iterator[Line]:
    """A child wrote and was answered; a hundred days later a stranger has the number."""
    with installation.installed(stores, clock, **SETTINGS) as adapters:
        line = Line(*phone_house.with_company(adapters, clock), clock)
        line.live()
        line.clock.advance(LONG)
        line.text("hello who is this")
        line.work(for_=timedelta(minutes=2))
        line.company.sent.clear()
        yield line


def old(line: Line) -> UUID:
    first, second = line.conversations()
    assert line.contacts() == 2
    assert first != second
    return first


def reply(line: Line, conversation: UUID, reason: str | None = None) -> None:
    with line.adapters.transactions.begin() as session:
        seen = session.get_one(Conversation, conversation).last_seq
        replies.send(
            session,
            line.adapters,
            staff=SAM,
            conversation=conversation,
            written=Written(client_id=f"r{seen}", text="Ana?", seen_seq=seen, reason=reason),
            now=line.now,
        )


@pytest.mark.parametrize("reason", [None, "We promised Ana that we would write."])
def test_a_reply_in_the_old_conversation_never_leaves(line: Line, reason: str | None) -> None:
    with pytest.raises(LockedError) as refused:
        reply(line, old(line), reason)
    assert refused.value.why is Why.ANOTHER_HOLDER
    line.work(for_=timedelta(minutes=2))
    assert line.company.sent == []


def test_a_reply_that_waited_while_the_number_changed_hands_never_leaves(line: Line) -> None:
    line.claim()
    line.reply("Hi, I am Sam.")
    line.clock.advance(LONG)
    line.text("new here")
    line.work()
    assert "Hi, I am Sam." not in [text for _, text in line.company.sent]


def test_closing_the_old_conversation_sends_nothing_and_leaves_the_phone_as_it_is(
    line: Line,
) -> None:
    state = line.state()
    phone_deeds.close(line.adapters, person=SAM, conversation=old(line))
    line.work()
    assert line.company.sent == []
    assert line.state() == state
    with line.adapters.transactions.reading() as session:
        assert session.get_one(Conversation, old(line)).closed_at == line.now - timedelta(seconds=2)
    line.text("still me")
    assert len(line.conversations()) == 2


def pause(line: Line) -> None:
    phone_deeds.pause(line.adapters, person=SAM, conversation=old(line))


def is_safe(line: Line) -> None:
    phone_deeds.is_safe(line.adapters, person=SAM, conversation=old(line))


def agree(line: Line) -> None:
    line.agreed(conversation=old(line), may_text=True, may_ring=True)


def ring_no_more(line: Line) -> None:
    with line.adapters.transactions.begin() as session:
        phone.ring_no_more(session, conversation=old(line))


@pytest.mark.parametrize("deed", [pause, is_safe, agree, ring_no_more])
def test_nothing_that_is_done_in_the_old_conversation_changes_the_new_holders_phone(
    line: Line, deed: Callable[[Line], None]
) -> None:
    line.text("LATER")
    line.text("hm")
    with pytest.raises(AnotherHolderError):
        deed(line)
    with line.adapters.transactions.reading() as session:
        standing = phone.standing(session, conversation=line.conversation())
    assert standing is not None
    assert (standing.state, standing.may_text, standing.may_ring) == ("recheck", None, None)


def test_taking_the_old_conversation_up_does_not_say_that_the_new_holder_is_answered(
    line: Line,
) -> None:
    deeds.give_back(line.adapters, person=SAM, conversation=old(line))
    deeds.claim(line.adapters, person=SAM, conversation=old(line))
    assert line.state() == "waiting"


def test_what_the_network_says_of_the_number_holds_for_whoever_has_it(line: Line) -> None:
    with line.adapters.transactions.begin() as session:
        phone.mark_dead(session, conversation=old(line), now=line.now)
        phone.move(
            session,
            conversation=old(line),
            given=Input.BLOCKED,
            table=texting.load(),
            now=line.now,
        )
    assert line.state() == "stopped"


def test_the_page_says_why_the_old_conversation_is_shut_and_nothing_of_the_new_holder(
    line: Line,
) -> None:
    line.agreed(safe_window="Sat 10:00-12:00", may_text=True, may_ring=False)
    line.text("LATER")
    with line.adapters.transactions.begin() as session:
        shown = phone_view.shown(
            session, line.adapters, person=SAM, conversation=old(line), now=line.now
        )
    assert shown is not None
    assert shown.is_locked
    assert shown.why == words(Why.ANOTHER_HOLDER)
    assert not shown.can_recheck
    assert (shown.safe_window, shown.may_text, shown.may_ring) == (None, None, None)
    assert shown.state_words == shown.why


def test_nobody_is_rung_for_the_old_conversation(line: Line) -> None:
    line.wants_a_call(asked_by="staff", conversation=old(line))
    with line.adapters.transactions.reading() as session:
        [asked] = call_back.list_open(session)
        verdict = call_backs.verdict(
            session, line.adapters, asked, reason="Promised.", now=line.now
        )
    assert verdict.why is Why.ANOTHER_HOLDER
    assert not verdict.can_override
