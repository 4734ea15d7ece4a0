"""How a request becomes a deed, and a deed an answer: as a page, or as JSON for a fetch."""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from helpline.accounts import forms, sessions
from helpline.accounts.forms import Form
from helpline.accounts.models import READERS
from helpline.accounts.sessions import SignedIn
from helpline.console import refusals, rendering

if TYPE_CHECKING:
    from helpline.wiring import Adapters

# Room for 10,000 characters of any script in a form's own encoding, twelve bytes each.
MOST_BYTES = 160 * 1024

Again = Callable[[str, int], Response]
Deed = Callable[[], dict[str, Any] | None]


@dataclass(frozen=True)
class Asked:
    """Who asks, and with what the service answers."""

    adapters: "Adapters"
    person: SignedIn


@dataclass(frozen=True)
class Posted(Asked):
    """A form that came from our own page, by somebody who is signed in."""

    form: Form

    def words(self, name: str, *, most: int) -> str:
        """A field that must hold words, at most ``most`` characters of them."""
        given = self.form.get(name).replace("\0", "\N{REPLACEMENT CHARACTER}").strip()
        if not given or len(given) > most:
            raise refusals.MissingChoiceError
        return given


async def asked(request: Request) -> Asked:
    """Somebody who may read; otherwise an error that becomes a page of its own."""
    person = await sessions.required(request, *READERS)
    return Asked(request.app.state.adapters, person)


async def posted(request: Request) -> Posted:
    """As :func:`asked`, with a form whose origin and token were checked."""
    person = await sessions.required(request, *READERS)
    form = await forms.read(request, csrf=person.csrf, max_bytes=MOST_BYTES)
    return Posted(request.app.state.adapters, person, form)


def wants_json(request: Request) -> bool:
    """Whether a script asks, which shows the outcome on the page that is open."""
    return "application/json" in request.headers.get("accept", "")


async def answer(
    request: Request,
    asked: Asked,
    deed: Deed,
    *,
    back: str,
    again: Again | None = None,
) -> Response:
    """Do the deed off the event loop. A refusal is said in words and loses nothing typed.

    ``back`` is where a plain form goes on; ``again`` shows its page anew, with the refusal.
    """
    try:
        outcome = await run_in_threadpool(deed)
    except refusals.REFUSED as problem:
        return await run_in_threadpool(_refused, request, asked, problem, back, again)
    if wants_json(request):
        return JSONResponse({"ok": True, **(outcome or {})})
    return RedirectResponse(back, HTTPStatus.SEE_OTHER)


def _refused(
    request: Request, asked: Asked, problem: Exception, back: str, again: Again | None
) -> Response:
    why = refusals.words(problem, asked.adapters.names.of)
    status = refusals.status(problem)
    if wants_json(request):
        kind = type(problem).__name__.removesuffix("Error")
        return JSONResponse({"ok": False, "why": why, "kind": kind}, status_code=status)
    if again is not None and status is not HTTPStatus.NOT_FOUND:
        return again(why, status)
    return rendering.page(
        asked.adapters, "refused.html", person=asked.person, status=status, why=why, back=back
    )
