"""Mail through a real conversation with a server, and the stand-in that keeps files."""

import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from integrations.mail import MailAddressError, MailError, SmtpMail
from integrations.standins.mail import FolderMail, Sent, sent
from tests import servers

SENDER = "rota@example.org"


class _Talk(socketserver.StreamRequestHandler):
    server: "_Server"

    def handle(self) -> None:
        self.say("220 test")
        while line := self.rfile.readline().decode().strip():
            word = line.split()[0].upper()
            if word == "DATA":
                self.say("354 go on")
                self.server.mails.append(self.read_data())
            if word == "RCPT" and self.server.refuses:
                self.say(f"{self.server.refuses} refused someone@example.org")
            elif word == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")

    def read_data(self) -> str:
        lines = []
        while (line := self.rfile.readline().decode()) != ".\r\n":
            lines.append(line)
        return "".join(lines)

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__((servers.LOOPBACK, 0), _Talk)
        self.mails: list[str] = []
        self.refuses: int | None = None

    @property
    def url(self) -> str:
        return f"smtp://{servers.LOOPBACK}:{self.server_address[1]}"


@pytest.fixture
def smtp() -> Iterator[_Server]:
    with _Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_mail_is_handed_to_the_server(smtp: _Server) -> None:
    SmtpMail(smtp.url, sender=SENDER).send(
        to="someone@example.org", subject="Please look", text="Sign in now.\n"
    )
    [mail] = smtp.mails
    assert "To: someone@example.org" in mail
    assert "From: rota@example.org" in mail
    assert "Subject: Please look" in mail
    assert "Sign in now." in mail


@pytest.mark.parametrize(("code", "can_retry"), [(450, True), (550, False)])
def test_refusal_says_whether_trying_again_can_help(
    smtp: _Server, code: int, *, can_retry: bool
) -> None:
    smtp.refuses = code
    with pytest.raises(MailError) as refused:
        SmtpMail(smtp.url, sender=SENDER).send(to="someone@example.org", subject="a", text="b")
    assert refused.value.can_retry is can_retry
    assert "someone" not in repr(refused.value)
    assert refused.value.__cause__ is None


def test_server_that_is_away_can_be_tried_again() -> None:
    url = f"smtp://{servers.LOOPBACK}:{servers.free_port()}"
    with pytest.raises(MailError) as refused:
        SmtpMail(url, sender=SENDER).send(to="someone@example.org", subject="a", text="b")
    assert refused.value.can_retry


def test_password_never_travels_in_the_open(smtp: _Server) -> None:
    url = smtp.url.replace("smtp://", "smtp://user:secret@")
    with pytest.raises(MailError) as refused:
        SmtpMail(url, sender=SENDER).send(to="someone@example.org", subject="a", text="b")
    assert not refused.value.can_retry
    assert smtp.mails == []


@pytest.mark.parametrize("url", ["http://host", "smtp://", "host:25"])
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(MailAddressError):
        SmtpMail(url, sender=SENDER)


def test_line_break_in_an_address_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MailError) as refused:
        FolderMail(tmp_path, sender=SENDER).send(
            to="a@example.org\nBcc: b@example.org", subject="a", text="b"
        )
    assert not refused.value.can_retry


def test_stand_in_keeps_mails_in_order_for_other_processes(tmp_path: Path) -> None:
    for number in ("1", "2"):
        FolderMail(tmp_path / "mail", sender=SENDER).send(
            to="a@example.org", subject=number, text="text\n"
        )
    assert sent(tmp_path / "mail") == [
        Sent(to="a@example.org", subject=number, text="text\n") for number in ("1", "2")
    ]


@pytest.mark.parametrize("can_retry", [False, True])
def test_stand_in_fails_when_told_until_it_recovers(tmp_path: Path, *, can_retry: bool) -> None:
    mail = FolderMail(tmp_path, sender=SENDER)
    mail.fail(can_retry=can_retry)
    with pytest.raises(MailError) as refused:
        mail.send(to="a@example.org", subject="a", text="b")
    assert refused.value.can_retry is can_retry
    mail.recover()
    mail.send(to="a@example.org", subject="a", text="b")
    assert len(sent(tmp_path)) == 1
