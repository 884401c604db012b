"""When a letter may go out: the quiet hours, weekdays and pauses of one person, in her own zone.

Plain arithmetic. A day that she wants is open outside her quiet hours. A local time that the clocks jump over counts as
the first instant after the jump; one that comes twice counts as its first coming, and what her clocks then show again
as quiet is quiet. A window that the clocks swallow does not exist.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from progress.plan import Span, merged

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
MIDNIGHT = time(0)


@dataclass(frozen=True, slots=True)
class Wanted:
    """How one person wants to be written to: her zone, ISO weekdays (1 = Monday), quiet hours, pauses, snooze.

    The quiet hours may go over midnight; when both ends are the same there are none. On the local day `snoozed_until`
    letters come again.
    """

    zone: ZoneInfo
    weekdays: frozenset[int]
    quiet_from: time
    quiet_until: time
    pauses: tuple[Span, ...] = ()
    snoozed_until: date | None = None


def is_open(wanted: Wanted, now: datetime, *, is_critical: bool = False) -> bool:
    """Whether a letter may leave at `now`."""
    return next_open(wanted, now, is_critical=is_critical) == now


def next_open(wanted: Wanted, after: datetime, *, is_critical: bool = False) -> datetime | None:
    """The first instant from `after` on at which a letter may leave, in UTC; None when no weekday is wanted.

    A critical one does not wait until a snooze is over; hours, weekdays and pauses hold for all.
    """
    after = after.astimezone(UTC)
    first = after.astimezone(wanted.zone).date()
    if wanted.snoozed_until and not is_critical:
        first = max(first, wanted.snoozed_until)
    for day in _days(wanted, first):
        for opens, closes in windows_of(wanted, day):
            if after < closes:
                return max(opens, after)
    return None


def last_open(wanted: Wanted, before: datetime, since: datetime) -> datetime | None:
    """When the last open hour before `before` begins, `since` at the earliest, in UTC; None when all between is closed.

    It begins with the open time where that is shorter. Only of use to what is critical: a snooze is left out.
    """
    found: tuple[datetime, datetime] | None = None
    for opens, closes in _backwards(wanted, before.astimezone(UTC), since.astimezone(UTC)):
        if found and closes < found[0]:
            break
        found = opens, found[1] if found else closes
        if found[1] - opens >= HOUR:
            break
    return max(found[0], found[1] - HOUR) if found else None


def windows_of(wanted: Wanted, day: date) -> list[tuple[datetime, datetime]]:
    """When letters may leave on a local day: from, and up to but without, in UTC, in order. A snooze is left out."""
    if day.isoweekday() not in wanted.weekdays or is_on_pause(wanted, day):
        return []
    return [
        window
        for opens, closes in _hours(wanted, day)
        for window in _shown_between(opens, closes, wanted.zone)
    ]


def instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The first instant in UTC at which the clocks of `zone` show this day and time, or have jumped over it."""
    wall = datetime.combine(day, at)
    first, second = _comings(wall, zone)
    if _shown(first, zone) == wall:
        return first
    return _first(lambda moment: _shown(moment, zone) >= wall, second, first)


def is_on_pause(wanted: Wanted, day: date) -> bool:
    """Whether a local day lies in one of the person's pauses."""
    return any(pause.starts_on <= day < pause.ends_on for pause in wanted.pauses)


def _backwards(wanted: Wanted, before: datetime, since: datetime) -> Iterator[tuple[datetime, datetime]]:
    """What is open from `since` up to `before`, the last first; parts of it may touch at midnight."""
    first, day = since.astimezone(wanted.zone).date(), before.astimezone(wanted.zone).date()
    day += DAY  # the clocks may have shown it already, and gone back
    while day >= first:
        for opens, closes in reversed(windows_of(wanted, day)):
            if max(opens, since) < min(closes, before):
                yield max(opens, since), min(closes, before)
        day -= DAY


def _days(wanted: Wanted, first: date) -> Iterator[date]:
    """Local days from `first` on, without pauses, until each weekday has come twice after all of them are over."""
    pauses = merged(wanted.pauses)
    day, last = first, max([first, *(pause.ends_on for pause in pauses)]) + 14 * DAY
    while day < last:
        if back := _back_on(pauses, day):
            day = back
        else:
            yield day
            day += DAY


def _back_on(pauses: Iterable[Span], day: date) -> date | None:
    """The first day after the pause that covers `day`, if one does."""
    return next((pause.ends_on for pause in pauses if pause.starts_on <= day < pause.ends_on), None)


def _hours(wanted: Wanted, day: date) -> list[tuple[datetime, datetime]]:
    """The hours of a day that are not quiet, as its clock shows them."""
    begins, ends = datetime.combine(day, MIDNIGHT), datetime.combine(day + DAY, MIDNIGHT)
    quiet_from, quiet_until = (datetime.combine(day, at) for at in (wanted.quiet_from, wanted.quiet_until))
    if quiet_from > quiet_until:
        return [(quiet_until, quiet_from)]
    if quiet_from == quiet_until:
        return [(begins, ends)]
    return [(begins, quiet_from), (quiet_until, ends)]


def _shown_between(opens: datetime, closes: datetime, zone: ZoneInfo) -> list[tuple[datetime, datetime]]:
    """When the clocks of `zone` first show the times from `opens` up to `closes`; nothing when they swallow all of it.

    When `opens` comes twice, the time between is shown as earlier than `opens` again, and is left out.
    """
    first, end = (instant(wall.date(), wall.time(), zone) for wall in (opens, closes))
    second = _comings(opens, zone)[1]
    back = _first(lambda at: at.astimezone(zone).fold == 1, first, second) if first < second else second
    parts = [(first, min(back, end)), (second, end)] if back < second else [(first, end)]
    return [(begins, ends) for begins, ends in parts if begins < ends]


def _comings(wall: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Both readings of a local time: the same unless it comes twice; the first is the later where it never comes."""
    first, second = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    return first, second


def _first(holds: Callable[[datetime], bool], before: datetime, after: datetime) -> datetime:
    """The first instant, to the second, at which something holds that does not `before` and does `after`."""
    while after - before > SECOND:
        middle = before + timedelta(seconds=int((after - before).total_seconds()) // 2)
        before, after = (before, middle) if holds(middle) else (middle, after)
    return after


def _shown(at: datetime, zone: ZoneInfo) -> datetime:
    return at.astimezone(zone).replace(tzinfo=None)
