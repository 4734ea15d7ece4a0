"""A flood of hoax texts with children among them: who is seen, how soon, and what is lost."""

import random
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from uuid import UUID, uuid4

from chat.service import contacts, phone
from helpline import phones
from helpline.drill import figures
from helpline.drill.figures import Figure
from helpline.drill.night import Night
from helpline.drill.people import Child, Company, Desk, DrillError

_SENDERS = 4
_SEED = 20
GENUINE = 20
# So long after it was seen an advocate has claimed and answered a child.
_ANSWERED_AFTER = 4.0
_LOOK_EVERY = 0.5
_LINGER = 15.0
# So many senders have mobiles for drama; more of them have landlines.
_FEW = 400


@dataclass(slots=True)
class Genuine:
    """One child among the hoaxes. ``best`` is the best place in which it was seen."""

    is_known: bool
    at: float
    words: str
    number: str | None
    writer: Child | None = None
    conversation: UUID | None = None
    kept_at: float | None = None
    seen_at: float | None = None
    first_place: int | None = None
    answered: bool = False


def play(
    night: Night, *, hoaxes: int, numbers: int, minutes: float, genuine: int = GENUINE
) -> Iterator[Figure]:
    """So many hoaxes from so many numbers in so many minutes, and ``genuine`` children among them.

    At most ``GENUINE`` of them. Each waits some seconds for an answer, and those who wait share the
    first places: a shorter night needs fewer children to be as full as a whole one.
    """
    rng = random.Random(_SEED + numbers)  # noqa: S311 - a night that can be played again
    desk = Desk(night, "advocate")
    children = _children(night, desk, rng, minutes * 60, numbers, genuine)
    before = _kept(night)
    accepted = [0] * _SENDERS
    refused = [0] * _SENDERS
    start = time.monotonic()
    threads = [
        threading.Thread(
            target=_send,
            args=(night, number, hoaxes, numbers, minutes * 60, start, accepted, refused),
        )
        for number in range(_SENDERS)
    ]
    for thread in threads:
        thread.start()
    _watch(night, desk, children, start, until=minutes * 60 + _LINGER)
    for thread in threads:
        thread.join()
    yield from _found(night, children, sum(accepted), sum(refused), before, numbers)


def _children(
    night: Night, desk: Desk, rng: random.Random, seconds: float, numbers: int, genuine: int
) -> list[Genuine]:
    words = [*figures.data()["flood"]["genuine"]]
    rng.shuffle(words)
    found = []
    for number in range(genuine):
        is_known, by_text = number % 2 == 0, number % 4 in {0, 1}
        found.append(
            Genuine(
                is_known=is_known,
                at=seconds * (0.1 + 0.85 * number / genuine),
                words=words[number],
                number=_childs(number, numbers) if by_text else None,
            )
        )
    with closing(Company(night)) as company:
        for each in found:
            if each.is_known:
                _become_known(night, desk, company, each)
    return found


def _become_known(night: Night, desk: Desk, company: Company, child: Genuine) -> None:
    if child.number is None:
        child.writer = Child(night)
        child.writer.say("hello, it is only me")
        child.conversation = child.writer.conversation
    else:
        if not company.text(sender=child.number, words="hello, it is only me"):
            raise DrillError
        child.conversation = _conversation_of(night, child.number)
    path = f"/console/conversations/{child.conversation}"
    desk.post(f"{path}/child", called=f"Robin {uuid4().hex[:6]}", how_known="We met")
    _answer(desk, child)


def _answer(desk: Desk, child: Genuine) -> None:
    path = f"/console/conversations/{child.conversation}"
    desk.post(f"{path}/claim")
    desk.post(
        f"{path}/reply",
        text="Hello. I am here.",
        seen="99",
        client_id=uuid4().hex,
        reason="A drill",
    )
    desk.post(f"{path}/release")


def _send(
    night: Night,
    sender: int,
    hoaxes: int,
    numbers: int,
    seconds: float,
    start: float,
    accepted: list[int],
    refused: list[int],
) -> None:
    rng = random.Random(_SEED * 100 + sender)  # noqa: S311 - as above
    flood = figures.data()["flood"]
    with closing(Company(night)) as company:
        for number in range(sender, hoaxes, _SENDERS):
            wait = start + seconds * number / hoaxes - time.monotonic()
            if wait > 0:
                time.sleep(wait)
            words = rng.choice(flood["urgent"] if number % 2 else flood["silly"])
            if company.text(
                sender=_sender(number % numbers, numbers), words=f"{words} {rng.randrange(10_000)}"
            ):
                accepted[sender] += 1
            else:
                refused[sender] += 1


def _sender(number: int, numbers: int) -> str:
    flood = figures.data()["flood"]
    if numbers <= _FEW:
        return f"{flood['mobiles']}{100 + number:03}"
    thousand, rest = divmod(number, 1000)
    return f"{flood['many'][thousand % len(flood['many'])]}{rest:03}"


def _childs(number: int, numbers: int) -> str:
    # Each flood has children of its own.
    floods = [*figures.data()["night"]["numbers"], numbers]
    return f"{figures.data()['flood']['mobiles']}{600 + 20 * floods.index(numbers) + number:03}"


def _watch(
    night: Night, desk: Desk, children: list[Genuine], start: float, *, until: float
) -> None:
    with closing(Company(night)) as company:
        _look_on(night, company, desk, children, start, until=until)


def _look_on(
    night: Night,
    company: Company,
    desk: Desk,
    children: list[Genuine],
    start: float,
    *,
    until: float,
) -> None:
    while (now := time.monotonic() - start) < until:
        for each in children:
            if each.kept_at is None and now >= each.at:
                _speak(night, company, each)
                each.kept_at = time.monotonic() - start
        places = desk.places()
        now = time.monotonic() - start
        for each in children:
            if each.kept_at is not None and not each.answered and each.conversation is not None:
                if str(each.conversation) in places and each.seen_at is None:
                    each.seen_at = now
                    each.first_place = 1 + places.index(str(each.conversation))
                elif each.seen_at is not None and now - each.seen_at >= _ANSWERED_AFTER:
                    _answer(desk, each)
                    each.answered = True
        time.sleep(_LOOK_EVERY)


def _speak(night: Night, company: Company, child: Genuine) -> None:
    if child.number is not None:
        if not company.text(sender=child.number, words=child.words):
            raise DrillError
        child.conversation = _conversation_of(night, child.number)
        return
    # A known child of the web comes back in the same visit.
    child.writer = child.writer or Child(night)
    child.writer.say(child.words)
    child.conversation = child.writer.conversation


def _conversation_of(night: Night, number: str) -> UUID | None:
    own = night.adapters.phones
    if own is None:
        return None
    token = own.lookup.token(phones.number_from(number).e164)
    with night.adapters.transactions.reading() as session:
        return phone.conversation_of(session, token=token)


def _kept(night: Night) -> int:
    with night.adapters.transactions.reading() as session:
        return contacts.said_by_children(session)


def _found(
    night: Night,
    children: list[Genuine],
    accepted: int,
    refused: int,
    before: int,
    numbers: int,
) -> Iterator[Figure]:
    scene = f"flood from {numbers:,} " + ("number" if numbers == 1 else "numbers")
    waits = [
        each.seen_at - each.kept_at
        for each in children
        if each.seen_at is not None and each.kept_at is not None
    ]
    yield Figure(
        scene,
        f"genuine visible, p99 ({len(waits)} of {len(children)} seen)",
        figures.p99(waits) if len(waits) == len(children) else None,
        figures.bound("genuine_visible_p99_seconds"),
        "s",
    )
    for is_known, name, bound in (
        (True, "worst place of a known child", "known_in_first"),
        (False, "worst place of a stranger", "stranger_in_first"),
    ):
        places = [each.first_place for each in children if each.is_known is is_known]
        seen = [each for each in places if each is not None]
        yield Figure(
            scene,
            name,
            float(max(seen)) if len(seen) == len(places) and seen else None,
            figures.bound(bound),
        )
    # The children wrote, too: what is kept is at least what was accepted of the flood.
    kept = _kept(night) - before
    yield Figure(
        scene,
        f"dropped of {accepted + refused:,}",
        float(refused + max(0, accepted - kept)),
        figures.bound("dropped"),
    )
