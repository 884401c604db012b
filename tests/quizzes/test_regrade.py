"""Correcting results after a key changed: what it would change, changing it step by step, and taking it back."""

from datetime import timedelta
from decimal import Decimal

import pytest

from accounts.models import User
from quizzes.models import Attempt, Grading, GradingKind, Question, QuestionVersion, Quiz, Regrade, regraded
from quizzes.models.regrade import Policy
from tests import cast
from tests.cast import NOW, answer

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def quiz() -> Quiz:
    """The quiz of the first stage with all its ten questions in order: of each, “true” is right."""
    found = Quiz.objects.get(roadmap=cast.road(), key="base-quiz")
    found.draw, found.shuffle, found.time_limit_minutes = None, False, None
    found.save()
    found.publish(None, cast.EARLIER)
    return found


def handed_in(person: User, values: dict[int, str], number_of_right: int = 0) -> Attempt:
    attempt = Attempt.objects.start(person, quiz(), NOW)
    said = values | dict.fromkeys(range(2, 2 + number_of_right), "true")
    attempt.save_answers(attempt.open(NOW), [answer(slot, value) for slot, value in said.items()], NOW)
    attempt.submit(NOW)
    return attempt


def corrected(to: bool = False) -> tuple[QuestionVersion, QuestionVersion]:
    """The first question's two versions, after its key was turned round and published."""
    question = Question.objects.get(pk=quiz().items.all()[0].question_id)
    question.draft = {**question.draft, "answer": to}
    question.save()
    Quiz.objects.get(roadmap=cast.road(), key="base-quiz").publish(None, NOW)
    after, before = question.versions.order_by("-number")[:2]
    return before, after


def regrade(policy: str, *, never_lower: bool = True, now=NOW + MINUTE) -> Regrade:
    before, after = corrected()
    return Regrade.objects.begin(
        before,
        after,
        policy=policy,
        never_lower=never_lower,
        reason="The key was wrong.",
        by=cast.noor(),
        now=now,
    )


def points(attempt: Attempt) -> Decimal | None:
    attempt.refresh_from_db()
    return attempt.points


@pytest.mark.parametrize(
    ("policy", "never_lower", "said_true", "said_false"),
    [
        (Policy.CREDIT_ALL, False, 1, 1),
        (Policy.BOTH, False, 1, 1),
        (Policy.NEW_ONLY, False, 0, 1),
        (Policy.NEW_ONLY, True, 1, 1),
        (Policy.NONE, False, 1, 0),
    ],
)
def test_q14_each_policy_gives_what_it_says(policy, never_lower, said_true, said_false):
    right, wrong = handed_in(cast.ines(), {1: "true"}), handed_in(cast.stranger(), {1: "false"})

    assert regraded.work(regrade(policy, never_lower=never_lower), NOW + MINUTE)

    assert (points(right), points(wrong)) == (said_true, said_false)


def test_q14_what_would_change_is_told_before_anything_does():
    handed_in(cast.ines(), {1: "true"}, 7), handed_in(cast.stranger(), {1: "false"}, 7)
    planned = regrade(Policy.NEW_ONLY, never_lower=False)

    found = regraded.outlook(planned)

    assert (found.looked_at, found.raised, found.lowered) == (2, 1, 1)
    assert (found.newly_passed, found.no_longer_passed) == (1, 1)
    assert Grading.objects.count() == 2
    assert {change.points for change in found.changes} == {(8, 7), (7, 8)}


def test_q14_old_grades_are_kept_and_only_what_changed_has_a_new_one():
    right, wrong = handed_in(cast.ines(), {1: "true"}), handed_in(cast.stranger(), {1: "false"})
    regraded.work(regrade(Policy.BOTH), NOW + MINUTE)

    assert right.gradings.count() == 1
    new, old = wrong.gradings.order_by("-number")
    assert (old.points, new.points, new.kind, new.reason) == (
        0,
        1,
        GradingKind.REGRADED,
        "The key was wrong.",
    )
    assert wrong.seen_grading < new.number


def test_working_twice_or_in_steps_changes_each_attempt_once(monkeypatch):
    monkeypatch.setattr(regraded, "CHUNK", 1)
    attempts = [handed_in(person, {1: "false"}) for person in (cast.ines(), cast.stranger(), cast.tomas())]
    work = regrade(Policy.NEW_ONLY)

    while not regraded.work(work, NOW + MINUTE, most=1):
        pass
    regraded.work(work, NOW + MINUTE)

    assert [points(attempt) for attempt in attempts] == [1, 1, 1]
    assert Grading.objects.filter(regrade=work).count() == 3
    assert work.changed == 3


def test_an_attempt_that_was_open_is_corrected_once_it_is_finished():
    attempt = Attempt.objects.start(cast.ines(), quiz(), NOW)
    attempt.save_answers(attempt.open(NOW), [answer(1, "false")], NOW)
    work = regrade(Policy.NEW_ONLY)
    regraded.work(work, NOW + MINUTE)
    attempt.submit(NOW + 30 * MINUTE)
    assert points(attempt) == 0

    regraded.work_on_all(NOW + 40 * MINUTE)
    regraded.work_on_all(NOW + 60 * MINUTE)

    assert points(attempt) == 1
    assert attempt.gradings.count() == 2


def test_undoing_brings_back_the_marks_and_keeps_what_happened():
    wrong = handed_in(cast.ines(), {1: "false"}, 7)
    work = regrade(Policy.NEW_ONLY)
    regraded.work(work, NOW + MINUTE)
    assert Attempt.objects.passed().get() == wrong

    work.undo(cast.noor(), NOW + 2 * MINUTE)
    work.undo(cast.noor(), NOW + 3 * MINUTE)
    assert regraded.work(work, NOW + 3 * MINUTE)

    assert points(wrong) == 7
    assert wrong.is_passed is False
    assert [row.kind for row in wrong.gradings.order_by("number")] == ["marked", "regraded", "undone"]


def test_undoing_leaves_what_a_later_regrade_changed():
    wrong = handed_in(cast.ines(), {1: "false"})
    first = regrade(Policy.NEW_ONLY)
    regraded.work(first, NOW + MINUTE)
    before, after = corrected(to=True)
    second = Regrade.objects.begin(
        before, after, policy=Policy.NEW_ONLY, never_lower=False, reason="Back.", by=None, now=NOW + MINUTE
    )
    regraded.work(second, NOW + MINUTE)
    assert points(wrong) == 0

    first.undo(None, NOW + 2 * MINUTE)
    regraded.work(first, NOW + 2 * MINUTE)

    assert points(wrong) == 0


def test_whoever_has_the_new_key_on_her_paper_is_left_alone():
    corrected()
    attempt = handed_in(cast.ines(), {1: "true"})
    work = regrade(Policy.NEW_ONLY)
    Regrade.objects.filter(pk=work.pk).update(after=attempt.slots[0].version)
    work.refresh_from_db()

    assert regraded.outlook(work).looked_at == 0


def test_the_clock_goes_on_with_what_a_page_left(settings):
    wrong = handed_in(cast.ines(), {1: "false"})
    regrade(Policy.BOTH)

    assert regraded.work_on_all(NOW + MINUTE) == 1
    assert regraded.work_on_all(NOW + MINUTE) == 0
    assert points(wrong) == 1
