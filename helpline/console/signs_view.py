"""What a conversation shows as a whole, as staff read it: a rule, plain words and a time."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from triage import conversation
from triage.grades import Grade
from triage.service import quiet, signs
from triage.service.signs import Seen


@dataclass(frozen=True, slots=True)
class SignShown:
    """One sign. ``is_over``: it lasts no more; it stays on the page, for it may have raised."""

    rule: str
    concern: str
    why: str
    grade: Grade
    at: datetime
    is_over: bool


def shown(session: Session, *, conversation_id: UUID) -> tuple[SignShown, ...]:
    """What a conversation has shown, the newest first."""
    found = signs.seen_in(session, entries=[conversation_id])
    return tuple(_shown(each) for each in reversed(found))


def asking_again(session: Session, *, entries: Collection[UUID]) -> frozenset[UUID]:
    """Those of the entries in which a child asks or comes again and again."""
    figures = conversation.load()
    rules = {figures.asking_again.sign.rule, figures.coming_back.sign.rule}
    return frozenset(
        each.entry
        for each in signs.seen_in(session, entries=entries)
        if each.rule in rules and not each.is_over
    )


def gone_quiet() -> sa.ColumnElement[bool]:
    """Joins an entry with its silence, while that lasts."""
    return quiet.gone_quiet(conversation.load().gone_quiet.sign.rule)


def _shown(seen: Seen) -> SignShown:
    figures = conversation.load()
    sign = figures.sign(seen.rule)
    is_silence = seen.rule == figures.gone_quiet.sign.rule
    return SignShown(
        rule=seen.rule,
        # A rule that is no more is told by its id.
        concern=seen.rule if sign is None else sign.concern,
        why="" if sign is None else sign.why,
        grade=seen.grade,
        at=seen.at,
        is_over=seen.is_over or (is_silence and seen.child_wrote_since),
    )
