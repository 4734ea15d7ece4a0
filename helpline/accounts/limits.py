"""The figures of signing in: the only place where they are written.

Where a figure comes from stands beside it. Those marked *proposal* wait for the service's owner.
"""

from dataclasses import dataclass
from datetime import timedelta

# A page that nobody has used for this long locks; it keeps what was typed.
# Source: OWASP Session Management, 15 to 30 minutes for low, 2 to 5 for high value. Proposal.
IDLE_LOCK = timedelta(minutes=15)

# A session ends this long after it began, however busy it is: a shift and its handover. Proposal.
SESSION_ENDS = timedelta(hours=10)

# Between the password and the code of the second factor. Proposal.
SECOND_FACTOR_WITHIN = timedelta(minutes=10)

# A session's last use is written at most this often, so a page may lock this much early.
SEEN_EVERY = timedelta(minutes=1)

# How long the one-time link of a new person works. Proposal.
WELCOME_LASTS = timedelta(hours=72)

# 256 bits. Source: OWASP ASVS 5.0, 7.2.3 asks for at least 128.
TOKEN_BYTES = 32

# Source: NIST SP 800-63B-4 3.1.1.2 asks for at least 15, or 8 beside a second factor, no rule on
# the kinds of characters, and a list of refused passwords. Twelve is a proposal.
PASSWORD_MIN = 12
PASSWORD_MAX = 256

# Source: OWASP Password Storage, the least for argon2id: 19 MiB, two passes, one lane. It takes
# 26 ms here; more would make the sign-in page a way to slow the helpline down.
ARGON2_MEMORY_KIB = 19456
ARGON2_PASSES = 2
ARGON2_LANES = 1
HASHES_AT_ONCE = 2

# The longest e-mail address. Source: RFC 5321 4.5.3.1.3.
EMAIL_MAX = 254
NAME_MAX = 100

# Source: RFC 6238 5.2: a step of 30 seconds, and one step either way for clocks that differ.
TOTP_STEP_SECONDS = 30
TOTP_STEPS_EITHER_WAY = 1

RECOVERY_CODES = 10
# 16 characters of an alphabet of 32: 80 bits each, so a plain hash keeps them.
RECOVERY_CODE_LENGTH = 16

# A form of these pages is short. Replies to children have a bound of their own.
FORM_MAX_BYTES = 16 * 1024


@dataclass(frozen=True, kw_only=True)
class Slowing:
    """How failures slow the next attempt.

    After ``free`` of them within ``window`` the wait begins with ``first``, doubles with each
    further one, and never passes ``longest``.
    """

    window: timedelta
    free: int
    first: timedelta
    longest: timedelta


# At most 13 guesses in 15 minutes, 830 a day, at one person's password. Proposal.
PASSWORD_SLOWING = Slowing(
    window=timedelta(minutes=15),
    free=5,
    first=timedelta(seconds=4),
    longest=timedelta(minutes=5),
)

# Six digits with three valid codes: 14 guesses a day keep the yearly odds of somebody who already
# has the password near 2 in 100. A recovery code is 80 bits and slowed less. Proposal.
SECOND_FACTOR_SLOWING = Slowing(
    window=timedelta(hours=24),
    free=5,
    first=timedelta(seconds=30),
    longest=timedelta(hours=4),
)

# The PIN of somebody's alarm has 4 to 6 digits and is asked for only while a page rings their own
# phone: 14 guesses a day, for whoever holds that phone. Proposal.
PIN_SLOWING = Slowing(
    window=timedelta(hours=24),
    free=5,
    first=timedelta(seconds=30),
    longest=timedelta(hours=4),
)

# Failed attempts on all names together before everyone is asked to wait: what keeps hashing from
# taking the processor. Thirty in a minute is 1 % of one core. Proposal.
EVERYONE_SLOWING = Slowing(
    window=timedelta(minutes=1),
    free=30,
    first=timedelta(seconds=2),
    longest=timedelta(seconds=10),
)
