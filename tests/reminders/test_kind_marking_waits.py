"""A mentor hears once a day at most that something new is to be marked or answered, and then of all that is."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mentoring.models import Mentorship, mentored_appeals, mentored_attempts
from progress.models import Cohort
from quizzes.models import Appeal, Attempt
from quizzes.result import HandMark
from reminders.models import LetterWishes
from reminders.models.letter import Reason
from tests.cast import (
    EARLIER,
    NOW,
    ada,
    answer,
    ask_texts,
    base_quiz,
    enrolled,
    hand_in_texts,
    ines,
    mentored,
    person,
    road,
    stranger,
    tomas,
)
from tests.reminders.asking import foreseen, matter, plan, refused, said, sent

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MARKS = {slot: HandMark(Decimal(1), "") for slot in (11, 12)}


@pytest.fixture(autouse=True)
def _texts():
    ask_texts()


def answers(learner, now=NOW):
    """An attempt of hers whose two texts wait; Tomas mentors her."""
    mentored(learner, tomas())
    return hand_in_texts(learner, "Salt.", "Frost.", right=0, now=now)


def appealed(learner, now=NOW):
    """An open appeal against a mark that another mentor gave; one against the other mark was declined."""
    attempt = answers(learner, now - 2 * DAY)
    mentored_attempts().mark(attempt, MARKS, seen=1, by=ada(), now=now - DAY)
    Appeal.objects.begin(attempt, 12, "So did I.", now - DAY).decline(
        "No.", by=ada(), tells_authors=False, now=now - HOUR
    )
    return Appeal.objects.begin(attempt, 11, "I gave a reason.", now)


def marked(attempt, now=NOW):
    mentored_attempts().mark(attempt, MARKS, seen=1, by=ada(), now=now)


def occurrences(now):
    return [letter.occurrence for letter in plan("marking_waits", now)]


def test_answers_to_mark_bring_a_letter_an_hour_later():
    attempt = answers(ines())

    (letter,) = plan("marking_waits", NOW)
    words = said(letter, NOW + HOUR)

    assert (letter.recipient, letter.occurrence) == (tomas(), "marking-waits-2026-11-24")
    assert letter.due_at == NOW + HOUR
    assert refused(letter, NOW + HOUR) is None
    assert words.subject == "1 quiz waits for your marks"
    assert (words.kicker, words.step) == ("Mark the answers of Ines Moreau, waiting since today", "Base quiz")
    assert words.link == f"/mentor/attempts/{attempt.pk}/"


def test_an_appeal_brings_one_too():
    appeal = appealed(ines())

    (letter,) = plan("marking_waits", NOW)
    words = said(letter, NOW + HOUR)

    assert refused(letter, NOW + HOUR) is None
    assert words.subject == "1 appeal waits for your answer"
    assert words.kicker == "Answer the appeal of Ines Moreau, waiting since today"
    assert words.link == f"/mentor/appeals/{appeal.pk}/"


def test_all_that_waits_is_said_in_one_letter_the_longest_waiting_first():
    appealed(stranger(), NOW - 8 * DAY)
    answers(ines(), NOW - DAY)

    (letter,) = plan("marking_waits", NOW)
    words = said(letter, NOW)

    assert words.subject == "1 quiz and 1 appeal wait for you"
    assert words.preheader == "The longest waiting: Base quiz, an appeal by Stran Ger."
    assert words.lead.endswith("has come to you to be marked or answered. For 1 the promised day is over.")
    assert [(also.title, also.text) for also in words.also] == [
        ("Base quiz by Ines Moreau", "Waiting 1 day. Answer by Mon 30 Nov.")
    ]


def test_what_comes_later_is_said_the_next_day_and_nothing_new_brings_nothing():
    answers(ines())
    (letter,) = plan("marking_waits", NOW)
    sent(letter, NOW + HOUR)
    unchanged = occurrences(NOW + 5 * DAY)
    answers(stranger(), NOW + 2 * HOUR)

    (_, later) = plan("marking_waits", NOW + 3 * HOUR)

    assert unchanged == ["marking-waits-2026-11-24"]
    assert later.occurrence == "marking-waits-2026-11-25"
    assert later.due_at == datetime(2026, 11, 25, 7, tzinfo=UTC)  # 08:00 in Berlin
    assert said(later, later.due_at).subject == "2 quizzes wait for your marks"


def test_who_takes_a_learner_over_hears_of_what_waited_before():
    answers(stranger())
    (letter,) = plan("marking_waits", NOW)
    sent(letter, NOW + HOUR)
    hand_in_texts(ines(), "Salt.", "Frost.", now=NOW - DAY)
    mentored(ines(), tomas(), now=NOW + 2 * DAY)

    (_, later) = plan("marking_waits", NOW + 2 * DAY)

    assert later.occurrence == "marking-waits-2026-11-26"
    assert refused(later, NOW + 2 * DAY + HOUR) is None


def test_what_the_clock_hands_in_comes_in_then_though_its_time_was_over_before():
    quiz = base_quiz(time_limit_minutes=60)
    attempt = enrolled(ines()).start_quiz(quiz, NOW)
    attempt.save_answers(attempt.open(NOW), [answer(11, "Salt."), answer(12, "Frost.")], NOW)
    answers(stranger())
    mentored(ines(), tomas())
    (letter,) = plan("marking_waits", NOW)
    sent(letter, NOW + 2 * HOUR)

    Attempt.objects.finalise_overdue(NOW + 3 * HOUR)

    assert len(occurrences(NOW + 3 * HOUR)) == 2


@pytest.mark.parametrize("what", ["answers", "appeals"])
def test_a_mentor_is_told_of_exactly_what_her_page_shows(what):
    """By name, by cohort on the cohort's road, never her own, nobody's who was suspended, nothing set aside."""
    make, queue = (answers, mentored_attempts) if what == "answers" else (appealed, mentored_appeals)
    cohort = Cohort.objects.create(roadmap=road(), title="Autumn", starts_on=NOW.date())
    olga, rosa = person("Olga Own", "mentor", "learner"), person("Rosa Once", "learner")
    for learner in (ines(), stranger(), olga, rosa):
        made = make(learner)
    Mentorship.objects.all().delete()
    joined = enrolled(olga)
    type(joined).objects.filter(person__in=[ines(), olga, rosa]).join(cohort)
    for mentor in (olga, tomas()):
        Mentorship(mentor=mentor, cohort=cohort).begin(EARLIER)
    mentored(stranger(), tomas())
    mentored(ines(), tomas())
    enrolled(rosa).leave(NOW)
    attempts = Attempt.objects.get_queryset()
    attempts.filter(person=stranger()).update(set_aside_at=NOW)

    letters = plan("marking_waits", NOW)

    shown = {who: queue().within_reach_of(who).queued().count() for who in (olga, tomas(), ines())}
    assert made.pk
    assert {letter.recipient: matter(letter, NOW).work.count for letter in letters} == {
        who: count for who, count in shown.items() if count
    }
    assert shown == {olga: 1, tomas(): 2 if what == "answers" else 3, ines(): 0}


def test_who_gets_none():
    """Without the role, after the mentorship, with the kind stopped; of a suspended learner, of what is marked."""
    no_role, ended, stopped, of_suspended, of_marked = (
        person(f"Mentor{number} Some", "mentor") for number in range(5)
    )
    answers(ines())
    for mentor in (no_role, ended, stopped):
        mentored(ines(), mentor)
    for mentor, learner in ((of_suspended, stranger()), (of_marked, person("Rosa Lind", "learner"))):
        mentored(learner, mentor)
        attempt = hand_in_texts(learner, "Salt.", "Frost.")
    marked(attempt)
    before = len(foreseen("marking_waits", of_suspended, NOW))
    no_role.groups.clear()
    Mentorship.objects.get(mentor=ended).end(NOW)
    LetterWishes.objects.of(stopped).stop("marking_waits")
    type(ines()).objects.get_queryset().filter(pk=stranger().pk).update(is_active=False)

    letters = plan("marking_waits", NOW)

    assert before == 1
    assert [letter.recipient for letter in letters] == [tomas()]


def test_at_the_last_moment_it_is_asked_again_whether_anything_waits():
    attempt = answers(ines())
    (letter,) = plan("marking_waits", NOW)
    before = refused(letter, NOW + HOUR)

    marked(attempt)

    assert before is None
    assert refused(letter, NOW + HOUR) == Reason.ANSWERED
    assert matter(letter, NOW + HOUR) is None
    Mentorship.objects.get().end(NOW)
    assert refused(letter, NOW + HOUR) == Reason.NOT_MENTOR


def test_it_does_not_leave_about_what_she_was_told_of_before():
    answers(stranger())
    (first,) = plan("marking_waits", NOW)
    sent(first, NOW + HOUR)
    attempt = answers(ines(), NOW + 2 * HOUR)
    (_, later) = plan("marking_waits", NOW + 3 * HOUR)
    before = refused(later, NOW + DAY)

    marked(attempt, NOW + 3 * HOUR)

    assert before is None
    assert refused(later, NOW + DAY) == Reason.ANSWERED


def test_the_preview_asks_the_same_and_writes_nothing():
    answers(ines())

    assert [x.occurrence for x in foreseen("marking_waits", tomas(), NOW)] == ["marking-waits-2026-11-24"]
    assert foreseen("marking_waits", ines(), NOW) == []
    assert len(plan("marking_waits", NOW)) == 1


def test_many_mentors_take_no_more_queries():
    def ask(count):
        for number in range(count):
            mentored(ines(), person(f"Mentor{number} Some", "mentor"))
        LetterWishes.objects.of_all(Mentorship.objects.values_list("mentor", flat=True))
        with CaptureQueriesContext(connection) as asked:
            letters = plan("marking_waits", NOW)
        return len(letters), len(asked)

    hand_in_texts(ines(), "Salt.", "Frost.")
    few, many = ask(2), ask(12)

    assert (few[0], many[0]) == (2, 12)
    assert few[1] == many[1]
