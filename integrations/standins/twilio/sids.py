"""Identifiers in Twilio's form: two letters and 32 hexadecimal digits."""

from uuid import uuid4

TEXT = "SM"
PICTURE_TEXT = "MM"
CALL = "CA"
MEDIA = "ME"


def new(kind: str) -> str:
    """Return one that nobody had before."""
    return kind + uuid4().hex
