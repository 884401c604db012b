"""What is said of each scene of a trial, and the one line that says whether all held. No network, no database."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

SHOWN = 3  # faults of one kind that are told in full


@dataclass
class Verdict:
    """One scene: what was measured, in words, and what was not as it must be."""

    scene: str
    figures: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def add(self, faults: Iterable[str]) -> None:
        """Take faults over; of many only the first few, and how many there are."""
        told = list(faults)
        self.faults += told[:SHOWN]
        if len(told) > SHOWN:
            self.faults.append(f"and {len(told) - SHOWN} more like these")

    def lines(self) -> list[str]:
        """The scene as it is printed."""
        said = "held" if not self.faults else "NOT held"
        return [f"{self.scene}: {said}", *(f"  {line}" for line in self.figures + self.faults)]


def summary(trial: str, verdicts: Sequence[Verdict], scenes: Collection[str]) -> tuple[str, bool]:
    """The last line and whether all held: each of `scenes` must have been judged, once, and without a fault."""
    missing = sorted(set(scenes) - {verdict.scene for verdict in verdicts})
    broken = [f"{verdict.scene} ({verdict.faults[0]})" for verdict in verdicts if verdict.faults]
    broken += [f"{scene} (not played)" for scene in missing]
    if not scenes:
        broken.append("nothing was played")
    if broken:
        return f"{trial}: NOT held: {'; '.join(broken)}", False
    return f"{trial}: held {', '.join(verdict.scene for verdict in verdicts)}", True


def miscounted(what: str, expected: int, found: int) -> list[str]:
    """As many as there had to be, and there had to be some."""
    if expected > 0 and expected == found:
        return []
    return [f"{what}: {found} instead of {expected}"]


def too_slow(what: str, seconds: float, limit: float) -> list[str]:
    """Something took longer than it may."""
    return [] if seconds < limit else [f"{what} took {seconds:.3f} s, the limit is {limit:g} s"]
