"""When a letter may leave: over many zones, with the jumps of their clocks."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progress.plan import Span
from reminders.windows import Wanted, hours_of, instant, is_on_pause, is_open, next_open

ZONES = [
    "UTC",
    "Europe/Paris",
    "Europe/Dublin",
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
pauses = st.lists(
    st.builds(lambda first, length: Span(first, first + timedelta(days=length)), days, st.integers(1, 400)),
    max_size=4,
).map(tuple)
wanted = st.builds(Wanted, zones, st.frozensets(st.integers(1, 7), min_size=1), st.integers(0, 23), pauses)


@given(wanted, moments)
def test_the_answer_is_an_open_hour_not_before_it_was_asked(wanted, after):
    found = next_open(wanted, after)

    assert found is not None
    assert found >= after
    assert is_open(wanted, found)


@given(wanted, moments)
def test_it_falls_on_a_wanted_weekday_in_wanted_hours_and_in_no_pause(wanted, after):
    shown = next_open(wanted, after).astimezone(wanted.zone)

    assert shown.isoweekday() in wanted.weekdays
    assert wanted.hour <= shown.hour < wanted.hour + 12
    assert not is_on_pause(wanted, shown.date())


@given(wanted, moments, st.floats(0, 1))
def test_nothing_between_was_open(wanted, after, part):
    found = next_open(wanted, after)
    between = after + (found - after) * part

    assert between >= found or not is_open(wanted, between)


@given(zones, days, st.integers(0, 23))
def test_an_instant_is_the_first_that_shows_the_hour_or_more(zone, day, hour):
    wall = datetime.combine(day, datetime.min.time()).replace(hour=hour)
    found = instant(day, hour, zone)
    shown = found.astimezone(zone).replace(tzinfo=None)
    before = (found - timedelta(seconds=1)).astimezone(zone).replace(tzinfo=None)

    assert shown >= wall
    assert before < wall or found.astimezone(zone).fold == 0
    assert shown == wall or before < wall


@given(wanted, days)
def test_a_window_closes_after_it_opens_or_is_swallowed(wanted, day):
    opens, closes = hours_of(wanted, day)

    assert timedelta(0) <= closes - opens <= timedelta(hours=13)


def test_an_hour_the_clocks_jump_over_counts_from_after_the_jump():
    # on 29 March 2026 the clocks of Paris go from 02:00 to 03:00
    assert instant(date(2026, 3, 29), 2, ZoneInfo("Europe/Paris")) == datetime(2026, 3, 29, 1, tzinfo=UTC)


def test_an_hour_that_comes_twice_counts_the_first_time():
    # on 25 October 2026 the clocks of Paris show 02:00 to 03:00 twice
    assert instant(date(2026, 10, 25), 2, ZoneInfo("Europe/Paris")) == datetime(2026, 10, 25, 0, tzinfo=UTC)


def test_a_day_that_a_zone_left_out_has_no_window():
    apia = Wanted(ZoneInfo("Pacific/Apia"), EVERY_DAY, 8)  # 30 December 2011 did not take place there
    opens, closes = hours_of(apia, date(2011, 12, 30))

    assert opens == closes


def test_a_pause_moves_it_to_the_day_of_coming_back():
    paused = Wanted(ZoneInfo("Europe/Paris"), EVERY_DAY, 8, (Span(date(2026, 11, 20), date(2026, 12, 4)),))

    found = next_open(paused, datetime(2026, 11, 24, 9, tzinfo=UTC))

    assert found == datetime(2026, 12, 4, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hour", "asked", "found"),
    [
        (8, 6, (24, 8)),  # too early: the same morning
        (8, 12, (24, 12)),  # open: at once
        (8, 20, (25, 8)),  # closed at twenty: the next morning
        (20, 23, (24, 23)),  # open until midnight
        (23, 22, (24, 23)),
    ],
)
def test_hours_of_a_day(hour, asked, found):
    utc = Wanted(ZoneInfo("UTC"), EVERY_DAY, hour)

    assert next_open(utc, november(24, asked)) == november(*found)


def test_without_a_weekday_it_never_comes():
    assert next_open(Wanted(ZoneInfo("UTC"), frozenset(), 8), datetime(2026, 11, 24, tzinfo=UTC)) is None


def november(day: int, hour: int) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=UTC)
