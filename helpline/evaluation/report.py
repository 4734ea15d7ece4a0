"""The figures as Markdown: the prose is `report.md`; nothing here says more than was counted."""

import platform
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import resources
from string import Template

from helpline.bench import pace
from helpline.evaluation import damage, shares
from helpline.evaluation.scoring import Figures
from helpline.evaluation.sets import Kind
from helpline.evaluation.shares import Share

_NOTHING = "None of the sets says anything about this."
_NO_GROUP = "(no group)"


# A published lexicon's reader by name, with what it makes of the sets, in their order.
Beside = Sequence[tuple[str, Sequence[Figures]]]


def document(
    figures: Sequence[Figures],
    paces: Mapping[str, pace.Pace],
    beside: Beside,
    *,
    left_out: bool,
) -> str:
    """The whole file."""
    return Template(_template()).substitute(
        given=_given(figures, left_out=left_out),
        sets=_sets(figures),
        missing=_missing(figures),
        recall=recall(figures),
        concerns=_concerns(figures),
        alarms=alarms(figures),
        pairs=pairs(figures),
        damage=damaged(figures),
        beside=beside_a_lexicon(figures, beside),
        languages=languages(figures),
        reasons=_reasons(figures),
        machine=machine(),
        pace_words=(
            f"{pace.MANY:,} invented messages of {pace.LENGTH} characters, one after the other on "
            "one core."
        ),
        pace=pace_table(paces),
    )


def for_a_terminal(
    figures: Sequence[Figures], paces: Mapping[str, pace.Pace], beside: Beside
) -> str:
    """The figures alone, in the order of the file."""
    parts = {
        "Should be urgent or worse": recall(figures),
        "By concern": _concerns(figures),
        "False alarms": alarms(figures),
        "Pairs in the right order": pairs(figures),
        "Damaged": damaged(figures),
        "Beside a published lexicon": beside_a_lexicon(figures, beside),
        "Other languages": languages(figures),
        "Every flag says why": _reasons(figures),
        "Speed": pace_table(paces),
    }
    return "\n\n".join(f"{name}\n\n{shown}" for name, shown in parts.items())


def recall(figures: Sequence[Figures]) -> str:
    """How many of the texts in danger were seen, and how many emergencies stayed at the floor."""
    head = ("set", "texts", "urgent or worse", "interval", "goal", "exact", "emergencies at high")
    return _table(
        head,
        (
            (
                each.name,
                f"{each.recall.of:,}",
                _percent(each.recall),
                _interval(each.recall),
                _goal(each.recall, each.goals.recall, at_least=True),
                _percent(each.exact),
                f"{each.at_floor.found} of {each.at_floor.of}" if each.at_floor.of else "",
            )
            for each in figures
            if each.recall.of
        ),
    )


def alarms(figures: Sequence[Figures]) -> str:
    """How many of the texts in no danger were flagged, a row for each group of a graded set."""
    head = ("set", "group", "texts", "urgent or worse", "share", "interval", "goal")
    return _table(head, (row for each in figures if each.benign.of for row in _alarms(each)))


def _alarms(each: Figures) -> Iterator[tuple[str, ...]]:
    goal = _goal(each.benign, each.goals.false_alarms, at_least=False)
    yield (each.name, "all", *_counted(each.benign), goal)
    if each.kind is Kind.GRADED and len(each.benign_by_group) > 1:
        for name, share in each.benign_by_group.items():
            yield (each.name, name or _NO_GROUP, *_counted(share), "")


def pairs(figures: Sequence[Figures]) -> str:
    """How many pairs stand in the right order."""
    head = ("set", "pairs", "right", "share", "interval", "goal")
    return _table(
        head,
        (
            (each.name, *_counted(each.pairs), _goal(each.pairs, each.goals.pairs, at_least=True))
            for each in figures
            if each.pairs.of
        ),
    )


def damaged(figures: Sequence[Figures]) -> str:
    """The recall of whole texts and of the same texts damaged."""
    head = ("set", "whole", *damage.WAYS, "mean of the five")
    return _table(
        head,
        (
            (
                each.name,
                _percent(each.recall),
                *(_percent(each.damaged[way]) for way in damage.WAYS),
                _percent(shares.total(each.damaged.values())),
            )
            for each in figures
            if each.damaged
        ),
    )


def beside_a_lexicon(figures: Sequence[Figures], beside: Beside) -> str:
    """Each set as we read it and as a published list of phrases does."""
    head = ("set", "reader", "urgent or worse", "the same, damaged", "false alarms")
    readers = (("as it ships", figures), *beside)
    rows = [
        (
            each[number].name,
            name,
            _percent(each[number].recall),
            _percent(shares.total(each[number].damaged.values())),
            _percent(each[number].benign),
        )
        for number, one in enumerate(figures)
        for name, each in readers
        if one.recall.of or one.benign.of
    ]
    return _table(head, rows if beside else ())


def languages(figures: Sequence[Figures]) -> str:
    """What passes as ordinary English, and the English that is held."""
    head = ("set", "language", "texts", "passed as ordinary English", "share", "interval", "goal")
    passed = (
        (each.name, name, *_counted(share), _goal(share, 0.0, at_least=False))
        for each in figures
        for name, share in [*each.passed_by_language.items(), ("all", each.passed)]
        if each.passed.of
    )
    held_head = ("set", "English texts", "held", "share", "interval", "goal")
    held = (
        (
            each.name,
            *_counted(each.held),
            _goal(each.held, each.goals.held_english, at_least=False),
        )
        for each in figures
        if each.held.of
    )
    return f"{_table(head, passed)}\n\nEnglish that is held:\n\n{_table(held_head, held)}"


def pace_table(paces: Mapping[str, pace.Pace]) -> str:
    """One row for each way of reading."""
    head = ("triage", "median, ms", "p99, ms", "messages a second on one core")
    return _table(
        head,
        (
            (name, f"{each.median_ms:.3f}", f"{each.p99_ms:.3f}", f"{each.per_second:,.0f}")
            for name, each in paces.items()
        ),
    )


def machine() -> str:
    """What a reader must know of the machine to make sense of a speed."""
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return f"{platform.system()} on {platform.machine()}, {python}"


def _template() -> str:
    return resources.files("helpline.evaluation").joinpath("report.md").read_text("utf-8")


def _given(figures: Sequence[Figures], *, left_out: bool) -> str:
    data = " DATA=FOLDER" if any(each.name.startswith("data/") for each in figures) else ""
    return f"{data}{' CROSS=1' if left_out else ''}"


def _sets(figures: Sequence[Figures]) -> str:
    head = ("set", "what it is", "texts", "not counted")
    return _table(
        head,
        (
            (each.name, each.kind.value, f"{each.texts:,}", f"{each.not_counted:,}")
            for each in figures
        ),
    )


def _missing(figures: Sequence[Figures]) -> str:
    if any(each.name.startswith("care/") for each in figures):
        return ""
    return (
        "**No care set was read in this run**: nothing below is about children in institutions.\n"
    )


def _concerns(figures: Sequence[Figures]) -> str:
    head = ("set", "concern or group", "texts", "urgent or worse", "share", "interval")
    return _table(
        head,
        (
            (each.name, name or _NO_GROUP, *_counted(share))
            for each in figures
            for name, share in each.recall_by_group.items()
        ),
    )


def _reasons(figures: Sequence[Figures]) -> str:
    share = shares.total(each.explained for each in figures)
    if not share.of:
        return _NOTHING
    return (
        f"Of {share.of:,} texts that were graded urgent or worse, {share.found:,} "
        f"({_percent(share)}) carry a place in the text and the rule that found it."
    )


def _counted(share: Share) -> tuple[str, str, str, str]:
    return f"{share.of:,}", f"{share.found:,}", _percent(share), _interval(share)


def _percent(share: Share) -> str:
    return "" if share.value is None else f"{100 * share.value:.1f} %"


def _interval(share: Share) -> str:
    if share.interval is None:
        return ""
    low, high = share.interval
    return f"{100 * low:.1f} to {100 * high:.1f}"


def _goal(share: Share, goal: float | None, *, at_least: bool) -> str:
    if goal is None or share.value is None:
        return ""
    reached = share.value >= goal if at_least else share.value <= goal
    bound = "at least" if at_least else "at most"
    return f"{bound} {100 * goal:g} %: {'reached' if reached else 'missed'}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    filled = list(rows)
    if not filled:
        return _NOTHING
    lines = [head, *filled]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    shown = [_line(line, widths) for line in lines]
    return "\n".join(
        [shown[0], "|".join(["", *("-" * (width + 2) for width in widths), ""]), *shown[1:]]
    )


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
    return f"| {' | '.join(padded)} |"
