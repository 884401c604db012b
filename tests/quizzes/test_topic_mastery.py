"""What answers tell of a topic: the last one to each question, none that may not be seen yet, in one query."""

from datetime import timedelta

import pytest
from django.urls import reverse

from quizzes.models import Attempt
from quizzes.models.topic_mastery import topic_mastery
from tests import cast
from tests.cast import NOW, enrolled, ines, mentored, take_quiz, tomas

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
SECRET = {"handed_in": [], "passed": ["correctness"], "closed": []}


@pytest.fixture
def enrollment():
    return enrolled(ines())


def known(now=NOW + 3 * DAY, **told):
    return topic_mastery(ines(), cast.road().pk, now, **told)


def test_the_last_answer_to_each_question_counts(enrollment, django_assert_num_queries):
    take_quiz(enrollment, "base-quiz", points=0)
    before = known()
    take_quiz(enrollment, "base-quiz", points=10, now=NOW + 2 * DAY)
    person, road = ines(), cast.road().pk
    with django_assert_num_queries(1):
        after = topic_mastery(person, road, NOW + 3 * DAY)

    assert sum(estimate.answers for estimate in before.values()) == 10
    assert {topic: estimate.answers for topic, estimate in after.items()} == {
        topic: estimate.answers for topic, estimate in before.items()
    }
    assert all(estimate.middle < 0.5 for estimate in before.values())
    assert all(estimate.middle > 0.5 for estimate in after.values())


def test_what_was_set_aside_waits_or_came_before_she_started_over_tells_nothing(enrollment):
    attempt = take_quiz(enrollment, "base-quiz", points=5)
    assert known(since=NOW + DAY) == {}

    attempt.set_aside(by=None, reason="The power went.", now=NOW)
    assert known() == {}


def test_a_quiz_that_keeps_its_answers_secret_tells_its_learner_nothing_and_her_mentor_all(enrollment):
    attempt = take_quiz(enrollment, "base-quiz", points=5)
    Attempt.objects.filter(pk=attempt.pk).update(review=SECRET)

    assert known() == {}
    assert known(for_mentor=True)

    take_quiz(enrollment, "base-quiz", points=10, now=NOW + 2 * DAY)
    Attempt.objects.of(ines()).update(review=SECRET)
    assert known()


class TestPages:
    @pytest.fixture
    def signed_in(self, client, enrollment):
        client.force_login(ines())
        return client

    def test_a_stage_says_nothing_before_a_quiz_and_in_words_after_it(self, signed_in, enrollment):
        page = reverse("progress:stage", args=[enrollment.roadmap.key, "base"])
        assert "What your answers tell" not in signed_in.get(page).text

        take_quiz(enrollment, "base-quiz", points=10)
        shown = signed_in.get(page).text
        assert "What your answers tell" in shown
        assert "likely solid" in shown or "not sure yet" in shown

    def test_a_stage_costs_one_query_more_for_it(self, signed_in, enrollment, django_assert_max_num_queries):
        page = reverse("progress:stage", args=[enrollment.roadmap.key, "base"])
        take_quiz(enrollment, "base-quiz", points=10)
        signed_in.get(page)

        with django_assert_max_num_queries(6):
            signed_in.get(page)

    def test_too_few_answers_show_no_figure(self, signed_in, enrollment):
        attempt = take_quiz(enrollment, "base-quiz", points=10)
        paper = [{**slot, "topic": slot["topic"] if slot["slot"] < 4 else None} for slot in attempt.paper]
        Attempt.objects.filter(pk=attempt.pk).update(paper=paper)
        shown = signed_in.get(reverse("progress:stage", args=[enrollment.roadmap.key, "base"])).text

        assert "not sure yet" in shown
        assert "likely between" not in shown

    def test_the_result_says_it_too(self, signed_in, enrollment):
        attempt = take_quiz(enrollment, "base-quiz", points=6)
        page = reverse("progress:quiz_result", args=[enrollment.roadmap.key, "base-quiz", attempt.number])

        assert "What all your answers tell" in signed_in.get(page).text

    def test_a_mentor_reads_it_on_her_learners_page_and_through_the_api(self, client, enrollment):
        take_quiz(enrollment, "base-quiz", points=10)
        mentored(ines(), tomas())
        client.force_login(tomas())
        page = client.get(reverse("mentoring:learner", args=[ines().pk])).text
        address = reverse("api:v1:learner_mastery", args=[ines().pk, enrollment.roadmap.key])
        topics = client.get(address).json()["topics"]

        assert "What answers tell" in page
        assert sum(topic["answers"] for topic in topics) == 10
        assert {topic["level"] for topic in topics} <= {"solid", "unsure"}

    def test_the_api_says_no_figure_below_five_answers(self, signed_in, enrollment):
        take_quiz(enrollment, "base-quiz", points=10)
        topics = signed_in.get(reverse("api:v1:mastery", args=[enrollment.roadmap.key])).json()["topics"]

        for topic in topics:
            assert (topic["low"] is None) == (topic["answers"] < 5)
        assert topics

    def test_strangers_read_nobodys(self, signed_in, enrollment):
        address = reverse("api:v1:learner_mastery", args=[ines().pk, enrollment.roadmap.key])

        assert signed_in.get(address).status_code == 404
