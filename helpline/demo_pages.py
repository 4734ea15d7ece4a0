"""The pages of the demo, on the staff's face: what to try, and signing in as somebody.

They exist only where the demo setting is on, which settings.py allows on loopback alone.
"""

from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

import anyio.to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from helpline import origins, seeding
from helpline.accounts import cookies, sessions
from helpline.console import rendering
from helpline.settings import LOOPBACK
from triage.grades import Grade

if TYPE_CHECKING:
    from helpline.accounts.sessions import Begun
    from helpline.wiring import Adapters


async def index(request: Request) -> Response:
    """GET /demo: what to try, in order."""
    adapters = checked(request)
    port = request.url.port
    child = f"http://{request.url.hostname}:{port - 1}" if port else adapters.settings.child_origin
    clock = adapters.grades.of(Grade.EMERGENCY)
    return rendering.bare(
        adapters,
        "demo.html",
        status=HTTPStatus.OK,
        child=child
        if origins.same_origin(child, adapters.settings.child_origin)
        else adapters.settings.child_origin,
        staff=adapters.settings.staff_origin,
        speed=adapters.settings.clock_speed,
        has_phones=adapters.settings.twilio_api is not None,
        pin=seeding.pin(),
        advocate_phone=seeding.phone_of("advocate"),
        steps=[(step.page.value, int(step.after.total_seconds())) for step in clock.steps],
    )


async def sign_in(request: Request) -> Response:
    """GET /demo/as/{key}: sign in as one of the demo's people."""
    adapters = checked(request)
    begun = await anyio.to_thread.run_sync(partial(_begun, adapters, request.path_params["key"]))
    response = RedirectResponse("/console", HTTPStatus.SEE_OTHER, {"Cache-Control": "no-store"})
    cookies.put(response, adapters.settings, begun.token)
    return response


def _begun(adapters: "Adapters", key: str) -> "Begun":
    person = seeding.id_of(adapters, key)
    if person is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    with adapters.transactions.begin() as session:
        return sessions.begin(
            session, staff_id=person, second_factor_done=True, now=adapters.clock()
        )


def checked(request: Request) -> "Adapters":
    """The installation, if it is a demo asked from this machine; else there is no such page."""
    adapters: Adapters = request.app.state.adapters
    # Another site's page must not be able to sign this browser in as anybody.
    foreign = request.headers.get("sec-fetch-site") == "cross-site"
    if not adapters.settings.demo or request.url.hostname not in LOOPBACK or foreign:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return adapters


routes = [
    Route("/demo", index, methods=["GET"]),
    Route("/demo/as/{key}", sign_in, methods=["GET"]),
]
