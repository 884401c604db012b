"""A mentor hears once a day at most that new evidence waits, and then of all that waits."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mentoring.models import Mentorship
from progress.models import Cohort
from reminders.models import LetterWishes
from reminders.models.letter import Reason
from tests.cast import EARLIER, NOW, ada, enrolled, hand_in, ines, mentored, person, road, stranger, tomas
from tests.reminders.asking import foreseen, matter, plan, refused, said, sent

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def hands_in(learner, now=NOW):
    mentored(learner, tomas())
    return hand_in(enrolled(learner), now=now).submission


def occurrences(now):
    return [letter.occurrence for letter in plan("evidence_waits", now)]


def test_new_evidence_brings_a_letter_an_hour_later():
    hands_in(ines())

    (letter,) = plan("evidence_waits", NOW)

    assert (letter.recipient, letter.occurrence) == (tomas(), "evidence-waits-2026-11-24")
    assert letter.due_at == NOW + HOUR
    assert not letter.is_critical


def test_evidence_of_the_night_waits_for_the_morning():
    hands_in(ines(), now=NOW + 12 * HOUR)

    (letter,) = plan("evidence_waits", NOW + 12 * HOUR)

    assert letter.due_at == datetime(2026, 11, 25, 7, tzinfo=NOW.tzinfo)  # 08:00 in Berlin
    assert letter.occurrence == "evidence-waits-2026-11-25"


def test_all_that_comes_in_before_it_leaves_is_said_in_the_same_letter():
    hands_in(ines())
    plan("evidence_waits", NOW)
    hands_in(stranger(), now=NOW + HOUR / 2)

    (letter,) = plan("evidence_waits", NOW + HOUR / 2)
    words = said(letter, NOW + HOUR)

    assert words.subject == "2 pieces of evidence wait for your review"
    assert words.kicker == "Review the work of Ines Moreau, waiting since today"
    assert [also.title for also in words.also] == ["Ridge-Report by Stran Ger"]


def test_what_comes_in_later_is_said_the_next_day_and_nothing_new_brings_nothing():
    hands_in(ines())
    (letter,) = plan("evidence_waits", NOW)
    sent(letter, NOW + HOUR)
    unchanged = occurrences(NOW + 5 * DAY)
    hands_in(stranger(), now=NOW + 2 * HOUR)

    (_, later) = plan("evidence_waits", NOW + 3 * HOUR)

    assert unchanged == ["evidence-waits-2026-11-24"]
    assert later.occurrence == "evidence-waits-2026-11-25"
    assert later.due_at == datetime(2026, 11, 25, 7, tzinfo=NOW.tzinfo)


def test_a_cohort_brings_its_mentor_the_evidence_on_its_road():
    cohort = Cohort.objects.create(roadmap=road(), title="Autumn", starts_on=NOW.date())
    Mentorship(mentor=tomas(), cohort=cohort).begin(EARLIER)
    enrollment = enrolled(ines())
    alone = occurrences(NOW)
    hand_in(enrollment)
    outside = occurrences(NOW)
    type(enrollment).objects.filter(pk=enrollment.pk).join(cohort)

    assert (alone, outside) == ([], [])
    assert occurrences(NOW) == ["evidence-waits-2026-11-24"]


@pytest.mark.parametrize("why", ["nobody's", "ended", "no role", "stopped", "suspended", "answered"])
def test_who_gets_none(why):
    submission = hands_in(ines())
    if why == "nobody's":
        Mentorship.objects.all().delete()
    elif why == "ended":
        Mentorship.objects.get().end(NOW)
    elif why == "no role":
        tomas().groups.clear()
    elif why == "stopped":
        LetterWishes.objects.of(tomas()).stop("evidence_waits")
    elif why == "suspended":
        type(ines()).objects.get_queryset().filter(pk=ines().pk).update(is_active=False)
    else:
        submission.accept(tomas(), NOW)

    assert occurrences(NOW) == []


def test_at_the_last_moment_it_is_asked_again_whether_anything_waits():
    submission = hands_in(ines())
    (letter,) = plan("evidence_waits", NOW)
    before = refused(letter, NOW + HOUR)

    submission.accept(tomas(), NOW)

    assert before is None
    assert refused(letter, NOW + HOUR) == Reason.ANSWERED
    assert matter(letter, NOW + HOUR) is None
    Mentorship.objects.get().end(NOW)
    assert refused(letter, NOW + HOUR) == Reason.NOT_MENTOR


def test_what_was_told_before_is_not_said_again_when_only_the_new_piece_was_answered():
    hands_in(stranger())
    (first,) = plan("evidence_waits", NOW)
    sent(first, NOW + HOUR)
    new = hands_in(ines(), now=NOW + 2 * HOUR)
    (_, letter) = plan("evidence_waits", NOW + 3 * HOUR)
    before = refused(letter, NOW + DAY)

    new.accept(ada(), NOW + 4 * HOUR)

    assert before is None
    assert refused(letter, NOW + DAY) == Reason.ANSWERED
    assert len(plan("evidence_waits", NOW + DAY)) == 2


@pytest.mark.parametrize("by", ["name", "cohort"])
def test_who_takes_over_a_learner_hears_of_evidence_older_than_her_last_letter(by):
    hands_in(stranger())
    cohort = Cohort.objects.create(roadmap=road(), title="Autumn", starts_on=NOW.date())
    enrollment = enrolled(ines())
    type(enrollment).objects.filter(pk=enrollment.pk).join(cohort)
    hand_in(enrollment, now=NOW - DAY)
    (first,) = plan("evidence_waits", NOW)
    sent(first, NOW + HOUR)
    whom = {"learner": ines()} if by == "name" else {"cohort": cohort}
    Mentorship(mentor=tomas(), **whom).begin(NOW + 2 * DAY)

    (_, letter) = plan("evidence_waits", NOW + 2 * DAY)

    assert (letter.due_at, refused(letter, letter.due_at)) == (NOW + 2 * DAY + HOUR, None)
    sent(letter, letter.due_at)
    mentored(ines(), tomas(), now=NOW + 3 * DAY)  # hers already where a cohort brought it
    assert len(plan("evidence_waits", NOW + 3 * DAY)) == 2


def test_it_says_who_has_waited_how_long_and_what_was_promised():
    hands_in(stranger(), now=NOW - 6 * DAY)
    hands_in(ines())
    (letter,) = plan("evidence_waits", NOW)

    words = said(letter, NOW + HOUR)

    assert (
        words.lead
        == "Hello Tomas, evidence of your learners has come to you. For 1 the promised day is over."
    )
    assert words.kicker == "Review the work of Stran Ger, waiting 6 days"
    assert words.link.startswith("/mentor/reviews/")
    assert words.also[0].text == "Waiting since today. Answer by Fri 27 Nov."
    assert "evidence of your learners came to you" in words.why


def test_the_preview_asks_the_same_and_writes_nothing():
    hands_in(ines())

    assert [x.occurrence for x in foreseen("evidence_waits", tomas(), NOW)] == ["evidence-waits-2026-11-24"]
    assert foreseen("evidence_waits", ines(), NOW) == []
    assert len(plan("evidence_waits", NOW)) == 1


def test_many_mentors_take_no_more_queries():
    def ask(count):
        for number in range(count):
            mentor = person(f"Mentor{number} Some", "mentor")
            mentored(ines(), mentor)
        LetterWishes.objects.of_all(Mentorship.objects.values_list("mentor", flat=True))
        with CaptureQueriesContext(connection) as asked:
            letters = plan("evidence_waits", NOW)
        return len(letters), len(asked)

    hand_in(enrolled(ines()))
    few, many = ask(2), ask(12)

    assert (few[0], many[0]) == (2, 12)
    assert few[1] == many[1]
