"""Turns what was measured into the table that `make bench` prints and docs/performance.md keeps."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.scenes import FLAGGED_OVER, REFERENCE, REFERENCE_CACHED, Goal


@dataclass
class Figures:
    """What one page cost: CPU ms per request of each round, seconds of each request, bytes, SQL queries."""

    cpu_ms: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    bytes: int = 0
    queries: int | None = None

    @property
    def cpu(self) -> float:
        return statistics.median(self.cpu_ms)

    def percentile(self, share: float) -> float:
        """Milliseconds within which this share of the requests was answered."""
        ordered = sorted(self.seconds)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def table(rows: Iterable[tuple[str, Figures, Sequence[tuple[Goal, float]]]]) -> str:
    """Markdown: one line a page, its ratio to each of its floors beside the goal."""
    lines = [
        "| page | CPU ms | p50 ms | p99 ms | SQL | KB | CPU ratio to its floor (goal) |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, figures, ratios in rows:
        said = ", ".join(
            f"{ratio:.2f} × {goal.floor} ({'≤' if ratio <= goal.ratio else '**over**'} {goal.ratio})"
            for goal, ratio in ratios
        )
        queries = "–" if figures.queries is None else str(figures.queries)
        times = (
            f"{figures.percentile(0.5):.1f} | {figures.percentile(0.99):.1f}" if figures.seconds else "– | –"
        )
        lines.append(
            f"| {name} | {figures.cpu:.2f} | {times} | {queries} | {figures.bytes / 1000:.1f} | {said} |"
        )
    return "\n".join(lines)


def floor_table(floors: dict[str, Figures]) -> str:
    """The floors themselves, and whether one is slower here than it ought to be, which would flatter the product."""
    cached = floors["cached"].cpu
    lines = [
        "| floor | CPU ms | p50 ms | KB | ratio to the cached body | reference |",
        "|---|---|---|---|---|---|",
    ]
    for name, figures in floors.items():
        ratio, reference = figures.cpu / cached, REFERENCE[name] / REFERENCE_CACHED
        flag = " **too slow to measure by**" if ratio > FLAGGED_OVER * reference else ""
        lines.append(
            f"| {name} | {figures.cpu:.2f} | {figures.percentile(0.5):.1f} | {figures.bytes / 1000:.1f}"
            f" | {ratio:.1f}{flag} | {reference:.1f} |"
        )
    return "\n".join(lines)


def machine() -> str:
    """One sentence on where the figures come from."""
    cpu = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    return f"{os.cpu_count()} cores of {cpu}, Linux {platform.release()}, Python {platform.python_version()}"
