"""Running Celery's worker and schedule: as processes of their own, or inside the web process.

Both run without Celery's command line, which would set up logging, print a banner and take over
the signals.
"""

import signal
import threading
from typing import TYPE_CHECKING, Any

import structlog
from celery import beat, signals
from celery.worker import WorkController, state

from helpline import worker
from helpline.queue.models import Lane
from integrations import sentry

if TYPE_CHECKING:
    from types import FrameType

    from helpline.wiring import Adapters

log = structlog.get_logger()

# The schedule wakes at least this often, which also bounds how long it takes to stop.
LONGEST_SLEEP_SECONDS = 1.0
STOPPED_WITHIN_SECONDS = 3.0


class Schedule(beat.Scheduler):  # type: ignore[misc]  # Celery has no types
    """Celery's schedule in memory (a file would only be one more thing to lose), with a beat."""

    def tick(self, *given: Any, **named: Any) -> float:
        """Ring what is due, and show that the schedule is alive."""
        adapters = worker.adapters_in_use()
        try:
            worker.beat_row(adapters, worker.SCHEDULE)
        except Exception as problem:  # noqa: BLE001 - without a database the rings must go on
            log.warning("schedule.not_beaten", error=type(problem).__name__)
        seconds: float = super().tick(*given, **named)
        return seconds


def run_worker(adapters: "Adapters") -> int:
    """Work until SIGTERM or SIGINT, then finish the jobs that run. Returns the exit code."""
    worker.use(adapters)
    controller = _controller()
    _on_signals(_stop_worker)
    controller.start()
    return int(controller.exitcode or 0)


def run_beat(adapters: "Adapters") -> int:
    """Keep the schedule until SIGTERM or SIGINT. Returns the exit code."""
    worker.use(adapters)
    service = _service()
    _on_signals(service.stop)
    service.start()
    return 0


class Embedded:
    """Worker and schedule in threads of the web process, for the embedded default."""

    def __init__(self) -> None:
        self._controller = _controller()
        self._service = _service()
        self._threads = [
            threading.Thread(target=self._controller.start, name="worker", daemon=True),
            threading.Thread(target=self._service.start, name="schedule", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Finish the jobs that run and end both threads, within 3 s unless a job hangs."""
        _stop_worker()
        self._service.stop()
        # The worker looks up when it hears something, and Celery then listens once more. Without
        # the two rings it would sit out 2 s of silence.
        worker.publish(Lane.URGENT)
        worker.publish(Lane.URGENT)
        for thread in self._threads:
            thread.join(STOPPED_WITHIN_SECONDS)
        # Celery keeps this for the whole process; a later start must not find it set.
        state.should_stop = None
        worker.release()


def start_embedded(adapters: "Adapters") -> Embedded:
    """Start worker and schedule in this process. One at a time."""
    worker.use(adapters)
    return Embedded()


def _controller() -> WorkController:
    return worker.app.WorkController(
        queues=[lane.value for lane in Lane],
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
    )


def _service() -> beat.Service:
    return beat.Service(worker.app, max_interval=LONGEST_SLEEP_SECONDS, scheduler_cls=Schedule)


def _stop_worker() -> None:
    # The worker's own thread sees this between two messages and then stops gracefully.
    state.should_stop = 0


def _on_signals(stop: Any) -> None:
    def stopping(_number: int, _frame: "FrameType | None") -> None:
        stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stopping)


@signals.setup_logging.connect  # type: ignore[untyped-decorator]  # Celery has no types
def _leave_logging_alone(**_given: Any) -> None:
    """Celery sets up no logging while this is connected; helpline/logs.py does."""


@signals.task_failure.connect  # type: ignore[untyped-decorator]  # Celery has no types
def _report(*, exception: BaseException, **_given: Any) -> None:
    """A task that failed: the database was away, or we made a mistake."""
    sentry.report(exception)
