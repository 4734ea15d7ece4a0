"""What the command line does to the staff: one transaction each, and the ring that follows it."""

from dataclasses import replace
from uuid import UUID

from sqlalchemy.orm import Session

from helpline.accounts import addresses, errors, staff, totp, trail
from helpline.accounts.models import READERS, Role
from helpline.accounts.parts import Parts
from helpline.hub import Notice
from helpline.transaction import after_commit
from triage.service import holding, on_call, settle, shifts


def add(parts: Parts, *, email: str, role: Role, name: str | None = None) -> str:
    """Add a person, or give one a fresh start; the one-time link to hand to them.

    The link's secret stands in the fragment, which no browser sends to a server. Whoever is not
    named is called by the first part of their address until they type a name.
    """
    now = parts.clock()
    lookup = staff.lookup(parts.keystore, now=now)
    # A key commits before the data that needs it.
    parts.keystore.key_for_ever(totp.SCOPE, now=now)
    with parts.transactions.begin() as session:
        added = staff.add(
            session,
            sealing=parts.sealing,
            lookup=lookup,
            email=email,
            name=name or email.partition("@")[0],
            role=role,
            now=now,
        )
        _refresh_on_call(session, staff=added.id, role=role)
        action = trail.ADDED if added.is_new else trail.RENEWED
        trail.by_nobody(session, parts.audit, subject=added.id, action=action, now=now)
        after_commit(session, lambda: parts.hub.ring(Notice("staff", added.id)))
    return f"{parts.settings.staff_origin}/console/welcome#{added.link_secret}"


def disable(parts: Parts, *, email: str) -> None:
    """Shut a person out, and leave nothing hanging on them; NobodyError for an unknown one.

    Their chats go back to the queue, the escalations they own open again and call somebody else,
    and they are called no more.
    """
    now = parts.clock()
    token = staff.lookup(parts.keystore, now=now).token(addresses.tidy(email))
    with parts.transactions.begin() as session:
        person = staff.find(session, token=token)
        if person is None:
            raise errors.NobodyError
        disabled = staff.disable(session, staff=person.id, now=now)
        released = holding.release_all(session, staff=disabled.id)
        on_call.remove(session, person=disabled.id)
        shifts.leave(session, person=disabled.id, now=now)
        reopened = settle.reopen_of(session, staff=disabled.id, now=now)
        trail.by_nobody(session, parts.audit, subject=disabled.id, action=trail.DISABLED, now=now)
        notices = (
            Notice("staff", disabled.id),
            *(Notice("queue", entry) for entry in released.entries),
            *(Notice("escalation", escalation) for escalation in reopened),
        )
        after_commit(session, lambda: parts.hub.ring(*notices))


def _refresh_on_call(session: Session, *, staff: UUID, role: Role) -> None:
    # Who is called as a supervisor follows the role of today; who may not read is not called.
    listed = on_call.list_on_call(session)
    if staff not in {each.person for each in listed}:
        return
    if role not in READERS:
        on_call.remove(session, person=staff)
        return
    on_call.put(
        session,
        people=[
            replace(each, is_supervisor=role is Role.SUPERVISOR) if each.person == staff else each
            for each in listed
        ],
    )
