"""What a person marks is provisional until all of it is; what failed to be marked is marked by the clock; appeals."""

import logging
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F

from accounts import clock
from progress.models import StagePass
from progress.tasks import settle_all
from quizzes.models import Appeal, Attempt, Grading, Quiz
from quizzes.refusals import (
    AppealAnsweredError,
    AppealRefusedError,
    MarkMovedError,
    NotFinishedError,
    OffScaleError,
    TooManyAppealsError,
    UnknownSlotError,
)
from quizzes.result import HandMark
from quizzes.tasks import mark_unmarked
from quizzes.types.true_false.body import TrueFalse
from tests import cast
from tests.cast import NOW, ask_texts, hand_in_texts, ines, tomas

pytestmark = pytest.mark.django_db
FIRST, SECOND = 11, 12  # the slots of the two texts, after ten statements


@pytest.fixture
def attempt() -> Attempt:
    """Ten of ten points, and two texts of four points that wait; 15 of 18 pass."""
    cast.mentored(ines(), tomas())
    ask_texts()
    return hand_in_texts(ines(), "It knows the answer.", "It saw the test part.")


def mark(attempt: Attempt, seen: int = 1, by=None, **points: str) -> Grading | None:
    given = {int(slot[1:]): HandMark(Decimal(said), "Well put.") for slot, said in points.items()}
    return Grading.objects.mark_by_hand(attempt, given, seen=seen, by=by or tomas(), now=NOW)


class TestMarks:
    def test_q13_a_mixed_paper_is_provisional_until_the_last_answer_is_marked(self, attempt):
        assert (attempt.points, attempt.is_passed, attempt.is_marked) == (10, None, False)

        mark(attempt, s11="4")
        assert (attempt.points, attempt.is_passed) == (14, None)

        mark(attempt, seen=2, s12="0.5")
        attempt.refresh_from_db()
        assert (attempt.points, attempt.is_passed) == (Decimal("14.5"), True)

    def test_q13_what_falls_short_with_the_last_mark_is_not_passed(self, attempt):
        mark(attempt, s11="4", s12="0")

        assert (attempt.points, attempt.is_passed) == (14, False)

    def test_a_mark_is_a_further_grading_and_the_first_one_stays(self, attempt):
        mark(attempt, s11="2.5", s12="1")
        first, second = Grading.objects.filter(attempt=attempt).order_by("number")

        assert (first.number, first.kind, first.points, first.by_slot()[FIRST].waits) == (
            1,
            "marked",
            10,
            True,
        )
        assert (second.number, second.kind, second.points) == (2, "by_mentor", Decimal("13.5"))
        assert (second.graded_by, second.graded_at) == (tomas(), NOW)
        assert second.by_slot()[FIRST].comment == "Well put."
        assert second.by_slot()[1] == first.by_slot()[1]

    def test_a_text_that_nobody_wrote_waits_for_nobody(self):
        ask_texts()
        attempt = hand_in_texts(ines(), "", " \n")

        assert (attempt.points, attempt.is_passed) == (10, False)

    def test_the_same_marks_again_write_nothing(self, attempt):
        mark(attempt, s11="4", s12="4")

        assert mark(attempt, s11="4", s12="4") is None
        assert mark(attempt, seen=2, s11="4", s12="4") is None
        assert attempt.gradings.count() == 2

    def test_a_mark_can_be_corrected_by_another(self, attempt):
        mark(attempt, s11="4", s12="4")
        mark(attempt, seen=2, s11="0", s12="0")

        assert (attempt.points, attempt.is_passed, attempt.gradings.count()) == (10, False, 3)

    def test_of_two_mentors_the_second_is_told_which_answers_moved(self, attempt):
        mark(attempt, s11="4")

        with pytest.raises(MarkMovedError) as moved:
            mark(attempt, s11="1", s12="2")

        assert moved.value.slots == (FIRST,)
        assert attempt.gradings.count() == 2

    def test_of_two_mentors_at_different_answers_both_count(self, attempt):
        mark(attempt, s11="4")
        mark(attempt, seen=1, s12="3")

        assert (attempt.points, attempt.is_passed) == (17, True)

    @pytest.mark.parametrize("points", ["-0.5", "4.5", "1.25"])
    def test_points_off_the_scale_are_refused(self, attempt, points):
        with pytest.raises(OffScaleError):
            mark(attempt, s11=points)

        assert attempt.gradings.count() == 1

    @pytest.mark.parametrize("slot", ["s1", "s13"])
    def test_only_what_a_person_marks_is_marked_by_hand(self, attempt, slot):
        with pytest.raises(UnknownSlotError):
            mark(attempt, **{slot: "1"})  # type: ignore[arg-type]  # a slot by its name

    def test_an_open_attempt_is_not_marked(self):
        ask_texts()
        attempt = cast.enrolled(ines()).start_quiz(quiz_of(), NOW)

        with pytest.raises(NotFinishedError):
            mark(attempt, s11="1")


def quiz_of() -> Quiz:
    return Quiz.objects.get(roadmap=cast.road(), key="base-quiz")


class TestWatchdog:
    """Q10: what could not be marked when it was handed in is marked by the clock, once."""

    @pytest.fixture
    def failed(self, monkeypatch, caplog) -> Attempt:
        with monkeypatch.context() as broken, caplog.at_level(logging.ERROR):
            broken.setattr(TrueFalse, "mark", lambda *_told: 1 / 0)
            attempt = cast.take_quiz(cast.enrolled(ines()), "base-quiz", points=10)
        assert (attempt.is_finished, attempt.points, attempt.gradings.count()) == (True, None, 0)
        assert len(attempt.receipt) == 64
        assert "could not be marked" in caplog.text
        return attempt

    def test_q10_the_clock_marks_what_was_handed_in_while_marking_failed_and_never_twice(self, failed):
        assert [mark_unmarked(), mark_unmarked()] == [1, 0]

        failed.refresh_from_db()
        assert (failed.points, failed.is_passed, failed.gradings.count()) == (10, True, 1)

    def test_q10_what_fails_again_is_tried_again(self, failed, monkeypatch):
        with monkeypatch.context() as broken:
            broken.setattr(TrueFalse, "mark", lambda *_told: 1 / 0)
            assert mark_unmarked() == 0

        assert mark_unmarked() == 1

    def test_q10_what_the_clock_marks_opens_the_next_stage(self, failed):
        enrollment = cast.enrolled(ines())
        for resource in sorted(enrollment.document.stage_by_key["base"].core_keys()):
            enrollment.tick(resource, NOW)
        assert not StagePass.objects.filter(person=ines()).exists()

        Attempt.objects.mark_unmarked(clock.now())
        settle_all()

        assert StagePass.objects.filter(person=ines(), stage__key="base").exists()

    def test_an_attempt_that_waits_for_a_mentor_is_none_of_them(self, attempt):
        assert mark_unmarked() == 0
        assert list(Attempt.objects.to_mark()) == [attempt]


class TestAppeals:
    @pytest.fixture
    def missed(self) -> Attempt:
        """Seven of ten: the last three statements were answered wrongly."""
        cast.mentored(ines(), tomas())
        return hand_in_texts(ines(), right=7)

    def test_what_was_missed_can_be_appealed_once(self, missed):
        slot = wrong_slot(missed)
        first = Appeal.objects.begin(missed, slot, "The word is ambiguous.", NOW)
        again = Appeal.objects.begin(missed, slot, "Another thought.", NOW + timedelta(minutes=1))

        assert (again.pk, again.text, again.state) == (first.pk, "The word is ambiguous.", "open")
        assert first.question.question.key == missed.slots[slot - 1].question

    def test_what_is_right_waits_or_is_no_slot_cannot_be_appealed(self, attempt):
        for slot in (1, FIRST, 99):
            with pytest.raises(AppealRefusedError):
                Appeal.objects.begin(attempt, slot, "Why?", NOW)

    def test_an_open_abandoned_or_set_aside_attempt_cannot_be_appealed(self, missed):
        slot = wrong_slot(missed)
        missed.set_aside(by=None, reason="A mistake.", now=NOW)
        with pytest.raises(AppealRefusedError):
            Appeal.objects.begin(missed, slot, "Why?", NOW)

    def test_what_may_not_be_seen_cannot_be_appealed(self, missed):
        missed.review = {"handed_in": [], "passed": [], "closed": ["correctness"]}

        with pytest.raises(AppealRefusedError):
            Appeal.objects.begin(missed, wrong_slot(missed), "Why?", NOW)

    def test_a_day_has_a_number_of_appeals(self, missed, monkeypatch):
        monkeypatch.setattr("quizzes.models.appeal.MOST_A_DAY", 2)
        first, second, third = (slot for slot in range(1, 11) if not is_right(missed, slot))
        Appeal.objects.begin(missed, first, "Why?", NOW)
        Appeal.objects.begin(missed, second, "Why?", NOW)

        with pytest.raises(TooManyAppealsError):
            Appeal.objects.begin(missed, third, "Why?", NOW)
        Appeal.objects.begin(missed, third, "Why?", NOW + timedelta(days=1, minutes=1))
        assert Appeal.objects.filter(slot=third).exists()

    def test_upholding_gives_points_in_a_further_grading(self, missed):
        appeal = Appeal.objects.begin(missed, wrong_slot(missed), "Why?", NOW)

        appeal.uphold(Decimal(1), "You are right.", seen=1, by=tomas(), tells_authors=True, now=NOW)

        missed.refresh_from_db()
        newest = missed.gradings.newest().get()
        assert (newest.number, newest.kind, newest.points, missed.points, missed.is_passed) == (
            2,
            "appeal",
            8,
            8,
            True,
        )
        assert (appeal.state, appeal.answer, appeal.answered_by, appeal.tells_authors) == (
            "upheld",
            "You are right.",
            tomas(),
            True,
        )

    def test_an_appeal_is_answered_once_and_nothing_of_the_second_answer_is_written(self, missed):
        appeal = Appeal.objects.begin(missed, wrong_slot(missed), "Why?", NOW)
        same = Appeal.objects.get()
        appeal.decline("It says so.", by=tomas(), tells_authors=False, now=NOW)

        with pytest.raises(AppealAnsweredError):
            same.uphold(Decimal(1), "Yes.", seen=1, by=cast.ada(), tells_authors=False, now=NOW)

        assert missed.gradings.count() == 1
        assert Appeal.objects.get().answer == "It says so."

    @pytest.mark.parametrize(
        "change", [{"text": "Else."}, {"slot": 1}, {"raised_at": NOW - timedelta(days=1)}]
    )
    def test_what_an_appeal_says_never_changes(self, missed, change):
        Appeal.objects.begin(missed, wrong_slot(missed), "Why?", NOW)

        with pytest.raises(IntegrityError), transaction.atomic():
            Appeal.objects.update(**change)

    def test_an_answer_never_changes(self, missed):
        appeal = Appeal.objects.begin(missed, wrong_slot(missed), "Why?", NOW)
        appeal.decline("It says so.", by=tomas(), tells_authors=False, now=NOW)

        with pytest.raises(IntegrityError), transaction.atomic():
            Appeal.objects.update(answer="It does not.")
        Appeal.objects.update(seen_at=F("answered_at"), answered_by=None)

    def test_authors_are_told_until_they_publish_another_wording(self, missed):
        appeal = Appeal.objects.begin(missed, wrong_slot(missed), "Why?", NOW)
        appeal.decline("It says so.", by=tomas(), tells_authors=True, now=NOW)
        question = appeal.question.question
        assert Appeal.objects.for_authors().about(question).exists()

        question.draft = {**question.draft, "stem": "Clearer."}
        question.save()
        quiz_of().publish(None, NOW)

        assert not Appeal.objects.for_authors().exists()


def is_right(attempt: Attempt, slot: int) -> bool:
    return attempt.gradings.newest().get().by_slot()[slot].is_full


def wrong_slot(attempt: Attempt) -> int:
    return next(slot.slot for slot in attempt.slots if not is_right(attempt, slot.slot))
