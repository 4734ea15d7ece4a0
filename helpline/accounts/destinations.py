"""Where a person goes after signing in: a path of the console and nothing else. Pure."""

import re
from urllib.parse import quote

HOME = "/console"
SIGN_IN = "/console/sign-in"
SECOND_FACTOR = "/console/second-factor"
WELCOME = "/console/welcome"
LOCKED = "/console/locked"

_LONGEST = 200
# No second slash, no backslash, no query: nothing a browser could read as another host.
_OURS = re.compile(r"/console(?:/[A-Za-z0-9_-]+)*", re.ASCII)
_NOT_THERE = frozenset({SIGN_IN, SECOND_FACTOR, WELCOME, LOCKED, "/console/sign-out"})


def checked(wanted: str | None) -> str:
    """``wanted`` if it is a page of the console, else the console itself."""
    if not wanted or len(wanted) > _LONGEST or not _OURS.fullmatch(wanted):
        return HOME
    return HOME if wanted in _NOT_THERE else wanted


def by_way_of(step: str, wanted: str | None) -> str:
    """The address of a step that leads on to ``wanted``."""
    after = checked(wanted)
    return step if after == HOME else f"{step}?next={quote(after, safe='/')}"
