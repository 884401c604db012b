"""A mentor's week counts people, and what waits for her of every sort: evidence, answers to mark and appeals."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from mentoring.models import Mentorship, mentored_attempts
from progress.models import Cohort, Enrollment
from quizzes.models import Appeal
from quizzes.result import HandMark
from tests.cast import (
    EARLIER,
    ada,
    ask_texts,
    enrolled,
    hand_in,
    hand_in_texts,
    ines,
    mentored,
    person,
    road,
    stranger,
    tomas,
)
from tests.reminders.asking import plan, said
from tests.reminders.test_kind_stages import road_two

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
SUNDAY = datetime(2026, 11, 22, 18, tzinfo=UTC)
MONDAY = datetime(2026, 11, 23, 7, tzinfo=UTC)


def words_of_the_week():
    (letter,) = plan("mentor_week", SUNDAY)
    return said(letter, MONDAY)


def test_a_learner_on_two_roads_is_one_learner_who_may_need_a_word():
    cohort = Cohort.objects.create(roadmap=road(), title="Autumn", starts_on=EARLIER.date())
    for learner, on in ((ines(), road()), (ines(), road_two()), (stranger(), road())):
        enrollment = enrolled(learner, on)
        enrollment.replan(hours_per_week=Decimal(10), starts_on=SUNDAY.date(), now=EARLIER)
        enrollment.settle(EARLIER)
    Enrollment.objects.filter(roadmap=road()).join(cohort)
    Mentorship(mentor=tomas(), cohort=cohort).begin(EARLIER)
    mentored(ines(), tomas())

    words = words_of_the_week()

    assert words.preheader == "2 of your learners may need a word."
    assert sorted([words.step, *(also.title for also in words.also)]) == ["Ines Moreau", "Stran Ger"]
    assert words.more == ""


def ahead_of_her_plan(learner):
    """Nothing about her asks for a word."""
    mentored(learner, tomas())
    enrollment = enrolled(learner)
    enrollment.replan(hours_per_week=Decimal(10), starts_on=(SUNDAY + 30 * DAY).date(), now=SUNDAY)
    enrollment.settle(SUNDAY)
    return enrollment


def test_answers_to_mark_alone_are_worth_the_weekly_letter():
    ask_texts()
    attempt = hand_in_texts(ines(), "Salt.", "Frost.", now=SUNDAY - 3 * DAY)
    ahead_of_her_plan(ines())

    words = words_of_the_week()

    assert words.preheader == "1 quiz waits for your marks."
    assert (words.kicker, words.step) == ("Mark the answers of Ines Moreau, waiting 4 days", "Base quiz")
    assert words.link == f"/mentor/attempts/{attempt.pk}/"


def test_what_waits_longest_comes_first_whatever_it_is():
    ask_texts()
    marked = hand_in_texts(stranger(), "Salt.", "Frost.", right=0, now=SUNDAY - 9 * DAY)
    marks = {slot: HandMark(Decimal(1), "") for slot in (11, 12)}
    mentored_attempts().mark(marked, marks, seen=1, by=ada(), now=SUNDAY - 8 * DAY)
    hand_in_texts(ines(), "Salt.", "Frost.", now=SUNDAY - DAY)
    for learner in (ines(), stranger()):
        ahead_of_her_plan(learner)
    hand_in(enrolled(ines()), now=SUNDAY - 2 * DAY)
    appeal = Appeal.objects.begin(marked, 11, "I gave a reason.", SUNDAY - 7.5 * DAY)

    words = words_of_the_week()

    assert words.preheader == (
        "1 piece of evidence waits for your review. 1 quiz waits for your marks. 1 appeal waits for your answer."
        " For 1 the promised day is over."
    )
    assert (words.kicker, words.link) == (
        "Answer the appeal of Stran Ger, waiting 8 days",
        f"/mentor/appeals/{appeal.pk}/",
    )
    assert [also.title for also in words.also] == ["Ridge-Report by Ines Moreau", "Base quiz by Ines Moreau"]


def test_of_much_that_waits_the_first_five_are_named_and_the_others_counted():
    ask_texts()
    for number in range(4):
        learner = person(f"Walker{number} Some", "learner")
        hand_in_texts(learner, "Salt.", "Frost.", now=SUNDAY - number * DAY)
        hand_in(ahead_of_her_plan(learner), now=SUNDAY - number * DAY)

    words = words_of_the_week()

    assert (len(words.also), words.more) == (4, "And 3 more.")
