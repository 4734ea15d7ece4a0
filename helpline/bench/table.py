"""The figures of a run as one table for a terminal: figure, limit, ratio, and what they mean."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Line:
    """One row. ``verdict`` is empty where a figure is only told."""

    name: str
    figure: str
    limit: str = ""
    ratio: str = ""
    verdict: str = ""


def intake(engine: str, found: Mapping[str, Any], goals: Mapping[str, float]) -> Iterator[Line]:
    """The rows of `helpline bench intake` on one engine."""
    service, ceiling, echo = found["service"], found["ceiling"], found["echo"]
    share = found["share_of_ceiling"]
    yield Line(
        f"intake {engine}: 50 senders, messages/s (no database)",
        f"{service['messages_per_second']:,.0f}",
        f"{ceiling['messages_per_second']:,.0f}",
        f"{share:.2f}",
        _verdict_of_share(share, goals),
    )
    yield Line(
        f"intake {engine}: the same (bare echo)",
        f"{service['messages_per_second']:,.0f}",
        f"{echo['messages_per_second']:,.0f}",
        f"{found['share_of_echo']:.2f}",
    )
    for what in ("tick", "delivery"):
        yield _spread(f"intake {engine}: p50 / p99 to {what}, ms", service, ceiling, f"{what}_ms")
    ours, least = service["processor_us_per_message"], ceiling["processor_us_per_message"]
    yield Line(
        f"intake {engine}: processor time of the web process a message, us",
        f"{ours:.0f}",
        f"{least:.0f}",
        f"{ours / least:.1f}",
    )
    yield Line(f"intake {engine}: messages in a commit", f"{service['messages_per_batch']:g}")
    offered = service["at_200_per_second"]
    ratio, most = found["p99_at_200_per_bare_commit_p99"], goals["p99_at_200_ms"]
    most *= found["slow_disk"]
    yield Line(
        f"intake {engine}: p99 to delivery at 200/s, ms (bare commit)",
        f"{offered['delivery_ms']['p99']:.2f}",
        f"{found['bare_commit_ms']['p99']:.2f}",
        f"{ratio:.1f}",
        "ok" if offered["delivery_ms"]["p99"] <= most else f"over {most:.3g}",
    )
    yield _spread(
        f"intake {engine}: p50 / p99 to tick at 200/s, ms",
        offered,
        ceiling["at_200_per_second"],
        "tick_ms",
    )


def idle(found: Mapping[str, Any], goals: Mapping[str, float]) -> Iterator[Line]:
    """The rows of `helpline bench idle`."""
    named = {
        "resident_mib": "idle: the embedded service holds, MiB",
        "kib_a_child": "idle: each connected child adds, KiB",
    }
    for key, name in named.items():
        ratio = found[key] / goals[key]
        verdict = "ok" if ratio <= 1 else "over"
        yield Line(name, f"{found[key]:.1f}", f"{goals[key]:.0f}", f"{ratio:.2f}", verdict)


def triage(found: Mapping[str, Any], goals: Mapping[str, float]) -> Iterator[Line]:
    """The rows of `helpline bench triage`."""
    ours, bare = found["triage"], found["bare_pass"]
    name = f"triage: {found['characters']} characters"
    yield Line(
        f"{name}, messages/s on one core (one bare pass)",
        f"{ours['messages_per_second']:,.0f}",
        f"{bare['messages_per_second']:,.0f}",
        f"{found['share_of_bare_pass']:.3f}",
    )
    most = goals["p99_ms"]
    yield Line(
        f"{name}, median / p99, ms",
        f"{ours['median_ms']:.3f} / {ours['p99_ms']:.3f}",
        f"{bare['median_ms']:.3f} / {bare['p99_ms']:.3f}",
        f"{ours['p99_ms'] / bare['p99_ms']:.1f}",
        "ok" if ours["p99_ms"] <= most else f"over {most:.3g}",
    )


def render(lines: list[Line]) -> str:
    """The table."""
    head = Line("figure", "measured", "limit", "ratio", "")
    rows = [(x.name, x.figure, x.limit, x.ratio, x.verdict) for x in (head, *lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column in {0, 4} else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def _verdict_of_share(share: float, goals: Mapping[str, float]) -> str:
    if share >= goals["share_of_ceiling"]:
        return "ok"
    if share >= goals["least_share_of_ceiling"]:
        return f"below {goals['share_of_ceiling']:.2f}"
    return f"BELOW {goals['least_share_of_ceiling']:.2f}"


def _spread(name: str, service: Mapping[str, Any], ceiling: Mapping[str, Any], key: str) -> Line:
    ours, least = service[key], ceiling[key]
    return Line(
        name,
        f"{ours['p50']:.1f} / {ours['p99']:.1f}",
        f"{least['p50']:.1f} / {least['p99']:.1f}",
        f"{ours['p99'] / least['p99']:.1f}",
    )
