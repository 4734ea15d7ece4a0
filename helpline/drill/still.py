"""Work stands still: the console says so, somebody outside hears, and nothing is sent twice after.

The worker is killed, stopped, and made to turn in circles: jobs are claimed and none is finished,
because the database refuses the end of every job for a while.
"""

import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping

import sqlalchemy as sa

from helpline.drill import figures
from helpline.drill.figures import Figure
from helpline.drill.night import Night
from helpline.drill.people import Child, Desk
from integrations.standins import mail
from triage.models import Page

# The page asks every ten seconds; here it is asked at once, and that time is added.
_PAGE_ASKS_EVERY = 10.0
_LOOK_EVERY = 0.5
_CLEAR_WITHIN = 120.0
_WOKEN_FOR = 20.0

_REFUSE = (
    """
    CREATE FUNCTION drill_refuses() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'a drill'; END $$
    """,
    """
    CREATE TRIGGER drill_refuses BEFORE UPDATE ON job FOR EACH ROW
    WHEN (NEW.state = 'done') EXECUTE FUNCTION drill_refuses()
    """,
)
_ALLOW = ("DROP TRIGGER drill_refuses ON job", "DROP FUNCTION drill_refuses()")


def play(night: Night, *, environ: Mapping[str, str]) -> Iterator[Figure]:
    """Each way of standing still, one after the other."""
    desk = Desk(night, "supervisor")
    ways: list[tuple[str, Callable[[], None], Callable[[], None]]] = [
        (
            "worker stopped",
            lambda: night.signal("worker", signal.SIGSTOP),
            lambda: night.signal("worker", signal.SIGCONT),
        ),
        (
            "worker killed",
            lambda: night.signal("worker", signal.SIGKILL),
            lambda: night.start("worker", environ),
        ),
        ("livelocked", lambda: _run(night, _REFUSE), lambda: _run(night, _ALLOW)),
    ]
    for name, stop, go_on in ways:
        yield from _stand_still(night, desk, name, stop, go_on)
    yield Figure(
        "standing still",
        "pages sent twice in all of it",
        float(_twice(night)),
        figures.bound("pages_sent_twice"),
    )


def _stand_still(
    night: Night,
    desk: Desk,
    name: str,
    stop: Callable[[], None],
    go_on: Callable[[], None],
) -> Iterator[Figure]:
    _until(lambda: not desk.banner(), within=_CLEAR_WITHIN)
    told_before = _mails(night)
    # An alarm is being paged while it happens.
    Child(night).say("he has a knife and he is coming in")
    stop()
    began = time.monotonic()
    try:
        shown = _until(lambda: bool(desk.banner()), within=figures.bound("banner_seconds"))
        left = figures.bound("outside_seconds") - (time.monotonic() - began)
        told = _until(lambda: _mails(night) > told_before, within=left)
        outside = None if told is None else time.monotonic() - began
    finally:
        go_on()
    yield Figure(
        "standing still",
        f"{name}: banner",
        None if shown is None else shown + _PAGE_ASKS_EVERY,
        figures.bound("banner_seconds"),
        "s",
        "with the ten seconds in which a page asks",
    )
    yield Figure(
        "standing still", f"{name}: told outside", outside, figures.bound("outside_seconds"), "s"
    )
    time.sleep(_WOKEN_FOR)


def _until(holds: Callable[[], bool], *, within: float) -> float | None:
    began = time.monotonic()
    while not holds():
        if time.monotonic() - began > within:
            return None
        time.sleep(_LOOK_EVERY)
    return time.monotonic() - began


def _mails(night: Night) -> int:
    folder = night.folder / "mail"
    return sum("not finishing" in each.subject for each in mail.sent(folder))


def _twice(night: Night) -> int:
    """Texts of pages that the company has more often than there are pages that were sent."""
    with night.adapters.transactions.reading() as session:
        sent = session.scalars(
            sa.select(Page.provider_sid).where(
                Page.channel == "sms", Page.provider_sid.is_not(None)
            )
        ).all()
    own = night.adapters.phones
    if own is None:
        return 0
    known = Counter(sent)
    return sum(many - 1 for many in known.values())


def _run(night: Night, statements: tuple[str, ...]) -> None:
    with night.adapters.transactions.begin() as session:
        for statement in statements:
            session.execute(sa.text(statement))
