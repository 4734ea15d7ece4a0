"""A real installation, no demo: its own process, two public https origins, nginx in front.

There is no telephone company behind it: every request that it makes to one is refused on loopback.
"""

import base64
import json
import secrets
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import sqlalchemy as sa

from helpline import canary
from helpline.queue.models import Job, Lease
from tests import servers
from tests.deploy.nginx import CHILD_HOST, STAFF_HOST, Nginx
from tests.faults.processes import Process
from tests.helpline.phone_house import ACCOUNT, OURS, TOKEN
from tests.stores import Stores

PATIENCE = 10.0  # seconds
STAFF_ORIGIN = f"https://{STAFF_HOST}"

# As `helpline serve`, but for the address of the telephone company.
_SERVE = """
import functools, sys
from helpline import cli, phones
real = phones.Api
def nowhere(**given):
    return real(**{**given, "api_url": "http://127.0.0.1:9"})
phones.Api = nowhere
cli.main(sys.argv[1:])
"""


@dataclass(frozen=True, kw_only=True)
class Way:
    """One way to the service: through nginx, or past it to the service's own port."""

    name: str
    base: str
    trusted: ssl.SSLContext | None

    def ask(
        self,
        method: str,
        path: str,
        *,
        host: str = STAFF_HOST,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx2.Response:
        """Send one request, over a connection of its own, as a stranger would."""
        with self.client(host) as client:
            return client.request(method, path, content=body, headers=headers)

    def client(self, host: str) -> httpx2.Client:
        """A client for one of the two hosts, wherever the name points."""
        return httpx2.Client(
            base_url=self.base,
            headers={"Host": host},
            verify=self.trusted or False,
            trust_env=False,
            timeout=PATIENCE,
            event_hooks={"request": [lambda asked: _named(asked, host)]},
        )


@dataclass(kw_only=True)
class Front:
    """An installation and its front door."""

    web: Process
    nginx: Nginx
    stores: Stores
    ways: tuple[Way, Way] = field(init=False)

    def __post_init__(self) -> None:
        self.ways = (
            Way(
                name="nginx",
                base=f"https://{servers.LOOPBACK}:{self.nginx.port}",
                trusted=self.nginx.trusted(),
            ),
            Way(name="direct", base=f"http://{servers.LOOPBACK}:{self.web.port}", trusted=None),
        )

    @property
    def through(self) -> Way:
        """The way that the world has."""
        return self.ways[0]

    @property
    def direct(self) -> Way:
        """The way past nginx, which only this machine has."""
        return self.ways[1]

    def contents(self) -> dict[str, list[str]]:
        """Every row of every table of the data and of the keys.

        All but the signs of life, which the clock writes by itself: leases and canaries.
        """
        found: dict[str, list[str]] = {}
        for url in (self.stores.database_url, self.stores.keystore_url):
            engine = sa.create_engine(url, poolclass=sa.NullPool)
            tables = sa.MetaData()
            with engine.connect() as connection:
                tables.reflect(connection)
                for name, table in tables.tables.items():
                    asked = sa.select(table)
                    if name == Job.__tablename__:
                        asked = asked.where(table.c.kind != canary.KIND)
                    if name != Lease.__tablename__:
                        found[name] = sorted(repr(tuple(row)) for row in connection.execute(asked))
            engine.dispose()
        return found

    def refused(self) -> int:
        """How many requests of the telephone company's the service says that it refused."""
        figures = self.direct.ask("GET", "/metrics").text
        [line] = [each for each in figures.splitlines() if each.startswith("helpline_webhooks_re")]
        return int(float(line.split()[1]))


@contextmanager
def opened(stores: Stores, folder: Path, *, redis_url: str | None = None) -> Iterator[Front]:
    """An installation that accepts messages, behind nginx and on its own port."""
    port = servers.free_port_pair()
    environ = {
        "HELPLINE_DATABASE_URL": stores.database_url,
        "HELPLINE_KEYSTORE_URL": stores.keystore_url,
        "HELPLINE_CHILD_ORIGIN": f"https://{CHILD_HOST}",
        "HELPLINE_STAFF_ORIGIN": STAFF_ORIGIN,
        "HELPLINE_KEK": base64.b64encode(secrets.token_bytes(32)).decode(),
        "HELPLINE_MAIL_URL": f"folder:{folder / 'mail'}",
        "HELPLINE_OUTSIDE_CONTACT": "outside@example.org",
        "HELPLINE_AUDIT_HEAD_TO": str(folder / "audit-heads.txt"),
        "HELPLINE_TWILIO_ACCOUNT_SID": ACCOUNT,
        "HELPLINE_TWILIO_AUTH_TOKEN": TOKEN,
        "HELPLINE_TWILIO_NUMBER": OURS,
        **({"HELPLINE_REDIS_URL": redis_url} if redis_url else {}),
    }
    web = Process(
        arguments=["serve", "--host", servers.LOOPBACK, "--port", str(port)],
        environ=environ,
        folder=folder,
        port=port,
        program=("-c", _SERVE),
    )
    try:
        web.launch()
        web.wait_until_ready()
        nginx = Nginx.before(port)
        try:
            yield Front(web=web, nginx=nginx, stores=stores)
        finally:
            nginx.stop()
    finally:
        web.stop()


def begun(way: Way) -> tuple[str, str]:
    """Begin a conversation as an app for children does: its id and its token."""
    answer = way.ask(
        "POST",
        "/api/v1/conversations",
        host=CHILD_HOST,
        body=b"{}",
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code == httpx2.codes.CREATED, answer.text
    told: dict[str, Any] = answer.json()
    return told["conversation"], told["token"]


def said(way: Way, conversation: str, token: str, text: str) -> None:
    """Say something in it, and see it ticked."""
    answer = way.ask(
        "POST",
        f"/api/v1/conversations/{conversation}/messages",
        host=CHILD_HOST,
        body=json.dumps({"client_id": secrets.token_hex(8), "text": text}).encode(),
        headers={"Content-Type": "application/json", "Authorization": f"Bearer {token}"},
    )
    assert answer.status_code == httpx2.codes.CREATED, answer.text


def _named(asked: httpx2.Request, host: str) -> None:
    asked.extensions["sni_hostname"] = host
