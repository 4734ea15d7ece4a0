"""Twilio's API for Messages and Calls, as far as a client of one number uses it."""

import base64
import binascii
import hmac
import re
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, Router

from integrations.standins.twilio import calls, errors, forms, listing, texts, wire
from integrations.standins.twilio.calling import Calling
from integrations.standins.twilio.errors import ApiError
from integrations.standins.twilio.messaging import Messaging
from integrations.standins.twilio.texts import Direction, Text
from integrations.standins.twilio.world import World

Handler = Callable[[Request, forms.Form], Awaitable[Response]]

NOT_ALLOWED, IN_PROGRESS, UNKNOWN = 20003, 20009, 20001
ENDING = {"completed": False, "canceled": True}
SID = re.compile(r"[A-Z]{2}[0-9a-f]{32}")


class Api:
    """Answers the API's requests."""

    def __init__(self, world: World, messaging: Messaging, calling: Calling) -> None:
        self._world = world
        self._messaging = messaging
        self._calling = calling
        account = "/2010-04-01/Accounts/{account}"
        text, call = account + "/Messages/{sid}", account + "/Calls/{sid}"
        self.router = Router(
            [
                self._route(account + "/Messages.json", "POST", self._create_text),
                self._route(account + "/Messages.json", "GET", self._list_texts),
                self._route(text + ".json", "GET", self._fetch_text),
                self._route(text + ".json", "POST", self._update_text),
                self._route(text + ".json", "DELETE", self._delete_text),
                self._route(text + "/{media:path}", "GET", self._fetch_media),
                self._route(account + "/Calls.json", "POST", self._create_call),
                self._route(account + "/Calls.json", "GET", self._list_calls),
                self._route(call + ".json", "GET", self._fetch_call),
                self._route(call + ".json", "POST", self._update_call),
                self._route(call + ".json", "DELETE", self._delete_call),
                Route("/{rest:path}", self._nothing),
            ]
        )

    def _route(self, path: str, method: str, handler: Handler) -> Route:
        async def endpoint(request: Request) -> Response:
            try:
                self._check(request)
                form = forms.parse(request.url.query if method == "GET" else await request.body())
                self._note(request, form)
                return await handler(request, form)
            except ApiError as refusal:
                return self._refused(refusal)

        return Route(path, endpoint, methods=[method], name=handler.__name__)

    def _refused(self, refusal: ApiError) -> Response:
        self._world.ledger.counts[f"refused {refusal.code}"] += 1
        return JSONResponse(refusal.body(), status_code=refusal.status)

    def _check(self, request: Request) -> None:
        """Raise ApiError unless the request is this account's."""
        own = self._world.own
        scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
        try:
            given = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            given = b""
        wanted = f"{own.sid}:{own.token}".encode()
        if scheme.lower() != "basic" or not hmac.compare_digest(given, wanted):
            raise ApiError(status=401, code=NOT_ALLOWED)
        if request.path_params.get("account", own.sid) != own.sid:
            raise errors.not_found()

    def _note(self, request: Request, form: forms.Form) -> None:
        """Keep what was asked, so that a test can hold it against Twilio's description."""
        self._world.ledger.requests.append(
            {
                "method": request.method,
                "path": SID.sub("{Sid}", request.url.path),
                "fields": {name: list(values) for name, values in form.items()},
            }
        )

    async def _nothing(self, request: Request) -> Response:
        try:
            self._check(request)
        except ApiError as refusal:
            return self._refused(refusal)
        return self._refused(errors.not_found())

    def _text(self, request: Request) -> Text:
        text = texts.find(self._world.file, request.path_params["sid"])
        if text is None:
            raise errors.not_found()
        return text

    def _text_json(self, text: Text, *, status: int = 200) -> Response:
        return JSONResponse(wire.text_json(text, of=self._world.own), status_code=status)

    async def _create_text(self, _request: Request, form: forms.Form) -> Response:
        return self._text_json(self._messaging.create(form), status=201)

    async def _fetch_text(self, request: Request, _form: forms.Form) -> Response:
        return self._text_json(self._text(request))

    async def _update_text(self, request: Request, form: forms.Form) -> Response:
        """Redact the body; nothing else of a text can be changed."""
        text = self._text(request)
        if "Body" not in form or forms.first(form, "Body"):
            raise ApiError(status=400, code=UNKNOWN)
        _must_be_done(text)
        return self._text_json(texts.redact(self._world.file, text, now=self._world.now()))

    async def _delete_text(self, request: Request, _form: forms.Form) -> Response:
        text = self._text(request)
        _must_be_done(text)
        texts.remove(self._world.file, text)
        return Response(status_code=204)

    async def _list_texts(self, request: Request, form: forms.Form) -> Response:
        def as_json(row: Any) -> dict[str, Any]:
            return wire.text_json(texts.read(row), of=self._world.own)

        return self._list(request, form, listing.TEXTS, as_json)

    async def _fetch_media(self, _request: Request, _form: forms.Form) -> Response:
        """Give no picture, and count that one was asked for."""
        self._world.ledger.counts["pictures fetched"] += 1
        raise errors.not_found()

    async def _create_call(self, _request: Request, form: forms.Form) -> Response:
        call = self._calling.create(form)
        return JSONResponse(wire.call_json(call, of=self._world.own), status_code=201)

    async def _fetch_call(self, request: Request, _form: forms.Form) -> Response:
        return JSONResponse(wire.call_json(self._call(request), of=self._world.own))

    async def _update_call(self, request: Request, form: forms.Form) -> Response:
        """End a call. Leading it to another document is not played."""
        call = self._call(request)
        status = forms.first(form, "Status")
        if status not in ENDING:
            raise ApiError(status=400, code=UNKNOWN)
        ended = await self._calling.end(call.sid, only_unanswered=ENDING[status])
        return JSONResponse(wire.call_json(ended, of=self._world.own))

    async def _delete_call(self, request: Request, _form: forms.Form) -> Response:
        call = self._call(request)
        if call.status in calls.LIVE:
            raise ApiError(status=409, code=IN_PROGRESS)
        calls.remove(self._world.file, call)
        return Response(status_code=204)

    async def _list_calls(self, request: Request, form: forms.Form) -> Response:
        def as_json(row: Any) -> dict[str, Any]:
            return wire.call_json(calls.read(row), of=self._world.own)

        return self._list(request, form, listing.CALLS, as_json)

    def _call(self, request: Request) -> calls.Call:
        call = calls.find(self._world.file, request.path_params["sid"])
        if call is None:
            raise errors.not_found()
        return call

    def _list(
        self,
        request: Request,
        form: forms.Form,
        listed: listing.Listed,
        as_json: Callable[[Any], dict[str, Any]],
    ) -> Response:
        lag = round(self._world.behaviour.list_lag * 1000)
        page = listing.page(self._world.file, listed, form, until=self._world.now() - lag)
        frame = page.frame(path=request.url.path, query=form)
        return JSONResponse({**frame, listed.key: [as_json(row) for row in page.rows]})


def _must_be_done(text: Text) -> None:
    if text.direction is not Direction.INBOUND and text.rest:
        raise ApiError(status=409, code=IN_PROGRESS)
