"""One leg of a call: a phone, whoever holds it, and what they do.

A leg lives in one task. What a person, the API or another leg does arrives as a signal, one after
another. Time-outs are signals that nobody sent; a test can send them.
"""

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING

from integrations.standins.twilio import calls, dates, wire
from integrations.standins.twilio.background import Chain
from integrations.standins.twilio.calls import Call, Direction, Status
from integrations.standins.twilio.world import World

if TYPE_CHECKING:
    from collections.abc import Sequence

EVENTS = {
    Status.QUEUED: "initiated",
    Status.RINGING: "ringing",
    Status.IN_PROGRESS: "answered",
}
LAST = "completed"  # the event of every end, whatever the status


class Act(StrEnum):
    """What can happen to a leg."""

    ANSWER = "answer"
    VOICEMAIL = "voicemail"
    PRESS = "press"
    HANG_UP = "hang-up"
    REJECT = "reject"
    RING_OUT = "ring-out"
    GATHER_TIMEOUT = "gather-timeout"
    END = "end"  # by the API, or by the leg that it belongs to
    PICKED_UP = "picked-up"  # the other leg was answered
    READY = "ready"  # the other leg may be joined
    GONE = "gone"  # the other leg is over


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One thing that happened."""

    act: Act
    digits: str = ""
    leg: "Leg | None" = None
    status: Status = Status.COMPLETED


class OverError(Exception):
    """The call is over."""

    def __init__(self, status: Status) -> None:
        super().__init__(status)
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class Reports:
    """Who wants to hear about the states of a leg."""

    url: str | None = None
    events: frozenset[str] = frozenset({LAST})


class Leg:
    """One leg that lives."""

    def __init__(
        self,
        world: World,
        call: Call,
        *,
        reports: Reports,
        parent: "Leg | None",
        fallback: str | None = None,
    ) -> None:
        self._world = world
        self.call = call
        self.parent = parent
        self.fallback = fallback
        self.wants_key = False
        self._reports = reports
        self._told = 0
        self._chain = Chain(world.background)
        self._signals: asyncio.Queue[Signal] = asyncio.Queue()
        self._is_waiting = False
        self._life: asyncio.Task[None] | None = None
        self.save()
        self.report()

    @property
    def root(self) -> "Leg":
        """The first leg of the family."""
        return self if self.parent is None else self.parent.root

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return self.call.status not in calls.LIVE

    @property
    def is_at_rest(self) -> bool:
        """Whether nothing more happens until somebody does something, or a clock runs out."""
        waits = self._is_waiting and self._signals.empty()
        # One that is over may still have to tell the service so.
        is_done = self.is_over and (self._life is None or self._life.done())
        return (waits or is_done) and self._chain.is_idle

    def live(self, life: Coroutine[None, None, None]) -> None:
        """Begin the leg's life: the one task that it lives in."""
        self._life = self._world.lives.task(life)

    def signal(self, signal: Signal) -> None:
        """Have something happen."""
        self._signals.put_nowait(signal)

    async def wait(self, seconds: float | None) -> Signal | None:
        """Return what happens next, or nothing when the time is out first.

        The time runs as fast as the behaviour says. Raises OverError when the leg ends by it.
        """
        fast = None if seconds is None else seconds / self._world.behaviour.speed
        self._is_waiting = True
        self._world.changes.tell()
        try:
            async with asyncio.timeout(fast):
                signal = await self._signals.get()
        except TimeoutError:
            return None
        finally:
            self._is_waiting = False
        return self._lived_through(signal)

    def check(self) -> None:
        """Raise OverError when the leg was ended while it was busy."""
        kept = []
        while not self._signals.empty():
            signal = self._signals.get_nowait()
            self._lived_through(signal)
            kept.append(signal)
        for signal in kept:
            self._signals.put_nowait(signal)

    def _lived_through(self, signal: Signal) -> Signal:
        if signal.act is Act.HANG_UP:
            is_caller = self.call.direction is Direction.INBOUND
            unanswered = Status.NO_ANSWER if is_caller else Status.BUSY
            raise OverError(unanswered if self.is_unanswered else Status.COMPLETED)
        if signal.act is Act.END:
            raise OverError(Status.CANCELED if self.is_unanswered else Status.COMPLETED)
        return signal

    @property
    def is_unanswered(self) -> bool:
        """Whether nobody has picked it up."""
        return self.call.status in calls.UNANSWERED

    def say(self, text: str) -> None:
        """Have whoever holds the phone hear something."""
        self.call.said.append(text)
        self.save()

    def join(self, other: "Leg") -> None:
        """Be heard by another leg, and hear it."""
        for one, with_whom in ((self, other), (other, self)):
            one.call.joined = with_whom.call.sid
            one.save()

    def ring(self) -> None:
        """Begin to ring."""
        self.call.status, self.call.started = Status.RINGING, self._world.now()
        self.save()
        self.report()

    def answer(self, *, by_machine: bool = False) -> None:
        """Be picked up. Twice changes nothing."""
        if not self.is_unanswered:
            return
        self.call.status, self.call.answered = Status.IN_PROGRESS, self._world.now()
        self.call.is_machine = by_machine
        self.save()
        self.report()

    def end(self, status: Status) -> None:
        """Be over. Twice changes nothing."""
        if self.is_over:
            return
        self.call.status, self.call.ended = status, self._world.now()
        self.wants_key = False
        self.save()
        self.report()

    def save(self) -> None:
        """Keep the call as it is."""
        calls.save(self._world.file, self.call, now=self._world.now())
        self._world.changes.tell()

    def fields(self, **more: str) -> dict[str, str]:
        """Return what Twilio says about the call in every request."""
        call = self.call
        fields = {
            "AccountSid": self._world.own.sid,
            "ApiVersion": wire.API_VERSION,
            "CallSid": call.sid,
            "CallStatus": str(call.status),
            "Called": call.recipient,
            "CalledCountry": "GB",
            "Caller": call.sender,
            "CallerCountry": "GB",
            "Direction": str(call.direction),
            "From": call.sender,
            "FromCountry": "GB",
            "To": call.recipient,
            "ToCountry": "GB",
        }
        if call.parent is not None:
            fields["ParentCallSid"] = call.parent
        return fields | more

    def report(self) -> None:
        """Tell whoever asked for it which state the leg is in."""
        status = self.call.status
        event = EVENTS.get(status, LAST)
        if self._reports.url is None or event not in self._reports.events:
            return
        now = self._world.now()
        fields = self.fields(
            CallbackSource="call-progress-events",
            CallStatus="initiated" if status is Status.QUEUED else str(status),
            SequenceNumber=str(self._told),
            Timestamp=dates.rfc2822(now) or "",
        )
        if event == LAST:
            seconds = self.call.seconds or 0
            fields |= {"CallDuration": str(seconds), "Duration": str(-(-seconds // 60))}
        self._told += 1
        ask = partial(_tell, self._world, self._reports.url, fields, self.call.sid)
        self._chain.add(partial(self._world.reports.carry, ask))


async def _tell(world: World, url: str, fields: Mapping[str, str], sid: str) -> None:
    await world.webhooks.ask(url, fields, sid=sid)


def wanted(events: "Sequence[str]") -> frozenset[str]:
    """Return the events that are asked for; without any, only the end is told."""
    named = frozenset(" ".join(events).replace(",", " ").split())
    return named or frozenset({LAST})
