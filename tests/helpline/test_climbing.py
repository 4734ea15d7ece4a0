"""The edge of an alarm: pages become mails and rings, and nobody is told too much."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from helpline import climbing, jobs, seeding
from helpline.accounts.models import Staff
from helpline.hub import Notice
from helpline.queue import add
from helpline.queue.models import Job, Lane
from helpline.todo.models import Task
from helpline.wiring import Adapters
from integrations.mail import MailError
from tests.helpline import house as houses
from tests.helpline.house import House
from tests.installation import RecordingBell
from triage.models import Entry, Escalation, Page
from triage.service import on_call

DANGER = "i took all my tablets"
OUTSIDE = "outside@example.org"
MINUTE = timedelta(minutes=1)


@dataclass
class Post:
    """A mail server that remembers, or that is away."""

    sent: list[tuple[str, str, str]] = field(default_factory=list)
    problem: MailError | None = None

    def send(self, *, to: str, subject: str, text: str) -> None:
        if self.problem is not None:
            raise self.problem
        self.sent.append((to, subject, text))


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def house(request: pytest.FixtureRequest, engine_name: str, post: Post) -> Iterator[House]:
    with houses.opened(request, engine_name, outside_contact=OUTSIDE) as house:
        seeding.seed(house.adapters)
        house.adapters = replace(house.adapters, mail=post)
        yield house


@pytest.fixture
def rung(house: House, monkeypatch: pytest.MonkeyPatch) -> list[Notice]:
    heard: list[Notice] = []
    monkeypatch.setattr(house.adapters.hub, "ring", lambda *notices: heard.extend(notices))
    return heard


def bell_of(adapters: Adapters) -> list[Lane]:
    assert isinstance(adapters.bell, RecordingBell)
    return adapters.bell.rung


def drain(house: House) -> None:
    jobs.drain(house.adapters, lane=Lane.URGENT, owner="test")


def escalation_of(house: House, conversation: UUID) -> Escalation:
    with house.adapters.transactions.reading() as session:
        [found] = session.scalars(sa.select(Escalation).where(Escalation.entry_id == conversation))
        return found


def test_an_emergency_mails_the_first_on_call_and_rings_every_screen(
    house: House, post: Post, rung: list[Notice]
) -> None:
    conversation = house.begin()
    house.say(conversation, DANGER)
    assert bell_of(house.adapters) == [Lane.URGENT], "the worker is woken at once"
    assert climbing.climb(house.adapters) == 1
    escalation = escalation_of(house, conversation)
    assert rung == [Notice("escalation", escalation.id)]
    assert bell_of(house.adapters) == [Lane.URGENT] * 2
    drain(house)
    assert [to for to, _, _ in post.sent] == ["sam@example.org"]
    assert house.audited(escalation.id) == [("escalation.climbed", None)]


def test_a_mail_says_nothing_of_what_was_said_or_by_whom(house: House, post: Post) -> None:
    conversation = house.begin("Blue Fox")
    house.say(conversation, DANGER)
    climbing.climb(house.adapters)
    drain(house)
    [(_, subject, text)] = post.sent
    for word in ("tablet", "Fox", str(conversation), conversation.hex, "child", "emergency"):
        assert word not in subject + text
    assert f"{house.adapters.settings.staff_origin}/console" in text


def test_a_page_is_mailed_once_and_then_marked_as_sent(house: House, post: Post) -> None:
    house.say(house.begin(), DANGER)
    climbing.climb(house.adapters)
    drain(house)
    drain(house)
    assert len(post.sent) == 1
    with house.adapters.transactions.reading() as session:
        states = {page.channel: page.state for page in session.scalars(sa.select(Page))}
    assert states == {"mail": "sent", "console": "shown"}


def test_a_mail_that_cannot_go_out_now_is_tried_again(house: House, post: Post) -> None:
    post.problem = MailError(can_retry=True)
    house.say(house.begin(), DANGER)
    climbing.climb(house.adapters)
    drain(house)
    post.problem = None
    house.clock.advance(MINUTE)
    drain(house)
    assert len(post.sent) == 1


def test_a_mail_that_will_never_go_out_becomes_a_task_for_a_person(
    house: House, post: Post
) -> None:
    post.problem = MailError(can_retry=False)
    house.say(house.begin(), DANGER)
    climbing.climb(house.adapters)
    drain(house)
    with house.adapters.transactions.reading() as session:
        [task] = session.scalars(sa.select(Task))
        [page] = session.scalars(sa.select(Page).where(Page.channel == "mail"))
        [job] = session.scalars(sa.select(Job).where(Job.subject_id == page.id))
    assert task.subject_id == job.id
    assert page.state == "due"


def test_nobody_is_mailed_who_has_left_meanwhile(house: House, post: Post) -> None:
    house.say(house.begin(), DANGER)
    climbing.climb(house.adapters)
    with house.adapters.transactions.begin() as session:
        session.execute(sa.update(Staff).values(disabled_at=house.clock.now()))
    drain(house)
    assert post.sent == []


def test_the_contact_outside_is_told_once_when_nobody_came(house: House, post: Post) -> None:
    conversation = house.begin()
    house.say(conversation, DANGER)
    for _ in range(31):
        climbing.climb(house.adapters)
        drain(house)
        house.clock.advance(MINUTE)
    outside = [text for to, _, text in post.sent if to == OUTSIDE]
    assert len(outside) == 1
    assert "tablet" not in outside[0]
    escalation = escalation_of(house, conversation)
    done = [action for action, _ in house.audited(escalation.id)]
    assert done.count("escalation.reached_nobody") == 1
    assert done.count("escalation.told_outside") == 1


def test_with_nobody_on_call_the_contact_outside_is_told_at_once(house: House, post: Post) -> None:
    with house.adapters.transactions.begin() as session:
        on_call.put(session, people=[])
    house.say(house.begin(), DANGER)
    climbing.climb(house.adapters)
    assert bell_of(house.adapters)[-1] is Lane.URGENT
    drain(house)
    assert [to for to, _, _ in post.sent] == [OUTSIDE]


def test_without_a_contact_outside_nobody_is_mailed_and_it_is_no_error(
    request: pytest.FixtureRequest, engine_name: str, post: Post
) -> None:
    with houses.opened(request, engine_name) as house:
        house.adapters = replace(house.adapters, mail=post)
        house.say(house.begin(), DANGER)
        climbing.climb(house.adapters)
        drain(house)
        assert post.sent == []
        with house.adapters.transactions.reading() as session:
            assert set(session.scalars(sa.select(Job.state).where(Job.lane == "urgent"))) == {
                "done"
            }


def test_a_climb_that_is_rolled_back_pages_mails_and_rings_nobody(
    house: House, post: Post, rung: list[Notice], monkeypatch: pytest.MonkeyPatch
) -> None:
    house.say(house.begin(), DANGER)

    def fails(*given: object, **named: object) -> None:
        raise LookupError(given, named)

    with monkeypatch.context() as broken:
        broken.setattr(add, "add", fails)
        with pytest.raises(LookupError):
            climbing.climb(house.adapters)
    with house.adapters.transactions.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Page)) == 0
    assert rung == []
    assert climbing.climb(house.adapters) == 1
    drain(house)
    assert len(post.sent) == 1


def test_nothing_is_due_and_nothing_is_written(house: House, rung: list[Notice]) -> None:
    assert climbing.climb(house.adapters) == 0
    assert rung == []
    with house.adapters.transactions.reading() as session:
        assert session.get(Entry, uuid4()) is None
