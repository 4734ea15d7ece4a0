"""The gate: nothing leaves after a stop, in a pause, to a wrong number, or unasked."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import product

import pytest

from chat import sending, texting
from chat.errors import UnusableTableError
from chat.numbers import Number, NumberKind
from chat.sending import Kind, Recipient, Verdict, Why
from chat.texting import TextState
from tests.chat.recipients import (
    A_DAY,
    A_MOMENT,
    CALLS,
    FRIENDLY,
    LONG,
    MOBILE,
    NOW,
    TEXTS,
    YES,
    Hours,
    ask,
)


@pytest.mark.parametrize("kind", Kind)
def test_to_somebody_who_just_wrote_and_may_be_rung_everything_may_leave(kind: Kind) -> None:
    assert ask(FRIENDLY, kind) == YES


REFUSED = [
    (
        Why.ANOTHER_HOLDER,
        replace(FRIENDLY, is_present=False),
        (Kind.AUTOMATIC, Kind.REPLY, Kind.CALL),
    ),
    (Why.STOPPED, replace(FRIENDLY, state=TextState.STOPPED), tuple(Kind)),
    (Why.BLOCKED, replace(FRIENDLY, is_blocked=True), TEXTS),
    (Why.DEAD, replace(FRIENDLY, is_dead=True), tuple(Kind)),
    (
        Why.PAUSED,
        replace(FRIENDLY, state=TextState.PAUSED),
        (Kind.AUTOMATIC, Kind.REPLY, Kind.CALL),
    ),
    (
        Why.RECHECK,
        replace(FRIENDLY, state=TextState.RECHECK),
        (Kind.AUTOMATIC, Kind.REPLY, Kind.CALL),
    ),
    (
        Why.NOT_A_MOBILE,
        replace(FRIENDLY, number=replace(MOBILE, kind=NumberKind.LANDLINE)),
        TEXTS,
    ),
    (
        Why.NOT_RINGABLE,
        replace(FRIENDLY, number=replace(MOBILE, kind=NumberKind.PREMIUM)),
        CALLS,
    ),
    (Why.REAL_NUMBER, replace(FRIENDLY, number=replace(MOBILE, is_drama=False)), tuple(Kind)),
    (Why.CHILD_SAID_NO, replace(FRIENDLY, may_text=False), (Kind.AUTOMATIC, Kind.REPLY)),
    (Why.CHILD_SAID_NO, replace(FRIENDLY, may_ring=False), (Kind.CALL,)),
    (
        Why.SILENT_FOR_LONG,
        replace(FRIENDLY, last_heard_at=NOW - LONG, may_text=True),
        (Kind.AUTOMATIC, Kind.REPLY, Kind.CALL),
    ),
    (
        Why.OUTSIDE_WINDOW,
        replace(FRIENDLY, window=Hours(are_open=False)),
        (Kind.AUTOMATIC, Kind.REPLY, Kind.CALL),
    ),
    (
        Why.NOT_OPENED_BY_CHILD,
        replace(FRIENDLY, last_heard_at=None),
        (Kind.AUTOMATIC, Kind.REPLY),
    ),
    (
        Why.NOT_OPENED_BY_CHILD,
        replace(FRIENDLY, last_heard_at=NOW - A_DAY - A_MOMENT),
        (Kind.AUTOMATIC, Kind.REPLY),
    ),
    (Why.NOT_OPENED_BY_CHILD, replace(FRIENDLY, may_ring=None), (Kind.CALL,)),
]


@pytest.mark.parametrize(("why", "recipient", "kinds"), REFUSED)
def test_one_thing_against_it_refuses_these_kinds_and_no_other(
    why: Why, recipient: Recipient, kinds: tuple[Kind, ...]
) -> None:
    for kind in Kind:
        if kind in kinds:
            assert ask(recipient, kind).why is why, kind
        else:
            # A phone that is no mobile for a text may be one that is rung, and so on.
            assert ask(recipient, kind).may or ask(recipient, kind).why in {
                Why.NOT_A_MOBILE,
                Why.NOT_RINGABLE,
            }, kind


def test_the_rows_above_refuse_for_every_reason_but_the_live_services() -> None:
    assert {why for why, _, _ in REFUSED} == set(Why) - {Why.DRAMA_NUMBER}
    for kind in Kind:
        assert ask(FRIENDLY, kind, is_demo=False).why is Why.DRAMA_NUMBER


def test_the_gravest_reason_is_said_first() -> None:
    worst = Recipient(
        number=Number(e164="+442079460123", kind=NumberKind.PREMIUM, is_drama=True),
        state=TextState.STOPPED,
        window=Hours(are_open=False),
        may_text=False,
        may_ring=False,
        is_blocked=True,
        is_dead=True,
        last_heard_at=None,
        is_present=False,
    )
    # Each is a little better than the one before it, until nothing is left against it.
    worst_first = [worst]
    for better in (
        partial(replace, is_present=True),
        partial(replace, state=TextState.PAUSED),
        partial(replace, is_blocked=False),
        partial(replace, is_dead=False),
        partial(replace, state=TextState.RECHECK),
        partial(replace, state=TextState.LIVE),
        partial(replace, number=MOBILE),
        partial(replace, number=replace(MOBILE, is_drama=False)),
        partial(replace, may_text=True, last_heard_at=NOW - LONG),
        partial(replace, may_text=None, last_heard_at=None),
        partial(replace, window=None),
        partial(replace, last_heard_at=NOW),
    ):
        worst_first.append(better(worst_first[-1]))
    said = [ask(each, Kind.REPLY, is_demo=False).why for each in worst_first]
    assert said == [
        Why.ANOTHER_HOLDER,
        Why.STOPPED,
        Why.BLOCKED,
        Why.DEAD,
        Why.PAUSED,
        Why.RECHECK,
        Why.NOT_A_MOBILE,
        Why.DRAMA_NUMBER,
        Why.CHILD_SAID_NO,
        Why.SILENT_FOR_LONG,
        Why.OUTSIDE_WINDOW,
        Why.NOT_OPENED_BY_CHILD,
        None,
    ]


def test_a_reply_belongs_to_the_childs_thread_for_a_day_to_the_moment() -> None:
    for ago, may in ((A_DAY, True), (A_DAY + A_MOMENT, False), (-A_MOMENT, True)):
        recipient = replace(FRIENDLY, last_heard_at=NOW - ago)
        assert ask(recipient, Kind.REPLY).may is may


def test_a_child_who_said_yes_may_be_written_to_without_a_thread() -> None:
    silent = replace(FRIENDLY, last_heard_at=None, may_text=True)
    assert ask(silent, Kind.REPLY) == YES
    assert ask(replace(silent, may_ring=True), Kind.CALL) == YES


def test_a_yes_ends_with_90_days_of_silence_to_the_moment() -> None:
    agreed = replace(FRIENDLY, may_text=True)
    for ago, may in ((LONG - A_MOMENT, True), (LONG, False)):
        for texted, rang in ((NOW - ago, None), (None, NOW - ago), (NOW - ago, NOW - ago)):
            recipient = replace(agreed, last_heard_at=texted, last_rang_at=rang)
            assert ask(recipient, Kind.REPLY).may is may
            assert ask(recipient, Kind.CALL).may is may


def test_a_phone_that_rang_lately_is_not_silent() -> None:
    agreed = replace(FRIENDLY, may_text=True, last_heard_at=NOW - 2 * LONG, last_rang_at=NOW)
    assert ask(agreed, Kind.REPLY) == ask(agreed, Kind.CALL) == YES


def test_a_no_outlasts_90_days_of_silence_and_has_no_override() -> None:
    refused = replace(FRIENDLY, may_text=False, may_ring=False, last_heard_at=NOW - 4 * LONG)
    for kind in (Kind.REPLY, Kind.CALL):
        assert ask(refused, kind, reason="A reason.") == Verdict(
            may=False, why=Why.CHILD_SAID_NO, can_override=False
        )


def test_a_call_back_is_a_yes_of_its_own_in_its_own_times() -> None:
    for heard in (NOW, None, NOW - 2 * LONG):
        unasked = replace(FRIENDLY, may_ring=None, last_heard_at=heard)
        asked = replace(unasked, asked=Hours(are_open=True))
        assert ask(asked, Kind.CALL) == YES
        assert not ask(unasked, Kind.CALL).may
        assert not ask(replace(asked, last_heard_at=NOW - 2 * A_DAY), Kind.REPLY).may
        shut = replace(asked, asked=Hours(are_open=False))
        assert ask(shut, Kind.CALL).why is Why.OUTSIDE_WINDOW
        assert ask(replace(asked, may_ring=False), Kind.CALL).why is Why.CHILD_SAID_NO


def test_a_call_back_keeps_to_the_phones_own_times_while_they_count() -> None:
    asked = replace(
        FRIENDLY, may_ring=None, asked=Hours(are_open=True), window=Hours(are_open=False)
    )
    assert ask(asked, Kind.CALL).why is Why.OUTSIDE_WINDOW
    assert ask(replace(asked, last_heard_at=NOW - LONG), Kind.CALL) == YES


def test_a_thread_of_silent_texts_is_no_leave_to_ring() -> None:
    writing = replace(FRIENDLY, may_ring=None, may_text=True)
    assert ask(writing, Kind.CALL) == Verdict(
        may=False, why=Why.NOT_OPENED_BY_CHILD, can_override=True
    )
    assert ask(writing, Kind.CALL, reason="The child asked in the last text.") == YES


@pytest.mark.parametrize(
    "recipient",
    [
        replace(FRIENDLY, window=Hours(are_open=False)),
        replace(FRIENDLY, last_heard_at=None, may_ring=None),
        replace(FRIENDLY, window=Hours(are_open=False), last_heard_at=None, may_ring=None),
        replace(FRIENDLY, window=Hours(are_open=False), last_heard_at=NOW - LONG),
    ],
)
def test_a_written_reason_opens_the_last_three_for_a_person_and_never_for_software(
    recipient: Recipient,
) -> None:
    for kind in (Kind.REPLY, Kind.CALL):
        assert ask(recipient, kind).can_override
        assert ask(recipient, kind, reason=" ").can_override
        assert ask(recipient, kind, reason="An ambulance is on its way to them.") == YES
    refused = ask(recipient, Kind.AUTOMATIC, reason="An ambulance is on its way to them.")
    assert not refused.may
    assert not refused.can_override


def test_every_state_that_the_table_calls_silent_is_shut_for_every_text_to_a_child() -> None:
    for state, kind in product(texting.SILENT, (Kind.AUTOMATIC, Kind.REPLY, Kind.CALL)):
        assert not ask(replace(FRIENDLY, state=state), kind, reason="A reason.").may


def test_staff_are_told_why_in_words_of_their_own() -> None:
    said = [sending.words(why) for why in Why]
    assert len(set(said)) == len(Why)
    assert all(
        "written reason" in sending.words(why)
        for why in (Why.SILENT_FOR_LONG, Why.OUTSIDE_WINDOW, Why.NOT_OPENED_BY_CHILD)
    )


def test_the_figures_that_ship_are_the_designs_and_not_confirmed() -> None:
    figures = sending.load()
    assert figures.reply_window == A_DAY
    assert figures.new_after == LONG
    assert figures.between_automatic == timedelta(seconds=60)
    assert figures.rung == {NumberKind.MOBILE, NumberKind.LANDLINE}
    assert "not confirmed" in figures.checked


def _figures(**changes: str) -> str:
    row = {
        "source": '"a"',
        "checked": '"b"',
        "reply_window_hours": "1",
        "new_after_days": "90",
        "between_automatic_seconds": "0",
        "texted": '["mobile"]',
        "rung": "[]",
    } | changes
    lines = [f"{key} = {value}" for key, value in row.items() if value]
    return "\n".join([*lines, "[why]", *(f'{why} = "{why}"' for why in Why)])


def test_figures_of_ones_own_are_read() -> None:
    assert sending.load(_figures()).reply_window == timedelta(hours=1)


@pytest.mark.parametrize(
    "text",
    [
        "not toml",
        _figures().partition("[why]")[0],
        _figures(reply_window_hours=""),
        _figures(reply_window_hours='"a day"'),
        _figures(reply_window_hours="0"),
        _figures(between_automatic_seconds="-1"),
        _figures(new_after_days=""),
        _figures(new_after_days="0"),
        _figures(reply_window_hours="48", new_after_days="2"),
        _figures(texted='["mobile", "landline"]'),
        _figures(texted='["telegraph"]'),
        _figures(rung='["everything"]'),
    ],
)
def test_figures_that_could_let_a_wrong_thing_out_are_refused(text: str) -> None:
    with pytest.raises(UnusableTableError):
        sending.load(text)
