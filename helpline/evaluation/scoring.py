"""What triage makes of a set, counted. Each figure is a share of texts that anybody can recount."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TypeAlias

from helpline.evaluation import damage, shares
from helpline.evaluation.sets import ENGLISH, Goals, Kind, Row, TextSet
from helpline.evaluation.shares import Share
from triage.assessment import Assessment
from triage.grades import Grade

Assess: TypeAlias = Callable[[str], Assessment]
# A reader for a set: with one source left out it is not the same for all of them.
AssessFor: TypeAlias = Callable[[str], Assess]

# What `language` is when a text holds no words of any language.
_NO_WORDS = "zxx"


@dataclass(frozen=True, slots=True)
class Scored:
    """A row and what was made of it."""

    row: Row
    found: Assessment

    @property
    def is_flagged(self) -> bool:
        """Graded urgent or worse."""
        return self.found.grade.rank <= Grade.URGENT.rank

    @property
    def is_held(self) -> bool:
        """Read as another language than English, so that a person looks at it as such."""
        return self.found.language not in {ENGLISH, _NO_WORDS}

    @property
    def order(self) -> tuple[int, float]:
        """Where it stands: the larger, the sooner it is read."""
        return -self.found.grade.rank, self.found.score


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one set. A share of nothing stands where a set says nothing about it.

    `at_floor`: rows labelled emergency that were graded high. `benign`: rows that should be high
    and were graded urgent or worse. `pairs`: rows of one pair whose order is right. `damaged`: the
    recall of each damage. `passed`: rows in another language taken for ordinary English.
    `held`: English rows taken for another language. `explained`: flags with a span and a rule.
    """

    name: str
    kind: Kind
    texts: int
    not_counted: int
    recall: Share
    recall_by_group: Mapping[str, Share]
    exact: Share
    at_floor: Share
    benign: Share
    benign_by_group: Mapping[str, Share]
    pairs: Share
    damaged: Mapping[str, Share]
    passed: Share
    passed_by_language: Mapping[str, Share]
    held: Share
    explained: Share
    goals: Goals


def score(texts: TextSet, assess: Assess) -> Figures:
    """The figures of a set."""
    scored = [Scored(row, assess(row.text)) for row in texts.rows]
    is_language = texts.kind is Kind.LANGUAGE
    positive = [each for each in scored if each.row.is_positive]
    benign = [each for each in scored if each.row.wanted is Grade.HIGH]
    foreign = [each for each in scored if is_language and each.row.label != ENGLISH]
    english = [each for each in scored if not is_language or each.row.label == ENGLISH]
    return Figures(
        name=texts.name,
        kind=texts.kind,
        texts=len(scored),
        not_counted=sum(each.row.wanted is None for each in scored) if not is_language else 0,
        recall=_flagged(positive),
        recall_by_group=_by(positive, lambda each: each.row.group, _flagged),
        exact=shares.of(
            each.found.grade is each.row.wanted for each in scored if texts.kind is Kind.GRADED
        ),
        at_floor=shares.of(
            each.found.grade is Grade.HIGH for each in scored if each.row.wanted is Grade.EMERGENCY
        ),
        benign=_flagged(benign),
        benign_by_group=_by(benign, lambda each: each.row.group, _flagged),
        pairs=_pairs(scored),
        damaged=_damaged([each.row for each in positive], assess),
        passed=_passed(foreign),
        passed_by_language=_by(foreign, lambda each: each.row.label, _passed),
        held=shares.of(each.is_held for each in english),
        explained=shares.of(_is_explained(each) for each in scored if each.is_flagged),
        goals=texts.goals,
    )


def _by(
    scored: Iterable[Scored],
    key: Callable[[Scored], str],
    count: Callable[[Sequence[Scored]], Share],
) -> dict[str, Share]:
    groups: dict[str, list[Scored]] = defaultdict(list)
    for each in scored:
        groups[key(each)].append(each)
    return {name: count(groups[name]) for name in sorted(groups)}


def _flagged(scored: Iterable[Scored]) -> Share:
    return shares.of(each.is_flagged for each in scored)


def _passed(scored: Iterable[Scored]) -> Share:
    # A text that a danger word raised is read soon in any case: only the calm ones pass unseen.
    return shares.of(not each.is_held and not each.is_flagged for each in scored)


def _pairs(scored: Iterable[Scored]) -> Share:
    together: dict[str, list[Scored]] = defaultdict(list)
    for each in scored:
        if each.row.pair and each.row.wanted is not None:
            together[each.row.pair].append(each)
    return shares.of(
        _in_order(one, other)
        for name in sorted(together)
        for one, other in combinations(together[name], 2)
        if one.row.wanted is not other.row.wanted
    )


def _in_order(one: Scored, other: Scored) -> bool:
    graver, milder = sorted((one, other), key=_wanted_rank)
    return graver.order > milder.order


def _wanted_rank(scored: Scored) -> int:
    return Grade.HIGH.rank if scored.row.wanted is None else scored.row.wanted.rank


def _damaged(rows: Sequence[Row], assess: Assess) -> dict[str, Share]:
    if not rows:
        return {}
    return {
        way: shares.of(
            assess(spoil(row.text, f"{way} {row.id}")).grade.rank <= Grade.URGENT.rank
            for row in rows
        )
        for way, spoil in damage.WAYS.items()
    }


def _is_explained(scored: Scored) -> bool:
    long = len(scored.row.text)
    return any(each.rule and 0 <= each.start < each.end <= long for each in scored.found.reasons)
