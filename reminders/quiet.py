"""When somebody who has gone quiet is written to: plain arithmetic of days.

With seven days of quiet the letters come seven, fourteen and twenty-eight days after the last active day; then there is
silence. Days in a pause don't count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from progress.plan import Span, shift

MULTIPLES = (1, 2, 4)


@dataclass(frozen=True, slots=True)
class Step:
    """One letter of a time of quiet: after how many days it comes, on which day, from when on it is useless."""

    days: int
    due_on: date
    useless_on: date
    is_last: bool


def steps(since: date, quiet_days: int, pauses: Sequence[Span]) -> list[Step]:
    """All letters of the quiet that began after `since`, the last active day, in the order they come."""
    return [
        Step(
            days=quiet_days * times,
            due_on=_day(since, quiet_days * times, pauses),
            useless_on=_day(since, quiet_days * times * 2, pauses),
            is_last=times == MULTIPLES[-1],
        )
        for times in MULTIPLES
    ]


def reached(since: date, quiet_days: int, pauses: Sequence[Span], by: date) -> Step | None:
    """The newest letter that is due by the end of the day `by`; None while it is too early for the first."""
    return next((s for s in reversed(steps(since, quiet_days, pauses)) if s.due_on <= by), None)


def upcoming(since: date, quiet_days: int, pauses: Sequence[Span], after: date) -> Step | None:
    """The first letter that is due after the day `after`; None when there will only be silence."""
    return next((s for s in steps(since, quiet_days, pauses) if s.due_on > after), None)


def occurrence(since: date, days: int) -> str:
    return f"quiet-since-{since.isoformat()}/{days}d"


def _day(since: date, days: int, pauses: Sequence[Span]) -> date:
    return shift(since + timedelta(days=days), pauses, since=since + timedelta(days=1))
