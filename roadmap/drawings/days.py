"""The days somebody studied on, as a sheet of dots: a week per column, a weekday per row."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from roadmap.drawings.svg import diamond, dot, drawing, text

_STEP = 15.0
_LEFT = 40.0
_TOP = 26.0


@dataclass(frozen=True)
class Days:
    """From the Monday `first` to `today`; `months` name columns, `names` the seven rows (every other one is shown)."""

    first: date
    today: date
    active: frozenset[date]
    months: Sequence[tuple[int, str]]
    names: Sequence[str]
    sentence: str


def studydays(days: Days) -> str:
    """A full dot for a study day, a point for another, the yellow diamond for today; the sentence is spoken."""
    count = (days.today - days.first).days + 1
    columns = -(-count // 7)
    marks = [text("", (_LEFT + week * _STEP - 5, 11), name) for week, name in days.months]
    marks += [
        text("", (0, _TOP + row * _STEP + 4), name) for row, name in enumerate(days.names) if row % 2 == 0
    ]
    marks += [_mark(days, ahead) for ahead in range(count)]
    return drawing("cal", (_LEFT + columns * _STEP, _TOP + 7 * _STEP - 4), marks, days.sentence)


def _mark(days: Days, ahead: int) -> str:
    day, at = days.first + timedelta(days=ahead), (_LEFT + ahead // 7 * _STEP, _TOP + ahead % 7 * _STEP)
    if day == days.today:
        return diamond("cal-sel", at, 4.5)
    return dot("cal-n", at, 5) if day in days.active else dot("cal-0", at, 1.25)
