"""What the telephone company asks and tells about a page to somebody on call.

On the staff's face, signed like helpline/twilio_pages.py. The addresses hold the page's opaque id.
"""

from http import HTTPStatus
from uuid import UUID

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from helpline import paging, paging_rules, taking, twilio_pages
from integrations.batches import OUTAGES
from integrations.twilio import webhooks
from integrations.twilio.webhooks import NotReadableError

log = structlog.get_logger()


async def answers(request: Request) -> Response:
    """POST /twilio/voice/page/ID: the phone was answered."""
    adapters, form = await twilio_pages.signed(request)
    try:
        webhooks.call_event(form)
        said = await run_in_threadpool(taking.answers, adapters, _page(request))
    except NotReadableError:
        return _refused()
    except OUTAGES as problem:
        return _broken(problem)
    return twilio_pages.document(said)


async def presses(request: Request) -> Response:
    """POST /twilio/voice/page/ID/pin: keys were pressed, or none."""
    adapters, form = await twilio_pages.signed(request)
    try:
        event = webhooks.call_event(form)
        said = await taking.presses(adapters, _page(request), event.digits, tried=_tried(request))
    except NotReadableError:
        return _refused()
    except OUTAGES as problem:
        return _broken(problem)
    return twilio_pages.document(said)


async def call_status(request: Request) -> Response:
    """POST /twilio/voice/page/ID/status: where the call stands."""
    adapters, form = await twilio_pages.signed(request)
    try:
        event = webhooks.call_event(form)
    except NotReadableError:
        return _refused()
    if event.is_over:
        await run_in_threadpool(paging.take_call_report, adapters, _page(request), event)
    return Response(status_code=HTTPStatus.NO_CONTENT)


async def text_status(request: Request) -> Response:
    """POST /twilio/page/ID/status: what became of the text."""
    adapters, form = await twilio_pages.signed(request)
    try:
        told = webhooks.text_status(form)
    except NotReadableError:
        return _refused()
    await run_in_threadpool(paging.take_text_report, adapters, _page(request), told)
    return Response(status_code=HTTPStatus.NO_CONTENT)


def _page(request: Request) -> UUID:
    page: UUID = request.path_params["page"]
    return page


def _tried(request: Request) -> int:
    """Which PIN of this call it is; what cannot be read is the last."""
    tried = request.query_params.get("tried", "")
    last = paging_rules.load().pins_in_a_call
    return int(tried) if tried in {str(each) for each in range(1, last)} else last


def _refused() -> Response:
    return PlainTextResponse("This is about no page.\n", HTTPStatus.BAD_REQUEST)


def _broken(problem: Exception) -> Response:
    log.error("page.broken", error=type(problem).__name__)
    return twilio_pages.document(taking.broken())


# Any method, because a forged request is refused before it is looked at.
routes: list[BaseRoute] = [
    Route(path, page, methods=["GET", "POST"])
    for path, page in {
        "/twilio/voice/page/{page:uuid}": answers,
        "/twilio/voice/page/{page:uuid}/pin": presses,
        "/twilio/voice/page/{page:uuid}/status": call_status,
        "/twilio/page/{page:uuid}/status": text_status,
    }.items()
]
