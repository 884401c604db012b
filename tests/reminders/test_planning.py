"""What is written into the ledger, for whom, and when it is due."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import ActiveDay, Pause
from progress.models import Enrollment, Submission
from reminders.emails import planning
from reminders.emails.planning import plan, plan_in_turn
from reminders.kinds import KINDS, Asked
from reminders.models import KindState, Letter, LetterWishes
from reminders.models.kind_state import KindStateQuerySet
from tests.cast import NOW, enrolled, hand_in, ines, person, road, stranger, tomas
from tests.reminders.moments import LAST, WEEK_LATER, quiet, wish

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("three_kinds")]


def occurrences() -> list[str]:
    return sorted(Letter.objects.values_list("occurrence", flat=True))


def test_seven_days_without_study_bring_a_letter_in_the_morning_of_her_zone():
    quiet(ines())

    plan(WEEK_LATER)

    letter = Letter.objects.get()
    assert (letter.kind, letter.occurrence) == ("quiet", "quiet-since-2026-11-10/7d")
    assert letter.due_at == datetime(2026, 11, 17, 7, tzinfo=UTC)  # 08:00 in Paris
    assert letter.id.version == 7


def test_it_stands_in_the_ledger_a_day_ahead_and_not_earlier():
    quiet(ines())

    plan(WEEK_LATER - timedelta(days=2))
    too_early = occurrences()
    plan(WEEK_LATER - timedelta(days=1))

    assert too_early == []
    assert occurrences() == ["quiet-since-2026-11-10/7d"]


def test_planning_again_adds_nothing():
    quiet(ines())

    plan(WEEK_LATER)
    plan(WEEK_LATER)

    assert Letter.objects.count() == 1


def test_after_four_letters_there_is_silence():
    quiet(ines())

    for days in range(200):
        plan(LAST + timedelta(days=days))

    assert occurrences() == [f"quiet-since-2026-11-10/{days}d" for days in (11, 18, 32, 7)]


def test_somebody_long_silent_when_waymark_starts_is_let_be():
    quiet(ines())

    plan(LAST + timedelta(days=90))

    assert not Letter.objects.exists()


def test_after_an_outage_only_the_newest_is_planned():
    quiet(ines())

    plan(LAST + timedelta(days=12))

    assert occurrences() == ["quiet-since-2026-11-10/11d"]


def test_every_person_has_her_own_number_of_days():
    quiet(ines())
    quiet(stranger())
    wish(ines(), quiet_days=3)

    plan(LAST + timedelta(days=4))

    assert [(x.recipient, x.occurrence) for x in Letter.objects.all()] == [
        (ines(), "quiet-since-2026-11-10/3d")
    ]


def test_who_says_no_number_is_written_to_by_her_own_rhythm():
    """Somebody who studies at weekends is away for six days each week, and that is no quiet."""
    for person_, gap in ((ines(), 1), (stranger(), 6)):
        quiet(person_)
        wish(person_, quiet_days=None)
        for times in range(1, 8):
            ActiveDay.objects.record(person_, LAST - timedelta(days=gap * times))

    plan(LAST + timedelta(days=3))
    after_three_days = set(Letter.objects.values_list("recipient", "occurrence"))
    plan(LAST + timedelta(days=8))

    assert after_three_days == {(ines().pk, "quiet-since-2026-11-10/3d")}
    assert (stranger().pk, "quiet-since-2026-11-10/8d") in Letter.objects.values_list(
        "recipient", "occurrence"
    )


def test_her_weekdays_and_quiet_hours_are_kept():
    quiet(ines())
    wish(ines(), weekdays=[5, 6], quiet_from=time(22), quiet_until=time(18))

    plan(WEEK_LATER)

    assert Letter.objects.get().due_at == datetime(2026, 11, 20, 17, tzinfo=UTC)  # Friday, 18:00 in Paris


def test_days_in_a_pause_do_not_count():
    quiet(ines())
    Pause.objects.declare(ines(), date(2026, 11, 12), date(2026, 11, 19))

    plan(WEEK_LATER + timedelta(days=5))
    too_early = occurrences()
    plan(WEEK_LATER + timedelta(days=7))

    assert too_early == []
    assert occurrences() == ["quiet-since-2026-11-10/7d"]


def test_before_the_first_day_of_the_plan_nobody_is_quiet():
    enrollment = quiet(ines())
    enrollment.replan(hours_per_week=Decimal(10), starts_on=date(2026, 12, 1), now=LAST)

    plan(WEEK_LATER)
    too_early = occurrences()
    plan(datetime(2026, 12, 8, tzinfo=UTC))

    assert too_early == []
    assert occurrences() == ["quiet-since-2026-12-01/7d"]


@pytest.mark.parametrize("why", ["finished", "left", "suspended", "stopped", "stopped all", "active"])
def test_who_gets_none(why):
    enrollment = quiet(ines())
    if why == "finished":
        Enrollment.objects.filter(pk=enrollment.pk).update(finished_at=LAST)
    elif why == "left":
        enrollment.leave(LAST)
    elif why == "suspended":
        type(ines()).objects.get_queryset().filter(pk=ines().pk).update(is_active=False)
    elif why == "stopped":
        LetterWishes.objects.of(ines()).stop("quiet")
    elif why == "stopped all":
        LetterWishes.objects.of(ines()).stop("*")
    else:
        ActiveDay.objects.record(ines(), LAST + timedelta(days=3))

    plan(WEEK_LATER)

    assert not Letter.objects.exists()


def test_feedback_is_planned_soon_after_the_decision():
    submission = hand_in(enrolled(ines())).submission
    submission.ask_for_changes(tomas(), NOW)

    plan(NOW)

    letter = Letter.objects.get()
    assert (letter.kind, letter.occurrence) == ("feedback", f"submission-{submission.pk}/version-1")
    assert letter.due_at == NOW + timedelta(minutes=15)


def test_feedback_given_at_night_waits_for_the_morning():
    submission = hand_in(enrolled(ines())).submission
    submission.accept(tomas(), datetime(2026, 11, 24, 22, tzinfo=UTC))

    plan(datetime(2026, 11, 24, 22, tzinfo=UTC))

    assert Letter.objects.get().due_at == datetime(2026, 11, 25, 7, tzinfo=UTC)


def test_the_next_decision_is_another_occurrence():
    enrollment = enrolled(ines())
    submission = hand_in(enrollment).submission
    submission.ask_for_changes(tomas(), NOW)
    plan(NOW)

    version = hand_in(enrollment, now=NOW + timedelta(hours=1))
    version.submission.accept(tomas(), NOW + timedelta(hours=2))
    plan(NOW + timedelta(hours=2))

    assert occurrences() == [f"submission-{submission.pk}/version-{number}" for number in (1, 2)]


@pytest.mark.parametrize("why", ["waiting", "opened", "left", "stopped", "long ago"])
def test_which_feedback_is_not_planned(why):
    enrollment = enrolled(ines())
    submission = hand_in(enrollment).submission
    if why != "waiting":
        submission.accept(tomas(), NOW)
    if why == "opened":
        submission.see_feedback(NOW)
    if why == "left":
        enrollment.leave(NOW)
    if why == "stopped":
        LetterWishes.objects.of(ines()).stop("feedback")

    plan(NOW + timedelta(days=20 if why == "long ago" else 0))

    assert not Letter.objects.of_kinds(["feedback"]).exists()


def test_ten_times_the_people_take_no_more_queries():
    def questions() -> int:
        Letter.objects.all().delete()
        with CaptureQueriesContext(connection) as asked:
            plan(WEEK_LATER)
        return len(asked)

    one_road = road()
    for number in range(2):
        _quiet_with_feedback(number, one_road)
    questions()  # wishes are made
    few = questions()
    for number in range(2, 20):
        _quiet_with_feedback(number, one_road)
    LetterWishes.objects.of_all(Submission.objects.values_list("person_id", flat=True))

    assert questions() == few
    assert Letter.objects.count() == 40


def _quiet_with_feedback(number, one_road):
    walker = person(f"Walker{number} Some", "learner")
    enrollment = enrolled(walker, one_road)
    hand_in(enrollment, now=LAST).submission.accept(tomas(), LAST)


class Hands:
    """Who plans which kinds. The first kind keeps its planner until the rest is done, for 5 s at most."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.of: dict[str, str] = {}
        self.rest_is_done = threading.Event()
        self._first = next(iter(KINDS))
        for kind in KINDS.values():
            monkeypatch.setattr(kind, "plan", self._planned(kind.key))

    def _planned(self, key: str) -> Callable[[Asked], Iterator[list[Letter]]]:
        def plan_one(_asked: Asked) -> Iterator[list[Letter]]:
            self.of[key] = threading.current_thread().name
            if key == self._first:
                self.rest_is_done.wait(5)
            elif len(self.of) == len(KINDS):
                self.rest_is_done.set()
            yield from ()

        return plan_one


@pytest.mark.django_db(transaction=True)
def test_where_planning_takes_long_a_second_planner_helps(settings, monkeypatch):
    settings.LETTERS_PLANNERS = 2
    monkeypatch.setattr(planning, "HELP_AFTER", 0.05)
    hands, here = Hands(monkeypatch), threading.current_thread().name

    plan_in_turn(WEEK_LATER)

    first, *rest = KINDS
    assert hands.of.pop(first) == here
    assert hands.of.keys() == set(rest)
    assert here not in hands.of.values()
    assert KindState.objects.filter(planned_at=WEEK_LATER).count() == 1 + len(KINDS), (
        "each, and all of them together"
    )


@pytest.mark.parametrize(("planners", "help_after"), [(1, 0.0), (2, 60.0)])
def test_a_planner_that_is_soon_done_has_no_help(settings, monkeypatch, planners, help_after):
    settings.LETTERS_PLANNERS = planners
    monkeypatch.setattr(planning, "HELP_AFTER", help_after)
    hands = Hands(monkeypatch)
    hands.rest_is_done.set()

    plan_in_turn(WEEK_LATER)

    assert hands.of == dict.fromkeys(KINDS, threading.current_thread().name)


@pytest.mark.django_db(transaction=True)
def test_the_first_planner_goes_on_when_its_help_fails(settings, monkeypatch, caplog):
    settings.LETTERS_PLANNERS = 2
    monkeypatch.setattr(planning, "HELP_AFTER", 0.0)
    quiet(ines())
    here, claim = threading.current_thread(), KindStateQuerySet.claim_planning

    def only_here(rows: Any, *asked: Any) -> bool:
        if threading.current_thread() is not here:
            raise ConnectionError("too many clients already")
        return claim(rows, *asked)

    monkeypatch.setattr(KindStateQuerySet, "claim_planning", only_here)
    plan_in_turn(WEEK_LATER)

    assert occurrences() == ["quiet-since-2026-11-10/7d"]
    assert "a second planner failed" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_a_planner_that_is_interrupted_waits_for_no_help_and_that_ends_with_its_kind(settings, monkeypatch):
    settings.LETTERS_PLANNERS = 2
    monkeypatch.setattr(planning, "HELP_AFTER", 0.0)
    here, helps, goes_on, planned = threading.current_thread(), threading.Event(), threading.Event(), []

    class Interrupted(BaseException):
        pass

    def plan_one(_asked: Asked) -> Iterator[list[Letter]]:
        planned.append(threading.current_thread())
        if threading.current_thread() is here:
            helps.wait(5)
            raise Interrupted
        helps.set()
        goes_on.wait(5)
        yield from ()

    for kind in KINDS.values():
        monkeypatch.setattr(kind, "plan", plan_one)
    with pytest.raises(Interrupted):
        plan_in_turn(WEEK_LATER)
    (helper,) = {*planned} - {here}
    was_still_at_it, is_daemon = helper.is_alive(), helper.daemon
    goes_on.set()
    helper.join(5)

    assert (was_still_at_it, is_daemon) == (True, True)
    assert len(planned) == 2
