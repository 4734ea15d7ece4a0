"""Many claim one child at the same moment: exactly one person holds them."""

import threading
from collections.abc import Iterator
from http import HTTPStatus

from helpline.drill import figures
from helpline.drill.figures import Figure
from helpline.drill.night import Night
from helpline.drill.people import Child, Desk

_ROLES = ("advocate", "supervisor")


def play(night: Night, *, claims: int) -> Iterator[Figure]:
    """So many claims at once, by every person who may."""
    child = Child(night)
    child.say("hello")
    desks = [(role, Desk(night, role)) for role in _ROLES]
    won: list[str] = []
    start = threading.Barrier(claims)

    def claim(number: int) -> None:
        role, desk = desks[number % len(desks)]
        start.wait()
        if desk.post(f"/console/conversations/{child.conversation}/claim") == HTTPStatus.SEE_OTHER:
            won.append(role)

    threads = [threading.Thread(target=claim, args=(number,)) for number in range(claims)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    yield Figure(
        "claims",
        f"people who hold one child after {claims} claims at once",
        float(len(set(won))) if won else None,
        figures.bound("holders"),
    )
