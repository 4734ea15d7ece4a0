"""What a child agreed about a phone counts for 90 days of silence; what closes it counts on."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from chat.sending import Kind, Verdict, Why
from chat.service import call_back
from chat.texting import TextState
from helpline import call_backs, phones
from helpline.console import phone_deeds, phone_view
from helpline.console.phone_view import PhoneShown
from helpline.console.refusals import TwoWordsError
from helpline.replies import LockedError
from tests import installation
from tests.clock import Clock
from tests.helpline import phone_house
from tests.helpline.phone_house import SETTINGS
from tests.helpline.phoning import SAM, Line
from tests.stores import Stores

LONG = timedelta(days=90)
A_MOMENT = timedelta(seconds=1)


@pytest.fixture
def line(stores: Stores, clock: Clock) -> Iterator[Line]:
    with installation.installed(stores, clock, **SETTINGS) as adapters:
        yield Line(*phone_house.with_company(adapters, clock), clock)


def agree(line: Line, *, window: str = "", text: bool | None, ring: bool | None) -> None:
    line.agreed(safe_window=window, may_text=text, may_ring=ring, own_word="pizza")


def gate(line: Line, kind: Kind) -> Verdict:
    with line.adapters.transactions.reading() as session:
        verdict = phones.ask_gate(
            session,
            line.adapters,
            conversation=line.conversation(),
            kind=kind,
            reason=None,
            now=line.now,
        )
    assert verdict is not None
    return verdict


def shown(line: Line) -> PhoneShown:
    with line.adapters.transactions.begin() as session:
        found = phone_view.shown(
            session, line.adapters, person=SAM, conversation=line.conversation(), now=line.now
        )
    assert found is not None
    return found


def test_a_yes_and_safe_times_count_until_the_phone_was_silent_for_90_days(line: Line) -> None:
    line.live()
    agree(line, window="Mon-Sun 00:00-24:00", text=True, ring=True)
    line.clock.advance(LONG - timedelta(seconds=2) - A_MOMENT)  # the answer took two seconds
    assert gate(line, Kind.REPLY).may
    assert gate(line, Kind.CALL).may
    assert (shown(line).safe_window, shown(line).may_text) == ("Mon-Sun 00:00-24:00", True)
    line.clock.advance(A_MOMENT)
    for kind in (Kind.REPLY, Kind.CALL):
        assert gate(line, kind) == Verdict(may=False, why=Why.SILENT_FOR_LONG, can_override=True)
    page = shown(line)
    assert (page.safe_window, page.may_text, page.may_ring) == (None, None, None)
    assert page.why is not None
    assert "somebody else's by now" in page.why
    with pytest.raises(LockedError):
        line.reply("Are you there?")


def test_a_no_counts_after_90_days_and_a_reason_does_not_open_it(line: Line) -> None:
    line.live()
    agree(line, text=False, ring=False)
    line.clock.advance(2 * LONG)
    for kind in (Kind.REPLY, Kind.CALL):
        assert gate(line, kind) == Verdict(may=False, why=Why.CHILD_SAID_NO, can_override=False)
    assert (shown(line).may_text, shown(line).may_ring) == (False, False)


def test_who_texts_after_90_days_is_answered_and_still_not_rung_after_a_no(line: Line) -> None:
    line.live()
    agree(line, window="Sat 10:00-10:01", text=False, ring=False)
    line.clock.advance(LONG)
    line.text("hello")
    assert line.contacts() == 2
    assert gate(line, Kind.REPLY).may
    assert gate(line, Kind.CALL).why is Why.CHILD_SAID_NO


def test_the_childs_own_word_still_silences_us_after_90_days(line: Line) -> None:
    line.live()
    agree(line, text=True, ring=None)
    sent = len(line.company.sent)
    line.clock.advance(2 * LONG)
    line.text("pizza")
    line.work()
    assert line.state() == "paused"
    assert len(line.company.sent) == sent


def test_a_call_back_that_is_asked_for_is_a_yes_however_long_the_phone_was_silent(
    line: Line,
) -> None:
    line.live()
    agree(line, window="Sat 10:00-10:01", text=True, ring=True)
    line.clock.advance(LONG)
    line.wants_a_call()
    with line.adapters.transactions.reading() as session:
        [asked] = call_back.list_open(session)
        verdict = call_backs.verdict(session, line.adapters, asked, reason=None, now=line.now)
        late = call_backs.verdict(
            session, line.adapters, asked, reason=None, now=line.now + timedelta(hours=1)
        )
    assert verdict.may
    assert late.why is Why.OUTSIDE_WINDOW


def test_a_pause_outlasts_a_stop_and_the_start_after_it_is_for_a_person(line: Line) -> None:
    line.live()
    line.text("LATER")
    line.text("STOP")
    sent = len(line.company.sent)
    line.clock.advance(timedelta(hours=1))
    line.text("START")
    line.work()
    assert line.state() == TextState.RECHECK
    assert len(line.company.sent) == sent
    assert gate(line, Kind.REPLY).why is Why.RECHECK
    assert shown(line).can_recheck
    phone_deeds.is_safe(line.adapters, person=SAM, conversation=line.conversation())
    assert gate(line, Kind.REPLY).may


def test_a_word_that_was_chosen_stays_when_something_else_is_agreed(line: Line) -> None:
    line.live()
    assert not shown(line).has_own_word
    agree(line, text=True, ring=None)
    assert shown(line).has_own_word
    line.agreed(safe_window="Mon-Sun 00:00-24:00", may_text=True, may_ring=False)
    line.agreed(may_text=True, own_word="  ")
    assert shown(line).has_own_word
    line.text("pizza")
    assert line.state() == TextState.PAUSED


def test_a_word_gives_way_to_another_one(line: Line) -> None:
    line.live()
    agree(line, text=True, ring=None)
    line.agreed(own_word="jam")
    line.text("pizza")
    assert line.state() == TextState.LIVE
    line.text("jam")
    assert line.state() == TextState.PAUSED


def test_only_its_removal_ends_a_word(line: Line) -> None:
    line.live()
    agree(line, text=True, ring=None)
    line.agreed(may_text=True, ends_own_word=True)
    assert not shown(line).has_own_word
    line.text("pizza")
    assert line.state() == TextState.LIVE


def test_a_word_is_not_chosen_and_removed_at_once(line: Line) -> None:
    line.live()
    agree(line, text=True, ring=None)
    with pytest.raises(TwoWordsError):
        line.agreed(own_word="jam", ends_own_word=True)
    line.text("pizza")
    assert line.state() == TextState.PAUSED
