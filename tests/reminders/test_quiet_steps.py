"""After how many days of quiet the letters come, and how long one waits for a mail server."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progress.plan import Span
from reminders.patience import MOST_TRIES, wait_after
from reminders.quiet import occurrence, reached, steps, upcoming

SINCE = date(2026, 11, 17)

days = st.dates(date(2026, 1, 1), date(2027, 12, 31))
spans = st.lists(
    st.builds(lambda first, length: Span(first, first + timedelta(days=length)), days, st.integers(1, 60)),
    max_size=4,
)


def due(quiet_days: int = 7, pauses: tuple[Span, ...] = ()) -> list[date]:
    return [step.due_on for step in steps(SINCE, quiet_days, pauses)]


def test_three_letters_further_and_further_apart():
    assert due() == [date(2026, 11, 24), date(2026, 12, 1), date(2026, 12, 15)]
    assert [step.is_last for step in steps(SINCE, 7, ())] == [False, False, True]


def test_days_in_a_pause_do_not_count():
    pause = Span(date(2026, 11, 20), date(2026, 11, 30))

    assert due(pauses=(pause,)) == [date(2026, 12, 4), date(2026, 12, 11), date(2026, 12, 25)]


def test_a_pause_that_was_over_before_changes_nothing():
    assert due(pauses=(Span(date(2026, 11, 1), SINCE),)) == due()


@given(days, st.integers(2, 60), spans)
def test_outside_of_pauses_exactly_so_many_days_have_gone_by(since, quiet_days, pauses):
    for step in steps(since, quiet_days, pauses):
        between = [since + timedelta(days=n) for n in range(1, (step.due_on - since).days)]
        counted = [day for day in between if not any(p.starts_on <= day < p.ends_on for p in pauses)]

        assert len(counted) == step.days - 1
        assert not any(p.starts_on <= step.due_on < p.ends_on for p in pauses)


@given(days, st.integers(2, 60), spans, days)
def test_the_reached_letter_is_the_last_one_due_and_the_upcoming_one_the_next(since, quiet_days, pauses, day):
    found, ahead = reached(since, quiet_days, pauses, day), upcoming(since, quiet_days, pauses, day)
    every = steps(since, quiet_days, pauses)

    assert [step for step in every if step.due_on <= day][-1:] == ([found] if found else [])
    assert [step for step in every if step.due_on > day][:1] == ([ahead] if ahead else [])


def test_a_letter_is_useful_until_the_next_one_is_due():
    first, second, _third = steps(SINCE, 7, ())

    assert first.useless_on == second.due_on


def test_the_occurrence_says_since_when_and_how_long():
    assert occurrence(SINCE, 14) == "quiet-since-2026-11-17/14d"


@pytest.mark.parametrize(
    ("tries", "minutes"), [(1, 1), (2, 5), (3, 15), (4, 60), (5, 240), (6, 240), (7, 240)]
)
def test_it_waits_longer_each_time(tries, minutes):
    assert wait_after(tries) == timedelta(minutes=minutes)


def test_after_the_last_try_it_gives_up():
    assert wait_after(MOST_TRIES) is None
