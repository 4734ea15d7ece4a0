"""What must be so after any number of kills: told by the service, and found in its database."""

import http.client
import json
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from uuid import UUID

import sqlalchemy as sa

from chat.models import Conversation, Message
from helpline import scopes
from helpline.audit.models import AuditEntry
from helpline.queue.models import Job, JobState
from helpline.todo.models import Task
from integrations import database
from integrations.keystore import WrappedKey
from tests import servers
from tests.faults.ledger import Chat, Ledger, Line
from tests.faults.processes import Installation

# A killed process holds its jobs for 30 s; the rest is for working them off on a busy machine.
SETTLED_WITHIN = 120.0
_OPEN = (JobState.READY.value, JobState.LEASED.value)
_GOOD = {200, 201, 503}


@dataclass
class Findings:
    """Everything that is wrong, in words; ids only."""

    acknowledged: int = 0
    conversations: int = 0
    kept_apart: int = 0
    jobs_done: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    out_of_order: list[str] = field(default_factory=list)
    jobs_unfinished: list[str] = field(default_factory=list)
    other: list[str] = field(default_factory=list)

    @property
    def faults(self) -> list[str]:
        """All that is wrong."""
        return [
            *self.lost,
            *self.doubled,
            *self.out_of_order,
            *self.jobs_unfinished,
            *self.other,
        ]

    def __str__(self) -> str:
        return (
            f"{self.acknowledged} acknowledged in {self.conversations} conversations "
            f"({self.kept_apart} apart), {len(self.lost)} lost, {len(self.doubled)} doubled, "
            f"{len(self.out_of_order)} out of order, {self.jobs_done} jobs done, "
            f"{len(self.jobs_unfinished)} unfinished, {len(self.other)} other faults"
        )


def check(installation: Installation, ledger: Ledger) -> Findings:
    """Compare what the senders know with what the running service shows and its stores hold."""
    found = Findings(acknowledged=ledger.acknowledged, conversations=len(ledger.chats))
    found.other += ledger.contradictions
    found.other += [f"a sender was answered {s}" for s in ledger.statuses if s not in _GOOD]
    found.other += [f"a sender was refused: {why}" for why in ledger.refusals if why != "not_kept"]
    found.other += [f"closed with {code}" for code in ledger.closes if code == 4401]
    store = database.connect(installation.settings.database_url)
    try:
        _check_jobs(store, found)
        _check_rows(store, ledger, found)
        _check_keys(installation, store, found)
    finally:
        store.dispose()
    _check_shown(installation, ledger, found)
    _check_audit(installation, found)
    return found


def _check_rows(store: database.Store, ledger: Ledger, found: Findings) -> None:
    rows: defaultdict[UUID, list[tuple[int, str]]] = defaultdict(list)
    with store.read.connect() as connection:
        for conversation, seq, client_id in connection.execute(
            sa.select(Message.conversation_id, Message.seq, Message.client_id).order_by(Message.seq)
        ):
            rows[conversation].append((seq, client_id))
        newest = {
            row.id: row.last_seq
            for row in connection.execute(sa.select(Conversation.id, Conversation.last_seq))
        }
        apart = set(connection.scalars(sa.select(Task.dedupe_key)))
    for chat in ledger.chats:
        conversation = UUID(chat.conversation)
        if conversation not in newest:
            found.lost.append(f"{conversation}: begun, and not there")
            continue
        kept = rows[conversation]
        numbers = [seq for seq, _ in kept]
        if numbers != [*range(1, newest[conversation] + 1)]:
            found.other.append(f"{conversation}: numbers {numbers} up to {newest[conversation]}")
        _check_chat(chat, kept, apart, found)


def _check_chat(chat: Chat, kept: list[tuple[int, str]], apart: set[str], found: Findings) -> None:
    where = f"{chat.conversation}:"
    times = Counter(client_id for _, client_id in kept)
    found.doubled += [f"{where} {name} {n} times" for name, n in times.items() if n > 1]
    at = {client_id: seq for seq, client_id in kept}
    for line in chat.lines:
        if line.seq == 0:
            found.kept_apart += 1
            if f"apart:{chat.conversation}:{line.client_id}" not in apart:
                found.lost.append(f"{where} {line.client_id} was kept apart, and is not there")
        elif line.client_id not in at:
            found.lost.append(f"{where} {line.client_id} was ticked as {line.seq}")
        elif at[line.client_id] != line.seq:
            found.other.append(f"{where} {line.client_id} is {at[line.client_id]}, not {line.seq}")
    strangers = times.keys() - {line.client_id for line in chat.lines}
    found.other += [f"{where} {name} was never said" for name in strangers]
    found.out_of_order += [f"{where} {wrong}" for wrong in _inversions(chat)]


def _inversions(chat: Chat) -> list[str]:
    """Pairs in the wrong order.

    What waits for its tick, or is never refused, has the order in which it was said. Of lines on
    their way together some may be refused and come later; then only a line that was said after
    another's tick must have a higher number.
    """
    lines = sorted((line for line in chat.lines if line.seq), key=lambda line: line.seq or 0)
    strictly = chat.manner == "one by one" or not chat.was_refused
    found: list[str] = []
    latest: Line | None = None  # of those before, the one that was said last
    for line in lines:
        if latest is not None and (
            line.number < latest.number if strictly else line.ticked < latest.first_sent
        ):
            found.append(f"{latest.client_id} stands before {line.client_id}")
        if latest is None or line.first_sent > latest.first_sent:
            latest = line
    return found


def _check_keys(installation: Installation, store: database.Store, found: Findings) -> None:
    """No conversation without its key: it could never be read."""
    keystore = database.connect(installation.settings.keystore_url)
    try:
        with keystore.read.connect() as connection:
            scopes_there = set(connection.scalars(sa.select(WrappedKey.scope)))
    finally:
        keystore.dispose()
    with store.read.connect() as connection:
        for conversation in connection.scalars(sa.select(Conversation.id)):
            if scopes.of_conversation(conversation) not in scopes_there:
                found.other.append(f"{conversation}: has no key")


def _check_jobs(store: database.Store, found: Findings) -> None:
    """Every job that was there when the senders stopped gets done."""
    with store.read.connect() as connection:
        stopped = connection.scalar(sa.select(sa.func.max(Job.made_at)))
    unfinished = (
        sa.select(Job.kind, Job.state, Job.id, Job.attempts, Job.last_error)
        .where(Job.state.in_(_OPEN), Job.made_at <= stopped)
        .limit(20)
    )
    give_up = time.monotonic() + SETTLED_WITHIN
    while True:
        with store.read.connect() as connection:
            left = connection.execute(unfinished).all()
        if not left or time.monotonic() > give_up:
            break
        time.sleep(0.5)
    found.jobs_unfinished += [str(tuple(row)) for row in left]
    with store.read.connect() as connection:
        by_state = sa.select(Job.state, sa.func.count()).group_by(Job.state)
        states = {row[0]: row[1] for row in connection.execute(by_state)}
    found.jobs_done = states.get(JobState.DONE.value, 0)
    if states.get(JobState.FAILED.value):
        found.jobs_unfinished.append(f"{states[JobState.FAILED.value]} jobs gave up")


def _check_shown(installation: Installation, ledger: Ledger, found: Findings) -> None:
    """What the child's API shows is what was said, word for word."""
    connection = http.client.HTTPConnection(servers.LOOPBACK, installation.port, timeout=30)
    for chat in ledger.chats:
        said = {line.seq: line.text for line in chat.lines if line.seq}
        shown = _shown(connection, chat)
        if shown != said:
            wrong = sorted({seq for seq in said | shown if said.get(seq) != shown.get(seq)})
            found.lost.append(f"{chat.conversation}: shown otherwise at {wrong}")
        if any(shown.get(seq) != text for seq, text in chat.shown.items()):
            found.other.append(f"{chat.conversation}: a page was shown something else before")
    connection.close()


def _shown(connection: http.client.HTTPConnection, chat: Chat) -> dict[int, str]:
    shown: dict[int, str] = {}
    while True:
        connection.request(
            "GET",
            f"/api/v1/conversations/{chat.conversation}/messages?after={max(shown, default=0)}",
            headers={"Authorization": f"Bearer {chat.token}"},
        )
        answer = json.loads(connection.getresponse().read())
        messages = answer.get("messages", [])
        if not messages:
            return shown
        shown |= {each["seq"]: each["text"] for each in messages}


def _check_audit(installation: Installation, found: Findings) -> None:
    """Each message has its one audit row, in its transaction; and nobody touched the rows."""
    store = database.connect(installation.settings.database_url)
    kept = sa.and_(AuditEntry.subject_id == Message.id, AuditEntry.action == "message.kept")
    rows = (
        sa.select(Message.id, sa.func.count(AuditEntry.id))
        .join(AuditEntry, kept, isouter=True)
        .group_by(Message.id)
        .having(sa.func.count(AuditEntry.id) != 1)
    )
    orphans = (
        sa.select(sa.func.count())
        .select_from(AuditEntry)
        .join(Message, Message.id == AuditEntry.subject_id, isouter=True)
        .where(AuditEntry.action == "message.kept", Message.id.is_(None))
    )
    with store.read.connect() as connection:
        wrong = connection.execute(rows).all()
        found.other += [f"message {row[0]} has {row[1]} audit rows" for row in wrong[:20]]
        if connection.scalar(orphans):
            found.other.append("an audit row tells of a message that is not there")
    store.dispose()
    give_up = time.monotonic() + SETTLED_WITHIN
    while True:
        verified = installation.command("audit", "verify", "--without-heads")
        if verified.returncode == 0 or time.monotonic() > give_up:
            break
        time.sleep(2)
    if verified.returncode:
        found.other.append(f"audit: {verified.stdout[-300:]} {verified.stderr[-300:]}")
