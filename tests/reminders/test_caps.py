"""What leaves of the letters that are due to one person, what waits, and what travels along."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from progress.plan import Span
from reminders.caps import Caps, Due, Foretold, Never, Send, Wait, decide, foretell, next_allowed
from reminders.windows import Wanted

MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
LATE = MONDAY + timedelta(days=60)
PARIS = Wanted(ZoneInfo("Europe/Paris"), frozenset(range(1, 8)), time(20), time(8))
USUAL = Caps()


def due(
    key: int,
    priority: int = 5,
    due_at: datetime = MONDAY,
    expires_at: datetime = LATE,
    *,
    is_critical: bool = False,
) -> Due:
    return Due(UUID(int=key), priority, is_critical, due_at, expires_at)


def decided(
    *letters: Due,
    sent: tuple[datetime, ...] = (),
    wanted: Wanted = PARIS,
    caps: Caps = USUAL,
    now: datetime = MONDAY,
) -> list[object]:
    """What becomes of these letters, in their order."""
    found = decide(letters, sent, wanted, caps, now)
    assert len(found) == len(letters)
    return [found[letter.key] for letter in letters]


def days_ago(*counts: int) -> tuple[datetime, ...]:
    return tuple(MONDAY - timedelta(days=count) for count in counts)


def test_nothing_due_is_nothing_to_do():
    assert decided() == []


def test_all_that_is_due_becomes_one_letter_led_by_the_most_important():
    together = Send(UUID(int=2), (UUID(int=3), UUID(int=1)))

    assert decided(due(1, 7), due(2, 2), due(3, 4)) == [together] * 3


def test_of_equally_important_ones_the_longest_due_leads():
    earlier = MONDAY - timedelta(hours=1)

    assert decided(due(1), due(2, due_at=earlier))[0] == Send(UUID(int=2), (UUID(int=1),))


def test_critical_ones_go_alone_and_carry_nothing():
    found = decided(due(1, 1, is_critical=True), due(2), due(3, 1, is_critical=True), due(4))

    merged = Send(UUID(int=2), (UUID(int=4),))
    assert found == [Send(UUID(int=1)), merged, Send(UUID(int=3)), merged]


def test_a_second_one_on_a_day_waits_for_the_next_morning():
    assert decided(due(1), sent=(MONDAY - timedelta(hours=1),)) == [Wait(paris(24, 8))]


def test_a_critical_one_waits_for_no_cap():
    sent = tuple(MONDAY - timedelta(minutes=minute) for minute in range(1, 9))

    assert decided(due(1, is_critical=True), sent=sent) == [Send(UUID(int=1))]


def test_three_in_a_week_are_enough_until_monday():
    sunday = MONDAY + timedelta(days=6)
    sent = tuple(sunday - timedelta(days=count) for count in (1, 3, 5))

    assert decided(due(1), sent=sent, now=sunday) == [Wait(paris(30, 8))]


def test_what_came_last_week_does_not_count_this_week():
    assert decided(due(1), sent=days_ago(1, 2, 3, 4)) == [Send(UUID(int=1))]


def test_day_and_week_are_those_of_her_own_calendar():
    auckland = Wanted(ZoneInfo("Pacific/Auckland"), frozenset(range(1, 8)), time(0), time(0))
    monday_there = datetime(2026, 11, 22, 12, tzinfo=UTC)  # Monday 01:00 there, Sunday noon in UTC
    sunday_there = datetime(2026, 11, 22, 10, tzinfo=UTC)  # Sunday 23:00 there
    one_a_week = Caps(most_per_day=1, most_per_week=1)

    assert decided(due(1), sent=(sunday_there,), wanted=auckland, caps=one_a_week, now=monday_there) == [
        Send(UUID(int=1))
    ]
    assert decided(due(1), sent=(sunday_there,), wanted=PARIS, caps=one_a_week, now=monday_there) == [
        Wait(paris(23, 8))
    ]


def test_the_week_of_new_year_is_one_week():
    friday = datetime(2027, 1, 1, 9, tzinfo=UTC)  # in week 53 of 2026, with the Wednesday before
    wednesday = friday - timedelta(days=2)

    assert decided(due(1), sent=(wednesday,), caps=Caps(1, 1), now=friday) == [
        Wait(datetime(2027, 1, 4, 7, tzinfo=UTC))
    ]


def test_a_full_day_before_a_closed_weekday_waits_over_it():
    no_tuesdays = Wanted(PARIS.zone, PARIS.weekdays - {2}, time(20), time(7, 30))

    assert decided(due(1), sent=(MONDAY,), wanted=no_tuesdays) == [Wait(paris(25, 7, 30))]


def test_at_night_all_wait_for_the_morning_critical_ones_too():
    night = MONDAY.replace(hour=22)

    assert decided(due(1), due(2, is_critical=True), now=night) == [Wait(paris(24, 8))] * 2


def test_a_snooze_keeps_back_what_is_not_critical():
    snoozed = Wanted(PARIS.zone, PARIS.weekdays, time(20), time(8), snoozed_until=date(2026, 11, 27))

    assert decided(due(1), due(2, is_critical=True), wanted=snoozed) == [
        Wait(paris(27, 8)),
        Send(UUID(int=2)),
    ]


def test_what_would_come_too_late_never_comes():
    soon, night = MONDAY.replace(hour=23), MONDAY.replace(hour=22)

    assert decided(due(1, expires_at=soon), due(2), now=night) == [Never(), Wait(paris(24, 8))]
    assert decided(due(1, expires_at=soon, is_critical=True), now=night) == [Never()]
    assert decided(due(1, expires_at=soon), sent=(MONDAY,)) == [Never()]


def test_what_is_useless_already_travels_in_no_letter():
    assert decided(due(1, 1, expires_at=MONDAY), due(2)) == [Never(), Send(UUID(int=2))]
    assert decided(due(1, expires_at=MONDAY, is_critical=True)) == [Never()]


@pytest.mark.parametrize("caps", [Caps(0, 3), Caps(1, 0)])
def test_who_wants_none_gets_critical_ones_only(caps):
    assert decided(due(1), due(2, is_critical=True), caps=caps) == [Never(), Send(UUID(int=2))]


def test_without_a_weekday_nothing_ever_leaves():
    assert decided(
        due(1), due(2, is_critical=True), wanted=Wanted(PARIS.zone, frozenset(), time(20), time(8))
    ) == [
        Never(),
        Never(),
    ]


def test_the_next_allowed_moment_looks_over_full_days_weeks_and_pauses():
    away = Wanted(
        PARIS.zone, PARIS.weekdays, time(20), time(8), (Span(date(2026, 11, 24), date(2026, 12, 8)),)
    )

    assert next_allowed((MONDAY,), away, USUAL, MONDAY) == datetime(2026, 12, 8, 7, tzinfo=UTC)


def test_the_days_ahead_foretold_is_what_deciding_at_each_moment_would_bring():
    at_noon = [MONDAY.replace(day=day, hour=11) for day in (23, 24, 25, 26)]
    letters = [due(n, due_at=at) for n, at in enumerate(at_noon, start=1)]
    letters += [
        due(5, due_at=at_noon[1]),
        due(6, due_at=at_noon[3], expires_at=at_noon[3] + timedelta(hours=9)),
    ]

    found = foretell(letters, (), PARIS, USUAL, until=MONDAY + timedelta(days=14))

    monday_after = paris(30, 8)
    assert found == [
        Foretold(UUID(int=1), at_noon[0], is_sent=True),
        Foretold(UUID(int=2), at_noon[1], is_sent=True),
        Foretold(UUID(int=5), at_noon[1], is_sent=True, lead=UUID(int=2)),
        Foretold(UUID(int=3), at_noon[2], is_sent=True),
        Foretold(UUID(int=6), at_noon[3], is_sent=False),  # the fourth of the week, and useless on Monday
        Foretold(UUID(int=4), monday_after, is_sent=True),
    ]


def test_foretelling_ends_where_it_is_told_to_and_counts_no_critical_letters():
    letters = [
        due(1, is_critical=True),
        due(2, due_at=MONDAY + timedelta(hours=1)),
        due(3, due_at=paris(25, 8)),
    ]

    found = foretell(letters, (), PARIS, Caps(1, 1), until=paris(25, 8))

    assert [(seen.key.int, seen.is_sent) for seen in found] == [(1, True), (2, True)]


def paris(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=ZoneInfo("Europe/Paris")).astimezone(UTC)
