"""What the telephone company calls: texts that came in, and what became of those that went out.

On the staff's face. Nothing is believed, and nothing written, before the signature fits the
configured address; a good answer follows the commit.
"""

from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl
from uuid import UUID

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from helpline import outbox, texting
from helpline.intake import NotKeptError
from integrations.batches import OUTAGES
from integrations.twilio import webhooks
from integrations.twilio.webhooks import NotReadableError

if TYPE_CHECKING:
    from helpline.phones import Phones
    from helpline.wiring import Adapters

log = structlog.get_logger()

# A text of 1,600 characters and every field beside it need a tenth of this.
MOST_BYTES = 64 * 1024
MOST_FIELDS = 200

# "Nothing to say back": our answers are texts of their own, which pass the gate.
_EMPTY = '<?xml version="1.0" encoding="UTF-8"?><Response/>'

Form = list[tuple[str, str]]


class ForgedError(Exception):
    """It was not sent by the telephone company, or not as it stands here."""


async def sms(request: Request) -> Response:
    """POST /twilio/sms and /twilio/fallback: a text came in."""
    adapters, form = await signed(request)
    try:
        text = webhooks.inbound_sms(form)
        await texting.receive(adapters, text)
    except NotReadableError:
        return _plain("This is no text.", HTTPStatus.BAD_REQUEST)
    except (NotKeptError, *OUTAGES) as problem:
        # The company tries its other address once; then the sweep finds the text.
        log.error("text.not_kept", error=type(problem).__name__)
        return _plain("Not kept. Send it again.", HTTPStatus.SERVICE_UNAVAILABLE)
    return document(_EMPTY)


async def status(request: Request) -> Response:
    """POST /twilio/status: what became of a text of ours."""
    adapters, form = await signed(request)
    try:
        told = webhooks.text_status(form)
        text = UUID(request.query_params.get("text", ""))
    except (NotReadableError, ValueError):
        return _plain("This is about no text of ours.", HTTPStatus.BAD_REQUEST)

    def take() -> None:
        with adapters.transactions.begin() as session:
            outbox.take_report(
                session,
                adapters,
                text=text,
                sid=told.sid,
                status=told.status,
                code=told.error_code,
                now=adapters.clock(),
            )

    try:
        await run_in_threadpool(take)
    except OUTAGES as problem:
        # Whether the company tells it again is up to its settings; the sweep of reports asks.
        log.error("report.not_kept", error=type(problem).__name__)
        return _plain("Not kept. Send it again.", HTTPStatus.SERVICE_UNAVAILABLE)
    return Response(status_code=HTTPStatus.NO_CONTENT)


async def signed(request: Request) -> tuple["Adapters", Form]:
    """The form of a request that the telephone company signed.

    Raises :class:`ForgedError` for every other, before anything is read from it.
    """
    adapters: Adapters = request.app.state.adapters
    own = adapters.phones
    # The signature says nothing of the method. The company is told to post, so it does.
    if request.method != "POST":
        raise ForgedError
    form = await _form(request)
    path = request.scope["raw_path"].decode("latin-1")
    query = request.scope["query_string"].decode("latin-1")
    if own is None or not _is_genuine(
        own, f"{path}?{query}" if query else path, form, request.headers.get("x-twilio-signature")
    ):
        raise ForgedError
    return adapters, form


def on_forged(request: Request, error: Exception) -> Response:
    """Refuse, and count it: many of them are somebody at the door."""
    del error
    adapters: Adapters = request.app.state.adapters
    if adapters.phones is not None:
        adapters.phones.refused.count()
    log.warning("twilio.forged")
    return _plain("Refused.", HTTPStatus.FORBIDDEN)


def document(text: str) -> Response:
    """A TwiML document."""
    return Response(text, media_type="text/xml", headers={"Cache-Control": "no-store"})


def _is_genuine(own: "Phones", path: str, form: Form, signature: str | None) -> bool:
    if not own.signatures.is_genuine(path=path, form=form, signature=signature):
        return False
    return dict(form).get("AccountSid") == own.account


async def _form(request: Request) -> Form:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise ForgedError
    try:
        return parse_qsl(
            body.decode("ascii", errors="replace"),
            keep_blank_values=True,
            errors="replace",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError:
        raise ForgedError from None


def _plain(words: str, status: int) -> Response:
    return PlainTextResponse(f"{words}\n", status, {"Cache-Control": "no-store"})


routes: list[BaseRoute] = [
    Route("/twilio/sms", sms, methods=["GET", "POST"]),
    Route("/twilio/fallback", sms, methods=["GET", "POST"]),
    Route("/twilio/status", status, methods=["GET", "POST"]),
]
FAILURES = {ForgedError: on_forged}
