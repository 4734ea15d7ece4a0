"""What runs beside the faces in a web process, from its start to its stop."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING
from uuid import UUID

from starlette.applications import Starlette

from helpline import polling, sweep, worker
from helpline.hub import Notice
from integrations.live import Live, Rings

if TYPE_CHECKING:
    from helpline.wiring import Adapters


@contextlib.asynccontextmanager
async def beside(adapters: "Adapters") -> AsyncIterator[None]:
    """Run the writer, the doorbell, the poll, the sweep and, embedded, the worker."""
    loop = asyncio.get_running_loop()
    live = Live(adapters.settings.redis_url, lambda rings: heard(adapters, rings))
    await live.start()
    adapters.hub.start(loop, live)
    adapters.writer.on_death(adapters.hub.close)
    adapters.writer.start()
    poll = asyncio.create_task(polling.poll_for_ever(adapters))
    embedded = worker.start_embedded(adapters) if adapters.settings.is_embedded else None
    sweeper = sweep.start(adapters)
    try:
        yield
    finally:
        adapters.hub.close()
        poll.cancel()
        await adapters.writer.stop()
        await asyncio.to_thread(sweeper.stop)
        if embedded is not None:
            await asyncio.to_thread(embedded.stop)
        await live.stop()
        await asyncio.to_thread(adapters.close)


def lifespan_app(adapters: "Adapters") -> Starlette:
    """An app that only lives: uvicorn starts and stops it around the faces."""

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        del app
        async with beside(adapters):
            yield

    return Starlette(lifespan=lifespan)


def heard(adapters: "Adapters", rings: Rings) -> None:
    """Deliver what another process rang for, to the listeners of this one."""
    adapters.hub.deliver(
        *(
            Notice(ring["kind"], UUID(hex=str(ring["subject"])), int(ring["seq"]))  # type: ignore[arg-type]  # our own rings carry our own kinds
            for ring in rings
        )
    )
