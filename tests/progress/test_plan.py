"""progress.plan: dates from hours, a pace, a first day and pauses."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progress.plan import Span, lay_out, merged, middle, months_needed, shift, weeks_since

MONDAY = date(2026, 11, 30)

days = st.dates(date(2020, 1, 1), date(2035, 1, 1))
hours = st.lists(
    st.tuples(st.text("abc", min_size=1, max_size=3), st.fractions(0, 400)), min_size=1, max_size=8
)
paces = st.fractions(Fraction(1, 2), 80)


@st.composite
def spans(draw):
    start = draw(days)
    return Span(start, start + timedelta(days=draw(st.integers(1, 90))))


def test_ten_hours_at_ten_a_week_take_one_week():
    (only,) = lay_out([("math", Fraction(10))], Fraction(10), MONDAY)

    assert (only.starts_on, only.due_on) == (MONDAY, date(2026, 12, 6))


def test_stages_follow_each_other_without_a_gap():
    first, second = lay_out([("math", Fraction(20)), ("python", Fraction(10))], Fraction(10), MONDAY)

    assert second.starts_on == first.due_on + timedelta(days=1)


def test_the_source_months_come_out_of_the_source_hours():
    assert months_needed(Fraction(390), Fraction(10)) == 9
    assert months_needed(Fraction(1040), Fraction(10)) == 24


def test_a_plan_without_hours_is_refused():
    with pytest.raises(ValueError, match="more than no hours"):
        lay_out([("math", Fraction(10))], Fraction(0), MONDAY)


def test_the_middle_of_a_range_keeps_halves():
    assert middle(70, 121) == Fraction(191, 2)


@given(hours, paces, days)
def test_rounding_never_adds_up(parts, pace, start):
    *_, last = lay_out(parts, pace, start)
    exact = sum(needed for _, needed in parts) * 7 / pace

    assert (last.due_on - start).days + 1 <= exact + 1 or exact < 1


@given(hours, paces, days)
def test_due_days_never_go_back(parts, pace, start):
    dates = lay_out(parts, pace, start)

    assert all(a.due_on <= b.due_on for a, b in zip(dates, dates[1:], strict=False))
    assert all(stage.starts_on <= stage.due_on for stage in dates)


def test_weeks_are_counted_without_the_days_of_pauses():
    since = date(2026, 11, 2)
    pauses = [Span(date(2026, 10, 1), date(2026, 11, 4)), Span(date(2026, 11, 10), date(2026, 11, 15))]

    counted = [weeks_since(since + timedelta(days=n), pauses, since=since) for n in (0, 8, 13, 14, 20, 21)]

    assert counted == [0, 0, 0, 1, 1, 2]


@given(days, st.lists(spans(), max_size=5), days)
def test_a_shifted_day_never_falls_in_a_pause(day, pauses, since):
    since = min(since, day)
    shifted = shift(day, pauses, since=since)

    assert not any(p.starts_on <= shifted < p.ends_on for p in pauses)


@given(days, st.lists(spans(), max_size=5))
def test_study_days_before_a_shifted_day_stay_the_same_number(day, pauses):
    since = day - timedelta(days=200)
    shifted = shift(day, pauses, since=since)
    paused = {
        since + timedelta(days=offset)
        for offset in range((shifted - since).days)
        if any(p.starts_on <= since + timedelta(days=offset) < p.ends_on for p in pauses)
    }

    assert (shifted - since).days - len(paused) == (day - since).days


@given(st.lists(spans(), max_size=6))
def test_merged_pauses_neither_touch_nor_overlap(pauses):
    joined = merged(pauses)

    assert all(a.ends_on < b.starts_on for a, b in zip(joined, joined[1:], strict=False))
