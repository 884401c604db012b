"""Two acts at one attempt at once: whatever the order, nothing acknowledged is lost and nothing is marked twice."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from quizzes.models import Attempt, Question, Quiz, Regrade, regraded
from quizzes.refusals import AttemptRefusedError, FinishedError
from tests import cast
from tests.cast import NOW, answer
from tests.test_races import at_once, errors

pytestmark = pytest.mark.django_db(transaction=True)
MINUTE = timedelta(minutes=1)
OVER = NOW + 12 * MINUTE  # ten minutes and a grace of one


def started(**policies: object) -> Attempt:
    """Of Ines at the first stage's quiz, all ten questions in order, ten minutes; the first statement is answered."""
    quiz = Quiz.objects.get(roadmap=cast.road(), key="base-quiz")
    quiz.shuffle, quiz.time_limit_minutes = False, 10
    for name, value in policies.items():
        setattr(quiz, name, value)
    quiz.save()
    quiz.publish(None, cast.EARLIER)
    attempt = Attempt.objects.start(cast.ines(), quiz, NOW)
    attempt.save_answers(attempt.open(NOW), [answer(1)], NOW)
    return attempt


def again(attempt: Attempt) -> Attempt:
    """The row as a request of its own would find it."""
    return Attempt.objects.get(pk=attempt.pk)


def is_whole(attempt: Attempt) -> bool:
    """Marked once, by what counts; the receipt fits what is stored."""
    attempt.refresh_from_db()
    (grading,) = attempt.gradings.all()
    right = sum(value == "true" for value in attempt.values().values())
    return attempt.receipt_holds() and attempt.points == grading.points == right


def held(act: Callable[[], Any], ready: threading.Event) -> Callable[[], Any]:
    """The act, not committed before somebody else has had time to run into it."""

    def run() -> None:
        with transaction.atomic():
            act()
            ready.set()
            threading.Event().wait(0.3)

    return run


def after(ready: threading.Event, act: Callable[[], Any]) -> Callable[[], Any]:
    def run() -> Any:
        assert ready.wait(10)
        return act()

    return run


def test_handing_in_twice_at_once_marks_once_and_gives_one_receipt():
    attempt = started()

    def submit() -> str:
        mine = again(attempt)
        mine.submit(NOW + MINUTE)
        return mine.receipt

    receipts = at_once(*(submit for _ in range(6)))

    assert not errors(receipts)
    assert len(set(receipts)) == 1
    assert is_whole(attempt)


def test_handing_in_while_the_clock_does_marks_once():
    attempt = started()
    ready = threading.Event()

    swept = at_once(
        held(lambda: again(attempt).submit(OVER), ready),
        after(ready, lambda: Attempt.objects.finalise_overdue(OVER)),
        after(ready, lambda: Attempt.objects.finalise_overdue(OVER)),
    )

    assert not errors(swept)
    assert swept[1:] == [0, 0]  # it passes by what another is at
    assert is_whole(attempt)


def test_the_clock_and_a_late_page_side_by_side_finish_it_once():
    attempt = started()

    outcomes = at_once(
        *(lambda: Attempt.objects.finalise_overdue(OVER) for _ in range(3)),
        *(lambda: again(attempt).submit(OVER) for _ in range(3)),
    )

    assert not errors(outcomes)
    assert is_whole(attempt)
    assert attempt.finished_at == attempt.deadline_at


@pytest.mark.parametrize("is_extended_first", [True, False])
def test_whoever_comes_second_of_handing_in_and_extending_sees_what_the_first_did(is_extended_first):
    attempt = started()
    stale, ready = again(attempt), threading.Event()
    until = NOW + 30 * MINUTE

    def extend() -> bool:
        return again(attempt).extend(until, by=None, reason="The line was cut.", now=NOW)

    acts = [extend, lambda: stale.submit(OVER)]
    first, second = acts if is_extended_first else reversed(acts)
    outcomes = at_once(held(first, ready), after(ready, second))

    assert not errors(outcomes)
    assert is_whole(attempt)
    assert attempt.extensions.count() == is_extended_first
    assert attempt.finished_at == (OVER if is_extended_first else NOW + 10 * MINUTE)


def test_an_attempt_that_is_extended_meanwhile_is_not_handed_in_by_the_clock():
    attempt = started()
    ready = threading.Event()
    until = NOW + 30 * MINUTE

    at_once(
        held(lambda: again(attempt).extend(until, by=None, reason="", now=OVER), ready),
        after(ready, lambda: Attempt.objects.finalise_overdue(OVER)),
    )
    Attempt.objects.finalise_overdue(OVER)

    assert not again(attempt).is_finished


def test_a_save_that_meets_handing_in_counts_or_is_kept_as_late_never_neither():
    attempt = started(time_limit_minutes=None)
    epoch = attempt.epoch

    def save(slot: int) -> bool:
        """Whether it was acknowledged as counting."""
        try:
            again(attempt).save_answers(epoch, [answer(slot)], NOW)
        except FinishedError:
            return False
        return True

    outcomes = at_once(
        *(lambda slot=slot: save(slot) for slot in range(2, 8)),
        lambda: again(attempt).submit(NOW),
        *(lambda slot=slot: save(slot) for slot in range(8, 11)),
    )

    assert not errors(outcomes)
    saved = outcomes[:6] + outcomes[7:]
    acknowledged = {1} | {slot for slot, counts in enumerate(saved, 2) if counts}
    assert set(attempt.values()) == acknowledged
    assert {row.slot for row in attempt.answers.late()} == set(range(1, 11)) - acknowledged
    assert is_whole(attempt)


def test_handing_in_waits_for_a_save_that_is_under_way_and_marks_it():
    attempt = started()
    ready = threading.Event()

    outcomes = at_once(
        held(lambda: again(attempt).save_answers(attempt.epoch, [answer(2)], NOW), ready),
        after(ready, lambda: again(attempt).submit(NOW)),
    )

    assert not errors(outcomes)
    assert is_whole(attempt)
    assert attempt.points == 2


def corrected(attempt: Attempt) -> Regrade:
    """The key of the first statement was wrong; to be begun, not worked on."""
    question = Question.objects.get(key=attempt.slots[0].question)
    question.draft = {**question.draft, "answer": False}
    question.save()
    Quiz.objects.get(pk=attempt.quiz_id).publish(None, NOW)
    after_, before = question.versions.order_by("-number")[:2]
    return Regrade.objects.begin(
        before,
        after_,
        policy="new_only",
        never_lower=False,
        reason="It was wrong.",
        by=None,
        now=NOW + MINUTE,
    )


@pytest.mark.parametrize("is_handed_in_first", [True, False])
def test_a_regrade_that_meets_handing_in_corrects_it_in_the_end_and_once(is_handed_in_first):
    attempt = started()
    regrade, ready = corrected(attempt), threading.Event()
    acts = [
        lambda: again(attempt).submit(NOW + 2 * MINUTE),
        lambda: regraded.work(Regrade.objects.get(pk=regrade.pk), NOW + 2 * MINUTE),
    ]
    first, second = acts if is_handed_in_first else reversed(acts)

    outcomes = at_once(held(first, ready), after(ready, second))
    for minutes in (20, 40):
        regraded.work_on_all(NOW + minutes * MINUTE)

    assert not errors(outcomes)
    attempt.refresh_from_db()
    assert [row.kind for row in attempt.gradings.order_by("number")] == ["marked", "regraded"]
    assert attempt.points == 0


def test_a_regrade_worked_on_by_page_and_clock_at_once_changes_each_attempt_once():
    attempt = started()
    attempt.submit(NOW)
    regrade = corrected(attempt)

    outcomes = at_once(
        *(lambda: regraded.work(Regrade.objects.get(pk=regrade.pk), NOW + MINUTE) for _ in range(3)),
        *(lambda: regraded.work_on_all(NOW + MINUTE) for _ in range(2)),
    )

    assert not errors(outcomes)
    assert attempt.gradings.count() == 2
    assert again(attempt).points == 0


def test_q01_with_one_attempt_left_two_tabs_get_the_same_one_and_nobody_a_further_one():
    first = started(attempts_limit=2, cooldown_hours=0)
    first.submit(NOW)

    def start_and_hand_in() -> int:
        attempt = Attempt.objects.start(cast.ines(), Quiz.objects.get(pk=first.quiz_id), NOW + MINUTE)
        attempt.submit(NOW + MINUTE)
        return attempt.number

    outcomes = at_once(*(start_and_hand_in for _ in range(6)))

    assert {outcome for outcome in outcomes if isinstance(outcome, int)} == {2}
    assert all(isinstance(error, AttemptRefusedError) for error in errors(outcomes))
    assert Attempt.objects.count() == 2
