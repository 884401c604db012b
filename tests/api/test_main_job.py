"""The main job through the API alone: nothing here but requests of a learner and of her mentor."""

from uuid import uuid4

import pytest

from accounts import clock
from quizzes.models import Quiz
from tests.cast import ines, mentored, road, stranger, tomas

pytestmark = pytest.mark.django_db

ROAD = "enrollments/trail-test/"


def enroll(learner):
    return learner.post(
        "enrollments/",
        {
            "road": "trail-test",
            "background": "walker",
            "hours_per_week": 6,
            "starts_on": clock.now().date().isoformat(),
        },
    )


def tick_core(learner, stage: str) -> None:
    for topic in learner.get(f"roads/trail-test/stages/{stage}/").json()["topics"]:
        for placed in topic["resources"]:
            if placed["role"] == "core":
                assert learner.put(f"{ROAD}ticks/{placed['resource']}/").status_code == 200


def take(learner, stage: str, *, right: int):
    """The finished attempt after so many right answers of ten, given through the API."""
    attempts = f"{ROAD}quizzes/{stage}-quiz/attempts/"
    sheet = learner.post(attempts).json()
    items = [
        {
            "slot": question["slot"],
            "sequence": 1,
            "client_id": str(uuid4()),
            "value": "true" if place < right else "false",
        }
        for place, question in enumerate(sheet["questions"])
    ]
    one = f"{attempts}{sheet['number']}/"
    assert learner.put(f"{one}answers/", {"epoch": sheet["epoch"], "items": items}).status_code == 200
    return learner.post(f"{one}submit/").json()


def states(learner) -> list[str]:
    return [stage["state"] for stage in learner.get(f"{ROAD}standing/").json()["stages"]]


def test_the_main_job_through_the_api_alone(caller):
    road()
    Quiz.objects.update(cooldown_hours=0)
    for quiz in Quiz.objects.all():
        quiz.publish(None, clock.now())
    learner, mentor, somebody = caller(ines()), caller(tomas()), caller(stranger())
    mentored(ines(), tomas())

    # enroll, and study the first stage
    answer = enroll(learner)
    assert (answer.status_code, answer["Location"]) == (201, "/api/v1/enrollments/trail-test/")
    assert states(learner) == ["underway", "locked", "locked"]
    tick_core(learner, "base")

    # fail its quiz, then pass it: the next stage opens
    assert take(learner, "base", right=7)["is_passed"] is False
    assert states(learner)[:2] == ["underway", "locked"]
    assert take(learner, "base", right=8)["is_passed"] is True
    assert states(learner) == ["passed", "underway", "locked"]

    # pass the second stage; the third asks for evidence
    tick_core(learner, "ridge")
    take(learner, "ridge", right=10)
    opens = learner.get(f"{ROAD}standing/").json()["opens_next"]
    assert (opens["stage"], opens["missing"][0]["facts"][0]["state"]) == ("summit", "not_handed_in")

    # hand it in; the mentor asks for changes
    task = f"{ROAD}submissions/ridge-report/"
    handed = learner.post(task, {"kind": "link", "link": "https://example.org/report"})
    assert handed.status_code == 201
    queue = mentor.get("reviews/queue/").json()["results"]
    assert [line["id"] for line in queue] == [handed.json()["id"]]
    review = f"reviews/{queue[0]['id']}/"
    assert somebody.get(review).status_code == 404
    asked = mentor.post(
        review,
        {
            "number": 1,
            "decision": "ask_for_changes",
            "levels": {"clear": "developing"},
            "feedback": "Say *why*.",
        },
    )
    assert asked.status_code == 201
    read = learner.get(task).json()
    assert (read["state"], read["newest"]["review"]["feedback"]) == ("changes_requested", "Say *why*.")

    # a new version is accepted, and the gate opens
    learner.post(task, {"kind": "text", "text": "Because."})
    assert mentor.get(review).json()["newest"]["text"] == "Because."
    accepted = mentor.post(review, {"number": 2, "decision": "accept", "levels": {"clear": "meets"}})
    assert (accepted.status_code, mentor.get("reviews/queue/").json()["count"]) == (201, 0)
    assert states(learner) == ["passed", "passed", "underway"]
    assert [review["decision"] for review in learner.get("reviews/").json()["results"]] == [
        "accept",
        "ask_for_changes",
    ]
