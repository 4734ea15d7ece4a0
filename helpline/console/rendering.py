"""Turns a template of the staff's face and what it shows into an answer. Everything is escaped."""

from functools import cache
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

from helpline.accounts.sessions import SignedIn
from helpline.console import spoken

if TYPE_CHECKING:
    from helpline.wiring import Adapters

_NUMBERS = {10: "ten"}


def page(
    adapters: "Adapters",
    template: str,
    *,
    person: SignedIn,
    status: int = 200,
    **shown: object,
) -> HTMLResponse:
    """A whole page."""
    return HTMLResponse(fragment(adapters, template, person=person, **shown), status_code=status)


def bare(adapters: "Adapters", template: str, *, status: int, **shown: object) -> HTMLResponse:
    """A page for whoever it is, signed in or not."""
    html = _rendered(adapters, template, {"person": None, "csrf": "", **shown})
    return HTMLResponse(html, status_code=status)


def anonymous(adapters: "Adapters", template: str) -> str:
    """A piece of a page that is the same for everybody, as text."""
    return _rendered(adapters, template, {})


def fragment(adapters: "Adapters", template: str, *, person: SignedIn, **shown: object) -> str:
    """A piece of a page, or all of it, as text."""
    return _rendered(adapters, template, {"person": person, "csrf": person.csrf, **shown})


def _rendered(adapters: "Adapters", template: str, shown: dict[str, Any]) -> str:
    context: dict[str, Any] = {
        "now": adapters.clock(),
        "demo": adapters.settings.demo,
        "faults": adapters.watch.faults,
        "speed_words": _NUMBERS.get(adapters.settings.clock_speed, adapters.settings.clock_speed),
        **shown,
    }
    return _templates().get_template(f"staff/{template}").render(context)


@cache
def _templates() -> Environment:
    # A name that is missing is a mistake that a test should meet, not an empty place on a page.
    templates = Environment(
        loader=PackageLoader("helpline", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters.update(
        clock=spoken.clock,
        countdown=spoken.countdown,
        day=spoken.day,
        hour=spoken.hour,
        moment=spoken.moment,
    )
    return templates
