"""Which face a request was sent to, and whether it came from that face's own pages."""

from typing import Literal
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from helpline.settings import LOOPBACK, Settings

Face = Literal["child", "staff"]


def origin_of(settings: Settings, face: Face) -> str:
    """The configured origin of a face."""
    return settings.child_origin if face == "child" else settings.staff_origin


def same_origin(given: str, configured: str) -> bool:
    """Whether two origins are one. On loopback the machine's names count as the same."""
    try:
        ours, theirs = urlsplit(configured), urlsplit(given)
        ports = _port(ours.scheme, ours.port), _port(theirs.scheme, theirs.port)
    except ValueError:
        # A header that is no origin at all is nobody's.
        return False
    if ours.scheme != theirs.scheme or ports[0] != ports[1]:
        return False
    if ours.hostname in LOOPBACK:
        return theirs.hostname in LOOPBACK
    return ours.hostname == theirs.hostname


def is_ours(connection: HTTPConnection, *, face: Face) -> bool:
    """Whether a form, a fetch or a socket may come from where it says it comes from.

    A browser names the page's origin on every unsafe request and every socket. One that names
    none must at least not call itself cross-site; the session's SameSite cookie and the form's
    token stand behind this check.
    """
    settings: Settings = connection.app.state.adapters.settings
    given = connection.headers.get("origin")
    if given is not None:
        return same_origin(given, origin_of(settings, face))
    site = connection.headers.get("sec-fetch-site")
    return site in {None, "same-origin", "none"}


def face_of(settings: Settings, host: str | None) -> Face | None:
    """Which face a Host header names; None for neither."""
    if host is None:
        return None
    faces: tuple[Face, Face] = ("child", "staff")
    for face in faces:
        configured = origin_of(settings, face)
        if same_origin(f"{urlsplit(configured).scheme}://{host}", configured):
            return face
    return None


def _port(scheme: str, port: int | None) -> int:
    return port or (443 if scheme == "https" else 80)
