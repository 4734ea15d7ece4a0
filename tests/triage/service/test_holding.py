"""One holder at a time: of many hands on one entry exactly one gets it."""

import threading
from uuid import UUID, uuid4

import pytest
from sqlalchemy.orm import Session

from tests.triage.service.alarms import FIRST, SECOND, Alarms
from triage.errors import AlreadyClaimedError, NotHolderError, UnknownEntryError
from triage.service import holding
from triage.service.holding import Claimed, Released, TakenOver

THREADS = 20


def release(alarms: Alarms, entry: UUID, *, by: UUID) -> Released:
    with alarms.adapters.transactions.begin() as session:
        return holding.release(session, entry=entry, staff=by)


def take_over(alarms: Alarms, entry: UUID, *, by: UUID) -> TakenOver:
    with alarms.adapters.transactions.begin() as session:
        return holding.take_over(session, entry=entry, staff=by, now=alarms.now)


def test_who_claims_holds_and_claiming_again_changes_nothing(alarms: Alarms) -> None:
    entry = alarms.waits()
    assert alarms.claim(entry) == Claimed(entry, again=False)
    assert alarms.claim(entry) == Claimed(entry, again=True)
    assert (alarms.entry(entry).claimed_by, alarms.entry(entry).claimed_at) == (FIRST, alarms.now)


def test_a_claim_of_what_another_holds_names_the_holder(alarms: Alarms) -> None:
    entry = alarms.waits()
    alarms.claim(entry, by=FIRST)
    with pytest.raises(AlreadyClaimedError) as refused:
        alarms.claim(entry, by=SECOND)
    assert refused.value.holder == FIRST
    assert alarms.entry(entry).claimed_by == FIRST


def test_of_twenty_claims_at_once_exactly_one_wins(alarms: Alarms) -> None:
    entry = alarms.waits()
    people = [uuid4() for _ in range(THREADS)]
    together = threading.Barrier(THREADS)
    won: list[UUID] = []
    lost: list[UUID] = []

    def claim(person: UUID) -> None:
        together.wait()
        try:
            alarms.claim(entry, by=person)
        except AlreadyClaimedError as refused:
            lost.append(refused.holder)
        else:
            won.append(person)

    threads = [threading.Thread(target=claim, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert lost == won * (THREADS - 1)
    assert alarms.entry(entry).claimed_by == won[0]


def test_an_entry_that_is_given_back_while_somebody_asks_for_it_is_theirs(
    alarms: Alarms, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = alarms.waits()
    alarms.claim(entry, by=FIRST)
    look = holding.holder_of

    def just_given_back(session: Session, *, entry: UUID) -> UUID | None:
        monkeypatch.setattr(holding, "holder_of", look)
        holding.release(session, entry=entry, staff=FIRST)
        return look(session, entry=entry)

    monkeypatch.setattr(holding, "holder_of", just_given_back)
    assert alarms.claim(entry, by=SECOND) == Claimed(entry, again=False)
    assert alarms.entry(entry).claimed_by == SECOND


def test_the_holder_gives_back_and_nobody_else_can(alarms: Alarms) -> None:
    entry = alarms.waits()
    waiting_since = alarms.entry(entry).waiting_since
    alarms.claim(entry, by=FIRST)
    with pytest.raises(NotHolderError):
        release(alarms, entry, by=SECOND)
    assert alarms.entry(entry).claimed_by == FIRST
    assert release(alarms, entry, by=FIRST) == Released((entry,))
    given_back = alarms.entry(entry)
    assert (given_back.claimed_by, given_back.claimed_at) == (None, None)
    assert given_back.waiting_since == waiting_since
    with pytest.raises(NotHolderError):
        release(alarms, entry, by=FIRST)


def test_whoever_is_gone_gives_back_everything_and_the_others_keep_theirs(alarms: Alarms) -> None:
    one, two, other = alarms.waits(), alarms.waits(), alarms.waits()
    alarms.claim(one, by=FIRST)
    alarms.claim(two, by=FIRST)
    alarms.claim(other, by=SECOND)
    with alarms.adapters.transactions.begin() as session:
        released = holding.release_all(session, staff=FIRST)
    assert set(released.entries) == {one, two}
    assert [alarms.entry(each).claimed_by for each in (one, two, other)] == [None, None, SECOND]


def test_taking_over_says_from_whom_if_from_anybody(alarms: Alarms) -> None:
    entry = alarms.waits()
    assert take_over(alarms, entry, by=FIRST) == TakenOver(entry, from_staff=None)
    assert take_over(alarms, entry, by=SECOND) == TakenOver(entry, from_staff=FIRST)
    assert take_over(alarms, entry, by=SECOND) == TakenOver(entry, from_staff=None)
    assert alarms.entry(entry).claimed_by == SECOND


def test_what_is_not_in_the_queue_cannot_be_held(alarms: Alarms) -> None:
    nowhere = uuid4()
    with pytest.raises(UnknownEntryError):
        alarms.claim(nowhere)
    with pytest.raises(UnknownEntryError):
        take_over(alarms, nowhere, by=FIRST)
    with alarms.adapters.transactions.reading() as session, pytest.raises(UnknownEntryError):
        holding.holder_of(session, entry=nowhere)
