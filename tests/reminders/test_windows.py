"""When a letter may leave: over many zones, with the jumps of their clocks."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progress.plan import Span
from reminders.windows import (
    HOUR,
    SECOND,
    Wanted,
    instant,
    is_on_pause,
    is_open,
    last_open,
    next_open,
    windows_of,
)

ZONES = [
    "UTC",
    "Europe/Paris",
    "Europe/Dublin",
    "Africa/Casablanca",
    "America/New_York",
    "America/St_Johns",
    "America/Havana",
    "America/Asuncion",
    "Asia/Kathmandu",
    "Asia/Beirut",
    "Africa/Cairo",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Kiritimati",
    "Pacific/Chatham",
    "Atlantic/Azores",
]
EVERY_DAY = frozenset(range(1, 8))

zones = st.sampled_from(ZONES).map(ZoneInfo)
moments = st.datetimes(datetime(2010, 1, 1), datetime(2031, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # the zone is given
days = st.dates(date(2010, 1, 1), date(2031, 1, 1))
clocks = st.integers(0, 24 * 60 - 1).map(lambda n: time(n // 60, n % 60))
pauses = st.lists(
    st.builds(lambda first, length: Span(first, first + timedelta(days=length)), days, st.integers(1, 400)),
    max_size=4,
).map(tuple)
weekdays = st.frozensets(st.integers(1, 7), min_size=1)
wanted = st.builds(Wanted, zones, weekdays, clocks, clocks, pauses, st.none() | days)


@given(wanted, moments)
def test_the_answer_is_an_open_moment_not_before_it_was_asked(wanted, after):
    found = next_open(wanted, after)

    assert found is not None
    assert found >= after
    assert is_open(wanted, found)


@given(wanted, moments)
def test_it_falls_on_a_wanted_weekday_outside_of_quiet_hours_pauses_and_snooze(wanted, after):
    shown = next_open(wanted, after).astimezone(wanted.zone)

    assert shown.isoweekday() in wanted.weekdays
    assert not is_quiet(wanted, shown.time())
    assert not is_on_pause(wanted, shown.date())
    assert wanted.snoozed_until is None or shown.date() >= wanted.snoozed_until


@given(wanted, moments, st.floats(0, 1))
def test_nothing_between_was_open(wanted, after, part):
    found = next_open(wanted, after)
    between = after + (found - after) * part

    assert between >= found or not is_open(wanted, between)


@given(wanted, moments)
def test_a_critical_letter_never_waits_longer(wanted, after):
    assert next_open(wanted, after, is_critical=True) <= next_open(wanted, after)


@given(wanted, moments, st.integers(0, 21 * 24 * 60), st.lists(st.floats(0, 1), max_size=5))
def test_the_last_open_hour_before_is_open_and_nothing_is_after_it(wanted, since, minutes, parts):
    before = since + timedelta(minutes=minutes)

    def opens(at: datetime) -> bool:
        return at < before and is_open(wanted, at, is_critical=True)

    first, found = next_open(wanted, since, is_critical=True), last_open(wanted, before, since)

    assert (found is None) == (first >= before)
    if found:
        assert first <= found < before
        assert opens(found)
        ends = min(found + HOUR, before)
        assert not any(opens(ends + (before - ends) * part) for part in parts)
        # a whole hour, unless it opens or was asked from then on
        assert found == since or not opens(found - SECOND) or (opens(ends - SECOND) and ends == found + HOUR)


@given(zones, days, clocks)
def test_an_instant_is_the_first_that_shows_the_time_or_more(zone, day, at):
    wall, found = datetime.combine(day, at), instant(day, at, zone)
    shown = found.astimezone(zone).replace(tzinfo=None)
    before = (found - timedelta(seconds=1)).astimezone(zone).replace(tzinfo=None)

    assert shown >= wall
    assert found.astimezone(zone).fold == 0
    assert before < wall


@given(wanted, days)
def test_windows_of_a_day_show_only_that_day_and_come_one_after_the_other(wanted, day):
    found = windows_of(wanted, day)
    edges = [edge for window in found for edge in window]

    assert edges == sorted(set(edges))
    for opens, closes in found:
        last = closes - timedelta(seconds=1)
        assert {at.astimezone(wanted.zone).date() for at in (opens, last)} == {day}
        assert not any(is_quiet(wanted, at.astimezone(wanted.zone).time()) for at in (opens, last))


def test_a_time_the_clocks_jump_over_counts_from_after_the_jump():
    # on 29 March 2026 the clocks of Paris go from 02:00 to 03:00
    assert instant(date(2026, 3, 29), time(2, 30), ZoneInfo("Europe/Paris")) == utc(2026, 3, 29, 1)


def test_a_time_that_comes_twice_counts_the_first_time():
    # on 25 October 2026 the clocks of Paris show 02:00 to 03:00 twice
    assert instant(date(2026, 10, 25), time(2, 30), ZoneInfo("Europe/Paris")) == utc(2026, 10, 25, 0, 30)


@pytest.mark.parametrize(
    ("zone", "quiet_from", "quiet_until", "day", "found"),
    [
        # on 8 March the clocks of Havana go from midnight to one: the day begins at one
        ("America/Havana", "20:00", "00:00", date(2026, 3, 8), [(8, "05:00", 9, "00:00")]),
        # on 1 November they go from one back to midnight: what is quiet at half past twelve is so twice
        (
            "America/Havana",
            "20:00",
            "00:30",
            date(2026, 11, 1),
            [(1, "04:30", 1, "05:00"), (1, "05:30", 2, "01:00")],
        ),
        # on 4 October the clocks of Lord Howe go from two to half past two
        ("Australia/Lord_Howe", "20:00", "02:15", date(2026, 10, 4), [(3, "15:30", 4, "09:00")]),
        # on 5 April they go from two back to half past one
        (
            "Australia/Lord_Howe",
            "20:00",
            "01:45",
            date(2026, 4, 5),
            [(4, "14:45", 4, "15:00"), (4, "15:15", 5, "09:30")],
        ),
        # in 2026 Ramadan is from 15 February to 22 March for the clocks of Morocco
        ("Africa/Casablanca", "20:00", "08:00", date(2026, 2, 14), [(14, "07:00", 14, "19:00")]),
        ("Africa/Casablanca", "20:00", "08:00", date(2026, 2, 16), [(16, "08:00", 16, "20:00")]),
        ("Africa/Casablanca", "20:00", "08:00", date(2026, 3, 23), [(23, "07:00", 23, "19:00")]),
        # only the hour is open that the clocks of Paris leave out
        ("Europe/Paris", "03:00", "02:00", date(2026, 3, 29), []),
        ("Europe/Paris", "03:00", "02:00", date(2026, 3, 30), [(30, "00:00", 30, "01:00")]),
        # 30 December 2011 did not take place in Apia
        ("Pacific/Apia", "20:00", "08:00", date(2011, 12, 30), []),
        ("Pacific/Apia", "20:00", "08:00", date(2011, 12, 31), [(30, "18:00", 31, "06:00")]),
    ],
)
def test_windows_where_clocks_jump(zone, quiet_from, quiet_until, day, found):
    wanted = Wanted(ZoneInfo(zone), EVERY_DAY, at(quiet_from), at(quiet_until))

    shown = [
        (opens.day, f"{opens:%H:%M}", closes.day, f"{closes:%H:%M}")
        for opens, closes in windows_of(wanted, day)
    ]
    assert shown == found


@pytest.mark.parametrize(
    ("quiet_from", "quiet_until", "found"),
    [
        ("20:00", "08:00", [("08:00", "20:00")]),  # over midnight
        ("20:15", "07:30", [("07:30", "20:15")]),
        ("12:00", "14:00", [("00:00", "12:00"), ("14:00", "00:00")]),  # inside one day
        ("00:00", "08:00", [("08:00", "00:00")]),
        ("20:00", "00:00", [("00:00", "20:00")]),
        ("08:00", "08:00", [("00:00", "00:00")]),  # none
        ("00:00", "00:00", [("00:00", "00:00")]),
    ],
)
def test_the_hours_of_a_day_that_are_not_quiet(quiet_from, quiet_until, found):
    wanted = Wanted(ZoneInfo("UTC"), EVERY_DAY, at(quiet_from), at(quiet_until))

    shown = [(f"{o:%H:%M}", f"{c:%H:%M}") for o, c in windows_of(wanted, date(2026, 11, 24))]
    assert shown == found


def test_a_day_that_is_not_wanted_or_lies_in_a_pause_has_no_window():
    tuesdays = Wanted(ZoneInfo("UTC"), frozenset({2}), time(20), time(8), (span("2026-12-01", "2026-12-02"),))

    assert windows_of(tuesdays, date(2026, 11, 24))
    assert not windows_of(tuesdays, date(2026, 11, 25))
    assert not windows_of(tuesdays, date(2026, 12, 1))


def test_a_pause_moves_it_to_the_day_of_coming_back():
    paused = Wanted(
        ZoneInfo("Europe/Paris"), EVERY_DAY, time(20), time(8), (span("2026-11-20", "2026-12-04"),)
    )

    assert next_open(paused, utc(2026, 11, 24, 9)) == utc(2026, 12, 4, 7)


def test_pauses_over_every_wanted_day_for_months_only_put_it_off():
    monday = date(2026, 11, 23)
    mondays_off = tuple(
        Span(monday + timedelta(weeks=n), monday + timedelta(weeks=n, days=1)) for n in range(20)
    )
    wanted = Wanted(ZoneInfo("UTC"), frozenset({1}), time(20), time(8), mondays_off)

    assert next_open(wanted, utc(2026, 11, 22)) == utc(2027, 4, 12, 8)


def test_a_snooze_puts_off_what_is_not_critical():
    snoozed = Wanted(ZoneInfo("Europe/Paris"), EVERY_DAY, time(20), time(8), snoozed_until=date(2026, 12, 1))
    asked = utc(2026, 11, 24, 9)

    assert next_open(snoozed, asked) == utc(2026, 12, 1, 7)
    assert next_open(snoozed, asked, is_critical=True) == asked
    assert not is_open(snoozed, asked)
    assert is_open(snoozed, asked, is_critical=True)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ((24, 6), (24, 7, 30)),  # too early: the same morning
        ((24, 7, 29), (24, 7, 30)),
        ((24, 12), (24, 12)),  # open: at once
        ((24, 20, 44), (24, 20, 44)),
        ((24, 20, 45), (25, 7, 30)),  # closed: the next morning
    ],
)
def test_minutes_matter(asked, found):
    wanted = Wanted(ZoneInfo("UTC"), EVERY_DAY, time(20, 45), time(7, 30))

    assert next_open(wanted, utc(2026, 11, *asked)) == utc(2026, 11, *found)


@pytest.mark.parametrize(
    ("before", "since", "found"),
    [
        ((28, 2), (24, 0), (27, 18)),  # at night: the evening before; eight in Paris is seven in UTC
        ((28, 7), (24, 0), (27, 18)),  # as it opens: the same
        ((28, 7, 20), (24, 0), (28, 7)),  # soon after: what there is
        ((28, 12), (24, 0), (28, 11)),
        ((28, 2), (27, 18, 40), (27, 18, 40)),
        ((28, 2), (27, 19), None),
        ((29, 15), (24, 0), (28, 18)),  # a Sunday, which she does not want
        ((3 + 30, 12), (24, 0), (30, 18)),  # in her pause
    ],
)
def test_the_last_open_hour_is_that_of_the_evening_before(before, since, found):
    wanted = Wanted(
        ZoneInfo("Europe/Paris"), EVERY_DAY - {7}, time(20), time(8), (span("2026-12-01", "2026-12-09"),)
    )

    assert last_open(wanted, november(*before), november(*since)) == (found and november(*found))


def test_an_open_time_over_midnight_is_one():
    wanted = Wanted(ZoneInfo("UTC"), EVERY_DAY, time(0, 20), time(8))

    assert last_open(wanted, utc(2026, 11, 24, 3), utc(2026, 11, 20)) == utc(2026, 11, 23, 23, 20)


def test_without_a_weekday_it_never_comes():
    assert next_open(Wanted(ZoneInfo("UTC"), frozenset(), time(20), time(8)), utc(2026, 11, 24)) is None


def is_quiet(wanted: Wanted, shown: time) -> bool:
    if wanted.quiet_from <= wanted.quiet_until:
        return wanted.quiet_from <= shown < wanted.quiet_until
    return shown >= wanted.quiet_from or shown < wanted.quiet_until


def november(day: int, hour: int, minute: int = 0) -> datetime:
    """A day of November 2026 or, beyond the thirtieth, after it."""
    return utc(2026, 11, 1, hour, minute) + timedelta(days=day - 1)


def at(text: str) -> time:
    return time.fromisoformat(text)


def span(first: str, back: str) -> Span:
    return Span(date.fromisoformat(first), date.fromisoformat(back))


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)
