"""When somebody who has gone quiet is written to: plain arithmetic of days.

She is quiet when she stays away longer than she usually does. To somebody who studies daily the letters come three,
seven, fourteen and twenty-eight days after her last active day, to others that much later; then there is silence, and
her mentor is told. Days in a pause don't count.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from progress.plan import Span, shift

KNOWN_FROM = timedelta(weeks=8)
PATIENCE_DAYS = 2  # so long beyond her usual gap nobody wonders
DISTANCES = (0, 4, 11, 25)  # of each letter to the first, in days
LAST_USEFUL_DAYS = 14
FEWEST_GAPS = 5  # from five on, one holiday is no rhythm: the longest gap never counts


@dataclass(frozen=True, slots=True)
class Step:
    """One letter of a time of quiet: after how many days it comes, on which day, from when on it is useless."""

    days: int
    due_on: date
    useless_on: date
    is_last: bool


def usual_gap(active_days: Iterable[date], until: date) -> int:
    """Days from one active day to the next that four of five of her gaps in the eight weeks to `until` keep within.

    One day when too few are known. Asked with the last active day it stays the same all through a time of quiet.
    """
    known = sorted({day for day in active_days if until - KNOWN_FROM < day <= until})
    gaps = sorted((later - earlier).days for earlier, later in pairwise(known))
    if len(gaps) < FEWEST_GAPS:
        return 1
    return gaps[-(-4 * len(gaps) // 5) - 1]


def first_after(quiet_days: int | None, gap: int) -> int:
    """After how many days the first letter comes: as she chose, or by her own rhythm when she chose nothing."""
    return PATIENCE_DAYS + gap if quiet_days is None else quiet_days


def steps(since: date, first: int, pauses: Sequence[Span]) -> list[Step]:
    """All letters of the quiet that began after `since`, the last active day, in the order they come.

    `first` is the number of days that `first_after` tells.
    """
    counts = [first + distance for distance in DISTANCES]
    days = [_day(since, count, pauses) for count in (*counts, counts[-1] + LAST_USEFUL_DAYS)]
    return [
        Step(days=count, due_on=due, useless_on=following, is_last=count == counts[-1])
        for count, (due, following) in zip(counts, pairwise(days), strict=True)
    ]


def reached(since: date, first: int, pauses: Sequence[Span], by: date) -> Step | None:
    """The newest letter that is due by the end of the day `by`; None while it is too early for the first."""
    return next((s for s in reversed(steps(since, first, pauses)) if s.due_on <= by), None)


def ahead(since: date, first: int, pauses: Sequence[Span], today: date, by: date) -> list[Step]:
    """The letter that is due today or was due last, and those that follow until the end of the day `by`."""
    last = reached(since, first, pauses, today)
    later = [step for step in steps(since, first, pauses) if today < step.due_on <= by]
    return [last, *later] if last else later


def after(step: Step, first: int) -> int | None:
    """After how many days the letter after this one comes; None after the last."""
    later = [first + distance for distance in DISTANCES if first + distance > step.days]
    return later[0] if later else None


def occurrence(since: date, days: int) -> str:
    return f"quiet-since-{since.isoformat()}/{days}d"


def _day(since: date, days: int, pauses: Sequence[Span]) -> date:
    return shift(since + timedelta(days=days), pauses, since=since + timedelta(days=1))
