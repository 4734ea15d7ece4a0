"""What signing in leaves in the audit: ids only."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from helpline.audit.record import SOFTWARE, Actor, Audit

SIGNED_IN = "signed_in"
SIGN_IN_FAILED = "sign_in_failed"
SIGNED_OUT = "signed_out"
UNLOCKED = "staff.unlocked"
UNLOCK_FAILED = "staff.unlock_failed"
ADDED = "staff.added"
RENEWED = "staff.renewed"
SET_UP = "staff.set_up"
DISABLED = "staff.disabled"
CODE_USED = "staff.recovery_code_used"
CODES_MADE = "staff.recovery_codes_made"
PHONE_SET = "staff.phone_set"
PHONE_FORGOTTEN = "staff.phone_forgotten"
PIN_FAILED = "staff.pin_failed"
PIN_SET = "staff.pin_set"


def by_person(session: Session, audit: Audit, *, staff: UUID, action: str, now: datetime) -> None:
    """Write down what a person did at their own account."""
    audit.record(session, actor=Actor("staff", staff), action=action, subject=staff, now=now)


def by_nobody(session: Session, audit: Audit, *, subject: UUID, action: str, now: datetime) -> None:
    """Write down what a command did, or somebody who has not shown who they are."""
    audit.record(session, actor=SOFTWARE, action=action, subject=subject, now=now)
