"""The banner that says work is not finishing, for pages that are open."""

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from helpline.accounts import errors, sessions
from helpline.accounts.sessions import Standing
from helpline.console import rendering


async def watch_fragment(request: Request) -> Response:
    """What the last look of this process found. A locked console is told too; it names nobody."""
    held = await sessions.held(request)
    if held is None or held.standing is Standing.HALF:
        raise errors.NotSignedInError
    html = rendering.anonymous(request.app.state.adapters, "_watch.html")
    return HTMLResponse(html, headers={"Cache-Control": "no-store"})


routes: list[BaseRoute] = [Route("/console/fragments/watch", watch_fragment)]
