"""The verbs of an attempt: start, open, save, hand in, and what the clock hands in by itself."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from accounts import clock
from accounts.models import User
from quizzes.models import Answer, Attempt, Quiz
from quizzes.refusals import (
    CoolingDownError,
    FinishedError,
    LimitReachedError,
    NotFinishedError,
    NotPublishedError,
    TakenOverError,
    UnknownSlotError,
)
from quizzes.tasks import finalise_overdue
from tests import cast
from tests.cast import NOW, answer

pytestmark = pytest.mark.django_db
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def started(person: User | None = None, now=NOW, **policies: object) -> Attempt:
    return Attempt.objects.start(person or cast.ines(), cast.base_quiz(**policies), now)


def handed_in(attempt: Attempt, right: int, now=NOW) -> Attempt:
    attempt.save_answers(attempt.open(now), [answer(slot.slot) for slot in attempt.slots[:right]], now)
    attempt.submit(now)
    return attempt


class TestStart:
    def test_starting_freezes_paper_pass_mark_and_deadline(self):
        attempt = started(time_limit_minutes=40, draw=4)
        cast.base_quiz(pass_percent=10, draw=9, time_limit_minutes=1)
        attempt.refresh_from_db()

        assert (attempt.number, attempt.pass_percent, len(attempt.slots)) == (1, 80, 4)
        assert attempt.deadline_at == NOW + 40 * MINUTE
        assert attempt.closes_at == NOW + 41 * MINUTE

    def test_starting_again_goes_on_with_the_open_attempt(self):
        first = started()

        assert Attempt.objects.start(cast.ines(), first.quiz, NOW + MINUTE) == first

    def test_two_people_have_an_attempt_each(self):
        assert started() != started(cast.stranger())

    def test_the_next_attempt_waits_for_the_cooldown(self):
        first = handed_in(started(), 3)

        with pytest.raises(CoolingDownError) as refused:
            Attempt.objects.start(cast.ines(), first.quiz, NOW + DAY - MINUTE)
        assert refused.value.until == NOW + DAY
        assert Attempt.objects.start(cast.ines(), first.quiz, NOW + DAY).number == 2

    def test_the_limit_of_attempts_is_kept(self):
        first = handed_in(started(attempts_limit=1), 3)

        with pytest.raises(LimitReachedError):
            Attempt.objects.start(cast.ines(), first.quiz, NOW + 2 * DAY)

    def test_a_quiz_without_a_published_version_is_refused(self):
        unpublished = cast.base_quiz()
        unpublished.current_version = None

        with pytest.raises(NotPublishedError):
            Attempt.objects.start(cast.ines(), unpublished, NOW)

    def test_the_second_attempt_asks_other_questions(self):
        first = handed_in(started(draw=5), 2)
        second = Attempt.objects.start(cast.ines(), first.quiz, NOW + DAY)

        assert not {slot.question for slot in first.slots} & {slot.question for slot in second.slots}

    def test_an_open_attempt_whose_time_is_over_is_handed_in_and_counts(self):
        first = started(time_limit_minutes=10)

        with pytest.raises(CoolingDownError):
            Attempt.objects.start(cast.ines(), first.quiz, NOW + 20 * MINUTE)

    def test_an_attempt_goes_on_with_its_own_wording_after_a_new_version(self):
        attempt = started()
        question = attempt.quiz.items.all()[0].question
        question.draft = {**question.draft, "stem": "Said better."}
        question.save()
        attempt.quiz.publish(None, NOW)

        assert "Said better." not in [row.asked.stem for row in attempt.questions()]


@pytest.mark.django_db(transaction=True)
def test_q01_twenty_starts_at_the_same_moment_make_one_attempt():
    learner, at = cast.ines(), cast.base_quiz()

    def start(_: int) -> int:
        try:
            return Attempt.objects.start(learner, Quiz.objects.get(pk=at.pk), NOW).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        made = set(pool.map(start, range(20)))

    assert len(made) == 1
    assert Attempt.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_handing_in_ten_times_at_once_marks_once():
    attempt = started()
    attempt.save_answers(attempt.open(NOW), [answer(1)], NOW)

    def submit(second: int) -> str:
        try:
            mine = Attempt.objects.get(pk=attempt.pk)
            mine.submit(NOW + timedelta(seconds=second))
            return mine.receipt
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        receipts = set(pool.map(submit, range(10)))

    assert len(receipts) == 1
    assert attempt.gradings.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_sweepers_side_by_side_finish_each_attempt_once():
    for person in (cast.ines(), cast.stranger(), cast.tomas()):
        started(person, time_limit_minutes=10)

    def sweep(_: int) -> int:
        try:
            return Attempt.objects.finalise_overdue(NOW + DAY)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(sweep, range(4))) == 3
    assert not Attempt.objects.open().exists()


class TestSave:
    def test_the_last_save_of_a_slot_counts_whatever_arrives_first(self):
        attempt = started()
        epoch = attempt.open(NOW)
        attempt.save_answers(epoch, [answer(1, "false", sequence=9)], NOW)
        attempt.save_answers(epoch, [answer(1, "true", sequence=4)], NOW)

        assert attempt.values() == {1: "false"}

    def test_a_newer_opening_counts_more_than_a_higher_sequence(self):
        attempt = started()
        attempt.save_answers(attempt.open(NOW), [answer(1, "false", sequence=900)], NOW)
        attempt.save_answers(attempt.open(NOW), [answer(1, "true", sequence=1)], NOW)

        assert attempt.values() == {1: "true"}

    def test_sending_the_same_save_twice_writes_it_once(self):
        attempt = started()
        epoch, item = attempt.open(NOW), answer(1)
        attempt.save_answers(epoch, [item], NOW)
        attempt.save_answers(epoch, [item], NOW)

        assert attempt.answers.count() == 1

    def test_a_page_that_was_overtaken_may_no_longer_save(self):
        attempt = started()
        old = attempt.open(NOW)
        attempt.open(NOW)

        with pytest.raises(TakenOverError):
            attempt.save_answers(old, [answer(1)], NOW)
        assert attempt.values() == {}
        assert [row.value for row in attempt.answers.overtaken()] == ["true"]

    def test_a_slot_that_is_not_on_the_paper_is_refused_and_nothing_is_written(self):
        attempt = started()

        with pytest.raises(UnknownSlotError):
            attempt.save_answers(attempt.open(NOW), [answer(1), answer(99)], NOW)
        assert not attempt.answers.exists()

    def test_saving_is_one_statement(self, django_assert_num_queries):
        attempt = started()
        epoch = attempt.open(NOW)

        with django_assert_num_queries(1):
            attempt.save_answers(epoch, [answer(n) for n in range(1, 11)], NOW)
        assert len(attempt.values()) == 10

    def test_after_handing_in_nothing_counts_but_nothing_is_lost(self):
        attempt = started()
        epoch = attempt.open(NOW)
        attempt.submit(NOW)

        with pytest.raises(FinishedError):
            attempt.save_answers(epoch, [answer(1)], NOW)
        assert attempt.values() == {}
        assert [row.slot for row in attempt.answers.late()] == [1]

    def test_within_the_grace_an_answer_counts_and_after_it_it_is_kept_as_late(self):
        attempt = started(time_limit_minutes=10)
        epoch = attempt.open(NOW)
        attempt.save_answers(epoch, [answer(1)], NOW + 11 * MINUTE)
        with pytest.raises(FinishedError):
            attempt.save_answers(epoch, [answer(2)], NOW + 11 * MINUTE + timedelta(seconds=1))

        assert list(attempt.values()) == [1]
        assert [row.slot for row in attempt.answers.late()] == [2]

    def test_an_answer_after_the_clock_closed_the_attempt_is_kept_as_late_and_shown(self):
        attempt = started(time_limit_minutes=10)
        epoch = attempt.open(NOW)
        Attempt.objects.finalise_overdue(NOW + DAY)

        with pytest.raises(FinishedError):
            attempt.save_answers(epoch, [answer(2)], NOW + DAY)
        attempt.refresh_from_db()
        (second,) = [row for row in attempt.result().answered if row.slot.slot == 2]
        assert (second.value, second.late) == (None, "true")
        assert second.mark.points == 0

    def test_saves_are_facts_that_do_not_change(self):
        attempt = started()
        attempt.save_answers(attempt.open(NOW), [answer(1)], NOW)

        with pytest.raises(DatabaseError, match="do not change"), transaction.atomic():
            attempt.answers.update(value="false")

    def test_a_whole_form_writes_only_what_changed(self):
        attempt = started()
        attempt.save_answers(attempt.open(NOW), [answer(1, "true"), answer(2, "false")], NOW)

        attempt.save_page(attempt.epoch, {1: "true", 2: None, 3: "true", 4: None}, NOW)

        assert attempt.values() == {1: "true", 2: None, 3: "true"}
        assert attempt.answers.count() == 4

    def test_a_form_of_an_overtaken_page_is_refused(self):
        attempt = started()
        old = attempt.open(NOW)
        attempt.open(NOW)

        with pytest.raises(TakenOverError):
            attempt.save_page(old, {1: "true"}, NOW)


class TestSubmit:
    @pytest.mark.parametrize(("right", "is_passed"), [(8, True), (7, False)])
    def test_the_pass_mark_decides(self, right, is_passed):
        attempt = handed_in(started(), right)

        assert (attempt.points, attempt.is_passed) == (right, is_passed)
        assert (attempt.finished_at, attempt.percent) == (NOW, right * 10)
        assert len(attempt.receipt) == 64

    def test_handing_in_again_changes_nothing(self):
        attempt = handed_in(started(), 8)
        before = (attempt.receipt, attempt.finished_at)
        attempt.submit(NOW + DAY)

        assert (attempt.receipt, attempt.finished_at) == before
        assert attempt.gradings.count() == 1

    def test_handing_in_during_the_grace_is_finished_at_the_deadline(self):
        attempt = started(time_limit_minutes=10)
        attempt.submit(NOW + 10 * MINUTE + timedelta(seconds=30))

        assert attempt.finished_at == NOW + 10 * MINUTE

    def test_there_is_no_result_before_handing_in(self):
        with pytest.raises(NotFinishedError):
            started().result()

    def test_the_result_adds_up_by_topic(self):
        attempt = handed_in(started(), 4)
        result = attempt.result()

        assert sum(topic.points for topic in result.topics) == attempt.points == 4
        assert sum(topic.possible for topic in result.topics) == 10
        assert {topic.topic for topic in result.topics} == {"rocks", "knots"}
        assert len(result.missed) == 6

    def test_a_finished_attempt_cannot_be_opened_again(self):
        attempt = handed_in(started(), 4)

        with pytest.raises(FinishedError):
            attempt.open(NOW)

    def test_the_sheet_tells_neither_answers_nor_reasons(self):
        assert "CANARY" not in repr(started().questions())


class TestSweeper:
    def test_what_is_saved_is_handed_in_at_the_deadline(self):
        attempt = started(time_limit_minutes=10)
        attempt.save_answers(attempt.open(NOW), [answer(slot.slot) for slot in attempt.slots], NOW)

        assert Attempt.objects.finalise_overdue(NOW + 11 * MINUTE) == 0
        assert Attempt.objects.finalise_overdue(NOW + 12 * MINUTE) == 1
        assert Attempt.objects.finalise_overdue(NOW + 12 * MINUTE) == 0
        attempt.refresh_from_db()
        assert attempt.is_passed
        assert attempt.finished_at == NOW + 10 * MINUTE

    def test_an_attempt_without_a_limit_stays_open(self):
        attempt = started()

        assert Attempt.objects.finalise_overdue(NOW + 900 * DAY) == 0
        attempt.refresh_from_db()
        assert not attempt.is_finished

    @pytest.mark.parametrize("act", [finalise_overdue, lambda: call_command("finalise_overdue")])
    def test_the_worker_and_the_command_do_the_same(self, act, capsys):
        attempt = started(time_limit_minutes=10, now=clock.now() - DAY)
        act()
        attempt.refresh_from_db()

        assert attempt.is_finished

    def test_replaced_saves_are_thinned_a_month_after_finishing(self):
        attempt = started()
        epoch = attempt.open(NOW)
        attempt.save_answers(epoch, [answer(1, "false", 1), answer(1, "true", 2), answer(2, "true", 3)], NOW)
        attempt.submit(NOW)

        assert Answer.objects.thin(NOW + 29 * DAY) == 0
        assert Answer.objects.thin(NOW + 31 * DAY, chunk=1) == 1
        assert attempt.values() == {1: "true", 2: "true"}
