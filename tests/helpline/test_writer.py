"""Group commit: whatever waits is one batch, every answer follows its write, a death is told."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Sequence

import pytest

from helpline import writer as writers
from helpline.writer import Writer, WriterDeadError

pytestmark = pytest.mark.anyio

WITHIN_SECONDS = 10.0


class Disk:
    """Writes texts in upper case; a test may hold it, and say what goes wrong."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.threads: set[str] = set()
        self.may_write = threading.Event()
        self.may_write.set()
        self.problem: BaseException | None = None

    def write(self, batch: Sequence[str]) -> list[str]:
        self.threads.add(threading.current_thread().name)
        assert self.may_write.wait(WITHIN_SECONDS)
        if self.problem is not None:
            raise self.problem
        self.batches.append(list(batch))
        return [each.upper() for each in batch]


class Told:
    """What came back, in order, with the loop's own thread to compare."""

    def __init__(self) -> None:
        self.answers: list[str] = []
        self.after: list[tuple[list[str], list[str]]] = []
        self.deaths = 0
        self.threads: set[int] = set()

    def answer(self, outcome: str) -> None:
        self.threads.add(threading.get_ident())
        self.answers.append(outcome)

    def batch(self, batch: Sequence[str], outcomes: Sequence[str]) -> None:
        self.after.append((list(batch), list(outcomes)))

    def died(self) -> None:
        self.threads.add(threading.get_ident())
        self.deaths += 1


@pytest.fixture
def disk() -> Disk:
    return Disk()


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
async def writer(disk: Disk, told: Told) -> AsyncIterator[Writer[str, str]]:
    writer = Writer(disk.write, failed="not kept", after=told.batch)
    writer.on_death(told.died)
    writer.start()
    yield writer
    disk.may_write.set()
    await writer.stop()


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(WITHIN_SECONDS):
        while not is_so():  # noqa: ASYNC110 - nothing would set an event: the writer is watched from outside
            await asyncio.sleep(0.005)


async def test_a_lone_message_goes_at_once_and_is_answered_on_the_loop(
    writer: Writer[str, str], disk: Disk, told: Told
) -> None:
    writer.submit("a", told.answer)
    await until(lambda: told.answers == ["A"])
    assert told.threads == {threading.get_ident()}
    assert disk.threads == {"intake-writer"}
    assert told.after == [(["a"], ["A"])]
    assert (writer.waiting, writer.batches, writer.last_batch_size) == (0, 1, 1)


async def test_what_gathers_while_the_disk_is_busy_is_one_batch(
    writer: Writer[str, str], disk: Disk, told: Told
) -> None:
    disk.may_write.clear()
    for each in "abcd":
        writer.submit(each, told.answer)
    assert writer.waiting == 4
    assert told.answers == []
    disk.may_write.set()
    await until(lambda: len(told.answers) == 4)
    assert disk.batches == [["a"], ["b", "c", "d"]]
    assert told.answers == ["A", "B", "C", "D"]


async def test_a_batch_has_a_largest_size(
    writer: Writer[str, str], disk: Disk, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writers, "MOST_IN_A_BATCH", 2)
    disk.may_write.clear()
    for each in "abcde":
        writer.submit(each, told.answer)
    disk.may_write.set()
    await until(lambda: len(told.answers) == 5)
    assert disk.batches == [["a"], ["b", "c"], ["d", "e"]]


async def test_nobody_is_answered_before_the_write(
    writer: Writer[str, str], disk: Disk, told: Told
) -> None:
    disk.may_write.clear()
    writer.submit("a", told.answer)
    await asyncio.sleep(0.05)
    assert told.answers == []
    disk.may_write.set()
    await until(lambda: told.answers == ["A"])


async def test_a_batch_that_fails_is_not_kept_and_the_next_one_is(
    writer: Writer[str, str], disk: Disk, told: Told
) -> None:
    disk.problem = RuntimeError()
    writer.submit("a", told.answer)
    await until(lambda: told.answers == ["not kept"])
    assert writer.is_alive
    disk.problem = None
    writer.submit("b", told.answer)
    await until(lambda: told.answers == ["not kept", "B"])


async def test_one_answer_that_fails_costs_nobody_else_theirs(
    writer: Writer[str, str], disk: Disk, told: Told
) -> None:
    def gone(outcome: str) -> None:
        raise ConnectionError(outcome)

    disk.may_write.clear()
    writer.submit("a", told.answer)
    writer.submit("b", gone)
    writer.submit("c", told.answer)
    disk.may_write.set()
    await until(lambda: len(told.after) == 2)
    assert told.answers == ["A", "C"]
    writer.submit("d", told.answer)
    await until(lambda: told.answers[-1] == "D")


async def test_a_delivery_that_fails_does_not_stop_the_writer(disk: Disk, told: Told) -> None:
    def broken(batch: Sequence[str], outcomes: Sequence[str]) -> None:
        raise RuntimeError(batch, outcomes)

    writer = Writer(disk.write, failed="not kept", after=broken)
    writer.start()
    for each in "ab":
        writer.submit(each, told.answer)
        await until(lambda: writer.waiting == 0)
    assert told.answers == ["A", "B"]
    await writer.stop()


@pytest.mark.parametrize("problem", [SystemExit(), KeyboardInterrupt(), GeneratorExit()])
async def test_when_the_thread_dies_all_who_wait_are_told_and_nothing_more_is_taken(
    writer: Writer[str, str], disk: Disk, told: Told, problem: BaseException
) -> None:
    disk.may_write.clear()
    disk.problem = problem
    for each in "abc":
        writer.submit(each, told.answer)
    disk.may_write.set()
    await until(lambda: told.deaths == 1)
    assert told.answers == ["not kept"] * 3
    assert told.threads == {threading.get_ident()}
    assert not writer.is_alive
    assert writer.waiting == 0
    with pytest.raises(WriterDeadError):
        writer.submit("d", told.answer)
    await writer.stop()


async def test_an_answer_that_fails_does_not_hide_the_death(
    writer: Writer[str, str], disk: Disk, told: Told
) -> None:
    def gone(outcome: str) -> None:
        raise ConnectionError(outcome)

    def also_gone() -> None:
        raise ConnectionError

    deaths = []
    writer._on_death.insert(0, also_gone)
    writer.on_death(lambda: deaths.append(1))
    disk.may_write.clear()
    disk.problem = SystemExit()
    writer.submit("a", gone)
    writer.submit("b", told.answer)
    disk.may_write.set()
    await until(lambda: bool(deaths))
    assert told.answers == ["not kept"]
    assert told.deaths == 1


async def test_a_stop_writes_what_waits_and_then_takes_nothing(
    writer: Writer[str, str], disk: Disk, told: Told
) -> None:
    disk.may_write.clear()
    for each in "abc":
        writer.submit(each, told.answer)
    stopping = asyncio.create_task(writer.stop())
    await asyncio.sleep(0.02)
    assert not stopping.done()
    disk.may_write.set()
    await stopping
    assert told.answers == ["A", "B", "C"]
    assert not writer.is_alive
    assert not any(thread.name == "intake-writer" for thread in threading.enumerate())
    with pytest.raises(WriterDeadError):
        writer.submit("d", told.answer)


async def test_a_stop_while_the_thread_dies_comes_to_an_end(
    writer: Writer[str, str], disk: Disk, told: Told
) -> None:
    disk.may_write.clear()
    disk.problem = SystemExit()
    writer.submit("a", told.answer)
    stopping = asyncio.create_task(writer.stop())
    await asyncio.sleep(0.02)
    disk.may_write.set()
    await asyncio.wait_for(stopping, WITHIN_SECONDS)
    assert told.answers == ["not kept"]


async def test_nothing_can_be_handed_to_a_writer_that_was_never_started(told: Told) -> None:
    writer = Writer(Disk().write, failed="not kept", after=told.batch)
    with pytest.raises(WriterDeadError):
        writer.submit("a", told.answer)


async def test_each_of_many_senders_gets_its_own_answer(
    writer: Writer[str, str], disk: Disk, told: Told
) -> None:
    got: dict[str, str] = {}

    async def send(number: int) -> None:
        answered: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        writer.submit(f"text {number}", answered.set_result)
        got[f"text {number}"] = await answered

    await asyncio.gather(*(send(number) for number in range(1_000)))
    assert got == {text: text.upper() for text in got}
    assert len(got) == sum(len(batch) for batch in disk.batches) == 1_000
    assert writer.batches == len(disk.batches) < 1_000
    assert len(told.after) == writer.batches


async def test_a_batch_that_hangs_is_seen_and_a_stop_does_not_wait_for_it_for_ever(
    writer: Writer[str, str], disk: Disk, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writers, "STUCK_AFTER_SECONDS", 0.05)
    monkeypatch.setattr(writers, "STOP_WITHIN_SECONDS", 0.2)
    disk.may_write.clear()
    writer.submit("a", told.answer)
    assert not writer.is_stuck
    await until(lambda: writer.is_stuck)
    await asyncio.wait_for(writer.stop(), 2)
    assert not writer.is_alive
    disk.may_write.set()
    await until(lambda: told.answers == ["A"])
    assert not writer.is_stuck
