"""The figures that alarms look at: right, without ids, and for nobody who should not see them."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from helpline import apart, asgi, climbing, intake, measures, quiet, seeding
from helpline.audit import seal
from helpline.institutions import loading, register
from helpline.intake import Said
from helpline.public import conversations
from helpline.queue import lease
from helpline.signals import patterns
from helpline.signals.rule import Found, Kind
from helpline.wiring import Adapters
from tests import installation
from tests.clock import Clock
from tests.installation import STAFF_ORIGIN
from tests.stores import Stores
from triage.grades import Grade
from triage.models import Page
from triage.service import signs

ALARMS = Path(__file__).parents[2] / "deploy" / "alarms"
TOKEN = "invented-token"
HERE = ("127.0.0.1", 50_000)
ELSEWHERE = ("203.0.113.5", 50_000)


@pytest.fixture
def adapters(stores: Stores, clock: Clock) -> Iterator[Adapters]:
    with installation.installed(stores, clock, metrics_token=TOKEN) as installed:
        yield installed


def figures(adapters: Adapters) -> dict[str, float]:
    """Every figure by its name, with its label if it has one: `oldest_unread_seconds high`."""
    found = {}
    for line in measures.exposed(adapters).decode().splitlines():
        if not line.startswith("#"):
            named, value = line.rsplit(" ", 1)
            name = named.removeprefix("helpline_")
            found[re.sub(r'\{\w+="(.*)"\}', r" \1", name)] = float(value)
    return found


def write(adapters: Adapters, text: str) -> UUID:
    conversation = conversations.start(adapters).conversation
    say(adapters, conversation, text, client_id="a")
    return conversation


def say(adapters: Adapters, conversation: UUID, text: str, *, client_id: str) -> None:
    [outcome] = adapters.writer._write([Said(conversation, client_id, text)])
    assert isinstance(outcome, intake.Kept)


def test_an_empty_installation_has_every_figure_at_rest(adapters: Adapters) -> None:
    found = figures(adapters)
    assert found["database_answers"] == 1
    assert found["oldest_unread_seconds emergency"] == 0
    assert found["lane_age_seconds urgent"] == 0
    assert found["tasks_open job gave up"] == 0
    assert found["escalations paging"] == 0
    assert found["escalation_overdue_seconds"] == 0
    assert found["audit_unsealed"] == 0
    assert not [name for name in found if name.startswith("beat_age_seconds")]


def test_a_child_who_waits_is_counted_by_grade_from_the_first_unanswered_message(
    adapters: Adapters, clock: Clock
) -> None:
    write(adapters, "he has a knife and he is outside my door")
    clock.advance(timedelta(seconds=90))
    write(adapters, "i want to talk about my social worker")
    clock.advance(timedelta(seconds=30))
    found = figures(adapters)
    assert found["oldest_unread_seconds emergency"] == 120
    assert found["unread emergency"] == 1
    assert found["oldest_unread_seconds high"] == 30
    assert found["unread urgent"] == 0


def test_a_due_job_makes_its_lane_older(adapters: Adapters, clock: Clock) -> None:
    write(adapters, "hello")
    assert figures(adapters)["lane_due normal"] == 0  # due in 3 s
    clock.advance(timedelta(seconds=63))
    found = figures(adapters)
    assert found["lane_age_seconds normal"] == 60
    assert found["lane_due normal"] == 1
    assert found["lane_age_seconds urgent"] == 0


def test_an_escalation_is_late_when_nobody_climbs_it(adapters: Adapters, clock: Clock) -> None:
    write(adapters, "he has a knife and he is outside my door")
    clock.advance(timedelta(seconds=20))
    assert figures(adapters)["escalation_overdue_seconds"] == 20
    assert figures(adapters)["escalations armed"] == 1
    climbing.climb(adapters)
    found = figures(adapters)
    assert found["escalation_overdue_seconds"] == 0
    assert found["escalations paging"] == 1
    # Nobody is on call here.
    assert found["escalations_reached_nobody"] == 1


def test_a_page_whose_mail_does_not_leave_is_counted_after_two_minutes(
    adapters: Adapters, clock: Clock
) -> None:
    seeding.seed(adapters)
    write(adapters, "he has a knife and he is outside my door")
    climbing.climb(adapters)
    clock.advance(timedelta(minutes=2))
    assert figures(adapters)["pages_failed"] == 0
    clock.advance(timedelta(seconds=1))
    assert figures(adapters)["pages_failed"] == 1
    with adapters.transactions.begin() as session:
        page = session.scalars(sa.select(Page).where(Page.state == "due")).one()
        climbing.page_is_mailed(session, adapters, page.id, clock.now())
    assert figures(adapters)["pages_failed"] == 0


def test_beats_tasks_and_audit_have_their_ages(adapters: Adapters, clock: Clock) -> None:
    with adapters.transactions.begin() as session:
        lease.lead(session, name="worker", holder="a", now=clock.now(), for_=timedelta(seconds=10))
        apart.keep_apart(
            session,
            adapters.sealing,
            conversation=uuid4(),
            client_id="a",
            text="words",
            now=clock.now(),
        )
    write(adapters, "hello")
    clock.advance(timedelta(seconds=40))
    found = figures(adapters)
    assert found["beat_age_seconds worker"] == 40
    assert found["tasks_open message not processed"] == 1
    assert found["oldest_task_seconds message not processed"] == 40
    assert found["audit_unsealed"] > 0
    assert found["audit_unsealed_seconds"] == 40
    with adapters.transactions.begin() as session:
        seal.seal(session, key=adapters.audit.key, holder="a", now=clock.now())
    assert figures(adapters)["audit_unsealed"] == 0


def test_a_clock_that_was_set_back_gives_no_negative_age(adapters: Adapters, clock: Clock) -> None:
    write(adapters, "hello")
    clock.advance(-timedelta(hours=1))
    assert min(figures(adapters).values()) >= 0


def test_no_figure_holds_an_id_or_a_word(adapters: Adapters, clock: Clock) -> None:
    conversation = write(adapters, "he has a knife canaryword")
    climbing.climb(adapters)
    clock.advance(timedelta(minutes=5))
    text = measures.exposed(adapters).decode()
    assert "canaryword" not in text
    assert str(conversation) not in text
    assert conversation.hex not in text
    for label in re.findall(r'="([^"]*)"', text):
        assert re.fullmatch(r"[a-z' -]{3,30}", label), label


def test_without_a_database_the_writer_is_still_told(adapters: Adapters) -> None:
    adapters.transactions.store.dispose()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(adapters.transactions, "reading", _no_database)
        found = figures(adapters)
    assert found["database_answers"] == 0
    assert found["writer_alive"] == 0
    assert "unread high" not in found


def _no_database() -> None:
    raise sa.exc.OperationalError("SELECT 1", {}, ConnectionError())


def test_figures_are_for_this_machine_or_with_the_token(adapters: Adapters) -> None:
    token = {"Authorization": f"Bearer {TOKEN}"}
    proxied = {"X-Forwarded-Proto": "https"}
    for client, headers, status in (
        (HERE, {}, 200),
        (ELSEWHERE, {}, 404),
        (ELSEWHERE, token, 200),
        (ELSEWHERE, {"Authorization": f"bearer {TOKEN}"}, 200),
        (HERE, {"Authorization": "Bearer wrong"}, 404),
        (ELSEWHERE, {"Authorization": "Bearer "}, 404),
        (ELSEWHERE, {"Authorization": f"Basic {TOKEN}"}, 404),
        (HERE, proxied, 404),
        (HERE, {"X-Forwarded-For": ""}, 404),
        (HERE, {"Forwarded": "for=203.0.113.5"}, 404),
        (HERE, proxied | token, 200),
    ):
        browser = TestClient(asgi.staff_app(adapters), base_url=STAFF_ORIGIN, client=client)
        answer = browser.get("/metrics", headers=headers)
        assert answer.status_code == status, (client, headers)
        assert ("helpline_" in answer.text) is (status == 200)


def test_without_a_token_of_ours_none_opens(stores: Stores, clock: Clock) -> None:
    with installation.installed(stores, clock) as adapters:
        browser = TestClient(asgi.staff_app(adapters), base_url=STAFF_ORIGIN, client=ELSEWHERE)
        for given in ("", "None", TOKEN):
            headers = {"Authorization": f"Bearer {given}"}
            assert browser.get("/metrics", headers=headers).status_code == 404


def test_a_child_in_danger_who_has_gone_quiet_is_counted(adapters: Adapters, clock: Clock) -> None:
    conversation = write(adapters, "i want to die")
    found = figures(adapters)
    assert found["gone_quiet"] == found["oldest_gone_quiet_seconds"] == 0
    assert "beat_age_seconds quiet" not in found
    with adapters.transactions.begin() as session:
        signs.write_down(
            session, entry=conversation, rule="gone-quiet", grade=Grade.URGENT, now=clock.now()
        )
    quiet.notice(adapters, owner="tests")
    clock.advance(timedelta(minutes=1))
    found = figures(adapters)
    assert (found["gone_quiet"], found["oldest_gone_quiet_seconds"]) == (1, 60)
    assert found["beat_age_seconds quiet"] == 60
    clock.advance(timedelta(minutes=1))
    say(adapters, conversation, "i am here", client_id="b")
    assert figures(adapters)["gone_quiet"] == 0


def test_every_alarm_looks_at_figures_that_are_there(adapters: Adapters) -> None:
    told = measures.exposed(adapters).decode()
    for file in ALARMS.glob("*.yml"):
        text = file.read_text("utf-8")
        names = set(re.findall(r"helpline_\w+", text))
        assert names
        for name in names:
            assert f"# TYPE {name} " in told, name
        for part in ("expr: ", "labels: {severity: ", "annotations: {says: "):
            assert text.count(part) == text.count("- alert: "), part


def test_the_numbers_of_danger_cards_are_counted_by_how_they_stand(
    adapters: Adapters, clock: Clock
) -> None:
    assert figures(adapters)["place_numbers stale"] == 0
    loading.load(adapters, listed=seeding.places(checked=clock.now().date()))
    found = figures(adapters)
    assert (found["place_numbers fresh"], found["place_numbers never"]) == (2, 2)
    assert found["places_without_number"] == 0
    clock.advance(timedelta(days=91))
    assert figures(adapters)["place_numbers stale"] == 2


def test_a_pattern_waits_until_a_supervisor_has_looked_and_then_until_it_is_closed(
    adapters: Adapters, clock: Clock
) -> None:
    loading.load(adapters, listed=seeding.places(checked=clock.now().date()))
    with adapters.transactions.begin() as session:
        raised = patterns.put(
            session,
            found=Found(
                institution=register.every(session)[0].institution,
                kind=Kind.CONCERNS,
                evidence=frozenset({uuid4()}),
                here=3,
                of=2,
            ),
            now=clock.now(),
        )
    assert raised is not None
    clock.advance(timedelta(hours=2))
    found = figures(adapters)
    assert (found["patterns_open"], found["patterns_unseen"]) == (1, 1)
    assert found["oldest_unseen_pattern_seconds"] == 7200
    with adapters.transactions.begin() as session:
        patterns.see(session, pattern=raised.pattern, by=uuid4(), now=clock.now())
    found = figures(adapters)
    assert (found["patterns_open"], found["patterns_unseen"]) == (1, 0)
    assert found["oldest_unseen_pattern_seconds"] == 0
    with adapters.transactions.begin() as session:
        patterns.close(session, pattern=raised.pattern, note=b"sealed", by=uuid4(), now=clock.now())
    assert figures(adapters)["patterns_open"] == 0


def test_every_alarm_stands_in_the_runbook() -> None:
    runbook = (ALARMS.parents[1] / "docs" / "operations.md").read_text("utf-8")
    for file in ALARMS.glob("*.yml"):
        for name in re.findall(r"alert: (\w+)", file.read_text()):
            assert f"`{name}`" in runbook, name
