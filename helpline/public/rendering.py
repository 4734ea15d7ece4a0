"""A child's page is made of a template, the words and a style that stands inside the page."""

import base64
import hashlib
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import jinja2
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from helpline.public import cookies, looks, words
from helpline.public.looks import COLOURS, SIZES
from helpline.public.waiting import Band, Opening
from triage.hours import LONDON

if TYPE_CHECKING:
    from helpline.settings import Settings

NOON = 12

# The dull pages have a style of their own, so that their source shows nothing of the others.
STYLES = ("page.css", "plain.css")


def page(
    request: Request,
    template: str,
    *,
    status: int = 200,
    values: Mapping[str, Any] | None = None,
) -> HTMLResponse:
    """A whole page of the child's face, in the colours that this browser chose."""
    settings: Settings = request.app.state.adapters.settings
    body = (
        _environment()
        .get_template(f"{template}.html")
        .render(
            look=looks.read(request.cookies.get(cookies.LOOK)),
            leave_to=settings.leave_to,
            **{"notice": "", **(values or {})},
        )
    )
    return HTMLResponse(body, status_code=status)


def within(length: Band) -> str:
    """A length of time in words."""
    say = words.load().say
    if length.count == 1:
        return say("times.one_hour" if length.unit == "hours" else "times.one_day")
    return say(f"times.{length.unit}", count=length.count)


def when(opening: Opening) -> str:
    """The next opening in words."""
    say, clock = words.load().say, wall_clock(opening.hour, opening.minute)
    if opening.days_ahead == 0:
        return say("times.at_today", clock=clock)
    if opening.days_ahead == 1:
        return say("times.at_tomorrow", clock=clock)
    return say("times.at_day", clock=clock, day=say(f"times.day_{opening.weekday}"))


def at(instant: datetime) -> str:
    """The time of a message as a clock in England shows it."""
    local = instant.astimezone(LONDON)
    return f"{local.hour}:{local.minute:02}"


def whole(number: str) -> str:
    """A telephone number that no line breaks in two."""
    return number.replace(" ", "\N{NO-BREAK SPACE}")


def wall_clock(hour: int, minute: int) -> str:
    """A time of day as people say it: ``9 am``, ``12 noon``, ``3:30 pm``."""
    if (hour, minute) == (NOON, 0):
        return words.load().say("times.noon")
    half = "am" if hour < NOON else "pm"
    shown = hour % NOON or NOON
    return f"{shown} {half}" if minute == 0 else f"{shown}:{minute:02} {half}"


@cache
def style(name: str) -> Markup:
    """One of the :data:`STYLES`, which stand inside the pages."""
    text = resources.files("helpline").joinpath("static", "child", name).read_text("utf-8")
    return Markup(text)  # noqa: S704 - our own file, with no value of anybody's in it


@cache
def style_hashes() -> tuple[str, ...]:
    """The styles' hashes, by which the content policy allows them and no other."""
    digests = [hashlib.sha256(str(style(name)).encode()).digest() for name in STYLES]
    return tuple(f"sha256-{base64.b64encode(digest).decode()}" for digest in digests)


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("helpline", "templates/child"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    spoken = words.load()
    environment.globals.update(
        say=spoken.say,
        language=spoken.language,
        direction=spoken.direction,
        numbers=words.numbers(),
        style=style,
        colours=COLOURS,
        sizes=SIZES,
    )
    environment.filters.update(within=within, when=when, at=at, whole=whole)
    return environment
