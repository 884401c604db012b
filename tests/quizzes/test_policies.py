"""What an author may decide about time, waits and limits, and what one person is given beyond everybody.

Each test is named after the rule of the reference that it shows (Q3, Q8, Q16, Q18, Q20).
"""

from datetime import timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from accounts.models import User
from progress.models import StagePass
from quizzes.models import Accommodation, Attempt, Quiz
from quizzes.refusals import (
    ClosedError,
    CoolingDownError,
    FinishedError,
    LimitReachedError,
    NeverAgainError,
)
from tests import cast
from tests.cast import NOW, answer

pytestmark = pytest.mark.django_db
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def started(person: User | None = None, now=NOW, **policies: object) -> Attempt:
    return Attempt.objects.start(person or cast.ines(), cast.base_quiz(**policies), now)


def answered(attempt: Attempt, right: int, now=NOW) -> Attempt:
    attempt.save_answers(attempt.open(now), [answer(slot.slot) for slot in attempt.slots[:right]], now)
    return attempt


def handed_in(attempt: Attempt, right: int, now=NOW) -> Attempt:
    answered(attempt, right, now).submit(now)
    return attempt


def give(person: User | None = None, at: Quiz | None = None, now=NOW, **what: object):
    row = Accommodation(person=person or cast.ines(), quiz=at, note="Certificate seen.", **what)
    return Accommodation.objects.give(row, by=cast.tomas(), now=now)


def fresh(attempt: Attempt) -> Attempt:
    return Attempt.objects.get(pk=attempt.pk)


class TestQ3Deadlines:
    def test_q03_a_later_end_moves_the_deadline_of_a_running_attempt(self):
        attempt = started(available_until=NOW + HOUR, grace_seconds=60)
        assert (attempt.deadline_at, attempt.closes_at) == (NOW + HOUR, NOW + HOUR + MINUTE)

        cast.base_quiz(available_until=NOW + 3 * HOUR)

        attempt = fresh(attempt)
        assert (attempt.deadline_at, attempt.closes_at) == (NOW + 3 * HOUR, NOW + 3 * HOUR + MINUTE)
        [row] = attempt.extensions.all()
        assert (row.was, row.became) == (NOW + HOUR, NOW + 3 * HOUR)
        answered(attempt, 3, NOW + 2 * HOUR)
        assert len(attempt.values()) == 3

    def test_q03_a_later_end_gives_no_more_than_the_time_limit(self):
        attempt = started(available_until=NOW + 10 * MINUTE, time_limit_minutes=30)
        cast.base_quiz(available_until=NOW + DAY)
        assert fresh(attempt).deadline_at == NOW + 30 * MINUTE

    def test_q03_without_an_end_the_time_limit_holds(self):
        attempt = started(available_until=NOW + 10 * MINUTE, time_limit_minutes=30)
        cast.base_quiz(available_until=None)
        assert fresh(attempt).deadline_at == NOW + 30 * MINUTE

    @pytest.mark.parametrize("change", [{"available_until": NOW + MINUTE}, {"time_limit_minutes": 1}])
    def test_q03_shortening_never_shortens_a_running_attempt(self, change):
        attempt = started(available_until=NOW + HOUR, time_limit_minutes=30)
        cast.base_quiz(**change)
        assert fresh(attempt).deadline_at == NOW + 30 * MINUTE
        assert not attempt.extensions.exists()

    def test_q03_what_is_over_is_not_opened_again(self):
        attempt = handed_in(started(available_until=NOW + HOUR), 3)
        cast.base_quiz(available_until=NOW + DAY)
        assert fresh(attempt).deadline_at == NOW + HOUR


class TestQ8WhenTimeIsOver:
    def test_q08_hand_in_counts_what_is_saved_and_keeps_what_came_late(self):
        attempt = answered(started(time_limit_minutes=10, overtime="hand_in"), 9)
        with pytest.raises(FinishedError):
            attempt.save_answers(attempt.epoch, [answer(10, sequence=9)], NOW + 12 * MINUTE)
        assert finalise_at(NOW + 12 * MINUTE) == 1

        attempt = fresh(attempt)
        assert (attempt.finished_at, attempt.points) == (NOW + 10 * MINUTE, 9)
        assert (attempt.is_passed, attempt.is_abandoned) == (True, False)
        [late] = attempt.answers.filter(is_late=True)
        assert (late.slot, late.value) == (10, "true")
        assert attempt.result().answered[9].late == "true"

    def test_q08_an_answer_within_the_grace_of_a_slow_line_counts(self):
        attempt = started(time_limit_minutes=10)
        epoch = attempt.open(NOW)
        attempt.save_answers(epoch, [answer(1)], NOW + 10 * MINUTE + timedelta(seconds=59))
        with pytest.raises(FinishedError):
            attempt.save_answers(epoch, [answer(2)], NOW + 11 * MINUTE + timedelta(seconds=1))
        assert attempt.values() == {1: "true"}

    def test_q08_grace_lets_it_be_handed_in_for_a_while_but_not_changed(self):
        attempt = answered(started(time_limit_minutes=10, overtime="grace", overtime_minutes=30), 9)
        with pytest.raises(FinishedError):
            attempt.save_answers(attempt.epoch, [answer(10, sequence=9)], NOW + 20 * MINUTE)
        assert finalise_at(NOW + 40 * MINUTE) == 0

        attempt = fresh(attempt)
        attempt.submit(NOW + 40 * MINUTE)
        assert (attempt.finished_at, attempt.points) == (NOW + 10 * MINUTE, 9)
        assert (attempt.is_passed, attempt.is_abandoned) == (True, False)

    def test_q08_grace_earns_nothing_for_who_never_hands_in(self):
        attempt = answered(started(time_limit_minutes=10, overtime="grace", overtime_minutes=30), 9)
        assert finalise_at(NOW + 42 * MINUTE) == 1

        attempt = fresh(attempt)
        assert (attempt.points, attempt.is_passed, attempt.is_abandoned) == (0, False, True)
        assert len(attempt.values()) == 9

    def test_q08_abandon_earns_nothing_and_keeps_the_answers(self):
        attempt = answered(started(time_limit_minutes=10, overtime="abandon"), 9)
        assert finalise_at(NOW + 12 * MINUTE) == 1

        attempt = fresh(attempt)
        assert (attempt.points, attempt.is_passed, attempt.is_abandoned) == (0, False, True)
        assert len(attempt.values()) == 9
        assert attempt.receipt_holds()

    def test_q08_handed_in_within_time_is_never_abandoned(self):
        attempt = handed_in(started(time_limit_minutes=10, overtime="abandon"), 9, NOW + 10 * MINUTE)
        assert (attempt.points, attempt.is_abandoned) == (9, False)


class TestQ16WaitsAndEnds:
    def test_q16_the_next_attempt_waits_until_the_hours_between_are_over(self):
        handed_in(started(cooldown_hours=24), 3)
        with pytest.raises(CoolingDownError) as refused:
            started(now=NOW + 23 * HOUR)
        assert refused.value.until == NOW + 24 * HOUR
        assert started(now=NOW + 24 * HOUR).number == 2

    def test_q16_who_could_only_begin_after_the_end_is_told_that_she_cannot_wait(self):
        handed_in(started(cooldown_hours=24, available_until=NOW + 20 * HOUR), 3)
        with pytest.raises(NeverAgainError) as refused:
            started(now=NOW + HOUR)
        assert (refused.value.until, refused.value.at) == (NOW + 24 * HOUR, NOW + 20 * HOUR)

    def test_q16_after_the_end_nothing_begins(self):
        with pytest.raises(ClosedError):
            started(now=NOW + 2 * HOUR, available_until=NOW + HOUR)

    def test_q16_an_end_cuts_the_time_limit_short(self):
        attempt = started(available_until=NOW + 10 * MINUTE, time_limit_minutes=30)
        assert attempt.deadline_at == NOW + 10 * MINUTE


class TestQ18Accommodations:
    @pytest.mark.parametrize(
        ("factor", "minutes", "expected"), [("1.5", 0, 60), ("1", 25, 65), ("1.5", 25, 65), ("2", 25, 80)]
    )
    def test_q18_of_factor_and_minutes_the_greater_counts(self, factor, minutes, expected):
        give(time_factor=Decimal(factor), extra_minutes=minutes)
        assert started(time_limit_minutes=40).deadline_at == NOW + expected * MINUTE

    def test_q18_of_several_the_greatest_of_each_kind_counts(self):
        give(extra_attempts=2)
        give(at=cast.base_quiz(), time_factor=Decimal(2))
        allowance = Accommodation.objects.allowance(cast.ines(), cast.base_quiz())
        assert (allowance.time_factor, allowance.extra_attempts) == (2, 2)

    def test_q18_a_running_attempt_gets_the_time_and_says_why(self):
        attempt = answered(started(time_limit_minutes=40), 3)
        given = give(time_factor=Decimal("1.5"), now=NOW + MINUTE)

        assert given.extended == [attempt]
        attempt = fresh(attempt)
        assert (attempt.deadline_at, attempt.closes_at) == (NOW + 60 * MINUTE, NOW + 61 * MINUTE)
        [row] = attempt.extensions.all()
        assert (row.extended_by, row.reason) == (cast.tomas(), "Certificate seen.")
        assert len(attempt.values()) == 3

    def test_q18_only_attempts_at_its_quiz_get_it(self):
        attempt = started(time_limit_minutes=40)
        given = give(at=Quiz.objects.get(key="ridge-quiz"), time_factor=Decimal(2))
        assert given.extended == []
        assert fresh(attempt).deadline_at == NOW + 40 * MINUTE

    def test_q18_nobody_elses_attempt_is_touched(self):
        attempt = started(cast.stranger(), time_limit_minutes=40)
        assert give(time_factor=Decimal(2)).extended == []
        assert fresh(attempt).deadline_at == NOW + 40 * MINUTE

    def test_q18_it_never_shortens_what_was_extended_by_hand(self):
        attempt = started(time_limit_minutes=40)
        attempt.extend(NOW + 5 * HOUR, by=None, reason="Fire alarm.", now=NOW)
        assert give(time_factor=Decimal("1.5")).extended == []
        assert fresh(attempt).deadline_at == NOW + 5 * HOUR

    def test_q18_ended_it_holds_no_longer_but_what_runs_keeps_its_time(self):
        attempt = started(time_limit_minutes=40)
        row = give(time_factor=Decimal(2)).row
        row.end(by=cast.ada(), now=NOW + HOUR)

        assert (row.ended_at, row.ended_by) == (NOW + HOUR, cast.ada())
        assert fresh(attempt).deadline_at == NOW + 80 * MINUTE
        attempt = fresh(attempt)
        attempt.submit(NOW + MINUTE)
        assert started(now=NOW + 2 * DAY).deadline_at == NOW + 2 * DAY + 40 * MINUTE

    def test_q18_more_attempts_go_beyond_the_limit_of_everybody(self):
        handed_in(started(attempts_limit=1, cooldown_hours=0), 3)
        with pytest.raises(LimitReachedError):
            started(now=NOW + DAY)
        give(extra_attempts=1)
        assert handed_in(started(now=NOW + DAY), 3, NOW + DAY).number == 2
        with pytest.raises(LimitReachedError):
            started(now=NOW + 2 * DAY)

    def test_q18_minutes_count_from_now_once_the_deadline_is_over(self):
        attempt = started(time_limit_minutes=40)
        assert attempt.give_minutes(15, by=cast.tomas(), reason="Power cut.", now=NOW + HOUR)
        assert fresh(attempt).deadline_at == NOW + 75 * MINUTE
        assert not handed_in(attempt, 3, NOW + HOUR).give_minutes(15, by=None, reason="", now=NOW + HOUR)


class TestQ20SetAside:
    def test_q20_one_set_aside_uses_up_no_attempt_and_asks_for_no_wait(self):
        attempt = handed_in(started(attempts_limit=1, cooldown_hours=24), 3)
        attempt.set_aside(by=cast.tomas(), reason="The power went.", now=NOW + MINUTE)
        assert started(now=NOW + 2 * MINUTE).number == 2

    def test_q20_its_result_no_longer_counts_but_its_history_is_kept(self):
        enrollment = cast.enrolled(cast.ines())
        attempt = handed_in(started(), 10)
        assert enrollment.standing(NOW).facts.quizzes["base-quiz"].best_percent == 100

        attempt.set_aside(by=cast.tomas(), reason="A mistake.", now=NOW + MINUTE)

        assert "base-quiz" not in enrollment.standing(NOW).facts.quizzes
        kept = fresh(attempt)
        assert (kept.points, kept.gradings.count(), len(kept.values())) == (10, 1, 10)
        assert (kept.set_aside_by, kept.set_aside_reason) == (cast.tomas(), "A mistake.")
        assert kept.receipt_holds()

    def test_q20_a_stage_that_was_passed_stays_passed(self):
        enrollment = cast.enrolled(cast.ines())
        cast.pass_stage(enrollment, "base")
        attempt = Attempt.objects.get(quiz__key="base-quiz")
        attempt.set_aside(by=None, reason="A mistake.", now=NOW + MINUTE)
        assert StagePass.objects.filter(person=cast.ines(), stage__key="base").exists()
        assert enrollment.standing(NOW + MINUTE).by_key["base"].is_passed

    def test_q20_an_open_one_is_handed_in_first_and_so_is_no_longer_in_the_way(self):
        attempt = answered(started(), 3)
        attempt.set_aside(by=None, reason="A mistake.", now=NOW + MINUTE)
        assert fresh(attempt).is_finished
        assert started(now=NOW + 2 * MINUTE).number == 2


class TestReceipts:
    def test_all_receipts_are_checked_and_one_that_does_not_fit_is_named(self):
        whole, touched = (
            handed_in(started(cooldown_hours=0), 3),
            handed_in(started(now=NOW + DAY), 3, NOW + DAY),
        )
        out = StringIO()
        call_command("check_receipts", stdout=out)
        assert "2 receipts checked, 0 do not fit." in out.getvalue()

        with connection.cursor() as cursor:
            cursor.execute("UPDATE quizzes_attempt SET receipt = repeat('0', 64) WHERE id = %s", [touched.pk])
        said = StringIO()
        with pytest.raises(SystemExit) as left:
            call_command("check_receipts", stdout=said, stderr=said)
        assert left.value.code == 1
        assert f"Attempt {touched.pk} " in said.getvalue()
        assert f"Attempt {whole.pk} " not in said.getvalue()

    def test_receipts_are_checked_in_chunks(self):
        for days in range(3):
            handed_in(started(now=NOW + days * DAY, cooldown_hours=0), days, NOW + days * DAY)
        assert list(Attempt.objects.whose_receipt_fails(chunk=2)) == []


def finalise_at(now) -> int:
    """What the clock does every 30 seconds, at that moment."""
    return Attempt.objects.finalise_overdue(now)
