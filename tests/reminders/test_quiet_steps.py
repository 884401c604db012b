"""After how many days of quiet the letters come, and how long one waits for a mail server."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progress.plan import Span
from reminders.patience import MOST_TRIES, wait_after
from reminders.quiet import after, ahead, first_after, occurrence, reached, steps, usual_gap

SINCE = date(2026, 11, 17)

days = st.dates(date(2026, 1, 1), date(2027, 12, 31))
firsts = st.integers(2, 60)
spans = st.lists(
    st.builds(lambda first, length: Span(first, first + timedelta(days=length)), days, st.integers(1, 60)),
    max_size=4,
)


def due(first: int = 3, pauses: tuple[Span, ...] = ()) -> list[int]:
    """The letters, each as days after the last active day."""
    return [(step.due_on - SINCE).days for step in steps(SINCE, first, pauses)]


def days_before(*counts: int) -> list[date]:
    return [SINCE - timedelta(days=count) for count in counts]


def test_who_studies_daily_gets_four_letters_further_and_further_apart():
    gap = usual_gap(days_before(*range(30)), SINCE)

    assert due(first_after(None, gap)) == [3, 7, 14, 28]
    assert [step.is_last for step in steps(SINCE, 3, ())] == [False, False, False, True]


def test_who_studies_on_sundays_is_not_missed_before_the_next_one_has_gone_by():
    gap = usual_gap(days_before(0, 7, 14, 21, 28, 35, 42), SINCE)

    assert due(first_after(None, gap)) == [9, 13, 20, 34]


def test_chosen_days_come_before_rhythm():
    assert due(first_after(7, 3)) == [7, 11, 18, 32]


@pytest.mark.parametrize(
    ("active", "gap"),
    [
        ((), 1),
        ((0, 9, 20), 1),  # too few to be a rhythm
        ((0, 2, 4, 6, 8, 10), 2),
        ((0, 1, 2, 3, 4, 30), 1),  # one long absence is none
        ((0, 1, 2, 3, 23, 43), 20),  # two of five are
        ((0, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15), 2),
        ((14, 12, 10, 8, 0, 0, 2, 4, 6), 2),  # in any order, and twice
        ((0, 56, 60, 70, 80, 90, 100, 110), 1),  # all but today is too long ago
        ((0, 11, 22, 33, 44, 55), 11),
        ((-3, -2, -1, 0), 1),  # days after the one that was asked for don't tell
    ],
)
def test_the_usual_gap_is_one_that_four_of_five_keep_within(active, gap):
    assert usual_gap(days_before(*active), SINCE) == gap


@given(st.sets(st.integers(0, 55), min_size=6))
def test_four_of_five_gaps_keep_within_and_no_smaller_number_does(counts):
    known = sorted(counts)
    gaps = [later - earlier for earlier, later in zip(known, known[1:], strict=False)]
    found = usual_gap(days_before(*known), SINCE)

    assert 5 * sum(gap <= found for gap in gaps) >= 4 * len(gaps)
    assert 5 * sum(gap < found for gap in gaps) < 4 * len(gaps)


def test_days_in_a_pause_do_not_count():
    pause = Span(date(2026, 11, 19), date(2026, 11, 29))

    assert due(pauses=(pause,)) == [13, 17, 24, 38]


def test_a_pause_that_was_over_before_changes_nothing():
    assert due(pauses=(Span(date(2026, 11, 1), SINCE),)) == due()


@given(days, firsts, spans)
def test_outside_of_pauses_exactly_so_many_days_have_gone_by(since, first, pauses):
    for step in steps(since, first, pauses):
        between = [since + timedelta(days=n) for n in range(1, (step.due_on - since).days)]
        counted = [day for day in between if not any(p.starts_on <= day < p.ends_on for p in pauses)]

        assert len(counted) == step.days - 1
        assert not any(p.starts_on <= step.due_on < p.ends_on for p in pauses)


@given(days, firsts, spans, days, st.integers(0, 60))
def test_looking_ahead_finds_the_last_one_due_and_all_that_follow(since, first, pauses, today, further):
    by, every = today + timedelta(days=further), steps(since, first, pauses)
    last = [step for step in every if step.due_on <= today][-1:]

    assert reached(since, first, pauses, today) == (last[0] if last else None)
    assert ahead(since, first, pauses, today, by) == [
        *last,
        *(step for step in every if today < step.due_on <= by),
    ]


def test_each_letter_knows_when_the_next_one_comes():
    assert [after(step, 3) for step in steps(SINCE, 3, ())] == [7, 14, 28, None]


def test_a_letter_is_useful_until_the_next_one_is_due_and_the_last_for_two_weeks():
    every = steps(SINCE, 3, ())

    assert [step.useless_on for step in every[:-1]] == [step.due_on for step in every[1:]]
    assert every[-1].useless_on == every[-1].due_on + timedelta(days=14)


def test_the_occurrence_says_since_when_and_how_long():
    assert occurrence(SINCE, 14) == "quiet-since-2026-11-17/14d"


@pytest.mark.parametrize(
    ("tries", "minutes"), [(1, 1), (2, 5), (3, 15), (4, 60), (5, 240), (6, 240), (7, 240)]
)
def test_it_waits_longer_each_time(tries, minutes):
    assert wait_after(tries) == timedelta(minutes=minutes)


def test_after_the_eighth_try_it_gives_up():
    assert MOST_TRIES == 8
    assert wait_after(8) is None
