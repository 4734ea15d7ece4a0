"""Entries of unknown senders find the crowd that their texts are alike to, or stand alone.

What is compared are keyed prints (triage/crowd.py); this package never sees a word. Whoever calls
leaves out senders whom somebody knows: they stand in no crowd.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from triage import crowd as rules
from triage.crowd import Figures
from triage.models import Crowd, CrowdPrint, Entry, PrintSeen
from triage.service import crowd_alarms, put_last

ALIKE, MANY = "alike", "many"
# Of the texts that are like those of no crowd yet, so many are compared with others in one go.
_MOST_COMPARED = 5
# The mark of a sender of very many texts, kept beside the prints; no keyed print is likely to be 0.
_SENDS_MANY = 0

_KEEP = sa.text(
    """
    INSERT INTO print_seen (print, entry_id, seen_at) VALUES (:print, :entry, :now)
    ON CONFLICT (print, entry_id) DO UPDATE SET seen_at = excluded.seen_at
    """
).bindparams(
    sa.bindparam("entry", type_=PrintSeen.entry_id.type),
    sa.bindparam("now", type_=PrintSeen.seen_at.type),
)
_TIE = sa.text(
    "INSERT INTO crowd_print (print, crowd_id) VALUES (:print, :crowd) ON CONFLICT DO NOTHING"
).bindparams(sa.bindparam("crowd", type_=CrowdPrint.crowd_id.type))


@dataclass(frozen=True, slots=True)
class Found:
    """Where an entry stands now. ``others`` wait alone with the same texts: look at them, too."""

    crowd: UUID | None
    moved: bool
    others: tuple[UUID, ...]


def unclaimed(session: Session, *, most: int) -> int:
    """How many entries wait that nobody holds, counted up to ``most``."""
    some = (
        sa.select(Entry.id)
        .where(Entry.waiting_since.is_not(None), Entry.claimed_by.is_(None))
        .limit(most)
        .subquery()
    )
    return session.scalar(sa.select(sa.func.count()).select_from(some)) or 0


def find_place(
    session: Session,
    *,
    entry: UUID,
    texts: Sequence[tuple[int, ...]],
    sends_many: bool,
    figures: Figures,
    now: datetime,
) -> Found:
    """Put an entry into the crowd of its texts, or out of any.

    ``texts`` are the prints of each text that no person has answered, the newest last. An entry
    stands in a crowd only while all of them are alike to those of a crowd, whichever: one text in
    a child's own words lets it stand alone. Very many texts make a crowd of their own.
    """
    locked = session.scalar(
        sa.select(Entry)
        .where(Entry.id == entry)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if locked is None or locked.claimed_by is not None or locked.waiting_since is None:
        return Found(None, moved=False, others=())
    said = [each for each in texts if each]
    for each in said:
        session.execute(_KEEP, [{"print": one, "entry": entry, "now": now} for one in each])
    crowds, others = _crowds_of(session, said, figures, now)
    if said and None not in crowds:
        crowd: UUID | None = crowds[-1]
    elif sends_many:
        crowd = _crowd_of_many(session, entry, figures, now)
    else:
        crowd = None
    if crowd is not None:
        session.execute(sa.update(Crowd).where(Crowd.id == crowd).values(newest_at=now))
    moved = locked.crowd_id != crowd
    locked.crowd_id = crowd
    if moved and crowd is None:
        crowd_alarms.ring_alone(session, entries=[entry], now=now)
    if moved and crowd is not None:
        for standing in put_last.standing_of(session, entries=(), crowd=crowd, now=now):
            put_last.rest(session, entries=[entry], until=standing.until)
    return Found(crowd, moved=moved, others=tuple(each for each in others if each != entry))


def stand_alone(session: Session, *, entries: Sequence[UUID], now: datetime) -> None:
    """Take entries out of their crowds: a person knows these children."""
    left = session.scalars(
        sa.update(Entry)
        .where(Entry.id.in_(entries), Entry.crowd_id.is_not(None))
        .values(crowd_id=None)
        .returning(Entry.id)
        .execution_options(synchronize_session=False)
    ).all()
    crowd_alarms.ring_alone(session, entries=left, now=now)


def forget(session: Session, *, figures: Figures, now: datetime) -> int:
    """Remove prints that are no longer compared; how many."""
    before = now - figures.kept_for
    removed = session.execute(
        sa.delete(PrintSeen)
        .where(PrintSeen.seen_at < before)
        .returning(PrintSeen.print)
        .execution_options(synchronize_session=False)
    ).all()
    old = sa.select(Crowd.id).where(Crowd.newest_at < before)
    session.execute(
        sa.delete(CrowdPrint)
        .where(CrowdPrint.crowd_id.in_(old))
        .execution_options(synchronize_session=False)
    )
    return len(removed)


def _crowds_of(
    session: Session, texts: Sequence[tuple[int, ...]], figures: Figures, now: datetime
) -> tuple[list[UUID | None], frozenset[UUID]]:
    tied = _tied(session, {one for each in texts for one in each})
    found: list[UUID | None] = []
    others: set[UUID] = set()
    compared = 0
    for each in texts:
        crowd = _most_shared(each, tied, figures)
        if crowd is None and compared < _MOST_COMPARED:
            compared += 1
            alike = _alike(session, each, figures, now)
            if len(alike) >= figures.senders:
                crowd = _begin(session, ALIKE, each, now)
                others |= alike
        found.append(crowd)
    return found, frozenset(others)


def _tied(session: Session, prints: set[int]) -> dict[int, UUID]:
    rows = session.execute(
        sa.select(CrowdPrint.print, CrowdPrint.crowd_id).where(CrowdPrint.print.in_(prints))
    )
    return {row.print: row.crowd_id for row in rows}


def _most_shared(text: tuple[int, ...], tied: dict[int, UUID], figures: Figures) -> UUID | None:
    shared: dict[UUID, int] = {}
    for one in text:
        if one in tied:
            shared[tied[one]] = shared.get(tied[one], 0) + 1
    needed = rules.shared_by_alike(text, figures=figures)
    enough = [crowd for crowd, many in shared.items() if many >= needed]
    return min(enough, default=None)


def _alike(
    session: Session, text: tuple[int, ...], figures: Figures, now: datetime
) -> frozenset[UUID]:
    rows = session.scalars(
        sa.select(PrintSeen.entry_id)
        .join(Entry, Entry.id == PrintSeen.entry_id)
        .where(
            PrintSeen.print.in_(text),
            PrintSeen.seen_at > now - figures.within,
            Entry.waiting_since.is_not(None),
            Entry.claimed_by.is_(None),
        )
        .group_by(PrintSeen.entry_id)
        .having(sa.func.count() >= rules.shared_by_alike(text, figures=figures))
    )
    return frozenset(rows)


def _begin(session: Session, kind: str, text: tuple[int, ...], now: datetime) -> UUID:
    crowd = uuid7()
    session.add(Crowd(id=crowd, kind=kind, begun_at=now, newest_at=now))
    session.flush()
    if text:
        # Of two who begin the same crowd at once, the first keeps the prints and gets the others.
        session.execute(_TIE, [{"print": one, "crowd": crowd} for one in text])
    return crowd


def _crowd_of_many(session: Session, entry: UUID, figures: Figures, now: datetime) -> UUID | None:
    """The crowd of those who send very many, once so many of them do."""
    since = now - figures.many_within
    session.execute(_KEEP, [{"print": _SENDS_MANY, "entry": entry, "now": now}])
    senders = session.scalar(
        sa.select(sa.func.count())
        .select_from(PrintSeen)
        .join(Entry, Entry.id == PrintSeen.entry_id)
        .where(
            PrintSeen.print == _SENDS_MANY,
            PrintSeen.seen_at > since,
            Entry.waiting_since.is_not(None),
            Entry.claimed_by.is_(None),
        )
    )
    if (senders or 0) < figures.senders:
        return None
    standing = session.scalar(
        sa.select(Crowd.id)
        .where(Crowd.kind == MANY, Crowd.newest_at > since)
        .order_by(Crowd.newest_at.desc(), Crowd.id)
        .limit(1)
    )
    return standing or _begin(session, MANY, (), now)
