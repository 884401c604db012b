"""When a letter may go out: the hours, weekdays and pauses of one person, in her own zone.

Plain arithmetic. A window opens at the person's hour on each day she allows and stays open for twelve hours, but not
beyond midnight. A local time that the clocks jump over counts as the first instant after the jump; one that comes twice
counts as its first coming.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from progress.plan import Span, merged

DAY = timedelta(days=1)
OPEN_HOURS = 12


@dataclass(frozen=True, slots=True)
class Wanted:
    """How one person wants to be written to: her zone, ISO weekdays (1 = Monday), hour of the day, pauses."""

    zone: ZoneInfo
    weekdays: frozenset[int]
    hour: int
    pauses: tuple[Span, ...] = ()


def is_open(wanted: Wanted, now: datetime) -> bool:
    """Whether a letter may leave at `now`."""
    return next_open(wanted, now) == now


def next_open(wanted: Wanted, after: datetime) -> datetime | None:
    """The first instant from `after` on at which a letter may leave, in UTC; None when no weekday is wanted."""
    after = after.astimezone(UTC)
    if not wanted.weekdays & set(range(1, 8)):
        return None
    for day in _days(wanted, after.astimezone(wanted.zone).date()):
        opens, closes = hours_of(wanted, day)
        if max(opens, after) < closes:
            return max(opens, after)
    return None


def hours_of(wanted: Wanted, day: date) -> tuple[datetime, datetime]:
    """When the window of a local day opens and closes, in UTC; both are the same when the clocks swallow it."""
    until = wanted.hour + OPEN_HOURS
    last = (day, until) if until < 24 else (day + DAY, 0)
    return instant(day, wanted.hour, wanted.zone), instant(*last, wanted.zone)


def instant(day: date, hour: int, zone: ZoneInfo) -> datetime:
    """The first instant in UTC at which the clocks of `zone` show this day and hour, or have jumped over it."""
    wall = datetime.combine(day, time(hour))
    late, early = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if _shown(late, zone) == wall:
        return late
    return _first_not_before(wall, early, late, zone)


def is_on_pause(wanted: Wanted, day: date) -> bool:
    """Whether a local day lies in one of the person's pauses."""
    return any(pause.starts_on <= day < pause.ends_on for pause in wanted.pauses)


def _days(wanted: Wanted, first: date) -> Iterator[date]:
    """Wanted local days from `first` on that lie in no pause: as many as it takes to meet each weekday twice."""
    day, seen = first, 0
    while seen < 14:
        if back := _back_on(wanted.pauses, day):
            day = back
            continue
        if day.isoweekday() in wanted.weekdays:
            yield day
        day, seen = day + DAY, seen + 1


def _back_on(pauses: Iterable[Span], day: date) -> date | None:
    """The first day after the pause that covers `day`, if one does."""
    return next((span.ends_on for span in merged(pauses) if span.starts_on <= day < span.ends_on), None)


def _first_not_before(wall: datetime, early: datetime, late: datetime, zone: ZoneInfo) -> datetime:
    """Search the jump of the clocks, to the second: `early` shows less than `wall`, `late` shows more."""
    while late - early > timedelta(seconds=1):
        middle = early + timedelta(seconds=int((late - early).total_seconds()) // 2)
        early, late = (early, middle) if _shown(middle, zone) >= wall else (middle, late)
    return late


def _shown(at: datetime, zone: ZoneInfo) -> datetime:
    return at.astimezone(zone).replace(tzinfo=None)
