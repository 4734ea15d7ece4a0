"""Plays documents on a leg: what is said, which keys are waited for, what follows."""

import asyncio
import xml.etree.ElementTree as ET
from collections.abc import Callable

from integrations.standins.twilio import twiml
from integrations.standins.twilio.calls import Status
from integrations.standins.twilio.dialling import Dialling
from integrations.standins.twilio.legs import Act, Leg, OverError
from integrations.standins.twilio.twiml import Document, Target
from integrations.standins.twilio.world import World

APPLICATION_ERROR = "We are sorry, an application error has occurred. Goodbye."
SOUND = "[a sound]"
GATHERS_FOR = 5  # seconds, unless the document says otherwise (Twilio, "Gather: timeout")
NOT_TWIML = 12100
UNKNOWN_VERB = 12200
MOST_DOCUMENTS = 500  # in one leg: speech takes no time here, so that a circle would not end


class Flow:
    """Plays documents."""

    def __init__(self, world: World, *, begin: Callable[[Leg], None]) -> None:
        self._world = world
        self._dialling = Dialling(world, begin=begin, follow=self.follow)

    async def follow(self, leg: Leg, target: Target, *, may_dial: bool) -> None:
        """Play a document and those that it leads to. Raises OverError when the leg ends by it."""
        await self.play(leg, await self._fetch(leg, target), may_dial=may_dial)

    async def play(self, leg: Leg, document: Document, *, may_dial: bool) -> None:
        """Play a document that is there, and those that it leads to. Raises OverError likewise."""
        for _ in range(MOST_DOCUMENTS):
            target = await self._perform(leg, document, may_dial=may_dial)
            if target is None:
                leg.check()
                leg.answer()
                return
            document = await self._fetch(leg, target)
        self._fail(leg)

    async def _fetch(self, leg: Leg, target: Target) -> Document:
        answer = await self._world.webhooks.ask(
            target.url, leg.fields(**target.fields), sid=leg.call.sid, fallback=leg.fallback
        )
        leg.check()
        try:
            if answer is not None:
                return twiml.from_answer(answer, url=target.url)
        except twiml.NotTwimlError:
            self._world.ledger.trouble(NOT_TWIML, url=target.url, sid=leg.call.sid)
        return self._fail(leg)

    def _fail(self, leg: Leg) -> Document:
        leg.answer()
        leg.say(APPLICATION_ERROR)
        raise OverError(Status.COMPLETED)

    async def _perform(self, leg: Leg, document: Document, *, may_dial: bool) -> Target | None:
        for verb in document.verbs:
            leg.check()
            target: Target | None = None
            match verb.tag:
                case "Gather":
                    target = await self._gather(leg, verb, document)
                case "Dial" if may_dial:
                    target = await self._dialling.dial(leg, verb, document)
                case "Redirect":
                    target = document.target(twiml.words(verb))
                case "Pause":
                    await self._pause(leg, twiml.number(verb, "length", 1))
                case _:
                    self._do(leg, verb, document)
            if target is not None:
                return target
        return None

    def _do(self, leg: Leg, verb: ET.Element, document: Document) -> None:
        """Do what takes no time."""
        match verb.tag:
            case "Say" | "Play":
                leg.answer()
                leg.say(_heard(verb))
            case "Hangup":
                leg.answer()
                raise OverError(Status.COMPLETED)
            case "Reject":
                _reject(leg, verb)
            case "Record":
                self._world.ledger.counts["recordings"] += 1
            case _:
                self._world.ledger.trouble(UNKNOWN_VERB, url=document.url, sid=leg.call.sid)

    async def _pause(self, leg: Leg, seconds: float) -> None:
        """Do nothing for a while. What is pressed meanwhile is not heard."""
        speed = self._world.behaviour.speed
        until = asyncio.get_running_loop().time() + seconds / speed
        while (left := until - asyncio.get_running_loop().time()) > 0:
            signal = await leg.wait(left * speed)
            if signal is not None and signal.act is Act.GATHER_TIMEOUT:
                return

    async def _gather(self, leg: Leg, verb: ET.Element, document: Document) -> Target | None:
        leg.answer()
        leg.wants_key = True
        for nested in verb:
            if nested.tag in {"Say", "Play"}:
                leg.say(_heard(nested))
        seconds = twiml.number(verb, "timeout", GATHERS_FOR)
        digits = ""
        is_done = False
        while not is_done:
            signal = await leg.wait(seconds)
            if signal is None or signal.act is Act.GATHER_TIMEOUT:
                break
            # A voicemail presses nothing.
            if signal.act is Act.PRESS and not leg.call.is_machine:
                digits, is_done = _pressed(digits, signal.digits, verb)
        leg.wants_key = False
        if digits or twiml.is_true(verb, "actionOnEmptyResult"):
            return document.target(verb.get("action"), Digits=digits, msg="Gather End")
        return None


def _heard(verb: ET.Element) -> str:
    return twiml.words(verb) if verb.tag == "Say" else SOUND


def _pressed(before: str, pressed: str, verb: ET.Element) -> tuple[str, bool]:
    """Return the digits so far, and whether they are all; what is pressed after that is lost."""
    most = twiml.number(verb, "numDigits", 0)
    for key in pressed:
        if key in verb.get("finishOnKey", "#"):
            return before, True
        before += key
        if len(before) == most:
            return before, True
    return before, False


def _reject(leg: Leg, verb: ET.Element) -> None:
    """Refuse a call that was not answered; on one that was, the verb does nothing."""
    if leg.is_unanswered:
        is_busy = verb.get("reason", "rejected") == "busy"
        raise OverError(Status.BUSY if is_busy else Status.NO_ANSWER)
