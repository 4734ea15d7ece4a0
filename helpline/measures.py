"""What the alarms look at: figures of this installation as Prometheus text, at /metrics.

Every figure is counted from rows when it is asked for, so that it is right in whichever process
answers. Labels are our own few words; no label ever holds an id or anything that was said.
"""

import hmac
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING
from uuid import UUID

import anyio.to_thread
import sqlalchemy as sa
import structlog
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from sqlalchemy.orm import Session, aliased
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from chat.service import heard, outgoing, unreported
from helpline import canary, counting, quiet, reconcile
from helpline.accounts.models import Staff
from helpline.audit import seal
from helpline.audit.models import AuditEntry
from helpline.checked import Check
from helpline.counting import Counted
from helpline.institutions import standing
from helpline.queue import lease
from helpline.settings import LOOPBACK, Settings
from helpline.signals import looking, patterns
from helpline.watch import figures, outside
from triage import conversation, rota
from triage.escalation import PageState, State
from triage.models import Entry, Escalation, Page, PutLast
from triage.service import climb, shifts
from triage.service import quiet as triage_quiet

if TYPE_CHECKING:
    from helpline.wiring import Adapters

log = structlog.get_logger()

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

# Mails, texts and rings leave within seconds of their page; first tries again are over by then.
PAGE_LEAVES_WITHIN = timedelta(minutes=2)

BEATS = (
    "worker",
    "schedule",
    "sweep",
    reconcile.DONE,
    quiet.DONE,
    looking.DONE,
    outside.HEARTBEAT,
)

# A proxy on this machine is a loopback client too. What it forwards it marks, and the outside
# cannot take the mark away.
_FORWARDED = ("forwarded", "via", "x-forwarded-for", "x-forwarded-proto", "x-real-ip")


async def metrics(request: Request) -> Response:
    """GET /metrics, for this machine or with the metrics token; for everyone else nothing."""
    adapters: Adapters = request.app.state.adapters
    if not _may_read(request, adapters.settings):
        return PlainTextResponse("Nothing here.\n", HTTPStatus.NOT_FOUND)
    text = await anyio.to_thread.run_sync(partial(exposed, adapters))
    return Response(text, headers={"Cache-Control": "no-store"}, media_type=CONTENT_TYPE)


routes = [Route("/metrics", metrics, methods=["GET"])]


def exposed(adapters: "Adapters") -> bytes:
    """The figures of this moment. Without a database, those of this process alone."""
    # A registry of its own each time: figures of two installations in one process never mix.
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures(adapters))
    return generate_latest(registry)


class _Figures(Collector):
    def __init__(self, adapters: "Adapters") -> None:
        self._adapters = adapters

    def collect(self) -> Iterable[Metric]:
        """Yield every figure; called once by the registry."""
        yield from _of_process(self._adapters)
        now = self._adapters.clock()
        try:
            with self._adapters.transactions.reading() as session:
                counted = [each for count in _COUNTS for each in count(session, now)]
        except sa.exc.SQLAlchemyError as problem:
            log.warning("measures.no_database", error=type(problem).__name__)
            yield _gauge("database_answers", "1 when the database could be read.", 0)
            return
        yield _gauge("database_answers", "1 when the database could be read.", 1)
        yield from counted


def _of_process(adapters: "Adapters") -> Iterator[Metric]:
    writer = adapters.writer
    standing = {each.id for each in adapters.watch.faults}
    faults = _by("work_faults", "1 while this process sees such work stand still.", "what")
    for what in figures.load().limits:
        faults.add_metric([what], int(what in standing))
    yield faults
    yield _gauge("writer_alive", "1 while messages can be kept.", int(writer.is_alive))
    yield _gauge("intake_waiting", "Messages that wait for the writer.", writer.waiting)
    yield _gauge("intake_last_batch_size", "Messages of the last commit.", writer.last_batch_size)
    batches = CounterMetricFamily("helpline_intake_batches", "Commits of the writer.")
    batches.add_metric([], writer.batches)
    yield batches
    refused = CounterMetricFamily(
        "helpline_webhooks_refused", "Requests that the telephone company did not sign."
    )
    refused.add_metric([], 0 if adapters.phones is None else adapters.phones.refused.number)
    yield refused


def _unread(session: Session, now: datetime) -> Iterator[Metric]:
    oldest = _by("oldest_unread_seconds", "How long the child who waits longest waits.", "grade")
    waiting = _by("unread", "Children who wait for an answer.", "grade")
    for grade, found in counting.unread(session).items():
        oldest.add_metric([grade.value], _age_of(found, now))
        waiting.add_metric([grade.value], found.count)
    yield oldest
    yield waiting
    gone, since = triage_quiet.counted(session, rule=conversation.load().gone_quiet.sign.rule)
    yield _gauge("gone_quiet", "Children in danger who say nothing after we wrote.", gone)
    yield _gauge(
        "oldest_gone_quiet_seconds",
        "How long ago the first of these silences was noticed.",
        0.0 if since is None else _age(since, now),
    )


def _lanes(session: Session, now: datetime) -> Iterator[Metric]:
    ages = _by("lane_age_seconds", "How long the oldest due job waits.", "lane")
    due = _by("lane_due", "Jobs that are due and not done.", "lane")
    heard = _by("canary_age_seconds", "Since a canary last came out of the lane.", "lane")
    for lane, found in counting.due_jobs(session, now=now).items():
        ages.add_metric([lane.value], _age_of(found, now))
        due.add_metric([lane.value], found.count)
        heard_at = canary.last_heard(session, lane=lane)
        if heard_at is not None:
            heard.add_metric([lane.value], _age(heard_at, now))
    yield from (ages, due, heard)


def _beats(session: Session, now: datetime) -> Iterator[Metric]:
    ages = _by("beat_age_seconds", "Since the last sign of life; none before the first.", "who")
    for who in BEATS:
        beaten_at = lease.beaten_at(session, name=who)
        if beaten_at is not None:
            ages.add_metric([who], _age(beaten_at, now))
    yield ages


def _tasks(session: Session, now: datetime) -> Iterator[Metric]:
    tasks = _by("tasks_open", "What software could not do and no person has done yet.", "why")
    oldest = _by("oldest_task_seconds", "How long the oldest open task waits.", "why")
    for why, found in counting.open_tasks(session).items():
        tasks.add_metric([why.value], found.count)
        oldest.add_metric([why.value], _age_of(found, now))
    yield tasks
    yield oldest


def _crowds(session: Session, now: datetime) -> Iterator[Metric]:
    standing, many = session.execute(
        sa.select(sa.func.count(sa.distinct(Entry.crowd_id)), sa.func.count(Entry.crowd_id)).where(
            Entry.waiting_since.is_not(None)
        )
    ).one()
    yield _gauge("crowds", "Crowds of copies in which somebody waits.", standing)
    yield _gauge("in_crowds", "Unknown senders who wait in a crowd.", many)
    last = sa.select(sa.func.count()).select_from(PutLast)
    yield _gauge(
        "put_last",
        "Senders and crowds that a person put last, for now.",
        session.scalar(last.where(PutLast.over_at.is_(None), PutLast.until > now)) or 0,
    )


def _rota(session: Session, now: datetime) -> Iterator[Metric]:
    ahead = now + rota.load().looks_ahead
    standing = shifts.standing(session, from_=now, until=ahead)
    gaps = rota.gaps(
        [each.shift for each in standing], line=rota.Line.FIRST, from_=now, until=ahead
    )
    yield _gauge(
        "rota_gap_in_seconds",
        "Until nobody is first on call, at most a week; a week without a gap or without a rota.",
        (min((gap.from_ for gap in gaps), default=ahead) - now).total_seconds()
        if standing
        else rota.load().looks_ahead.total_seconds(),
    )
    missed = sum(each.missed_at is not None and not each.checked_in_at for each in standing)
    yield _gauge("check_ins_missed", "Shifts that are on, with a missed check-in.", missed)


def _escalations(session: Session, now: datetime) -> Iterator[Metric]:
    is_open = Escalation.state != State.CLOSED.value
    rows = session.execute(
        sa.select(Escalation.state, sa.func.count()).where(is_open).group_by(Escalation.state)
    )
    found = {row.state: row[1] for row in rows}
    states = _by("escalations", "Escalations that are not closed.", "state")
    for state in State:
        if state is not State.CLOSED:
            states.add_metric([state.value], found.get(state.value, 0))
    yield states
    due_at = climb.next_due_at(session)
    yield _gauge(
        "escalation_overdue_seconds",
        "By how much the next step of an escalation is late.",
        0.0 if due_at is None else _age(due_at, now),
    )
    reached_nobody = sa.select(sa.func.count()).where(
        Escalation.state == State.PAGING.value, Escalation.reached_nobody_at.is_not(None)
    )
    yield _gauge(
        "escalations_reached_nobody",
        "Escalations that paged everyone and that nobody has acknowledged.",
        session.scalar(reached_nobody) or 0,
    )
    not_sent = (
        sa.select(sa.func.count())
        .select_from(Page)
        .join(Escalation, Escalation.id == Page.escalation_id)
        .join(Staff, Staff.id == Page.person_id)
        # Whoever was disabled meanwhile is left out on purpose, and stays unmailed.
        .where(is_open, Staff.disabled_at.is_(None))
        .where(
            sa.or_(
                sa.and_(Page.state == PageState.DUE, Page.made_at < now - PAGE_LEAVES_WITHIN),
                sa.and_(
                    Page.state == PageState.FAILED,
                    Page.round == Escalation.round,
                    ~_reached_since().exists(),
                ),
            )
        )
    )
    yield _gauge(
        "pages_failed",
        "Mails, texts and calls of open escalations that failed or have not left in 2 minutes.",
        session.scalar(not_sent) or 0,
    )


def _reached_since() -> sa.Select[UUID]:
    """A later page of the same escalation that reached the same person by the same way."""
    later = aliased(Page)
    return (
        sa.select(later.id)
        .where(
            later.escalation_id == Page.escalation_id,
            later.person_id == Page.person_id,
            later.channel == Page.channel,
            later.made_at > Page.made_at,
            later.state.not_in((PageState.DUE, PageState.FAILED)),
        )
        .correlate(Page)
    )


def _texts(session: Session, now: datetime) -> Iterator[Metric]:
    count, since = outgoing.unsent(session)
    yield _gauge("texts_unsent", "Texts that wait to leave.", count)
    yield _gauge(
        "oldest_unsent_text_seconds",
        "How long the oldest of them waits.",
        0.0 if since is None else _age(since, now),
    )
    count, since = unreported.waiting(session)
    yield _gauge("texts_unreported", "Texts that left and whose end nobody told.", count)
    yield _gauge(
        "oldest_unreported_text_seconds",
        "How long ago the oldest of them left.",
        0.0 if since is None else _age(since, now),
    )


def _places(session: Session, now: datetime) -> Iterator[Metric]:
    found = standing.counted(session, today=now.date())
    numbers = _by(
        "place_numbers", "Authorities and police forces by how their numbers stand.", "is"
    )
    for check, count in (
        (Check.FRESH, found.fresh),
        (Check.STALE, found.stale),
        (Check.NEVER, found.never),
    ):
        numbers.add_metric([check.value], count)
    yield numbers
    yield _gauge(
        "places_without_number",
        "Institutions with no number of the police or the duty team that answers there.",
        found.without,
    )
    count, unseen, since = patterns.unseen(session)
    yield _gauge("patterns_open", "Patterns across children that nobody has closed.", count)
    yield _gauge("patterns_unseen", "Those of them that no supervisor has looked at.", unseen)
    yield _gauge(
        "oldest_unseen_pattern_seconds",
        "How long the first of these waits.",
        0.0 if since is None else _age(since, now),
    )


def _gateway(session: Session, now: datetime) -> Iterator[Metric]:
    heard_at = heard.last_webhook(session)
    if heard_at is not None:
        yield _gauge(
            "last_webhook_seconds", "Since a text last came by a webhook.", _age(heard_at, now)
        )


def _audit(session: Session, now: datetime) -> Iterator[Metric]:
    unsealed = sa.select(sa.func.count()).where(AuditEntry.position.is_(None))
    yield _gauge("audit_unsealed", "Audit rows without a link.", session.scalar(unsealed) or 0)
    since = seal.oldest_unsealed(session)
    yield _gauge(
        "audit_unsealed_seconds",
        "How long the oldest audit row waits for its link.",
        0.0 if since is None else _age(since, now),
    )


_COUNTS: tuple[Callable[[Session, datetime], Iterator[Metric]], ...] = (
    _unread,
    _lanes,
    _beats,
    _tasks,
    _crowds,
    _rota,
    _escalations,
    _texts,
    _gateway,
    _places,
    _audit,
)


def _may_read(request: Request, settings: Settings) -> bool:
    kind, _, given = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer":
        expected = settings.metrics_token
        return expected is not None and hmac.compare_digest(
            given.strip().encode(), expected.encode()
        )
    is_here = request.client is not None and request.client.host in LOOPBACK
    return is_here and not any(name in request.headers for name in _FORWARDED)


def _gauge(name: str, says: str, value: float) -> Metric:
    return GaugeMetricFamily(f"helpline_{name}", says, value=value)


def _by(name: str, says: str, label: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"helpline_{name}", says, labels=[label])


def _age_of(found: Counted, now: datetime) -> float:
    return 0.0 if found.since is None else _age(found.since, now)


def _age(since: datetime, now: datetime) -> float:
    # A moment that lies ahead, by a clock that was set back, is not a negative wait.
    return max(0.0, round((now - since).total_seconds(), 3))
