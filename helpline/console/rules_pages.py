"""The rules of triage for whoever works with them: to read, to search, to try words on."""

from dataclasses import dataclass
from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from helpline.console import asking, reasons, rendering
from helpline.console.asking import Asked
from helpline.console.reasons import Marked
from helpline.rules import listing
from triage import assessment, lexicon

HERE = "/console/rules"
LONGEST_SEARCH = 100


@dataclass(frozen=True, slots=True)
class Tried:
    """What triage would say to words. They go back to the page and nowhere else."""

    words: str
    grade: str
    marked: Marked


async def rules_page(request: Request) -> Response:
    """Every rule, or those in which each word of `q` stands."""
    asked = await asking.asked(request)
    wanted = request.query_params.get("q", "")[:LONGEST_SEARCH]
    return await run_in_threadpool(partial(_page, asked, wanted=wanted))


async def try_words(request: Request) -> Response:
    """Say what triage would. Nothing is kept, recorded or logged: it is no child's message.

    The words come in the body of a form, never in an address.
    """
    posted = await asking.posted(request)
    words = posted.form.get("words")[: assessment.LONGEST_TEXT]
    return await run_in_threadpool(partial(_page, posted, tried=_tried(words)))


def _tried(words: str) -> Tried:
    found = assessment.assess(words)
    return Tried(words=words, grade=found.grade.value, marked=reasons.mark(words, found.reasons))


def _page(asked: Asked, *, wanted: str = "", tried: Tried | None = None) -> Response:
    rows = lexicon.default().rows
    found = listing.search(rows, wanted)
    return rendering.page(
        asked.adapters,
        "rules.html",
        person=asked.person,
        here="rules",
        wanted=wanted,
        tried=tried,
        concerns=listing.by_concern(found),
        found=len(found),
        of=len(rows),
        unchecked=sum(not listing.is_checked(row) for row in rows),
        is_checked=listing.is_checked,
        longest_search=LONGEST_SEARCH,
        longest_tried=assessment.LONGEST_TEXT,
    )


routes: list[BaseRoute] = [
    Route(HERE, rules_page),
    Route(HERE, try_words, methods=["POST"]),
]
