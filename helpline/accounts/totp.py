"""The second factor: a code that changes every 30 seconds (RFC 6238), each used at most once."""

from datetime import datetime
from uuid import UUID

import pyotp
import segno
import sqlalchemy as sa
from markupsafe import Markup
from sqlalchemy.orm import Session

from helpline.accounts import limits
from helpline.accounts.models import Staff
from integrations.sealing import Sealing

ISSUER = "Console"
SCOPE = "staff"
DIGITS = 6


def fresh_secret() -> str:
    """A new shared secret: 160 random bits, in base32."""
    return pyotp.random_base32()


def seal(sealing: Sealing, *, staff: UUID, secret: str) -> bytes:
    """The secret as it is kept."""
    return sealing.seal(SCOPE, "staff", staff, "totp_secret", secret)


def open_sealed(sealing: Sealing, *, staff: UUID, sealed: bytes) -> str:
    """The secret that was kept for this person."""
    return sealing.open(SCOPE, "staff", staff, "totp_secret", sealed)


def step_of(secret: str, *, code: str, now: datetime) -> int | None:
    """The time step that ``code`` belongs to, if it is this one or one either side. Pure."""
    typed = "".join(code.split())
    if len(typed) != DIGITS or not (typed.isascii() and typed.isdigit()):
        return None
    generator = pyotp.TOTP(secret, digits=DIGITS, interval=limits.TOTP_STEP_SECONDS)
    current = int(now.timestamp()) // limits.TOTP_STEP_SECONDS
    either_way = limits.TOTP_STEPS_EITHER_WAY
    found = None
    for step in range(current - either_way, current + either_way + 1):
        # Every step is compared, so that the time taken does not tell which one fitted.
        if pyotp.utils.strings_equal(typed, generator.generate_otp(step)):
            found = step
    return found


def use(session: Session, *, staff: UUID, secret: str, code: str, now: datetime) -> bool:
    """Take a code. False when it is wrong, or when it or a later one was taken before."""
    step = step_of(secret, code=code, now=now)
    if step is None:
        return False
    taken = session.scalars(
        sa.update(Staff)
        .where(
            Staff.id == staff,
            sa.or_(Staff.totp_last_step.is_(None), Staff.totp_last_step < step),
        )
        .values(totp_last_step=step)
        .returning(Staff.id)
    )
    return taken.first() is not None


def picture(secret: str, *, email: str) -> Markup:
    """A QR code for the authenticator app, as an inline drawing."""
    address = pyotp.TOTP(secret, digits=DIGITS, interval=limits.TOTP_STEP_SECONDS).provisioning_uri(
        name=email, issuer_name=ISSUER
    )
    drawing = segno.make(address, error="m", micro=False).svg_inline(
        scale=5, border=4, light="#fff", title="Picture for the authenticator app"
    )
    return Markup(drawing)  # noqa: S704 - segno wrote it, and the address stands in it as squares
