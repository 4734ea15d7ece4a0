"""The shipped nginx.conf in a real nginx: what reaches the service, what is kept of a child."""

import http.server
import json
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import replace

import httpx2
import pytest
from websockets.sync.client import ClientConnection, connect

from tests import servers
from tests.deploy import installed
from tests.deploy.forging import genuine
from tests.deploy.installed import PATIENCE, Front, Way
from tests.deploy.nginx import CHILD_HOST, STAFF_HOST, Nginx

MADE_UP = {
    "X-Forwarded-For": "203.0.113.9",
    "X-Real-IP": "203.0.113.9",
    "Forwarded": "for=203.0.113.9;proto=http",
    "X-Forwarded-Proto": "http",
}


class _Echo(http.server.BaseHTTPRequestHandler):
    """Answers with the headers that it was sent."""

    def do_GET(self) -> None:
        body = json.dumps({name.lower(): value for name, value in self.headers.items()}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_said: object) -> None:
        pass


@pytest.fixture
def echoed() -> Iterator[Way]:
    """The way through nginx to a server that tells what reached it."""
    with http.server.ThreadingHTTPServer((servers.LOOPBACK, 0), _Echo) as behind:
        thread = threading.Thread(target=behind.serve_forever)
        thread.start()
        nginx = Nginx.before(behind.server_port)
        yield Way(
            name="nginx",
            base=f"https://{servers.LOOPBACK}:{nginx.port}",
            trusted=nginx.trusted(),
        )
        nginx.stop()
        behind.shutdown()
        thread.join()


@pytest.mark.parametrize("host", [CHILD_HOST, STAFF_HOST])
def test_the_service_is_told_the_host_and_never_an_address(echoed: Way, host: str) -> None:
    reached = echoed.ask("GET", "/", host=host, headers=MADE_UP).json()
    assert reached["host"] == host
    assert reached["x-forwarded-proto"] == "https"
    assert not {"x-forwarded-for", "x-real-ip", "forwarded", "via"} & reached.keys()
    assert not [value for value in reached.values() if "203.0.113.9" in value or "127.0" in value]


def test_the_service_believes_no_forwarded_header_from_anybody(shared_front: Front) -> None:
    evil = (*MADE_UP.items(), ("X-Forwarded-Host", "evil.example"))
    for number, way in enumerate(shared_front.ways):
        sent = replace(genuine("/twilio/sms", number=number), also=evil)
        with way.client(STAFF_HOST) as client:
            assert sent.over(client).status_code == 200
    # The figures are for this machine, and whoever was forwarded is not at it.
    direct, through = shared_front.direct, shared_front.through
    assert direct.ask("GET", "/metrics").status_code == 200
    for name in ("X-Forwarded-For", "X-Forwarded-Proto", "Forwarded", "X-Real-IP"):
        local = {name: servers.LOOPBACK}
        assert direct.ask("GET", "/metrics", headers=local).status_code == 404
        assert through.ask("GET", "/metrics", headers=local).status_code == 404


def test_each_host_shows_its_own_face_and_every_other_name_nothing(shared_front: Front) -> None:
    through = shared_front.through
    for host, path in ((CHILD_HOST, "/"), (STAFF_HOST, "/console/sign-in")):
        assert through.ask("GET", path, host=host).status_code == 200
    assert through.ask("POST", "/twilio/sms", host=CHILD_HOST).status_code in {404, 405}
    # The name in the handshake is known, the one in the request is not: the line is closed.
    with through.client(CHILD_HOST) as client, pytest.raises(httpx2.RemoteProtocolError):
        client.get("/", headers={"Host": "evil.example"})
    with pytest.raises(httpx2.ConnectError):
        through.ask("GET", "/", host="evil.example")


def test_plain_http_is_sent_to_https_without_its_path(shared_front: Front) -> None:
    plain = f"http://{servers.LOOPBACK}:{shared_front.nginx.plain_port}"
    way = Way(name="plain", base=plain, trusted=None)
    answer = way.ask("GET", "/secret?token=x", host=CHILD_HOST)
    assert (answer.status_code, answer.headers["location"]) == (301, f"https://{CHILD_HOST}/")


def live(front: Front, conversation: str, **headers: str) -> ClientConnection:
    """The socket of a conversation, through nginx."""
    return connect(
        f"wss://{CHILD_HOST}/api/v1/conversations/{conversation}/live",
        sock=socket.create_connection((servers.LOOPBACK, front.nginx.port), timeout=PATIENCE),
        ssl=front.nginx.trusted(),
        additional_headers=headers,
        compression=None,
        open_timeout=PATIENCE,
    )


def heard(live: ClientConnection) -> dict[str, object]:
    told: dict[str, object] = json.loads(live.recv(timeout=PATIENCE))
    return told


def test_a_chat_over_the_socket_works_through_nginx(shared_front: Front) -> None:
    conversation, token = installed.begun(shared_front.through)
    with live(shared_front, conversation, Origin=f"https://{CHILD_HOST}") as one:
        one.send(json.dumps({"type": "hello", "token": token, "after": 0}))
        assert heard(one)["type"] == "welcome"
        one.send(json.dumps({"type": "say", "client_id": "a", "text": "hello"}))
        assert heard(one)["type"] == "kept"
        installed.said(shared_front.through, conversation, token, "and more")
        assert heard(one)["text"] == "and more"


def test_server_sent_events_arrive_one_by_one_through_nginx(shared_front: Front) -> None:
    through = shared_front.through
    conversation, token = installed.begun(through)
    with (
        through.client(CHILD_HOST) as client,
        client.stream(
            "GET",
            f"/api/v1/conversations/{conversation}/events",
            headers={"Authorization": f"Bearer {token}"},
        ) as stream,
    ):
        lines = (line for line in stream.iter_lines() if line.startswith("data:"))
        # Each is waited for before the next is said: a buffer would hold it until the stream ends.
        assert json.loads(next(lines)[5:]) == {"latest": 0}
        for text in ("one", "two"):
            installed.said(through, conversation, token, text)
            assert json.loads(next(lines)[5:])["text"] == text


def test_nginx_keeps_nothing_of_a_child_and_no_address_of_anybody(shared_front: Front) -> None:
    through, canary = shared_front.through, "canary8131"
    conversation, token = installed.begun(through)
    installed.said(through, conversation, token, canary * 100)
    through.ask("GET", f"/{canary}?{canary}", host=CHILD_HOST, headers={"Referer": canary})
    through.ask(
        "GET", f"/console/sign-in?{canary}", headers={"Referer": canary, "User-Agent": canary}
    )
    # A roster is larger than any other body.
    through.ask("POST", "/institutions/x", body=canary.encode() * 300_000)
    broken_handshake(shared_front.nginx)

    kept = shared_front.nginx.written()
    assert f'{STAFF_HOST} "GET /console/sign-in" 200' in kept
    assert canary not in kept
    assert conversation not in kept
    assert servers.LOOPBACK not in kept
    assert CHILD_HOST not in kept


def broken_handshake(nginx: Nginx) -> None:
    """Say hello with a key that no curve has, which nginx takes for a grave failure."""
    sent = ssl.MemoryBIO()
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    client = context.wrap_bio(ssl.MemoryBIO(), sent, server_hostname=CHILD_HOST)
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    hello = sent.read()
    x25519 = b"\x00\x1d\x00\x20"  # RFC 8446, 4.2.8: the group, and 32 bytes of a key
    at = hello.index(x25519) + len(x25519)
    hello = hello[:at] + bytes(32) + hello[at + 32 :]
    with socket.create_connection((servers.LOOPBACK, nginx.port), timeout=PATIENCE) as line:
        line.sendall(hello)
        while line.recv(4096):
            pass
