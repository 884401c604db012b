"""Publishing a quiz: what is frozen, what is left alone, and what is refused."""

import pytest
from django.db import DatabaseError, transaction

from quizzes.models import PaperItem, Question, QuestionVersion, Quiz, QuizVersion
from quizzes.models.question import EditKind
from quizzes.refusals import NotPublishedError, QuizHasFaultsError
from tests import cast
from tests.quizzes.test_bodies import EXAMPLES, single

pytestmark = pytest.mark.django_db


def base_quiz() -> Quiz:
    return Quiz.objects.get(roadmap=cast.road(), key="base-quiz")


def first_question(quiz: Quiz) -> Question:
    return quiz.items.all()[0].question


def told(quiz: Quiz) -> list[str]:
    return [str(fault) for fault in quiz.faults()]


def edit(question: Question, **changes: object) -> None:
    question.draft = {**question.draft, **changes}
    question.save()


def test_publishing_again_without_a_change_writes_nothing():
    quiz = base_quiz()
    version = quiz.current_version
    count = QuestionVersion.objects.count()

    assert quiz.publish(cast.noor(), cast.NOW) == version
    assert QuestionVersion.objects.count() == count
    assert quiz.versions.count() == 1


def test_a_paper_that_froze_the_options_in_another_order_says_the_same():
    quiz = base_quiz()
    quiz.items.exclude(pk=quiz.items.all()[0].pk).delete()
    question = Question.objects.create(key="q-order", type="ordering", draft=EXAMPLES["ordering"])
    PaperItem.objects.create(quiz=quiz, question=question, position=2)
    sheet = quiz.publish(None, cast.NOW).sheet
    turned = [asked.model_copy(update={"options": asked.options[::-1]}) for asked in sheet.questions]
    frozen = sheet.model_copy(update={"questions": tuple(turned)})
    version = QuizVersion.objects.create(
        quiz=quiz,
        number=9,
        paper=frozen.model_dump(mode="json"),
        digest=frozen.digest(),
        published_at=cast.NOW,
    )
    Quiz.objects.filter(pk=quiz.pk).update(current_version=version)

    assert not base_quiz().is_changed()
    assert base_quiz().publish(None, cast.NOW) == version


def test_a_new_wording_is_a_new_version_of_the_question_and_of_the_paper():
    quiz = base_quiz()
    question = first_question(quiz)
    edit(question, stem="Said better.")

    version = quiz.publish(cast.noor(), cast.NOW)

    assert (version.number, version.published_by) == (2, cast.noor())
    newest = question.versions.all()[0]
    assert (newest.number, newest.edit_kind) == (2, EditKind.WORDING)
    assert newest.pk in [asked.version for asked in version.sheet.questions]


def test_a_corrected_key_is_marked_as_such():
    quiz = base_quiz()
    edit(first_question(quiz), answer=False)
    quiz.publish(None, cast.NOW)

    assert first_question(quiz).versions.all()[0].edit_kind == EditKind.ANSWER


def test_a_changed_policy_alone_makes_a_version_but_no_question_version():
    quiz = base_quiz()
    count = QuestionVersion.objects.count()
    quiz.pass_percent = 70
    quiz.save()

    assert quiz.publish(None, cast.NOW).sheet.pass_percent == 70
    assert QuestionVersion.objects.count() == count


def test_faults_name_the_question_and_nothing_is_published():
    quiz = base_quiz()
    question = first_question(quiz)
    edit(question, answer="perhaps")

    assert told(quiz) == [f"{question.key}: answer: Write true or false."]
    with pytest.raises(QuizHasFaultsError) as refused:
        quiz.publish(None, cast.NOW)
    assert str(refused.value) == f"{question.key}: answer: Write true or false."
    assert question.versions.count() == 1


def test_an_empty_paper_and_too_large_a_draw_are_faults():
    quiz = base_quiz()
    quiz.draw = 11
    assert told(quiz) == ["The quiz draws 11 questions but has 10."]

    quiz.items.all().delete()
    quiz.draw = None
    assert told(quiz) == ["The quiz has no questions."]


def test_an_archived_question_on_the_paper_is_a_fault():
    quiz = base_quiz()
    question = first_question(quiz)
    question.archived_at = cast.NOW
    question.save()

    assert told(quiz) == [f"{question.key}: It is archived; take it off the paper."]


def test_a_quiz_that_was_never_published_has_no_version_to_study():
    quiz = base_quiz()
    quiz.current_version = None

    with pytest.raises(NotPublishedError):
        quiz.studied_version()


def test_versions_do_not_change_once_published():
    version = first_question(base_quiz()).versions.all()[0]
    version.body = {}

    with pytest.raises(DatabaseError, match="do not change"), transaction.atomic():
        version.save()


def test_publishing_costs_the_same_for_few_and_for_many_questions(django_assert_num_queries):
    quiz = base_quiz()
    for name, body in {**EXAMPLES, "single": single(True, False)}.items():
        for number in range(4):
            question = Question.objects.create(
                key=f"q-{number}-{name.replace('_', '-')}", type=name, draft=body
            )
            PaperItem.objects.create(quiz=quiz, question=question, position=20)

    with django_assert_num_queries(11):
        quiz.publish(None, cast.NOW)
    assert len(quiz.studied_version().sheet.questions) == 10 + 4 * len(EXAMPLES)
