"""How a quiz is taken, as authors say it at the desk: policies, what a result shows, pools, the quiz for placement."""

from datetime import UTC, datetime
from typing import Any

import lxml.html
import pytest
from django.urls import reverse

from quizzes.models import PaperPool, Question, Quiz
from roadmap.models import Stage, Topic
from tests.cast import NOW, noor, road
from tests.desk import opened, send

pytestmark = pytest.mark.django_db

ADD = "/admin/quizzes/quiz/add/"
BOXES = [
    f"{window}:{item}"
    for window in ("handed_in", "passed", "closed")
    for item in ("correctness", "feedback", "right_answer", "explanation")
]


@pytest.fixture
def desk(client):
    author = noor()
    author.time_zone = "Europe/Berlin"
    author.save()
    client.force_login(author)
    return client


@pytest.fixture
def quiz():
    return Quiz.objects.get(roadmap=road(), key="base-quiz")


def page(quiz: Quiz) -> str:
    return reverse("admin:quizzes_quiz_change", args=[quiz.pk])


def placement(**more: str) -> dict[str, object]:
    return {
        "title": "Where do you stand?",
        "key": "placement",
        "purpose": "placement",
        "roadmap": road().pk,
        "pass_percent": "80",
        "cooldown_hours": "24",
        "grace_seconds": "60",
        "overtime": "hand_in",
        "overtime_minutes": "0",
        "score": "best",
        "items-TOTAL_FORMS": "0",
        "items-INITIAL_FORMS": "0",
        "pools-TOTAL_FORMS": "0",
        "pools-INITIAL_FORMS": "0",
        **more,
    }


def test_policies_are_typed_and_read_back(desk, quiz):
    typed = opened(desk, page(quiz)) | {
        "available_until_0": "2026-12-24",
        "available_until_1": "18:00",
        "overtime": "grace",
        "overtime_minutes": "20",
        "score": "last",
        "per_page": "5",
        "asks_confidence": "on",
    }
    assert desk.post(page(quiz), typed).status_code == 302

    quiz.refresh_from_db()
    assert quiz.available_until == datetime(2026, 12, 24, 17, tzinfo=UTC)
    assert (quiz.overtime, quiz.overtime_minutes, quiz.score) == ("grace", 20, "last")
    assert (quiz.per_page, quiz.asks_confidence, quiz.review) == (5, True, {})
    assert opened(desk, page(quiz))["available_until_1"] == "18:00:00"


def test_handing_in_for_a_while_needs_minutes(desk, quiz):
    answer = desk.post(page(quiz), opened(desk, page(quiz)) | {"overtime": "grace", "overtime_minutes": "0"})
    assert answer.status_code == 422
    assert "for how many minutes" in answer.content.decode()


def test_what_a_result_shows_is_a_table_of_boxes(desk, quiz):
    typed = opened(desk, page(quiz))
    assert sorted(typed["review"]) == sorted(BOXES)  # all, as long as nothing else is said

    typed["review"] = ["handed_in:correctness", "closed:right_answer", "closed:explanation"]
    assert desk.post(page(quiz), typed).status_code == 302

    quiz.refresh_from_db()
    assert quiz.review == {
        "handed_in": ["correctness"],
        "passed": [],
        "closed": ["right_answer", "explanation"],
    }
    assert sorted(opened(desk, page(quiz))["review"]) == sorted(typed["review"])


def test_nothing_ticked_shows_nothing(desk, quiz):
    typed = opened(desk, page(quiz))
    del typed["review"]
    assert desk.post(page(quiz), typed).status_code == 302
    quiz.refresh_from_db()
    assert quiz.review == {"handed_in": [], "passed": [], "closed": []}


def test_a_box_that_is_not_there_is_refused(desk, quiz):
    answer = desk.post(page(quiz), opened(desk, page(quiz)) | {"review": ["handed_in:everything"]})
    assert answer.status_code == 422
    quiz.refresh_from_db()
    assert quiz.review == {}


def test_each_box_is_named_by_what_and_when(desk, quiz):
    html = lxml.html.fromstring(desk.get(page(quiz)).content)
    boxes: Any = html.xpath("//input[@name='review']")
    assert len({box.get("aria-label") for box in boxes}) == len(BOXES) == len(boxes)
    assert boxes[0].get("aria-label") == "which answers are right, once handed in"


def test_two_people_changing_the_table_are_told(desk, quiz):
    hers = opened(desk, page(quiz))
    theirs = dict(hers, review=["closed:correctness"])
    assert desk.post(page(quiz), theirs).status_code == 302

    refused = desk.post(page(quiz), dict(hers, review=["handed_in:correctness"]))
    assert refused.status_code == 409
    quiz.refresh_from_db()
    assert quiz.review["closed"] == ["correctness"]


def test_an_end_that_nobody_touched_is_no_change(desk, quiz):
    quiz.available_until = NOW
    quiz.save()
    hers = opened(desk, page(quiz))
    assert desk.post(page(quiz), dict(hers, title="Theirs")).status_code == 302
    assert "Can be taken until" not in conflict(desk.post(page(quiz), dict(hers, title="Mine")))


def conflict(answer) -> str:
    assert answer.status_code == 409
    html = lxml.html.fromstring(answer.content)
    names: Any = html.xpath("//input[starts-with(@name, 'chosen:')]/@name")
    return " ".join(names)


class TestPools:
    def fields(self, quiz: Quiz, **more: str) -> dict[str, str]:
        topic = Topic.objects.filter(stage=quiz.stage).first()
        row = {
            "position": "1",
            "key": "rocks",
            "topic": str(topic.pk),
            "tag": "",
            "difficulty_from": "1",
            "difficulty_to": "3",
            "count": "2",
            "points": "1",
            "id": "",
            "quiz": str(quiz.pk),
            **more,
        }
        return {"pools-TOTAL_FORMS": "1", **{f"pools-0-{name}": value for name, value in row.items()}}

    def test_a_pool_is_added_on_the_quizs_page_and_says_how_many_fit(self, desk, quiz):
        topic = Topic.objects.filter(stage=quiz.stage).first()
        draft = {"stem": "Is it?", "explanation": "It is.", "answer": True}
        Question.objects.create(key="q-pooled", type="true_false", topic=topic, draft=draft)

        typed = opened(desk, page(quiz)) | self.fields(quiz)
        assert desk.post(page(quiz), typed).status_code == 302

        pool = PaperPool.objects.get(quiz=quiz)
        assert (pool.key, pool.topic, pool.count, pool.difficulty_to) == ("rocks", topic, 2, 3)
        assert "1 question: too few" in desk.get(page(quiz)).content.decode()

    def test_a_pool_changed_by_two_people_is_a_conflict(self, desk, quiz):
        desk.post(page(quiz), opened(desk, page(quiz)) | self.fields(quiz))
        hers = opened(desk, page(quiz))
        assert desk.post(page(quiz), hers | {"pools-0-count": "3"}).status_code == 302
        assert desk.post(page(quiz), hers | {"pools-0-count": "4"}).status_code == 409
        assert PaperPool.objects.get(quiz=quiz).count == 3

    def test_its_changes_stand_in_the_history(self, desk, quiz):
        desk.post(page(quiz), opened(desk, page(quiz)) | self.fields(quiz))
        history = reverse("admin:quizzes_quiz_history", args=[quiz.pk])
        assert "rocks" in desk.get(history).content.decode()

    def test_a_span_that_runs_backwards_is_refused(self, desk, quiz):
        backwards = self.fields(quiz, difficulty_from="4", difficulty_to="2")
        answer = desk.post(page(quiz), opened(desk, page(quiz)) | backwards)
        assert answer.status_code == 422
        assert not PaperPool.objects.exists()


class TestPlacement:
    def test_a_quiz_for_placement_has_a_road_and_no_stage(self, desk):
        road()
        assert send(desk, ADD, placement()).status_code == 302
        quiz = Quiz.objects.get(key="placement")
        assert (quiz.roadmap, quiz.stage) == (road(), None)

        assert desk.post(page(quiz), opened(desk, page(quiz)) | {"title": "Anew"}).status_code == 302
        quiz.refresh_from_db()
        assert (quiz.title, quiz.roadmap) == ("Anew", road())

    @pytest.mark.parametrize(
        ("more", "said"),
        [({"roadmap": ""}, "for which road"), ({"purpose": "stage"}, "which stage it passes")],
    )
    def test_each_kind_needs_its_place(self, desk, more, said):
        answer = send(desk, ADD, placement() | more)
        assert answer.status_code == 422
        assert said in answer.content.decode()
        assert not Quiz.objects.filter(key="placement").exists()

    def test_it_stands_in_no_stage(self, desk):
        stage = Stage.objects.filter(roadmap=road()).first()
        answer = send(desk, ADD, placement(stage=str(stage.pk)))
        assert "belongs to no stage" in answer.content.decode()

    def test_a_road_has_one(self, desk):
        road()
        send(desk, ADD, placement())
        answer = send(desk, ADD, placement(key="another"))
        assert answer.status_code == 422
        assert "has a quiz for placement already" in answer.content.decode()


class TestTags:
    def test_tags_are_typed_with_blanks_or_commas(self, desk):
        question = Question.objects.filter(topic__roadmap=road()).first()
        path = reverse("admin:quizzes_question_change", args=[question.pk])
        assert desk.post(path, opened(desk, path) | {"tags": "rocks, hard  rocks"}).status_code == 302
        question.refresh_from_db()
        assert question.tags == ["rocks", "hard"]
        assert opened(desk, path)["tags"] == "rocks hard"

    def test_a_tag_that_is_no_key_is_refused(self, desk):
        question = Question.objects.filter(topic__roadmap=road()).first()
        path = reverse("admin:quizzes_question_change", args=[question.pk])
        answer = desk.post(path, opened(desk, path) | {"tags": "Very/Hard"})
        assert answer.status_code == 422
        assert "Tags are lower-case letters" in answer.content.decode()
