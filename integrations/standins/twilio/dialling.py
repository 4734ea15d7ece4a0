"""The verb Dial: other phones ring, the first to be picked up may be joined with the caller.

The called party's own document is played before the two are joined. If that ends without hanging
up, they are joined, whether a key was pressed or not: so does Twilio.
"""

import xml.etree.ElementTree as ET
from collections.abc import Awaitable, Callable, Iterator
from typing import Protocol

from integrations.standins.twilio import calls, legs, ringing, twiml
from integrations.standins.twilio.behaviour import Phone
from integrations.standins.twilio.calls import Direction, Status
from integrations.standins.twilio.legs import Act, Leg, OverError, Reports, Signal
from integrations.standins.twilio.twiml import Document, Target
from integrations.standins.twilio.world import World

RINGS_FOR = 30  # seconds, unless the document says otherwise (Twilio, "Dial: timeout")
ENDS_WITHIN = 20.0  # seconds: longer than the service may take to answer a request
WRONG_CALLER = 13214


class Follow(Protocol):
    """Plays a document on a leg, and those that it leads to."""

    def __call__(self, leg: Leg, target: Target, *, may_dial: bool) -> Awaitable[None]: ...


class Dialling:
    """Dials."""

    def __init__(self, world: World, *, begin: Callable[[Leg], None], follow: Follow) -> None:
        self._world = world
        self._begin = begin
        self._follow = follow

    async def dial(self, leg: Leg, verb: ET.Element, document: Document) -> Target | None:
        """Dial, and return what the caller hears next; nothing means: go on with the document.

        Raises OverError when the caller hangs up. The document's ``action`` is asked even then, and
        its answer is not used.
        """
        if verb.get("record", "do-not-record") != "do-not-record":
            self._world.ledger.counts["recordings"] += 1
        caller = verb.get("callerId") or leg.call.sender
        if caller not in {self._world.own.number, leg.call.phone}:
            self._world.ledger.trouble(WRONG_CALLER, url=document.url, sid=leg.call.sid)
            return _next(verb, document, None)
        if not twiml.is_true(verb, "answerOnBridge"):
            leg.answer()
        others = [
            self._start(leg, noun, caller=caller, verb=verb, document=document)
            for noun in _numbers(verb)
        ]
        try:
            met = await self._accompany(leg, others)
        except OverError as over:
            await self._hung_up(leg, others, over.status)
            if (told := _next(verb, document, _most(others))) is not None:
                fields = leg.fields(**told.fields)
                await self._world.webhooks.ask(told.url, fields, sid=leg.call.sid)
            raise
        return _next(verb, document, met)

    def _start(
        self, leg: Leg, noun: ET.Element, *, caller: str, verb: ET.Element, document: Document
    ) -> Leg:
        events = noun.get("statusCallbackEvent")
        callback = noun.get("statusCallback")
        call = calls.new(
            direction=Direction.DIAL,
            sender=caller,
            recipient=twiml.words(noun),
            now=self._world.now(),
            parent=leg.call.sid,
        )
        other = Leg(
            self._world,
            call,
            reports=Reports(
                url=document.target(callback).url if callback else None,
                events=legs.wanted([events] if events else []),
            ),
            parent=leg,
        )
        self._begin(other)
        whisper = noun.get("url")
        other.live(
            self._live(
                other,
                caller=leg,
                seconds=twiml.number(verb, "timeout", RINGS_FOR),
                whisper=document.target(whisper) if whisper else None,
            )
        )
        return other

    async def _live(
        self, other: Leg, *, caller: Leg, seconds: float, whisper: Target | None
    ) -> None:
        """Be the called party, to the end."""
        habit = self._world.behaviour.phones.get(other.call.recipient, Phone()).rings
        try:
            await ringing.ring(other, seconds=seconds, habit=habit)
            caller.signal(Signal(act=Act.PICKED_UP, leg=other))
            if whisper is not None:
                await self._follow(other, whisper, may_dial=False)
            caller.signal(Signal(act=Act.READY, leg=other))
            while True:
                await other.wait(None)
        except OverError as over:
            other.end(over.status)
            caller.signal(Signal(act=Act.GONE, leg=other))

    async def _accompany(self, leg: Leg, others: list[Leg]) -> Leg | None:
        """Stay with the caller until every other leg is over."""
        left = list(others)
        while left:
            signal = await leg.wait(None)
            if signal is None or signal.leg is None or signal.leg not in left:
                continue
            if signal.act is Act.PICKED_UP:
                for other in left:
                    if other is not signal.leg:
                        other.signal(Signal(act=Act.END))
            elif signal.act is Act.READY:
                leg.answer()
                leg.join(signal.leg)
            elif signal.act is Act.GONE:
                left.remove(signal.leg)
        return _most(others)

    async def _hung_up(self, leg: Leg, others: list[Leg], status: Status) -> None:
        """End the other legs with the caller's, and wait until they have ended."""
        for other in others:
            other.signal(Signal(act=Act.END))
        leg.end(status)
        await self._world.changes.until(
            lambda: all(other.is_over for other in others), seconds=ENDS_WITHIN
        )


def _numbers(verb: ET.Element) -> Iterator[ET.Element]:
    """Yield whom to ring; a number may stand in the verb itself."""
    nouns = verb.findall("Number")
    if nouns:
        yield from nouns
    elif (verb.text or "").strip():
        yield verb


def _most(others: list[Leg]) -> Leg | None:
    """Return the leg that is told of: the one that was joined, or picked up, or else the last."""
    return max(
        others,
        key=lambda each: (each.call.joined is not None, each.call.answered is not None),
        default=None,
    )


def _next(verb: ET.Element, document: Document, met: Leg | None) -> Target | None:
    """Return the document's ``action`` and what it is told."""
    action = verb.get("action")
    if action is None:
        return None
    if met is None:
        return document.target(action, DialCallStatus=Status.FAILED)
    told = {
        "DialBridged": "true" if met.call.joined else "false",
        "DialCallSid": met.call.sid,
        "DialCallStatus": str(met.call.status),
    }
    if met.call.seconds is not None:
        told["DialCallDuration"] = str(met.call.seconds)
    return document.target(action, **told)
