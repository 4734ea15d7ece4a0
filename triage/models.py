"""The tables of who should answer and how soon. Nothing that was said is kept here."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from integrations.database import Base


class Entry(Base):
    """Something that waits for a person. Its id is the id of what waits (a conversation).

    ``grade_rank`` is 0 for an emergency and is only ever raised by software.
    ``waiting_since`` is the first unanswered message of the child; empty when all is answered.
    """

    __tablename__ = "entry"
    __table_args__ = (
        sa.Index(
            "ix_entry_waiting",
            "grade_rank",
            "waiting_since",
            postgresql_where=sa.text("waiting_since IS NOT NULL"),
            sqlite_where=sa.text("waiting_since IS NOT NULL"),
        ),
        # For the sweep of silence: an entry is in it only while the child has the last word of us.
        sa.Index(
            "ix_entry_answered_grave",
            "last_child_at",
            postgresql_where=sa.text("waiting_since IS NULL AND grade_rank < 2"),
            sqlite_where=sa.text("waiting_since IS NULL AND grade_rank < 2"),
        ),
        sa.Index(
            "ix_entry_crowd",
            "crowd_id",
            postgresql_where=sa.text("crowd_id IS NOT NULL"),
            sqlite_where=sa.text("crowd_id IS NOT NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(16))
    grade_rank: Mapped[int] = mapped_column(sa.SmallInteger)
    score: Mapped[float]
    waiting_since: Mapped[datetime | None]
    last_child_at: Mapped[datetime]
    claimed_by: Mapped[UUID | None] = mapped_column(index=True)
    claimed_at: Mapped[datetime | None]
    returned_from: Mapped[UUID | None]
    returned_at: Mapped[datetime | None]
    # No foreign key: SQLite adds none to a table that is there. A crowd is never removed.
    crowd_id: Mapped[UUID | None]


class Crowd(Base):
    """Many unknown senders whose texts are alike, or who send very many: see triage/crowd.py.

    ``kind`` is ``alike`` or ``many``. ``newest_at`` is when somebody was last found to stand in it.
    """

    __tablename__ = "crowd"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(8))
    begun_at: Mapped[datetime]
    newest_at: Mapped[datetime]


class CrowdPrint(Base):
    """A keyed print of a text that the members of a crowd send."""

    __tablename__ = "crowd_print"

    print: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    crowd_id: Mapped[UUID] = mapped_column(sa.ForeignKey("crowd.id"), index=True)


class PrintSeen(Base):
    """A keyed print of a text that an unknown sender sent, kept for an hour."""

    __tablename__ = "print_seen"

    print: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    entry_id: Mapped[UUID] = mapped_column(sa.ForeignKey("entry.id"), primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(index=True)


class PutLast(Base):
    """A person said that an entry, or a whole crowd, is a hoax, until a time. It can be undone.

    ``why`` is one of the reasons that staff choose from. ``over_by`` is empty where software
    ended it, as the words changed.
    """

    __tablename__ = "put_last"
    __table_args__ = (
        sa.CheckConstraint("(entry_id IS NULL) <> (crowd_id IS NULL)", name="one_subject"),
        sa.Index(
            "ix_put_last_standing",
            "until",
            postgresql_where=sa.text("over_at IS NULL"),
            sqlite_where=sa.text("over_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    entry_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("entry.id"), index=True)
    crowd_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("crowd.id"), index=True)
    why: Mapped[str] = mapped_column(sa.String(64))
    put_by: Mapped[UUID]
    put_at: Mapped[datetime]
    until: Mapped[datetime]
    over_at: Mapped[datetime | None]
    over_by: Mapped[UUID | None]


class SignSeen(Base):
    """Something that a conversation showed as a whole, such as silence: see triage/conversation.py.

    ``rule`` names it and ``grade_rank`` is what it asked for. A person's word or a finished
    escalation ends it; then ``over_at`` says when, and it may be seen anew.
    """

    __tablename__ = "sign_seen"
    __table_args__ = (
        sa.Index(
            "uq_sign_seen_open",
            "entry_id",
            "rule",
            unique=True,
            postgresql_where=sa.text("over_at IS NULL"),
            sqlite_where=sa.text("over_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    entry_id: Mapped[UUID] = mapped_column(sa.ForeignKey("entry.id"), index=True)
    rule: Mapped[str] = mapped_column(sa.String(32))
    grade_rank: Mapped[int] = mapped_column(sa.SmallInteger)
    seen_at: Mapped[datetime]
    over_at: Mapped[datetime | None]


class Escalation(Base):
    """One climb from the first person on call to everyone, until a person takes it.

    ``grade_rank`` is the worst so far, ``newest_rank`` that of the newest message alone.
    ``due_at`` is when the next thing happens: the next page or, once acknowledged, the moment it
    opens again: at ``promised_until``, or sooner when the child wrote and nobody answered.
    Words (next step, outcome) arrive sealed; this package cannot read them.
    """

    __tablename__ = "escalation"
    __table_args__ = (
        sa.Index(
            "uq_escalation_open",
            "entry_id",
            unique=True,
            postgresql_where=sa.text("state <> 'closed'"),
            sqlite_where=sa.text("state <> 'closed'"),
        ),
        sa.Index(
            "ix_escalation_due",
            "due_at",
            postgresql_where=sa.text("state <> 'closed'"),
            sqlite_where=sa.text("state <> 'closed'"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    entry_id: Mapped[UUID] = mapped_column(sa.ForeignKey("entry.id"))
    grade_rank: Mapped[int] = mapped_column(sa.SmallInteger)
    state: Mapped[str] = mapped_column(sa.String(16))
    round: Mapped[int] = mapped_column(sa.Integer, default=0)
    step: Mapped[int] = mapped_column(sa.Integer, default=0)
    newest_rank: Mapped[int] = mapped_column(sa.SmallInteger)
    raised_by: Mapped[UUID | None]
    raised_at: Mapped[datetime]
    started_at: Mapped[datetime]
    due_at: Mapped[datetime]
    reached_nobody_at: Mapped[datetime | None]
    acknowledged_by: Mapped[UUID | None]
    acknowledged_at: Mapped[datetime | None]
    promised_until: Mapped[datetime | None]
    next_step: Mapped[bytes | None]
    outcome: Mapped[bytes | None]
    closed_by: Mapped[UUID | None]
    closed_at: Mapped[datetime | None]


class Page(Base):
    """One call for one person's attention: a screen, a mail, a text, a ring.

    It never counts as an answer. ``attempted_at`` is written before a text or a ring leaves, and
    forgotten when it surely did not; ``first_tried_at`` stays. ``over_at`` is the end of a ring
    that was answered, by whatever.
    """

    __tablename__ = "page"
    __table_args__ = (
        sa.UniqueConstraint("escalation_id", "round", "step", "person_id", "channel"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    escalation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("escalation.id"))
    round: Mapped[int]
    step: Mapped[int]
    person_id: Mapped[UUID]
    channel: Mapped[str] = mapped_column(sa.String(16))
    state: Mapped[str] = mapped_column(sa.String(16))
    attempted_at: Mapped[datetime | None]
    first_tried_at: Mapped[datetime | None]
    over_at: Mapped[datetime | None]
    provider_sid: Mapped[str | None] = mapped_column(sa.String(34))
    made_at: Mapped[datetime]


class OnCall(Base):
    """The ordered list of people on call. Position 0 is paged first."""

    __tablename__ = "on_call"

    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(sa.SmallInteger)
    is_supervisor: Mapped[bool]


class Shift(Base):
    """Somebody on a line of the rota between two instants: see triage/rota.py.

    ``missed_at`` is when it was noticed that nobody had checked in. A row that was replaced, or
    whose person left, has ``over_at``; ``over_by`` names the save that replaced it.
    """

    __tablename__ = "shift"
    __table_args__ = (
        sa.Index(
            "ix_shift_standing",
            "starts_at",
            "ends_at",
            postgresql_where=sa.text("over_at IS NULL"),
            sqlite_where=sa.text("over_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    line: Mapped[str] = mapped_column(sa.String(16))
    person_id: Mapped[UUID] = mapped_column(index=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    checked_in_at: Mapped[datetime | None]
    missed_at: Mapped[datetime | None]
    save_id: Mapped[UUID] = mapped_column(sa.ForeignKey("rota_save.id"), index=True)
    over_at: Mapped[datetime | None]
    over_by: Mapped[UUID | None]


class RotaSave(Base):
    """A person saved the rota of a week. The last one of a week can be undone."""

    __tablename__ = "rota_save"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    week_from: Mapped[datetime] = mapped_column(index=True)
    saved_by: Mapped[UUID]
    saved_at: Mapped[datetime]
    undone_at: Mapped[datetime | None]


class ShiftSwap(Base):
    """Somebody offers a shift to a colleague, or to whoever takes it. Until then it is theirs."""

    __tablename__ = "shift_swap"
    __table_args__ = (
        sa.Index(
            "uq_shift_swap_open",
            "shift_id",
            unique=True,
            postgresql_where=sa.text("settled_at IS NULL"),
            sqlite_where=sa.text("settled_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    shift_id: Mapped[UUID] = mapped_column(sa.ForeignKey("shift.id"), index=True)
    offered_by: Mapped[UUID]
    offered_to: Mapped[UUID | None]
    offered_at: Mapped[datetime]
    became: Mapped[str | None] = mapped_column(sa.String(16))
    settled_by: Mapped[UUID | None]
    settled_at: Mapped[datetime | None]


class Profile(Base):
    """How much a member of staff carries, in points, and whether they said that they are away."""

    __tablename__ = "profile"

    staff_id: Mapped[UUID] = mapped_column(primary_key=True)
    capacity: Mapped[int] = mapped_column(sa.SmallInteger)
    away_since: Mapped[datetime | None]


class SkillOf(Base):
    """What somebody can do: an id of `routing.toml`, or ``lang:`` and the code of a language."""

    __tablename__ = "skill_of"

    staff_id: Mapped[UUID] = mapped_column(primary_key=True)
    skill: Mapped[str] = mapped_column(sa.String(40), primary_key=True)


class ConflictOfInterest(Base):
    """Somebody must not see children of a place. ``about_id`` is that place's id."""

    __tablename__ = "conflict_of_interest"
    __table_args__ = (
        sa.Index(
            "uq_conflict_standing",
            "staff_id",
            "about_id",
            unique=True,
            postgresql_where=sa.text("over_at IS NULL"),
            sqlite_where=sa.text("over_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    staff_id: Mapped[UUID]
    about_id: Mapped[UUID] = mapped_column(index=True)
    noted_by: Mapped[UUID]
    noted_at: Mapped[datetime]
    over_at: Mapped[datetime | None]
    over_by: Mapped[UUID | None]


class HandingOn(Base):
    """An entry is handed on to one colleague, or to whoever accepts. Until then it stays held."""

    __tablename__ = "handing_on"
    __table_args__ = (
        sa.Index(
            "uq_handing_on_open",
            "entry_id",
            unique=True,
            postgresql_where=sa.text("settled_at IS NULL"),
            sqlite_where=sa.text("settled_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    entry_id: Mapped[UUID] = mapped_column(sa.ForeignKey("entry.id"), index=True)
    from_staff: Mapped[UUID]
    to_staff: Mapped[UUID | None]
    note: Mapped[bytes | None]
    offered_at: Mapped[datetime]
    until: Mapped[datetime]
    became: Mapped[str | None] = mapped_column(sa.String(16))
    settled_by: Mapped[UUID | None]
    settled_at: Mapped[datetime | None]
