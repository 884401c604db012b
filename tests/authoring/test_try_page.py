"""An author answers the draft of a quiz; nothing of it is ever kept or counted."""

import lxml.html
import pytest
from django.apps import apps
from django.urls import reverse

from quizzes.models import PaperPool, Question, Quiz
from tests import cast
from tests.cast import ines, noor, road, tomas
from tests.desk import fields

pytestmark = pytest.mark.django_db


@pytest.fixture
def quiz():
    found = Quiz.objects.get(roadmap=road(), key="base-quiz")
    found.draw = 4
    found.save()
    return found


@pytest.fixture
def desk(client):
    client.force_login(noor())
    return client


def path(quiz: Quiz) -> str:
    return reverse("admin:authoring_try_quiz", args=[quiz.pk])


def text(answer) -> str:
    return " ".join(lxml.html.fromstring(answer.content).xpath("//main")[0].text_content().split())


def typed(desk, quiz: Quiz) -> dict[str, object]:
    return fields(desk.get(path(quiz)).content.decode(), 'class="cols cols--margin"')


def counts() -> dict[str, int]:
    """How many rows each table of ours has."""
    ours = {"quizzes", "progress", "mentoring", "roadmap", "authoring", "reminders", "accounts"}
    return {
        model._meta.label: model._base_manager.count()
        for model in apps.get_models()
        if model._meta.app_label in ours
    }


def test_q20_a_try_is_marked_and_nothing_is_written(desk, quiz):
    page = typed(desk, quiz)
    before = counts()

    answers = {"q1": "true", "q2": "true", "q3": "false", "q4": "true", "window": "handed_in"}
    said = desk.post(path(quiz), page | answers)

    assert said.status_code == 200
    assert "3 of 4, not passed" in text(said)
    assert "CANARY-WHY" in text(said)
    assert counts() == before


def test_the_paper_stays_the_same_from_window_to_window(desk, quiz):
    page = typed(desk, quiz)
    asked = [stems(desk.post(path(quiz), page | {"window": window})) for window in ("handed_in", "closed")]
    assert len(asked[0]) == 4
    assert asked[0] == asked[1]


def stems(answer) -> list[str]:
    return [
        legend.text_content()
        for legend in lxml.html.fromstring(answer.content).xpath("//legend[@class='stem']")
    ]


def test_each_window_shows_what_the_draft_says(desk, quiz):
    quiz.review = {
        "handed_in": [],
        "passed": ["correctness"],
        "closed": ["correctness", "feedback", "right_answer", "explanation"],
    }
    quiz.save()
    page = typed(desk, quiz) | {"q1": "false"}

    handed_in = text(desk.post(path(quiz), page | {"window": "handed_in"}))
    passed = text(desk.post(path(quiz), page | {"window": "passed"}))
    closed = text(desk.post(path(quiz), page | {"window": "closed"}))
    assert "Neither right nor wrong is said." in handed_in
    assert "Not right" not in handed_in
    assert "CANARY" not in handed_in + passed
    assert "Not right" in passed
    assert "CANARY-WHY" in closed


def test_before_it_is_marked_nothing_is_given_away(desk, quiz):
    page = desk.get(path(quiz))
    assert page.status_code == 200
    assert "CANARY" not in page.content.decode()


def test_a_draft_that_changed_in_between_is_drawn_anew(desk, quiz):
    page = typed(desk, quiz)
    quiz.draw = 3
    quiz.save()
    said = desk.post(path(quiz), page | {"q1": "true", "window": "closed"})
    assert "a new paper was drawn" in text(said)
    assert len(stems(said)) == 3


def test_questions_that_were_never_published_are_asked_too(desk, quiz):
    topic = quiz.stage.topics.first()
    draft = {"stem": "Never published.", "explanation": "So.", "answer": True}
    Question.objects.create(key="q-fresh", type="true_false", topic=topic, tags=["fresh"], draft=draft)
    PaperPool.objects.create(quiz=quiz, key="fresh", tag="fresh", count=1)
    assert "Never published." in text(desk.get(path(quiz)))


def test_a_draft_with_faults_says_them_instead(desk, quiz):
    PaperPool.objects.create(quiz=quiz, key="empty", tag="nothing-has-it", count=2)
    assert "mend them first" in text(desk.get(path(quiz)))


@pytest.mark.parametrize("who", [ines, tomas, cast.stranger])
def test_only_who_may_write_quizzes_tries_them(client, quiz, who):
    client.force_login(who())
    assert client.get(path(quiz)).status_code in {302, 403, 404}


def test_the_quizs_page_leads_to_it(desk, quiz):
    assert path(quiz) in desk.get(reverse("admin:quizzes_quiz_change", args=[quiz.pk])).content.decode()
