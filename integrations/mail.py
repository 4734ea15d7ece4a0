"""Mail by SMTP. Subjects and texts come from the caller and carry nothing about anybody."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Protocol
from urllib.parse import unquote, urlsplit

# For each step of the talk with the server. A whole mail takes about six steps and must be over
# well before the 30 s lease of the job that sends it.
TIMEOUT_SECONDS = 4.0
SUBMISSION_PORT = 587
TLS_PORT = 465
MAILBOX_BUSY = range(400, 500)


class MailError(Exception):
    """The mail was not handed over. ``can_retry`` says whether trying again can help."""

    def __init__(self, *, can_retry: bool) -> None:
        super().__init__()
        self.can_retry = can_retry


class MailAddressError(ValueError):
    """A mail server is named like smtp://user:password@host:587 or smtps://host."""


class Mail(Protocol):
    """Hands mail over to somebody who delivers it."""

    def send(self, *, to: str, subject: str, text: str) -> None:
        """Hand one mail over, or raise :class:`MailError`."""


class SmtpMail:
    """Sends through one SMTP server, with a connection of its own for each mail.

    ``smtp://`` starts TLS when the server offers it and insists on it when there is a password;
    ``smtps://`` speaks TLS from the first byte.
    """

    def __init__(self, url: str, *, sender: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
            raise MailAddressError
        self._tls_at_once = parts.scheme == "smtps"
        self._host = parts.hostname
        self._port = parts.port or (TLS_PORT if self._tls_at_once else SUBMISSION_PORT)
        self._user = unquote(parts.username or "")
        self._password = unquote(parts.password or "")
        self._sender = sender

    def send(self, *, to: str, subject: str, text: str) -> None:
        """See :class:`Mail`."""
        mail = compose(sender=self._sender, to=to, subject=subject, text=text)
        try:
            with self._connected() as server:
                server.send_message(mail)
        # "from None": the server's answers, and the refused address in them, go no further.
        except smtplib.SMTPRecipientsRefused as refused:
            codes = [code for code, _ in refused.recipients.values()]
            raise MailError(can_retry=all(code in MAILBOX_BUSY for code in codes)) from None
        except smtplib.SMTPResponseException as answer:
            raise MailError(can_retry=answer.smtp_code in MAILBOX_BUSY) from None
        except smtplib.SMTPNotSupportedError:
            raise MailError(can_retry=False) from None
        except (OSError, smtplib.SMTPException):
            raise MailError(can_retry=True) from None

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        trusted = ssl.create_default_context()
        server = (
            smtplib.SMTP_SSL(self._host, self._port, timeout=TIMEOUT_SECONDS, context=trusted)
            if self._tls_at_once
            else smtplib.SMTP(self._host, self._port, timeout=TIMEOUT_SECONDS)
        )
        with server:
            if not self._tls_at_once:
                server.ehlo()
                if self._user or server.has_extn("starttls"):
                    server.starttls(context=trusted)
            if self._user:
                server.login(self._user, self._password)
            yield server


def compose(*, sender: str, to: str, subject: str, text: str) -> EmailMessage:
    """One plain mail. A line break in an address or a subject is refused by the library."""
    mail = EmailMessage()
    try:
        mail["From"] = sender
        mail["To"] = to
        mail["Subject"] = subject
    except ValueError:
        raise MailError(can_retry=False) from None
    mail["Date"] = formatdate(localtime=False)
    mail["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2] or "localhost")
    mail.set_content(text)
    return mail
