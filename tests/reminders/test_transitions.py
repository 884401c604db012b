"""Letters round every change of clocks there is: each planned once, none at a quiet time, caps kept, none lost.

A tiny planner and sender live through four days round a change of clocks with the plain modules. What they did is
compared, minute by minute, with what the clock on the wall showed; that side knows nothing of windows and instants.
"""

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import accumulate, pairwise
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from progress.plan import Span
from reminders.caps import Caps, Due, Never, Send, decide
from reminders.windows import Wanted, instant

BEGIN, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2036, 1, 1, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
AROUND = 2 * DAY
CAPS = Caps()
SPACE = UUID("6f1c0f8e-7d0a-4b5e-9a43-2b1e6f6b7c11")


@dataclass(frozen=True)
class Kind:
    """One kind of occurrence: each day, or each week on the weekday of the digest."""

    name: str
    priority: int
    useful_hours: int
    is_critical: bool = False
    is_weekly: bool = False


WAITING = {"planned", "too late"}  # what was called too late is so only when nothing opens before
KINDS = (
    Kind("cards", 6, useful_hours=30),
    Kind("due", 3, useful_hours=12),
    Kind("digest", 8, useful_hours=72, is_weekly=True),
    Kind("attempt", 1, useful_hours=5, is_critical=True),
)


@dataclass(frozen=True)
class Life:
    """What one person wants, and what happens; times of day are minutes from where the clocks change."""

    quiet_from: int = 16 * 60
    quiet_until: int = 4 * 60
    weekdays: frozenset[int] = frozenset(range(1, 8))
    pauses: tuple[tuple[int, int], ...] = ()  # first day, from the day of the change, and length
    snoozed_until: int | None = None  # days from the change
    caps: Caps = CAPS
    sent: tuple[int, ...] = ()  # so many hours before we look, letters left
    comes: tuple[int, ...] = (0, 0, 0, 0)  # when each kind comes
    digest_weekday: int = 1
    every: int = 15  # minutes from one round to the next
    outage: tuple[int, int] = (0, 0)  # from which hour, for how many hours there is no round
    moves: tuple[int, str] | None = None  # after so many hours, to which zone


minutes = st.one_of(
    st.integers(-150, 150), st.integers(-12, 12).map(lambda n: 15 * n), st.integers(-720, 719)
)
some_days = st.integers(-4, 4)
lives = st.builds(
    Life,
    quiet_from=minutes,
    quiet_until=minutes,
    weekdays=st.one_of(
        st.just(frozenset(range(1, 8))),
        st.frozensets(st.integers(1, 7), min_size=4),
        st.just(frozenset({1, 7})),
    ),
    pauses=st.one_of(st.just(()), st.tuples(st.tuples(some_days, st.integers(1, 2)))),
    snoozed_until=st.none() | some_days,
    caps=st.builds(Caps, st.integers(1, 2), st.integers(1, 4)),
    sent=st.lists(st.integers(1, 100), max_size=3, unique=True).map(tuple),
    comes=st.tuples(*[minutes for _kind in KINDS]),
    digest_weekday=st.integers(1, 7),
    every=st.sampled_from([15, 30, 47, 60]),
    outage=st.one_of(st.just((0, 0)), st.tuples(st.integers(1, 80), st.integers(1, 30))),
    moves=st.none() | st.tuples(st.integers(1, 90), st.sampled_from(sorted(available_timezones()))),
)


@dataclass
class Row:
    """One letter in the ledger."""

    key: str
    kind: Kind
    not_before: datetime
    id: UUID = field(init=False)
    due_at: datetime = field(init=False)
    expires_at: datetime = field(init=False)
    state: str = "planned"  # sent, too late; given up when she moved after it was too late

    def __post_init__(self) -> None:
        self.id, self.due_at = uuid5(SPACE, self.key), self.not_before
        self.expires_at = self.not_before + timedelta(hours=self.kind.useful_hours)

    def as_due(self) -> Due:
        kind = self.kind
        return Due(self.id, kind.priority, kind.is_critical, self.not_before, self.expires_at)


class House:
    """A ledger with a planner and a sender that know only the plain modules."""

    def __init__(self, life: Life, wanted: Wanted, comes: tuple[time, ...], begins: datetime) -> None:
        self.life, self.wanted, self.comes, self.begins = life, wanted, comes, begins
        self.rows: dict[str, Row] = {}
        self.sent = [begins - timedelta(hours=hours) for hours in life.sent]
        self._of_day: dict[date, list[Row]] = {}

    def plan(self, now: datetime) -> None:
        today = now.astimezone(self.wanted.zone).date()
        for day in (today + n * DAY for n in range(-4, 2)):
            for row in self._planned_on(day):
                if self.begins < row.not_before <= now < row.expires_at:
                    self.rows.setdefault(row.key, row)

    def send(self, now: datetime) -> list[tuple[str, ...]]:
        """The letters that leave at `now`, each as the keys of what it says."""
        due = {row.id: row for row in self.rows.values() if row.state == "planned" and row.due_at <= now}
        if not due:
            return []
        decided = decide([row.as_due() for row in due.values()], self.sent, self.wanted, self.life.caps, now)
        assert decided.keys() == due.keys()
        left = []
        for pk, decision in decided.items():
            row = due[pk]
            if isinstance(decision, Send):
                row.state = "sent"
                if decision.lead == pk:
                    left.append((row.key, *(due[other].key for other in decision.carried)))
            elif isinstance(decision, Never):
                row.state = "too late"
            else:
                assert decision.until > now
                row.due_at = decision.until
        self.sent += [now for keys in left if not self.rows[keys[0]].kind.is_critical]
        return left

    def move(self, zone: ZoneInfo) -> None:
        """She lives elsewhere now; what waits is looked at anew."""
        self.wanted = replace(self.wanted, zone=zone)
        self._of_day.clear()
        for row in self.rows.values():
            row.due_at = row.not_before
            row.state = "given up" if row.state == "too late" else row.state

    def _planned_on(self, day: date) -> list[Row]:
        if day not in self._of_day:
            self._of_day[day] = [
                Row(occurrence(kind, day), kind, instant(day, comes, self.wanted.zone))
                for kind, comes in zip(KINDS, self.comes, strict=True)
                if not kind.is_weekly or day.isoweekday() == self.life.digest_weekday
            ]
        return self._of_day[day]


class Wall:
    """What the clock on the wall shows in each minute of the four days."""

    def __init__(self, zone: ZoneInfo, begins: datetime) -> None:
        self.zone, self.begins = zone, begins
        hours = [begins + n * HOUR for n in range(2 * AROUND // HOUR)]
        self.shown = [shown for hour in hours for shown in self._minutes(hour)]
        self._latest = list(accumulate(self.shown, max))  # the latest it has shown so far

    def first(self, wall: datetime) -> datetime | None:
        """When it first shows this or more; None when that is not after the beginning, or after the end."""
        at = bisect_left(self._latest, wall)
        return self.begins + at * MINUTE if 0 < at < len(self.shown) else None

    def days(self) -> list[date]:
        return [self.shown[0].date() + n * DAY for n in range(8)]

    def _minutes(self, hour: datetime) -> list[datetime]:
        minutes = [hour + n * MINUTE for n in range(60)]
        first, last = (self._show(minute) for minute in (minutes[0], minutes[-1]))
        if last - first == minutes[-1] - minutes[0]:  # no change of clocks: do without asking for each minute
            return [first + (minute - hour) for minute in minutes]
        return [self._show(minute) for minute in minutes]

    def _show(self, minute: datetime) -> datetime:
        return minute.astimezone(self.zone).replace(tzinfo=None)


def live(zone: ZoneInfo, change: datetime, life: Life) -> Counter[str]:
    """Live through two days before and two after a change of clocks; what became of the letters."""
    begins, jump = change - AROUND, change.astimezone(zone).replace(tzinfo=None)
    quiet_from, quiet_until, *comes = (
        (jump + timedelta(minutes=n)).time() for n in (life.quiet_from, life.quiet_until, *life.comes)
    )
    pauses = tuple(Span(jump.date() + n * DAY, jump.date() + (n + length) * DAY) for n, length in life.pauses)
    snoozed = None if life.snoozed_until is None else jump.date() + life.snoozed_until * DAY
    wanted = Wanted(zone, life.weekdays, quiet_from, quiet_until, pauses, snoozed)
    house, wall = House(life, wanted, tuple(comes), begins), Wall(zone, begins)
    expected: dict[str, datetime] = {}
    firsts = occurrences(wall, house)
    for now in rounds(begins, life):
        if life.moves and now >= begins + timedelta(hours=life.moves[0]) and wall.zone.key != life.moves[1]:
            house.move(ZoneInfo(life.moves[1]))
            wall = Wall(house.wanted.zone, begins)
            firsts = occurrences(wall, house)
        for key, (first, hours) in firsts.items():
            if first <= now < first + timedelta(hours=hours):
                expected.setdefault(key, first)
        sent_before = list(house.sent)
        house.plan(now)
        waiting = [row for row in house.rows.values() if row.state in WAITING and row.expires_at > now]
        if waiting:
            check(now, house, waiting, sent_before, house.send(now))
        assert house.send(now) == []
    assert {row.key: row.not_before for row in house.rows.values()} == expected
    return Counter(row.state for row in house.rows.values())


def occurrences(wall: Wall, house: House) -> dict[str, tuple[datetime, int]]:
    """When each occurrence comes and for how many hours it is of use, by what the wall shows."""
    found = {}
    for day in wall.days():
        for kind, comes in zip(KINDS, house.comes, strict=True):
            if kind.is_weekly and day.isoweekday() != house.life.digest_weekday:
                continue
            if first := wall.first(datetime.combine(day, comes)):
                found[occurrence(kind, day)] = first, kind.useful_hours
    return found


def occurrence(kind: Kind, day: date) -> str:
    return f"{kind.name}/{day:%G-W%V}" if kind.is_weekly else f"{kind.name}/{day}"


def rounds(begins: datetime, life: Life) -> list[datetime]:
    every, (hour, hours) = timedelta(minutes=life.every), life.outage
    off, on = begins + timedelta(hours=hour), begins + timedelta(hours=hour + hours)
    found = [begins + n * every for n in range(1, 2 * AROUND // every)]
    return [now for now in found if not off <= now < on]


def check(
    now: datetime, house: House, waiting: list[Row], sent_before: list[datetime], left: list[tuple[str, ...]]
) -> None:
    """What left at `now` was allowed to, and all that was allowed to has left."""
    clock = now.astimezone(house.wanted.zone)
    is_open, is_snoozed = shows_open(clock, house.wanted)
    days, caps = [at.astimezone(clock.tzinfo).date() for at in sent_before], house.life.caps
    this_week = [day for day in days if day.isocalendar()[:2] == clock.isocalendar()[:2]]
    has_room = days.count(clock.date()) < caps.most_per_day and len(this_week) < caps.most_per_week
    critical = {row.key for row in waiting if row.kind.is_critical}
    others = {row.key for row in waiting if not row.kind.is_critical}
    said = [keys for keys in left if not critical & set(keys)]

    assert len(said) <= 1
    assert all(len(keys) == 1 for keys in left if critical & set(keys))
    assert not left or is_open
    assert not said or (has_room and not is_snoozed)
    if is_open and clock.fold == 0:  # what comes twice may have been closed the first time
        assert critical <= {key for keys in left for key in keys}
        assert not (has_room and not is_snoozed and others) or [set(keys) for keys in said] == [others]


def shows_open(clock: datetime, wanted: Wanted) -> tuple[bool, bool]:
    """Whether it is no quiet time on a wanted day outside of pauses, and whether letters are snoozed."""
    shown, quiet_from, quiet_until = clock.time(), wanted.quiet_from, wanted.quiet_until
    is_quiet = (
        quiet_from <= shown < quiet_until
        if quiet_from <= quiet_until
        else shown >= quiet_from or shown < quiet_until
    )
    is_paused = any(pause.starts_on <= clock.date() < pause.ends_on for pause in wanted.pauses)
    is_snoozed = wanted.snoozed_until is not None and clock.date() < wanted.snoozed_until
    return clock.isoweekday() in wanted.weekdays and not is_paused and not is_quiet, is_snoozed


@cache
def changes_of(name: str) -> tuple[datetime, ...]:
    """Every change of a zone's offset in these ten years, to the second."""
    zone, found = ZoneInfo(name), []
    for before, after in pairwise(weeks()):
        low, high = before, after
        offset = before.astimezone(zone).utcoffset()
        if offset == after.astimezone(zone).utcoffset():
            continue
        while high - low > timedelta(seconds=1):
            middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
            low, high = (middle, high) if middle.astimezone(zone).utcoffset() == offset else (low, middle)
        found.append(high)
    return tuple(found)


@cache
def weeks() -> tuple[datetime, ...]:
    return tuple(BEGIN + n * 7 * DAY for n in range((END - BEGIN) // (7 * DAY) + 1))


@cache
def every_change() -> tuple[tuple[str, datetime], ...]:
    return tuple((name, change) for name in sorted(available_timezones()) for change in changes_of(name))


@cache
def different_zones() -> tuple[str, ...]:
    """One name for all zones whose clocks do the same in these ten years."""
    seen: dict[tuple[object, ...], str] = {}
    for name in sorted(available_timezones()):
        offsets = tuple((at, at.astimezone(ZoneInfo(name)).utcoffset()) for at in changes_of(name))
        if offsets:
            seen.setdefault(offsets, name)
    return tuple(seen.values())


APIA = "Pacific/Apia", datetime(2011, 12, 30, 10, tzinfo=UTC)  # 30 December did not take place there
ST_JOHNS = (
    "America/St_Johns",
    datetime(2010, 11, 7, 2, 31, tzinfo=UTC),
)  # one minute past midnight back to 23:01


@given(st.deferred(lambda: st.sampled_from(every_change())), lives)
@example(APIA, Life())
@example(APIA, Life(quiet_from=60, quiet_until=60))
@example(ST_JOHNS, Life(quiet_from=119, quiet_until=59, comes=(59, 60, 61, 30)))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_letters_are_right_round_a_change_of_clocks(where, life):
    name, change = where

    live(ZoneInfo(name), change, life)


@pytest.mark.long
@given(lives)
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_letters_are_right_round_every_change_of_clocks_in_ten_years(life):
    for name in different_zones():
        for change in changes_of(name):
            live(ZoneInfo(name), change, life)
