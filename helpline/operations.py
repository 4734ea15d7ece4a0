"""What the machines around the service ask: is it alive, can it accept a message."""

from datetime import datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import anyio.to_thread
import msgspec
import sqlalchemy as sa
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from helpline import migrating
from helpline.queue.models import Lease
from integrations import database

if TYPE_CHECKING:
    from helpline.wiring import Adapters


async def alive(request: Request) -> Response:
    """GET /healthz: this process answers."""
    del request
    return PlainTextResponse("alive\n", headers={"Cache-Control": "no-store"})


async def ready(request: Request) -> Response:
    """GET /readyz: 503 only when this process cannot accept a message.

    The ages of worker and schedule are told but do not count: a dead worker must never shut
    children out.
    """
    adapters: Adapters = request.app.state.adapters
    found = await anyio.to_thread.run_sync(look, adapters)
    checks = ("database", "keystore", "writer", "schema")
    status = (
        HTTPStatus.OK if all(found[check] for check in checks) else HTTPStatus.SERVICE_UNAVAILABLE
    )
    return Response(
        msgspec.json.encode(found),
        status,
        {"Cache-Control": "no-store"},
        media_type="application/json",
    )


def look(adapters: "Adapters") -> dict[str, Any]:
    """The state of what a message needs, and the ages of what runs beside."""
    now = adapters.clock()
    return {
        "database": _answers(adapters.transactions.store),
        "keystore": _answers(adapters.keystore_store),
        "writer": _takes_messages(adapters),
        "schema": _schema_fits(adapters),
        "worker_age_seconds": _age(adapters, "worker", now),
        "schedule_age_seconds": _age(adapters, "schedule", now),
    }


def _takes_messages(adapters: "Adapters") -> bool:
    writer = adapters.writer
    return writer.is_alive and not writer.is_stuck and not adapters.hub.is_closing


def _answers(store: database.Store) -> bool:
    try:
        with store.read.connect() as connection:
            connection.execute(sa.text("SELECT 1"))
    except sa.exc.SQLAlchemyError:
        return False
    return True


def _schema_fits(adapters: "Adapters") -> bool:
    try:
        migrating.check(adapters.transactions.store, line="data")
        migrating.check(adapters.keystore_store, line="keystore")
    except (migrating.SchemaBehindError, migrating.SchemaAheadError, sa.exc.SQLAlchemyError):
        return False
    return True


def _age(adapters: "Adapters", name: str, now: datetime) -> float | None:
    try:
        with adapters.transactions.reading() as session:
            beaten_at = session.scalar(sa.select(Lease.beaten_at).where(Lease.name == name))
    except sa.exc.SQLAlchemyError:
        return None
    return None if beaten_at is None else round((now - beaten_at).total_seconds(), 1)


routes = [
    Route("/healthz", alive, methods=["GET"]),
    Route("/readyz", ready, methods=["GET"]),
]
