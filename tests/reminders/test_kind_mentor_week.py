"""A mentor's week counts people, and what waits for her of every sort: evidence, answers to mark and appeals."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from mentoring.models import Mentorship
from progress.models import Cohort, Enrollment
from tests.cast import EARLIER, enrolled, ines, mentored, road, stranger, tomas
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
