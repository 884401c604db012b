"""What authors give for practice and placement: published with the road, exported, warned of."""

from datetime import timedelta

import pytest

from authoring.models import Draft
from quizzes.models import Question, QuestionVersion, Quiz
from quizzes.models.quiz import Purpose
from roadmap.models import Topic
from tests.authoring.roads import saved
from tests.cast import NOW, noor

pytestmark = pytest.mark.django_db


def give_for_practice(key: str = "q-free", *, tags: tuple[str, ...] = ("practice",)) -> Question:
    return Question.objects.create(
        key=key,
        type="true_false",
        topic=Topic.objects.filter(stage__key="starter").first(),
        tags=list(tags),
        draft={"stem": "Is it free?", "explanation": "Nobody asks it.", "answer": True},
    )


def test_questions_given_for_practice_are_published_with_their_road_and_once():
    road, question = saved(), give_for_practice()
    give_for_practice("q-other", tags=())
    Draft(road).publish(by=noor(), changelog="", now=NOW)
    road.refresh_from_db()
    assert not Draft(road).is_changed()

    question.draft |= {"explanation": "Nobody asks it, ever."}
    question.save()
    assert Draft(road).is_changed()
    Draft(road).publish(by=noor(), changelog="", now=NOW + timedelta(days=1))
    Draft(road).publish(by=noor(), changelog="", now=NOW + timedelta(days=2))

    assert list(question.versions.order_by("number").values_list("number", flat=True)) == [1, 2]
    assert not QuestionVersion.objects.filter(question__key="q-other").exists()


def test_a_draft_for_practice_that_is_not_ready_holds_nothing_up():
    road, question = saved(), give_for_practice()
    Question.objects.filter(pk=question.pk).update(draft={"stem": ""})

    Draft(road).publish(by=noor(), changelog="", now=NOW)

    assert not question.versions.exists()


def test_they_are_written_into_the_bank_of_the_files():
    road = saved()
    give_for_practice()

    assert [question.key for question in Draft(road).folder().bank] == ["q-free"]


def test_a_placement_that_shows_answers_or_asks_too_little_is_warned_of():
    road = saved()
    quiz = Quiz.objects.create(
        roadmap=road, key="bread-placement", title="What you know", purpose=Purpose.PLACEMENT
    )
    topic = Quiz.objects.get(key="starter-quiz").items.first().question.topic
    quiz.pools.create(key="some", topic=topic, count=1, position=1)

    found = " ".join(str(fault) for fault in Draft(road).faults() if not fault.stops)
    assert "show right answers or reasons" in found
    assert "It asks 1 question of the stage “starter”" in found
    assert "It asks 0 questions of the stage “oven”" in found

    shown = ["correctness"]
    quiz.review = {"handed_in": shown, "passed": shown, "closed": shown}
    quiz.save()
    found = " ".join(str(fault) for fault in Draft(road).faults() if not fault.stops)
    assert "show right answers or reasons" not in found
