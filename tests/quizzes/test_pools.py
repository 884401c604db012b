"""Pools of a quiz: what they may draw from, and what keeps them from being published."""

import pytest

from quizzes.models import Attempt, PaperPool, Question, Quiz
from quizzes.refusals import QuizHasFaultsError
from tests import cast
from tests.cast import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def quiz() -> Quiz:
    """The first stage's quiz: two of its questions stay on the paper, the other eight may be drawn."""
    found = Quiz.objects.get(roadmap=cast.road(), key="base-quiz")
    kept = found.items.all()[:2]
    found.items.exclude(pk__in=[item.pk for item in kept]).delete()
    return found


def pool(quiz: Quiz, **asks: object) -> PaperPool:
    return PaperPool.objects.create(quiz=quiz, **{"key": "spare", "count": 3, **asks})


def asked(quiz: Quiz) -> list[str]:
    return [slot.question for slot in Attempt.objects.start(cast.ines(), quiz, NOW).slots]


def test_an_attempt_has_what_stands_on_the_paper_and_what_was_drawn(quiz):
    pool(quiz, points=2)
    version = quiz.publish(None, NOW)

    assert version.sheet.drawn == 5
    attempt = Attempt.objects.start(cast.ines(), quiz, NOW)
    assert (len(attempt.slots), attempt.points_possible) == (5, 2 + 3 * 2)
    assert {item.question.key for item in quiz.items.all()} <= {slot.question for slot in attempt.slots}


def test_a_pool_draws_only_what_fits_all_it_asks_for(quiz):
    topic = quiz.stage.topics.first()
    spare = Question.objects.filter(topic=topic).exclude(pk__in=quiz.items.values("question"))
    spare.update(difficulty=5)
    chosen = spare.first()
    Question.objects.filter(pk=chosen.pk).update(tags=["deep"])
    pool(quiz, topic=topic, tag="deep", difficulty_from=4, count=1)
    quiz.publish(None, NOW)

    assert chosen.key in asked(quiz)


def test_drafts_that_are_not_ready_are_not_drawn(quiz):
    pool(quiz, count=8)
    spare = Question.objects.exclude(pk__in=quiz.items.values("question")).filter(topic__stage=quiz.stage)
    unready = spare.first()
    unready.draft = {**unready.draft, "explanation": ""}
    unready.save()
    total = sum(1 for q in Question.objects.filter(topic__roadmap=quiz.roadmap) if not q.faults()) - 2
    PaperPool.objects.update(count=total + 1)

    with pytest.raises(QuizHasFaultsError) as refused:
        quiz.publish(None, NOW)
    assert str(refused.value.faults[0]) == f"Pool spare draws {total + 1} questions, but {total} are ready."
    PaperPool.objects.update(count=total)
    quiz.publish(None, NOW)
    assert unready.key not in asked(quiz)


def test_a_quiz_of_pools_alone_is_published(quiz):
    quiz.items.all().delete()
    pool(quiz)
    quiz.publish(None, NOW)

    assert len(asked(quiz)) == 3


def test_a_new_wording_of_a_drawn_question_makes_a_new_version(quiz):
    pool(quiz)
    first = quiz.publish(None, NOW)
    spare = (
        Question.objects.exclude(pk__in=quiz.items.values("question")).filter(topic__stage=quiz.stage).first()
    )
    spare.draft = {**spare.draft, "stem": "Said better."}
    spare.save()

    assert quiz.is_changed()
    assert quiz.publish(None, NOW) != first
    assert not quiz.is_changed()
