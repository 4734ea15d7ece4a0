"""A person's own phone and PIN: where calls and alarms reach them when no console is open."""

import contextlib
from functools import partial
from http import HTTPStatus

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from helpline.accounts import own_phone, passwords
from helpline.accounts.own_phone import OwnPhoneError
from helpline.console import asking, rendering
from helpline.console.asking import Asked

HERE = "/console/me/phone"


async def phone_page(request: Request) -> Response:
    """The phone, by its last two digits, and whether there is a PIN."""
    asked = await asking.asked(request)
    return await run_in_threadpool(_page, asked, None, HTTPStatus.OK)


async def keep(request: Request) -> Response:
    """Set the phone that rings."""
    asked = await asking.posted(request)
    deed = partial(
        own_phone.keep_number,
        asked.adapters,
        staff=asked.person.id,
        text=asked.form.get("number").strip(),
    )
    return await asking.answer(request, asked, deed, back=HERE, again=partial(_page, asked))


async def forget(request: Request) -> Response:
    """Take the phone away."""
    asked = await asking.posted(request)
    deed = partial(own_phone.forget_number, asked.adapters, staff=asked.person.id)
    return await asking.answer(request, asked, deed, back=HERE)


async def keep_pin(request: Request) -> Response:
    """Set the PIN. Hashing takes its time off the event loop."""
    asked = await asking.posted(request)
    pin, again = asked.form.get("pin"), asked.form.get("again")
    pin_hash = None
    with contextlib.suppress(OwnPhoneError):  # the deed says why, in words
        pin_hash = await passwords.hashed(own_phone.checked_pin(pin, again))

    def deed() -> None:
        if pin_hash is None:
            own_phone.checked_pin(pin, again)
        else:
            own_phone.keep_pin(asked.adapters, staff=asked.person.id, pin_hash=pin_hash)

    return await asking.answer(request, asked, deed, back=HERE, again=partial(_page, asked))


def _page(asked: Asked, refusal: str | None, status: int) -> Response:
    adapters = asked.adapters
    with adapters.transactions.reading() as session:
        mine = own_phone.shown(session, adapters, staff=asked.person.id)
    return rendering.page(
        adapters,
        "me_phone.html",
        person=asked.person,
        status=status,
        here="me",
        mine=mine,
        refusal=refusal,
        has_calls=adapters.phones is not None,
    )


routes: list[BaseRoute] = [
    Route(HERE, phone_page),
    Route(HERE, keep, methods=["POST"]),
    Route(f"{HERE}/forget", forget, methods=["POST"]),
    Route(f"{HERE}/pin", keep_pin, methods=["POST"]),
]
