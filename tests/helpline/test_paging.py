"""Staff are paged by text and by call beside console and mail; each way fails by itself."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from helpline import asgi, measures, paging_rules
from helpline.console import escalations_view
from helpline.queue.models import Lane
from helpline.todo.models import Why
from integrations.twilio.errors import TwilioError
from tests.helpline import paging_house, phone_house
from tests.helpline.paging_house import MAILS, MINUTE, OnCall
from tests.helpline.ringing_house import JO_PHONE as JO
from tests.helpline.ringing_house import PRIYA_PHONE as PRIYA
from tests.helpline.ringing_house import SAM_PHONE as SAM
from tests.installation import STAFF_ORIGIN, RecordingBell

SECONDS = timedelta(seconds=1)
AWAY = TwilioError(can_retry=True, code=503, maybe_sent=True)
# Nothing rang: the company says so, or could not be reached at all.
DOWN = TwilioError(can_retry=True)
TOO_MANY = TwilioError(can_retry=True, code=20429)
WAYS = ["console", "mail", "sms", "voice"]


@pytest.fixture
def on_call(request: pytest.FixtureRequest, engine_name: str) -> Iterator[OnCall]:
    with paging_house.opened(request, engine_name) as on_call:
        yield on_call


def calls_still(on_call: OnCall) -> list[str]:
    """What the supervisor's page says beside each person who was called."""
    adapters = on_call.house.adapters
    with adapters.transactions.reading() as session:
        found = escalations_view.climbing(
            session,
            reader=on_call.person(PRIYA),
            names=adapters.names.within(session),
            now=on_call.clock.now(),
        )
    return [
        f"{each.name}: {', '.join(each.but)}" for climb in found.calling for each in climb.called
    ]


def test_an_emergency_pages_the_first_on_call_by_every_way_at_once(on_call: OnCall) -> None:
    on_call.danger()
    on_call.climb()
    assert on_call.post.sent == [MAILS[SAM]]
    assert on_call.texted() == [SAM]
    assert on_call.rung() == [SAM]
    assert {way: on_call.states(SAM, way) for way in WAYS} == {
        "console": ["shown"],
        "mail": ["sent"],
        "sms": ["sent"],
        "voice": ["sent"],
    }
    bell = on_call.house.adapters.bell
    assert isinstance(bell, RecordingBell)
    assert {Lane.URGENT, Lane.RINGING} <= set(bell.rung)


def test_it_climbs_by_phone_as_by_mail_and_never_stops(on_call: OnCall) -> None:
    on_call.danger()
    rung: list[tuple[int, list[str]]] = []
    for minute in range(21):
        before = len(on_call.rings.rung)
        on_call.climb()
        if len(on_call.rings.rung) > before:
            rung.append((minute, sorted(on_call.rung()[before:])))
        on_call.clock.advance(MINUTE)
    everyone = [SAM, JO, PRIYA]
    assert rung == [
        (0, [SAM]),
        (2, [JO]),
        (5, [PRIYA]),
        (10, everyone),
        (15, everyone),
        (20, everyone),
    ]
    assert sorted(on_call.texted()) == sorted(on_call.rung())


def test_what_leaves_is_content_free_and_passes_the_rules(on_call: OnCall) -> None:
    conversation = on_call.danger()
    on_call.climb()
    [(_, text)] = on_call.company.sent
    assert text == paging_rules.load().text("text")
    told = text + on_call.ring().answer_at + on_call.ring().status_to + on_call.company.status_to[0]
    for word in ("tablet", "Fox", "Sam", "emergency", str(conversation), conversation.hex, SAM):
        assert word not in told


def test_with_the_company_down_a_mail_goes_at_once_and_no_climb_is_late(on_call: OnCall) -> None:
    on_call.company.fails = [AWAY] * 500
    on_call.rings.fails = [DOWN] * 500
    on_call.danger()
    mailed: list[tuple[int, list[str]]] = []
    for minute in range(16):
        before = len(on_call.post.sent)
        on_call.climb()
        if len(on_call.post.sent) > before:
            mailed.append((minute, on_call.post.sent[before:][:3]))
        on_call.clock.advance(MINUTE)
    everyone = [MAILS[SAM], MAILS[JO], MAILS[PRIYA]]
    assert mailed == [
        (0, [MAILS[SAM]]),
        (2, [MAILS[JO]]),
        (5, [MAILS[PRIYA]]),
        (10, everyone),
        (15, everyone),
    ]
    assert on_call.texted() == on_call.rung() == []


def test_a_page_that_never_leaves_is_a_task_once_and_shows_on_the_escalation(
    on_call: OnCall,
) -> None:
    on_call.company.fails = [AWAY] * 500
    on_call.danger()
    for _ in range(12):
        on_call.climb(after=2 * MINUTE)
    not_sent = [subject for why, subject in on_call.tasks() if why is Why.PAGE_NOT_SENT]
    assert sorted(not_sent) == sorted(on_call.person(each) for each in (SAM, JO, PRIYA))
    assert "failed" in on_call.states(SAM, "sms")
    assert set(on_call.states(SAM, "voice")) == {"sent"}
    figures = measures.exposed(on_call.house.adapters).decode()
    assert "helpline_pages_failed 0.0" not in figures
    assert all("text" in line for line in calls_still(on_call))


def test_while_it_is_tried_the_supervisor_sees_which_way_has_not_left(on_call: OnCall) -> None:
    on_call.rings.fails = [DOWN] * 500
    on_call.danger()
    on_call.climb()
    on_call.work(after=31 * SECONDS)
    assert calls_still(on_call) == ["Sam Demo: call has not left"]


def test_when_the_company_is_back_only_the_newest_pages_leave(on_call: OnCall) -> None:
    on_call.company.fails = [AWAY] * 500
    on_call.rings.fails = [DOWN] * 500
    on_call.danger()
    for _ in range(6):
        on_call.climb(after=5 * MINUTE)
    on_call.company.fails, on_call.rings.fails = [], []
    on_call.work(after=4 * MINUTE)
    assert sorted(on_call.texted()) == sorted(on_call.rung()) == [SAM, JO, PRIYA]
    figures = measures.exposed(on_call.house.adapters).decode()
    assert "helpline_pages_failed 0.0" in figures


def test_what_was_taken_meanwhile_rings_nobody_any_more(on_call: OnCall) -> None:
    on_call.rings.fails = [DOWN]
    conversation = on_call.danger()
    on_call.climb()
    with on_call.house.adapters.transactions.begin() as session:
        row = session.get_one(
            type(on_call.escalation(conversation)), on_call.escalation(conversation).id
        )
        row.state = "acknowledged"
    on_call.work(after=MINUTE)
    assert on_call.rung() == []
    assert on_call.states(SAM, "voice") == ["not needed"]
    assert on_call.tasks() == []


@pytest.mark.parametrize("is_lost", [False, True])
def test_a_text_whose_answer_was_lost_is_looked_for_and_a_ring_is_made_again(
    on_call: OnCall, *, is_lost: bool
) -> None:
    on_call.company.fails = ["lost" if is_lost else AWAY]
    on_call.rings.fails = [AWAY if is_lost else DOWN]
    on_call.danger()
    on_call.climb()
    on_call.work(after=MINUTE)
    assert on_call.texted() == [SAM]
    # It may have rung already: an alarm that rings twice is better than one that never rang.
    assert on_call.rung() == [SAM] * (2 if is_lost else 1)
    assert on_call.states(SAM, "sms") == on_call.states(SAM, "voice") == ["sent"]


class KilledError(BaseException):
    """As if the process had ended here."""


def test_a_crash_between_the_attempt_and_its_end_loses_no_page(
    on_call: OnCall, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(send: Callable[..., object]) -> Callable[..., object]:
        def sending(**given: object) -> object:
            send(**given)
            raise KilledError

        return sending

    on_call.danger()
    with monkeypatch.context() as patched:
        patched.setattr(on_call.company, "send", killed(on_call.company.send))
        patched.setattr(on_call.rings, "ring", killed(on_call.rings.ring))
        with pytest.raises(KilledError):
            on_call.climb()
        with pytest.raises(KilledError):
            on_call.work(lanes=(Lane.RINGING,), after=31 * SECONDS)
    on_call.work(after=31 * SECONDS)
    on_call.work(after=31 * SECONDS)
    assert on_call.texted() == [SAM]
    assert set(on_call.rung()) == {SAM}
    assert on_call.states(SAM, "sms") == on_call.states(SAM, "voice") == ["sent"]


def test_the_words_of_an_earlier_page_are_not_taken_for_those_of_a_later_one(
    on_call: OnCall,
) -> None:
    on_call.danger()
    on_call.climb()
    on_call.clock.advance(MINUTE + SECONDS)
    on_call.danger()
    on_call.company.fails = [AWAY]
    on_call.climb()
    on_call.work(after=10 * SECONDS)
    assert on_call.texted().count(SAM) == 2


def test_twenty_children_at_once_ring_the_same_phone_once_and_the_next_minute_again(
    on_call: OnCall,
) -> None:
    for _ in range(20):
        on_call.danger()
    on_call.climb()
    assert on_call.texted() == on_call.rung() == [SAM]
    assert sorted(set(on_call.states(SAM, "voice"))) == ["covered", "sent"]
    assert len(on_call.post.sent) == 20
    on_call.climb(after=2 * MINUTE)
    assert on_call.rung() == [SAM, JO]
    on_call.danger()
    on_call.climb()
    assert on_call.rung() == [SAM, JO, SAM]


@pytest.mark.parametrize(
    ("code", "why"),
    [(21610, Why.PAGE_REFUSED), (21211, Why.PAGE_REFUSED), (30007, Why.PAGE_NOT_SENT)],
)
def test_a_refusal_is_a_task_at_once_and_the_other_ways_go_on(
    on_call: OnCall, code: int, why: Why
) -> None:
    on_call.company.fails = [TwilioError(can_retry=False, code=code)]
    on_call.danger()
    on_call.climb()
    assert on_call.tasks() == [(why, on_call.person(SAM))]
    assert on_call.states(SAM, "sms") == ["failed"]
    assert (on_call.rung(), on_call.post.sent) == ([SAM], [MAILS[SAM]])
    assert calls_still(on_call) == ["Sam Demo: text failed"]


def test_staff_who_texted_stop_get_no_page_by_phone_and_a_person_is_told(on_call: OnCall) -> None:
    adapters = on_call.house.adapters
    phone_house.come(adapters, phone_house.sms("STOP", number=1, sender=SAM))
    on_call.work(after=MINUTE)
    on_call.company.sent.clear()
    on_call.danger()
    on_call.climb()
    assert on_call.texted() == on_call.rung() == []
    refused = [each for each in on_call.tasks() if each[0] is Why.PAGE_REFUSED]
    assert refused == [(Why.PAGE_REFUSED, on_call.person(SAM))] * 2
    assert on_call.post.sent == [MAILS[SAM]]
    # START from the same phone opens it again.
    phone_house.come(adapters, phone_house.sms("START", number=2, sender=SAM))
    on_call.clock.advance(2 * MINUTE)
    on_call.danger()
    on_call.climb()
    assert SAM in on_call.rung()


def test_too_many_requests_is_no_attempt_that_may_be_out(on_call: OnCall) -> None:
    on_call.company.fails = [TOO_MANY]
    on_call.danger()
    on_call.climb()
    assert on_call.pages(SAM, "sms")[0].attempted_at is None
    on_call.work(after=10 * SECONDS)
    assert on_call.texted() == [SAM]


def test_whoever_has_no_phone_or_was_disabled_is_paged_as_before(on_call: OnCall) -> None:
    on_call.set_staff(SAM, phone=None)
    on_call.danger()
    on_call.climb()
    assert on_call.states(SAM, "sms") == on_call.states(SAM, "voice") == []
    assert on_call.post.sent == [MAILS[SAM]]
    on_call.company.fails, on_call.rings.fails = [AWAY], [DOWN]
    on_call.climb(after=2 * MINUTE)
    on_call.set_staff(JO, disabled_at=on_call.clock.now())
    on_call.work(after=MINUTE)
    assert on_call.texted() == on_call.rung() == []
    assert on_call.states(JO, "voice") == ["not needed"]


def test_a_landline_is_rung_and_not_texted(on_call: OnCall) -> None:
    adapters = on_call.house.adapters
    sam = on_call.person(SAM)
    sealed = adapters.sealing.seal("staff", "staff", sam, "phone", "+442079460101")
    on_call.set_staff(SAM, phone=sealed)
    on_call.danger()
    on_call.climb()
    assert on_call.rung() == ["+442079460101"]
    assert on_call.states(SAM, "sms") == []


def test_a_number_that_cannot_be_opened_stops_no_climb_and_is_seen(on_call: OnCall) -> None:
    on_call.set_staff(SAM, phone=b"not sealed by us at all")
    on_call.danger()
    on_call.climb()
    assert on_call.post.sent == [MAILS[SAM]]
    assert on_call.states(SAM, "sms") == on_call.states(SAM, "voice") == ["failed"]
    assert {why for why, _ in on_call.tasks()} == {Why.PAGE_REFUSED}


def test_staff_see_who_was_not_reached_and_what_to_do(on_call: OnCall) -> None:
    on_call.set_staff(JO, phone=None)
    on_call.set_staff(PRIYA, pin_hash=None)
    on_call.company.fails = [TwilioError(can_retry=False, code=21610)]
    on_call.danger()
    on_call.climb()
    browser = TestClient(asgi.staff_app(on_call.house.adapters), base_url=STAFF_ORIGIN)
    browser.get("/demo/as/supervisor")
    assert "(text failed)" in browser.get("/console/escalations").text
    told = browser.get("/console/tasks").text
    assert "Sam Demo." in told
    assert "START" in told
    assert str(on_call.person(SAM)) not in told
    listed = browser.get("/console/on-call").text
    assert listed.count("No phone: cannot be rung") == 1
    assert listed.count("No PIN") == 1
