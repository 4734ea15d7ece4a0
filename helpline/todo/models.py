"""The table of human tasks."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from integrations.database import Base


class Why(StrEnum):
    """Why a person is asked to look."""

    MESSAGE_NOT_PROCESSED = "message not processed"
    JOB_GAVE_UP = "job gave up"
    PHONE_STOPPED = "texts were stopped"
    PHONE_RECHECK = "it may not be safe to text"
    PICTURE_SENT = "a picture was sent"
    CANNOT_TEXT = "a phone takes no texts"
    TEXT_NOT_SENT = "a text did not leave"
    TEXT_NOT_DELIVERED = "a text did not arrive"
    PAGE_NOT_SENT = "a page did not leave"
    PAGE_REFUSED = "a phone takes no pages"
    CALL_WANTED = "a call is wanted"
    CALL_BACK_MISSED = "a call-back was missed"
    CALL_BACK_CLOSED = "a call-back's time is over"
    CHECK_IN_MISSED = "a check-in was missed"
    PATTERN = "a pattern across children"


class Task(Base):
    """One thing for a person to do. ``kept`` holds a child's raw words, sealed, if there are any.

    ``dedupe_key`` makes the same failure, tried again, one task.
    """

    __tablename__ = "task"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    why: Mapped[str] = mapped_column(sa.String(32))
    subject_id: Mapped[UUID]
    dedupe_key: Mapped[str] = mapped_column(sa.String(160), unique=True)
    kept: Mapped[bytes | None]
    raised_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_by: Mapped[UUID | None]
