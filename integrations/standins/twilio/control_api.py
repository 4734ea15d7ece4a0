"""The other side of the stand-in: the pretend phones, and whoever tells it how to behave.

Addresses under ``/standin/`` take and give JSON. Those that make something happen answer when its
effects are over, so that a test needs no waiting of its own.
"""

from collections.abc import Callable
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from integrations.standins.twilio import asked_for, calls, dates, texts
from integrations.standins.twilio.calling import Calling, NotNowError
from integrations.standins.twilio.calls import Call
from integrations.standins.twilio.legs import Act
from integrations.standins.twilio.messaging import Came, Messaging
from integrations.standins.twilio.texts import Text
from integrations.standins.twilio.world import World

ACTS = frozenset(
    {
        Act.ANSWER,
        Act.PRESS,
        Act.HANG_UP,
        Act.REJECT,
        Act.RING_OUT,
        Act.VOICEMAIL,
        Act.GATHER_TIMEOUT,
    }
)
LONGEST_WAIT = 30  # seconds


class Control:
    """Answers under ``/standin/``."""

    def __init__(self, world: World, messaging: Messaging, calling: Calling) -> None:
        self._world = world
        self._messaging = messaging
        self._calling = calling
        phone = "/standin/phones/{number}"
        self.routes = [
            Route("/standin/healthz", _healthz),
            Route("/standin/phones", self._phones),
            Route(phone + "/send", self._send, methods=["POST"]),
            Route(phone + "/inbox", self._inbox),
            Route(phone + "/calls", self._calls),
            Route(phone + "/call", self._call_us, methods=["POST"]),
            Route("/standin/texts", self._bulk, methods=["POST"]),
            Route("/standin/texts/{sid}/again", self._again, methods=["POST"]),
            Route("/standin/calls/{sid}", self._call),
            Route("/standin/calls/{sid}/{act}", self._act, methods=["POST"]),
            Route("/standin/behave", self._behaviour, methods=["GET"]),
            Route("/standin/behave", self._behave, methods=["POST"]),
            Route("/standin/behave", self._behave_well, methods=["DELETE"]),
            Route("/standin/release", self._release, methods=["POST"]),
            Route("/standin/settle", self._settle, methods=["POST"]),
            Route("/standin/log", self._log),
            Route("/standin/requests", self._requests),
            Route("/standin/reset", self._reset, methods=["POST"]),
        ]

    async def _phones(self, _request: Request) -> Response:
        own = self._world.own.number
        numbers = [
            number
            for (number,) in self._world.file.execute(
                "SELECT sender FROM text UNION SELECT recipient FROM text"
                " UNION SELECT sender FROM call UNION SELECT recipient FROM call ORDER BY 1"
            )
            if number != own
        ]
        return JSONResponse(
            {
                "own": own,
                "phones": [
                    {
                        "number": number,
                        "texts": len(texts.on_phone(self._world.file, number)),
                        "calls": len(calls.on_phone(self._world.file, number)),
                        "opted_out": texts.is_opted_out(self._world.file, number),
                    }
                    for number in numbers
                ],
            }
        )

    async def _send(self, request: Request) -> Response:
        asked = await asked_for.read(request, asked_for.Send)
        (text,) = self._messaging.receive([_came(asked, sender=asked_for.number(request))])
        return JSONResponse({"sid": text.sid}, status_code=201)

    async def _bulk(self, request: Request) -> Response:
        asked = await asked_for.read(request, asked_for.Bulk)
        came = [_came(each, sender=asked_for.e164(each.sender)) for each in asked.texts]
        kept = self._messaging.receive(came)
        return JSONResponse({"sids": [text.sid for text in kept]}, status_code=201)

    async def _again(self, request: Request) -> Response:
        text = texts.find(self._world.file, request.path_params["sid"])
        if text is None or text.direction is not texts.Direction.INBOUND:
            raise asked_for.RefusedError(404, "no such text")
        asked = await asked_for.read(request, asked_for.Again)
        answers = await self._messaging.bring_again(text, copies=asked.copies)
        return JSONResponse({"statuses": answers})

    async def _inbox(self, request: Request) -> Response:
        number = asked_for.number(request)
        at_least = asked_for.figure(request, "at_least")

        def found() -> list[Text]:
            return texts.on_phone(self._world.file, number)

        await self._wait(request, lambda: len(found()) >= at_least)
        return JSONResponse({"messages": [_text_json(text) for text in found()]})

    async def _calls(self, request: Request) -> Response:
        number = asked_for.number(request)
        state = request.query_params.get("state")

        def found() -> list[Call]:
            every = calls.on_phone(self._world.file, number)
            return [call for call in every if state in (None, str(call.status))]

        await self._wait(request, lambda: state is None or bool(found()))
        return JSONResponse({"calls": [self._call_json(call) for call in found()]})

    async def _call_us(self, request: Request) -> Response:
        call = self._calling.call_us(asked_for.number(request))
        await self._calling.settle(call)
        return JSONResponse(self._call_json(call), status_code=201)

    async def _call(self, request: Request) -> Response:
        call = calls.find(self._world.file, request.path_params["sid"])
        if call is None:
            raise asked_for.RefusedError(404, "no such call")
        return JSONResponse(self._call_json(call))

    async def _act(self, request: Request) -> Response:
        act = request.path_params["act"]
        if act not in ACTS:
            raise asked_for.RefusedError(404, "nobody can do that")
        asked = await asked_for.read(request, asked_for.Press)
        try:
            call = await self._calling.act(
                request.path_params["sid"], Act(act), digits=asked.digits
            )
        except NotNowError:
            raise asked_for.RefusedError(409, "not at present") from None
        return JSONResponse(self._call_json(call))

    async def _behaviour(self, _request: Request) -> Response:
        return JSONResponse(msgspec.to_builtins(self._world.behaviour))

    async def _behave(self, request: Request) -> Response:
        changes = await asked_for.read(request, dict[str, Any])
        try:
            self._world.behave(self._world.behaviour.changed(changes))
        except msgspec.ValidationError as wrong:
            raise asked_for.RefusedError(400, str(wrong)) from None
        return await self._behaviour(request)

    async def _behave_well(self, request: Request) -> Response:
        ahead = self._world.behaviour.clock_ahead  # a calendar is no misbehaviour
        self._world.behave(self._world.usual.changed({"clock_ahead": ahead}))
        return await self._behaviour(request)

    async def _release(self, _request: Request) -> Response:
        lanes = (self._world.incoming, self._world.reports)
        held = sum(lane.holds for lane in lanes)
        for lane in lanes:
            lane.release()
        return JSONResponse({"released": held})

    async def _settle(self, request: Request) -> Response:
        asked = await asked_for.read(request, asked_for.Settle)
        is_settled = await self._world.changes.until(
            lambda: self._calling.is_at_rest() and self._world.background.is_idle,
            seconds=asked.seconds,
        )
        return JSONResponse({"settled": is_settled})

    async def _log(self, _request: Request) -> Response:
        ledger = self._world.ledger
        rung = self._world.file.execute(
            "SELECT recipient, count(*) FROM call WHERE direction <> ? GROUP BY 1 ORDER BY 1",
            (calls.Direction.INBOUND,),
        )
        return JSONResponse(
            {
                "texts": [
                    {"to": to, "text": body, "accepted": count}
                    for to, body, count in texts.accepted(self._world.file)
                ],
                "calls": dict(rung.fetchall()),
                "counts": dict(ledger.counts),
                "troubles": list(ledger.troubles),
            }
        )

    async def _requests(self, _request: Request) -> Response:
        return JSONResponse({"requests": list(self._world.ledger.requests)})

    async def _reset(self, _request: Request) -> Response:
        self._calling.forget()
        self._world.forget()
        return JSONResponse({})

    async def _wait(self, request: Request, is_true: Callable[[], bool]) -> None:
        if seconds := asked_for.figure(request, "wait"):
            await self._world.changes.until(is_true, seconds=min(seconds, LONGEST_WAIT))

    def _call_json(self, call: Call) -> dict[str, Any]:
        return {
            "sid": call.sid,
            "parent": call.parent,
            "state": call.status,
            "direction": call.direction,
            "from": call.sender,
            "to": call.recipient,
            "said": call.said,
            "wants_key": self._calling.wants_key(call.sid),
            "joined": call.joined,
            "voicemail": call.is_machine,
        }


async def _healthz(_request: Request) -> Response:
    return JSONResponse({"ok": True})


def _came(asked: asked_for.Send, *, sender: str) -> Came:
    return Came(
        sender=sender,
        body=asked.text,
        pictures=asked.pictures,
        at=None if asked.at is None else dates.stamp(asked.at),
    )


def _text_json(text: Text) -> dict[str, Any]:
    return {
        "sid": text.sid,
        "text": text.shown,
        "pictures": text.pictures,
        "at": dates.iso(text.created),
        "status": text.status,
        "direction": text.direction,
        "error_code": text.error_code,
    }
