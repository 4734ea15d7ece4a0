"""The service's side, as far as the stand-in sees it: takes posts, and answers as it is told."""

import http.client
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from twilio.request_validator import RequestValidator

from tests import servers
from tests.twilio_standin import TOKEN

WITHIN = 20.0  # seconds
EMPTY = '<?xml version="1.0" encoding="UTF-8"?><Response/>'


@dataclass(frozen=True, kw_only=True)
class Posted:
    """One request of the stand-in's."""

    path: str
    fields: dict[str, str]
    headers: dict[str, str]
    is_genuine: bool

    def __getitem__(self, name: str) -> str:
        return self.fields[name]


@dataclass(frozen=True, kw_only=True)
class Say:
    """An answer."""

    body: str = EMPTY
    status: int = 200
    content_type: str = "text/xml"


Request = socket.socket | tuple[bytes, socket.socket]
Answer = Say | Callable[[Posted], Say]


@dataclass
class Service:
    """What was posted, and what is answered."""

    answers: dict[str, Answer] = field(default_factory=dict)
    posts: list[Posted] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def answer(self, path: str, answer: Answer | str) -> None:
        """Answer posts to `path` with a document, or with whatever else is given."""
        self.answers[path] = Say(body=answer) if isinstance(answer, str) else answer

    def took(self, posted: Posted) -> Say:
        """Note a post, and return its answer."""
        with self.changed:
            self.posts.append(posted)
            self.changed.notify_all()
        answer = self.answers.get(posted.path, Say())
        return answer if isinstance(answer, Say) else answer(posted)

    def at(self, path: str) -> list[Posted]:
        """Return what was posted to a path."""
        with self.changed:
            return [posted for posted in self.posts if posted.path == path]

    def wait(self, path: str, count: int) -> list[Posted]:
        """Return what was posted to a path once there are so many."""
        give_up = time.monotonic() + WITHIN
        with self.changed:
            self.changed.wait_for(
                lambda: len(self.at_now(path)) >= count, timeout=give_up - time.monotonic()
            )
        found = self.at(path)
        assert len(found) >= count, f"{len(found)} of {count}"
        return found

    def at_now(self, path: str) -> list[Posted]:
        """Return the same to one who holds the condition."""
        return [posted for posted in self.posts if posted.path == path]

    def forget(self) -> None:
        """Be as new."""
        with self.changed:
            self.posts.clear()
            self.answers.clear()


class _Handler(BaseHTTPRequestHandler):
    server: "Listener"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        pairs = parse_qsl(body, keep_blank_values=True)
        url = self.server.origin + self.path
        posted = Posted(
            path=urlsplit(self.path).path,
            fields=dict(pairs),
            headers=dict(self.headers.items()),
            is_genuine=RequestValidator(TOKEN).validate(
                url, dict(pairs), self.headers.get("X-Twilio-Signature", "")
            ),
        )
        said = self.server.service.took(posted)
        encoded = said.body.encode()
        self.send_response(said.status)
        self.send_header("Content-Type", said.content_type)
        self.send_header("Content-Length", str(len(encoded)))
        self.end_headers()
        self.wfile.write(encoded)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Listener(ThreadingHTTPServer):
    """Listens on a free port, on a thread of its own."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__((servers.LOOPBACK, 0), _Handler)
        self.service = Service()
        self._under_way = 0
        self._done = threading.Condition()
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    @property
    def origin(self) -> str:
        return f"http://{servers.LOOPBACK}:{self.server_port}"

    def process_request(self, request: Request, client_address: object) -> None:
        with self._done:
            self._under_way += 1
        super().process_request(request, client_address)

    def shutdown_request(self, request: Request) -> None:
        super().shutdown_request(request)
        with self._done:
            self._under_way -= 1
            self._done.notify_all()

    def drain(self) -> None:
        """Return when everything that was sent before has been taken, also by senders now gone."""
        last = http.client.HTTPConnection(servers.LOOPBACK, self.server_port, timeout=WITHIN)
        last.request("POST", "/drained", body=b"")  # connections are taken in their order
        last.getresponse().read()
        last.close()
        with self._done:
            assert self._done.wait_for(lambda: self._under_way == 0, timeout=WITHIN)

    def handle_error(self, *_: object) -> None:
        """Say nothing: a stand-in that is killed waits for no answer."""

    def stop(self) -> None:
        self.shutdown()
        self.server_close()
        self._thread.join()
