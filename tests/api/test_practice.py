"""Practice and placement through the API."""

from datetime import timedelta
from uuid import uuid4

import pytest

from accounts import clock
from quizzes.models import PracticeAnswer, Quiz
from tests import cast

pytestmark = pytest.mark.django_db

TOPIC = "enrollments/trail-test/practice/rocks/"


@pytest.fixture
def mine(caller):
    cast.take_quiz(cast.enrolled(cast.ines()), "base-quiz", points=10, now=clock.now() - timedelta(hours=1))
    return caller(cast.ines())


def said(version: int, value: object = "true") -> dict[str, object]:
    return {"version": version, "client_id": str(uuid4()), "value": value}


def test_a_question_is_asked_without_its_answer_and_answered_once(mine):
    asked = mine.get(TOPIC)
    assert b"CANARY" not in asked.content
    assert (asked.json()["questions"], asked.json()["not_practised"]) == (5, 5)

    answer = said(asked.json()["next"]["version"], "false")
    first, again = (mine.post(f"{TOPIC}answers/", answer).json() for _ in range(2))

    assert first == again
    assert (first["is_right"], first["right"]) == (False, True)
    assert "CANARY-WHY" in first["explanation"]
    assert PracticeAnswer.objects.count() == 1
    assert mine.get(TOPIC).json()["not_practised"] == 4


def test_what_a_quiz_asks_now_is_told_to_nobody(mine):
    version = mine.get(TOPIC).json()["next"]["version"]
    enrollment = cast.ines().enrollments.select_related("roadmap").get()
    enrollment.start_quiz(Quiz.objects.get(key="base-quiz"), clock.now() + timedelta(days=2))

    refused = mine.post(f"{TOPIC}answers/", said(version))

    assert refused.status_code == 409
    assert b"CANARY" not in refused.content
    assert mine.get(TOPIC).json()["next"] is None
    assert not PracticeAnswer.objects.exists()


def test_what_cannot_be_read_is_named(mine):
    refused = mine.post(f"{TOPIC}answers/", {"version": "x", "value": "true"})

    assert refused.status_code == 422
    assert {"version", "client_id"} <= set(refused.json()["errors"])
    assert mine.get("enrollments/trail-test/practice/nowhere/").status_code == 404


def test_a_placement_is_taken_as_any_quiz_and_stands_in_the_standing(caller):
    cast.placement_quiz()
    enrollment, mine = cast.enrolled(cast.ines()), caller(cast.ines())
    address = "enrollments/trail-test/quizzes/trail-placement/attempts/"
    assert mine.get("enrollments/trail-test/standing/").json()["placement"]["stages"] == []
    assert mine.post(address).status_code == 201
    cast.place(enrollment, "base", now=clock.now())

    standing = mine.get("enrollments/trail-test/standing/").json()

    assert standing["placement"]["quiz"] == "trail-placement"
    assert standing["placement"]["stages"][0] == {
        "stage": "base",
        "questions": 10,
        "percent": 100,
        "says_known": True,
        "walks": False,
    }
    assert (standing["stages"][0]["state"], standing["stages"][0]["is_known"]) == ("passed", True)
    assert mine.post(address).json()["code"] == "cooling_down"


def test_a_known_stage_is_walked_all_the_same_and_known_again(caller):
    cast.placement_quiz()
    enrollment, mine = cast.enrolled(cast.ines()), caller(cast.ines())
    cast.place(enrollment, "base", now=clock.now())
    address = "enrollments/trail-test/stages/base/walk/"

    walked, known = mine.put(address).json(), mine.delete(address).json()

    assert [one["stages"][0]["state"] for one in (walked, known)] == ["underway", "passed"]
    assert walked["placement"]["stages"][0]["walks"]
    assert mine.put("enrollments/trail-test/stages/ridge/walk/").status_code == 404
