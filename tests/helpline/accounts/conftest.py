"""A small staff's face with real parts: real stores, keys, pages. Only the clock stands still."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pyotp
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from helpline.accounts import edge, pages, refusals, sessions
from helpline.accounts.models import Role, Staff
from helpline.accounts.names import StaffNames
from helpline.audit.models import AuditEntry
from helpline.audit.record import Audit
from helpline.hub import Hub, Notice
from helpline.settings import Settings
from helpline.transaction import Transactions
from integrations import database
from integrations.keystore import KeyEncryptionKey, Keystore
from integrations.sealing import Sealing
from tests.clock import Clock
from tests.stores import Stores

ORIGIN = "https://console.example"
EMAIL = "ann.okafor@helpline.example"
PASSWORD = "violet kettle marches north"


@dataclass
class RecordingHub(Hub):
    """Remembers what was rung."""

    rung: list[Notice] = field(default_factory=list)

    def ring(self, *notices: Notice) -> None:
        self.rung.extend(notices)


@dataclass
class Face:
    """The staff's face of one test, and what a test does with it over and over."""

    parts: Any
    clock: Clock
    app: Starlette
    secrets: dict[str, str] = field(default_factory=dict)

    @property
    def hub(self) -> RecordingHub:
        hub: RecordingHub = self.parts.hub
        return hub

    def browser(self, *, origin: str | None = ORIGIN) -> TestClient:
        headers = {"Origin": origin} if origin else {}
        return TestClient(self.app, base_url=ORIGIN, headers=headers, follow_redirects=False)

    def add(self, *, email: str = EMAIL, role: Role = Role.ADVOCATE) -> str:
        """Add a person and return the secret of their link."""
        link = edge.add(self.parts, email=email, name="Ann Okafor", role=role)
        return urlsplit(link).fragment

    def welcome(self, *, email: str = EMAIL, role: Role = Role.ADVOCATE) -> TestClient:
        """Add a person and take them through the link; a browser that is signed in."""
        browser = self.browser()
        secret = self.add(email=email, role=role)
        browser.post("/console/welcome", data=chosen(secret))
        self.secrets[email] = shown_secret(browser.get("/console/welcome").text)
        answer = browser.post(
            "/console/welcome",
            data={"step": "code", "code": self.code(email), "csrf": csrf_of(browser)},
        )
        assert answer.status_code == 200, answer.text
        return browser

    def code(self, email: str = EMAIL) -> str:
        return pyotp.TOTP(self.secrets[email]).at(self.clock.now())

    def sign_in(self, *, email: str = EMAIL, password: str = PASSWORD) -> TestClient:
        """A browser that has given address and password."""
        browser = self.browser()
        browser.post("/console/sign-in", data={"email": email, "password": password})
        return browser

    def second(self, browser: TestClient, code: str) -> Any:
        return browser.post("/console/second-factor", data={"code": code, "csrf": csrf_of(browser)})

    def id_of(self, email: str = EMAIL) -> UUID:
        with self.reading() as session:
            token = sa.select(Staff.id).order_by(Staff.id)
            everyone: list[UUID] = list(session.scalars(token))
        assert len(everyone) == 1, email
        return everyone[0]

    def reading(self) -> Any:
        return self.parts.transactions.reading()

    def audited(self) -> list[str]:
        with self.reading() as session:
            return list(session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)))


def chosen(secret: str, *, password: str = PASSWORD, name: str = "Ann") -> dict[str, str]:
    return {
        "step": "password", "secret": secret, "name": name,
        "password": password, "again": password,
    }  # fmt: skip


def csrf_of(browser: TestClient) -> str:
    """The token that the pages of this browser's session carry."""
    sessions_app: Any = browser.app
    parts = sessions_app.state.adapters
    with parts.transactions.reading() as session:
        return csrf_in(session, token_in(browser), parts)


def csrf_in(session: Session, token: str, parts: Any) -> str:
    held = sessions.find(session, token_hash=sessions.hash_of(token), now=parts.clock())
    return held.csrf if held else ""


def token_in(browser: TestClient) -> str:
    return browser.cookies.get("__Host-c") or ""


def shown_secret(page: str) -> str:
    """The secret that the page of the authenticator app spells out."""
    spelled = page.split("<code>")[1].split("</code>", maxsplit=1)[0]
    return spelled.replace(" ", "")


async def _whoami(request: Request) -> JSONResponse:
    person = await sessions.required(request)
    return JSONResponse({"id": str(person.id), "name": person.name, "role": person.role})


async def _supervisors(request: Request) -> JSONResponse:
    person = await sessions.required(request, Role.SUPERVISOR)
    return JSONResponse({"id": str(person.id)})


@pytest.fixture
def face(stores: Stores, clock: Clock) -> Iterator[Face]:
    with parts_on(stores, clock, demo=False) as parts:
        yield Face(parts, clock, app_of(parts))


@pytest.fixture
def demo_face(stores: Stores, clock: Clock) -> Iterator[Face]:
    with parts_on(stores, clock, demo=True) as parts:
        yield Face(parts, clock, app_of(parts))


def app_of(parts: Any) -> Starlette:
    own = [
        Route("/console", _whoami, methods=["GET", "POST"]),
        Route("/console/supervisors", _supervisors),
    ]
    app = Starlette(routes=[*pages.routes, *own], exception_handlers=dict(refusals.HANDLERS))
    app.state.adapters = parts
    return app


class parts_on:  # noqa: N801 - used as a context manager, like a function
    """The real parts on two stores."""

    def __init__(self, stores: Stores, clock: Clock, *, demo: bool) -> None:
        self._data = database.connect(stores.database_url)
        self._keys = database.connect(stores.keystore_url)
        kek = b"k" * 32
        settings = Settings(
            database_url=stores.database_url,
            keystore_url=stores.keystore_url,
            redis_url=None,
            child_origin="https://child.example",
            staff_origin=ORIGIN,
            kek=kek,
            demo=demo,
        )
        keystore = Keystore(self._keys, KeyEncryptionKey(kek))
        sealing = Sealing(keystore)
        transactions = Transactions(self._data)
        self._parts = SimpleNamespace(
            settings=settings,
            clock=clock.now,
            keystore=keystore,
            sealing=sealing,
            transactions=transactions,
            hub=RecordingHub(),
            audit=Audit(keystore.key_for_ever("audit", now=clock.now())),
            names=StaffNames(transactions=transactions, sealing=sealing, clock=clock.now),
        )

    def __enter__(self) -> Any:
        return self._parts

    def __exit__(self, *_: object) -> None:
        self._data.dispose()
        self._keys.dispose()
