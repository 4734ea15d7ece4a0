"""What no sequence of events and no phone can bring about: properties of the gate."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from chat import texting
from chat.numbers import Number, NumberKind
from chat.sending import Kind, Recipient, Verdict, Why
from chat.texting import Input, TextState
from tests.chat.recipients import A_DAY, LONG, MOBILE, NOW, PAGES, TEXTS, Hours, ask

NUMBERS = st.builds(
    Number,
    e164=st.just("+447700900123"),
    kind=st.sampled_from(NumberKind),
    is_drama=st.booleans(),
)
RECIPIENTS = st.builds(
    Recipient,
    number=NUMBERS | st.just(MOBILE),
    state=st.sampled_from(TextState),
    window=st.sampled_from([None, Hours(are_open=True), Hours(are_open=False)]),
    may_text=st.sampled_from([None, True, False]),
    may_ring=st.sampled_from([None, True, False]),
    is_blocked=st.booleans(),
    is_dead=st.booleans(),
    last_heard_at=st.none() | st.timedeltas(timedelta(0), 2 * A_DAY).map(lambda ago: NOW - ago),
    last_rang_at=st.none() | st.timedeltas(timedelta(0), 2 * LONG).map(lambda ago: NOW - ago),
    asked=st.sampled_from([None, Hours(are_open=True), Hours(are_open=False)]),
    is_present=st.booleans(),
)
# Most of the above are refused for many reasons at once. Of these many may be sent to.
NEARLY_FRIENDLY = st.builds(
    Recipient,
    number=st.just(MOBILE) | NUMBERS,
    state=st.just(TextState.LIVE) | st.sampled_from(TextState),
    window=st.sampled_from([None, Hours(are_open=True), Hours(are_open=False)]),
    may_text=st.sampled_from([None, True]),
    may_ring=st.sampled_from([None, True]),
    is_blocked=st.just(value=False),
    is_dead=st.just(value=False),
    last_heard_at=st.sampled_from([None, NOW, NOW - 2 * A_DAY, NOW - LONG]),
    last_rang_at=st.sampled_from([None, NOW, NOW - LONG]),
    asked=st.sampled_from([None, Hours(are_open=True)]),
)
KINDS = st.sampled_from(Kind)
WEIGHED = {Why.SILENT_FOR_LONG, Why.OUTSIDE_WINDOW, Why.NOT_OPENED_BY_CHILD}
REASONS = st.sampled_from([None, "", "  ", "They asked me on the telephone."])


@given(recipient=RECIPIENTS | NEARLY_FRIENDLY, kind=KINDS, is_demo=st.booleans(), reason=REASONS)
def test_only_the_safe_times_and_the_thread_can_be_overridden(
    recipient: Recipient, kind: Kind, reason: str | None, *, is_demo: bool
) -> None:
    verdict = ask(recipient, kind, is_demo=is_demo, reason=reason)
    assert verdict.may is (verdict.why is None)
    if verdict.can_override:
        assert verdict.why in WEIGHED
        assert kind in {Kind.REPLY, Kind.CALL}
        assert not (reason or "").strip()
    with_reason = ask(recipient, kind, is_demo=is_demo, reason="Asked for by the child.")
    assert with_reason.may is (verdict.may or verdict.can_override)


@given(recipient=RECIPIENTS | NEARLY_FRIENDLY, kind=KINDS, is_demo=st.booleans(), reason=REASONS)
def test_nothing_leaves_for_a_phone_or_at_a_time_that_it_must_not(
    recipient: Recipient, kind: Kind, reason: str | None, *, is_demo: bool
) -> None:
    if not ask(recipient, kind, is_demo=is_demo, reason=reason).may:
        return
    assert recipient.state is not TextState.STOPPED
    assert not recipient.is_dead
    assert recipient.number.is_drama is is_demo
    if kind in TEXTS:
        assert recipient.number.kind is NumberKind.MOBILE
        assert not recipient.is_blocked
    else:
        assert recipient.number.kind in {NumberKind.MOBILE, NumberKind.LANDLINE}
    if kind in PAGES:
        return
    assert recipient.is_present
    assert recipient.state not in texting.SILENT
    assert (recipient.may_ring if kind is Kind.CALL else recipient.may_text) is not False
    has_reason = bool((reason or "").strip()) and kind is not Kind.AUTOMATIC
    is_old = _is_silent_for_long(recipient)
    assert has_reason or is_old or recipient.window != Hours(are_open=False)
    heard_at = recipient.last_heard_at
    is_thread = heard_at is not None and NOW - heard_at <= A_DAY
    if kind is Kind.CALL:
        is_asked = recipient.asked == Hours(are_open=True)
        assert has_reason or is_asked or (recipient.may_ring and not is_old)
        assert has_reason or recipient.asked != Hours(are_open=False)
    else:
        assert has_reason or is_thread or (recipient.may_text and not is_old)


def _is_silent_for_long(recipient: Recipient) -> bool:
    heard = [each for each in (recipient.last_heard_at, recipient.last_rang_at) if each is not None]
    return bool(heard) and NOW - max(heard) >= LONG


@given(
    recipient=RECIPIENTS | NEARLY_FRIENDLY,
    silence=st.timedeltas(LONG, 8 * LONG),
    kind=KINDS,
    window=st.sampled_from([None, Hours(are_open=True), Hours(are_open=False)]),
    said=st.sampled_from([None, True]),
    reason=REASONS,
)
def test_what_a_phone_silent_for_90_days_once_allowed_makes_no_difference(
    *,
    recipient: Recipient,
    silence: timedelta,
    kind: Kind,
    window: Hours | None,
    said: bool | None,
    reason: str | None,
) -> None:
    silent = replace(recipient, last_heard_at=NOW - silence, last_rang_at=None, asked=None)
    other = replace(
        silent,
        window=window,
        may_text=said if silent.may_text is not False else False,
        may_ring=said if silent.may_ring is not False else False,
    )
    assert ask(silent, kind, reason=reason) == ask(other, kind, reason=reason)
    if kind not in PAGES and not (reason or "").strip():
        assert not ask(silent, kind).may


@given(recipient=RECIPIENTS, kind=KINDS, silence=st.timedeltas(timedelta(0), 8 * LONG))
def test_silence_opens_nothing_that_was_closed(
    recipient: Recipient, kind: Kind, silence: timedelta
) -> None:
    now = replace(recipient, last_heard_at=NOW - silence, last_rang_at=None)
    later = replace(now, last_heard_at=NOW - silence - LONG)
    for without in (Why.STOPPED, Why.BLOCKED, Why.DEAD, Why.PAUSED, Why.RECHECK, Why.CHILD_SAID_NO):
        assert (ask(now, kind).why is without) is (ask(later, kind).why is without)


@given(
    recipient=RECIPIENTS | NEARLY_FRIENDLY,
    start=st.sampled_from(TextState),
    before=st.lists(st.sampled_from(Input)),
    after=st.lists(st.sampled_from(Input)),
    kind=KINDS,
    is_demo=st.booleans(),
    reason=REASONS,
)
def test_after_a_stop_nothing_leaves_by_anybody_until_start(
    *,
    recipient: Recipient,
    start: TextState,
    before: list[Input],
    after: list[Input],
    kind: Kind,
    is_demo: bool,
    reason: str | None,
) -> None:
    state = start
    for given_ in (*before, Input.STOP):
        state = texting.load().cell(state, given_).next
    for given_ in after:
        at_stop = replace(recipient, state=state, is_present=True)
        assert ask(at_stop, kind, is_demo=is_demo, reason=reason) == Verdict(
            may=False, why=Why.STOPPED, can_override=False
        )
        if given_ is Input.START:
            break
        cell = texting.load().cell(state, given_)
        assert cell.says is None
        state = cell.next


@given(
    recipient=RECIPIENTS | NEARLY_FRIENDLY,
    inputs=st.lists(st.sampled_from(sorted(set(Input) - {Input.CHECKED_SAFE}))),
    unsafe=st.sampled_from([Input.LATER, Input.OWN_WORD, Input.MARKED_UNSAFE]),
    start=st.sampled_from(TextState),
    kind=st.sampled_from([Kind.AUTOMATIC, Kind.REPLY, Kind.CALL]),
)
def test_after_a_pause_nothing_leaves_for_a_child_until_a_person_has_checked(
    *,
    recipient: Recipient,
    inputs: list[Input],
    unsafe: Input,
    start: TextState,
    kind: Kind,
) -> None:
    state = texting.load().cell(start, unsafe).next
    for given_ in inputs:
        verdict = ask(replace(recipient, state=state), kind, reason="Asked for by the child.")
        assert not verdict.may
        assert not verdict.can_override
        state = texting.load().cell(state, given_).next
