"""What stands out across children at one institution. Pure: events in, findings out.

Numbers are small, so nothing is compared by a percentage. Both comparisons are exact and
conditional on the total: if this place were like the rest, each of the ``total`` events would fall
here with the share that this place has of the exposure, so the count here is binomial.
"""

import math
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import TypeVar
from uuid import UUID


class Kind(StrEnum):
    """What stands out."""

    CONCERNS = "several concerns"
    REFUSALS = "refusals out of line"
    REPORTED_REFUSALS = "reported refusals out of line"
    SILENCE = "sudden silence"


@dataclass(frozen=True, slots=True, kw_only=True)
class Concern:
    """Something grave about a place. ``evidence`` is the id of the row that says so."""

    institution: UUID
    child: UUID
    evidence: UUID
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """That an advocate was offered to a child. ``is_reported`` says it is not the child's word."""

    institution: UUID
    evidence: UUID
    at: datetime
    is_refused: bool
    is_reported: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """That a child of a place wrote or rang."""

    institution: UUID
    child: UUID
    evidence: UUID
    at: datetime


Event = TypeVar("Event", Concern, Offer, Contact)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What stands out at one place, with the figures that say why.

    For concerns ``here`` is how many, ``of`` of how many children. For refusals ``here`` of ``of``
    offers, against ``elsewhere`` of ``elsewhere_of``. For silence ``here`` child-weeks lately,
    against ``elsewhere`` before. ``chance`` is how likely chance alone brings this at one place.
    """

    institution: UUID
    kind: Kind
    evidence: frozenset[UUID]
    here: int
    of: int
    elsewhere: int = 0
    elsewhere_of: int = 0
    chance: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The figures of signals.toml."""

    concerns_within: timedelta
    concerns: int
    concerned_children: int
    refusals_within: timedelta
    refusals: int
    others_offers: int
    refusals_chance: float
    recent: timedelta
    before: timedelta
    silent_children: int
    silence_chance: float

    @property
    def looked_back(self) -> timedelta:
        """How far back events are needed at all."""
        return max(self.concerns_within, self.refusals_within, self.recent + self.before)


def at_least(k: int, *, of: int, share: float) -> float:
    """How likely ``k`` or more of ``of`` events fall where ``share`` of them should. Exact."""
    return min(1.0, math.fsum(_mass(i, of, share) for i in range(max(0, k), of + 1)))


def at_most(k: int, *, of: int, share: float) -> float:
    """How likely ``k`` or fewer of ``of`` events fall where ``share`` of them should. Exact."""
    return min(1.0, math.fsum(_mass(i, of, share) for i in range(min(k, of) + 1)))


def concerns(events: Iterable[Concern], *, now: datetime, figures: Figures) -> list[Found]:
    """The places with several concerns lately, of more than one child."""
    found = []
    for institution, lately in _by_place(events, since=now - figures.concerns_within, until=now):
        evidence = frozenset(each.evidence for each in lately)
        children = {each.child for each in lately}
        if len(evidence) >= figures.concerns and len(children) >= figures.concerned_children:
            found.append(
                Found(
                    institution=institution,
                    kind=Kind.CONCERNS,
                    evidence=evidence,
                    here=len(evidence),
                    of=len(children),
                )
            )
    return found


def refusals(events: Sequence[Offer], *, now: datetime, figures: Figures) -> list[Found]:
    """The places where more children refuse an advocate than chance alone would bring.

    Refusals that somebody else reports are looked at by themselves as well: they may not be the
    child's. The stated chance is shared among all places that are looked at.
    """
    places = _by_place(events, since=now - figures.refusals_within, until=now)
    found = []
    for kind in (Kind.REFUSALS, Kind.REPORTED_REFUSALS):
        counted = {
            institution: (
                frozenset(each.evidence for each in offers if _counts(each, kind)),
                len(offers),
            )
            for institution, offers in places
        }
        found += _out_of_line(counted, kind, figures)
    return found


def silences(events: Iterable[Contact], *, now: datetime, figures: Figures) -> list[Found]:
    """The places whose children used to write, and lately write far less or not at all.

    A child that writes often in a week counts once, because its messages are one matter. The
    evidence is the last time that anybody wrote, so one silence is one pattern.
    """
    start = now - figures.recent
    places = _by_place(events, since=start - figures.before, until=now)
    share = figures.recent / (figures.recent + figures.before)
    found = []
    for institution, contacts in places:
        before = [each for each in contacts if each.at <= start]
        recent = {(each.child, _week(each.at, now)) for each in contacts if each.at > start}
        earlier = {(each.child, _week(each.at, now)) for each in before}
        if len({each.child for each in before}) < figures.silent_children:
            continue
        chance = at_most(len(recent), of=len(recent) + len(earlier), share=share)
        if chance <= figures.silence_chance / len(places):
            found.append(
                Found(
                    institution=institution,
                    kind=Kind.SILENCE,
                    evidence=frozenset({max(contacts, key=lambda each: each.at).evidence}),
                    here=len(recent),
                    of=len({each.child for each in before}),
                    elsewhere=len(earlier),
                    chance=chance,
                )
            )
    return found


def is_news(found: Found, *, seen: Iterable[UUID]) -> bool:
    """Whether a finding holds evidence that no earlier pattern of its kind and place had."""
    return bool(found.evidence - frozenset(seen))


def _out_of_line(
    counted: Mapping[UUID, tuple[frozenset[UUID], int]], kind: Kind, figures: Figures
) -> list[Found]:
    all_refused = sum(len(evidence) for evidence, _ in counted.values())
    all_offers = sum(offers for _, offers in counted.values())
    found = []
    for institution, (evidence, offers) in counted.items():
        others = all_offers - offers
        if len(evidence) < figures.refusals or others < figures.others_offers:
            continue
        chance = at_least(len(evidence), of=all_refused, share=offers / all_offers)
        if chance <= figures.refusals_chance / len(counted):
            found.append(
                Found(
                    institution=institution,
                    kind=kind,
                    evidence=evidence,
                    here=len(evidence),
                    of=offers,
                    elsewhere=all_refused - len(evidence),
                    elsewhere_of=others,
                    chance=chance,
                )
            )
    return found


def _counts(offer: Offer, kind: Kind) -> bool:
    return offer.is_refused and (kind is Kind.REFUSALS or offer.is_reported)


def _week(at: datetime, now: datetime) -> int:
    return (now - at) // timedelta(weeks=1)


def _by_place(
    events: Iterable[Event], *, since: datetime, until: datetime
) -> list[tuple[UUID, list[Event]]]:
    found: defaultdict[UUID, list[Event]] = defaultdict(list)
    for each in events:
        if since < each.at <= until:
            found[each.institution].append(each)
    return sorted(found.items())


def _mass(i: int, of: int, share: float) -> float:
    return math.comb(of, i) * share**i * (1 - share) ** (of - i)


@cache
def load() -> Figures:
    """The figures as shipped, read once."""
    return parse(resources.files("helpline").joinpath("signals/signals.toml").read_text("utf-8"))


def parse(text: str) -> Figures:
    """Figures from TOML. A missing one is a KeyError when patterns are first looked for."""
    data = tomllib.loads(text)
    several, refused, silence = data["concerns"], data["refusals"], data["silence"]
    return Figures(
        concerns_within=timedelta(days=several["within_days"]),
        concerns=several["concerns"],
        concerned_children=several["children"],
        refusals_within=timedelta(days=refused["within_days"]),
        refusals=refused["refusals"],
        others_offers=refused["others_offers"],
        refusals_chance=refused["chance"],
        recent=timedelta(days=silence["recent_days"]),
        before=timedelta(days=silence["before_days"]),
        silent_children=silence["children"],
        silence_chance=silence["chance"],
    )
