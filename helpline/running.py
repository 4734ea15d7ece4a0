"""What runs beside the faces in a web process, from its start to its stop."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from starlette.applications import Starlette

from helpline import commands, control, polling, processes, sweep, worker
from helpline.hub import Notice
from helpline.watch.watcher import Watcher
from integrations.live import Live, Rings
from triage import assessment

if TYPE_CHECKING:
    from helpline.wiring import Adapters


@contextlib.asynccontextmanager
async def beside(adapters: "Adapters") -> AsyncIterator[None]:
    """Run the writer, the doorbell, the poll, the sweep, the watch and, embedded, the worker.

    They stop in the reverse order: what was accepted is written before the stores close.
    """
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(asyncio.to_thread, adapters.close)
        live = Live(adapters.settings.redis_url, partial(heard, adapters))
        await live.start()
        stack.push_async_callback(live.stop)
        # The first message must not wait for the lexicon to be read.
        assessment.assess("")
        adapters.hub.start(asyncio.get_running_loop(), live)
        if adapters.settings.is_embedded:
            embedded = processes.start_embedded(adapters)
            stack.push_async_callback(asyncio.to_thread, embedded.stop)
            answer = partial(commands.answer, adapters)
            await stack.enter_async_context(control.listening(adapters.settings, answer))
        sweeper = sweep.Sweep(adapters, owner=worker.OWNER)
        sweeper.start()
        stack.push_async_callback(asyncio.to_thread, sweeper.stop)
        watcher = Watcher(adapters, owner=worker.OWNER)
        watcher.start()
        stack.push_async_callback(asyncio.to_thread, watcher.stop)
        adapters.writer.on_death(adapters.hub.close)
        adapters.writer.start()
        stack.push_async_callback(adapters.writer.stop)
        poll = asyncio.create_task(polling.poll_for_ever(adapters))
        stack.callback(poll.cancel)
        yield
        adapters.hub.close()


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
