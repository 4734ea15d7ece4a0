"""A stand-in for a mail server: each mail becomes a file in a folder.

Files, because the process that sends and the one that looks are often not the same.
"""

import email.policy
import os
import time
from dataclasses import dataclass
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from uuid import uuid4

from integrations import mail

# A file of this name makes every send fail; what it says is whether trying again can help.
FAILING = "failing"
CAN_RETRY = "can retry"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A mail as its reader would see it."""

    to: str
    subject: str
    text: str


class FolderMail:
    """Keeps mails in ``folder``, which is made when it is missing."""

    def __init__(self, folder: Path, *, sender: str) -> None:
        self._folder = folder
        self._sender = sender
        folder.mkdir(parents=True, exist_ok=True)

    def send(self, *, to: str, subject: str, text: str) -> None:
        """See :class:`integrations.mail.Mail`."""
        failing = self._folder / FAILING
        if failing.exists():
            raise mail.MailError(can_retry=failing.read_text("ascii") == CAN_RETRY)
        composed = mail.compose(sender=self._sender, to=to, subject=subject, text=text)
        # Renamed into place, so that a reader never sees half a mail; named so that it sorts.
        unfinished = self._folder / f"{uuid4().hex}.part"
        unfinished.write_bytes(composed.as_bytes())
        unfinished.rename(self._folder / f"{time.time_ns():020d}-{os.getpid()}.eml")

    def fail(self, *, can_retry: bool) -> None:
        """Let every send fail, in every process, until :meth:`recover`."""
        (self._folder / FAILING).write_text(CAN_RETRY if can_retry else "", "ascii")

    def recover(self) -> None:
        """Take mails again."""
        (self._folder / FAILING).unlink(missing_ok=True)


def sent(folder: Path) -> list[Sent]:
    """Every mail that any process has sent to this folder, the oldest first."""
    found = []
    parser = BytesParser(EmailMessage, policy=email.policy.default)
    for path in sorted(folder.glob("*.eml")):
        parsed = parser.parsebytes(path.read_bytes())
        found.append(Sent(to=parsed["To"], subject=parsed["Subject"], text=parsed.get_content()))
    return found
