"""Attempts: the frozen paper, answers kept, and what is right only after finishing."""

from datetime import timedelta
from uuid import uuid4

import pytest

from accounts import clock
from quizzes.models import Answer, Attempt, Quiz
from tests.cast import enrolled, ines, stranger

pytestmark = pytest.mark.django_db

BASE = "enrollments/trail-test/quizzes/base-quiz/attempts/"


@pytest.fixture
def learner(caller):
    enrolled(ines())
    return caller(ines())


def saved(slot: int = 1, value: object = "true", **other):
    return {"slot": slot, "sequence": 1, "client_id": str(uuid4()), "value": value, **other}


def policy(**changed) -> None:
    quiz = Quiz.objects.get(key="base-quiz")
    for name, value in changed.items():
        setattr(quiz, name, value)
    quiz.save()
    quiz.publish(None, clock.now())


def test_before_finishing_no_answer_says_what_is_right_or_why(learner):
    started = learner.post(BASE)
    epoch = started.json()["epoch"]
    kept = learner.put(f"{BASE}1/answers/", {"epoch": epoch, "items": [saved(value="false")]})

    said = [started, kept, learner.get(BASE), learner.get(f"{BASE}1/"), learner.post(BASE)]
    said += [learner.get(path) for path in ("enrollments/trail-test/standing/", "roads/trail-test/")]

    assert [answer.status_code for answer in said] == [201, 200, 200, 200, 200, 200, 200]
    assert not [answer for answer in said if b"CANARY" in answer.content]
    assert not [answer for answer in said if b"is_right" in answer.content or b'"answer"' in answer.content]
    assert said[3].json()["result"] is None


def test_after_finishing_each_answer_is_judged_with_its_reason(learner):
    epoch = learner.post(BASE).json()["epoch"]
    learner.put(f"{BASE}1/answers/", {"epoch": epoch, "items": [saved(1, "true"), saved(2, "false")]})

    sheet = learner.post(f"{BASE}1/submit/").json()

    judged = {answer["slot"]: answer for answer in sheet["result"]["answers"]}
    assert (sheet["percent"], sheet["is_passed"]) == (10, False)
    assert (judged[1]["is_right"], judged[2]["is_right"], judged[2]["right"]) == (True, False, True)
    assert judged[2]["explanation"].startswith("CANARY-WHY")
    assert judged[2]["resource"]
    assert sum(topic["possible"] for topic in sheet["result"]["topics"]) == 10
    assert learner.get(f"{BASE}1/").json() == sheet


def test_starting_again_takes_the_open_attempt_over_and_shuts_the_other_out(learner):
    first, second = learner.post(BASE), learner.post(BASE)

    late = learner.put(f"{BASE}1/answers/", {"epoch": first.json()["epoch"], "items": [saved()]})

    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json()["number"] == first.json()["number"] == 1
    assert (late.status_code, late.json()["code"], late.json()["kept"]) == (409, "taken_over", [1])
    assert Answer.objects.get().is_overtaken
    assert Attempt.objects.get().values() == {}


def test_the_same_save_sent_twice_is_written_once(learner):
    epoch = learner.post(BASE).json()["epoch"]
    body = {"epoch": epoch, "items": [saved()]}

    answers = [learner.put(f"{BASE}1/answers/", body) for _time in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert [answer.json()["saved"] for answer in answers] == [{"1": 1}, {"1": 1}]
    assert answers[0].json()["server_now"]
    assert Answer.objects.count() == 1


@pytest.mark.parametrize(
    ("item", "place"),
    [
        ({"slot": "one"}, "items.0.slot"),
        ({"client_id": "no-uuid"}, "items.0.client_id"),
        ({"value": {"a": 1}}, "items.0.value"),
        ({"slot": 99}, "items"),
    ],
)
def test_an_answer_that_cannot_be_kept_is_named(learner, item, place):
    epoch = learner.post(BASE).json()["epoch"]

    answer = learner.put(f"{BASE}1/answers/", {"epoch": epoch, "items": [saved() | item]})

    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == [place]
    assert not Answer.objects.exists()


def test_handing_in_twice_changes_nothing_and_later_answers_are_refused(learner):
    epoch = learner.post(BASE).json()["epoch"]
    first, second = learner.post(f"{BASE}1/submit/"), learner.post(f"{BASE}1/submit/")

    late = learner.put(f"{BASE}1/answers/", {"epoch": epoch, "items": [saved()]})

    assert first.json() == second.json()
    assert (late.status_code, late.json()["code"], late.json()["kept"]) == (409, "finished", [1])


def test_the_quiz_of_a_locked_stage_cannot_be_started(learner):
    answer = learner.post("enrollments/trail-test/quizzes/ridge-quiz/attempts/")

    assert (answer.status_code, answer.json()["code"]) == (409, "stage_locked")
    assert not Attempt.objects.exists()


def test_a_quiz_cools_down_and_says_until_when(learner):
    learner.post(BASE)
    learner.post(f"{BASE}1/submit/")

    answer = learner.post(BASE)

    assert (answer.status_code, answer.json()["code"]) == (409, "cooling_down")
    assert answer.json()["until"] > clock.now().isoformat()[:10]

    clock.move(timedelta(hours=24, minutes=1))
    assert learner.post(BASE).status_code == 201


def test_when_all_attempts_are_used_no_other_begins(learner):
    policy(attempts_limit=1, cooldown_hours=0)
    learner.post(BASE)
    learner.post(f"{BASE}1/submit/")

    answer = learner.post(BASE)

    assert (answer.status_code, answer.json()["code"]) == (409, "limit_reached")


def test_a_quiz_that_can_no_longer_be_taken_says_so(learner):
    policy(available_until=clock.now() - timedelta(minutes=1))

    answer = learner.post(BASE)

    assert (answer.status_code, answer.json()["code"]) == (409, "closed")


@pytest.mark.parametrize("path", ["enrollments/trail-test/quizzes/no-such/attempts/", f"{BASE}7/"])
def test_a_quiz_or_attempt_that_is_not_there_is_404(learner, path):
    assert learner.get(path).status_code == 404


def test_nobody_reads_answers_or_submits_for_somebody_else(learner, caller):
    epoch = learner.post(BASE).json()["epoch"]
    enrolled(stranger())
    other = caller(stranger())

    codes = [
        other.get(f"{BASE}1/").status_code,
        other.put(f"{BASE}1/answers/", {"epoch": epoch, "items": [saved()]}).status_code,
        other.post(f"{BASE}1/submit/").status_code,
    ]

    assert codes == [404, 404, 404]
    assert Attempt.objects.get().finished_at is None


def test_keeping_an_answer_and_reading_cost_few_questions(learner, django_assert_max_num_queries):
    epoch = learner.post(BASE).json()["epoch"]
    learner.get(f"{BASE}1/")

    with django_assert_max_num_queries(9):  # three of them only where the clock may move
        learner.put(f"{BASE}1/answers/", {"epoch": epoch, "items": [saved(slot) for slot in range(1, 11)]})
    with django_assert_max_num_queries(8):
        learner.get(f"{BASE}1/")


def test_how_sure_one_is_and_what_is_flagged_stand_on_the_sheet(learner):
    policy(asks_confidence=True)
    epoch = learner.post(BASE).json()["epoch"]
    learner.put(f"{BASE}1/answers/", {"epoch": epoch, "items": [saved(2, confidence=3)]})
    flagged = learner.put(f"{BASE}1/flags/3/")
    sheet = learner.get(f"{BASE}1/").json()["questions"]

    assert flagged.status_code == 204
    assert [row["slot"] for row in sheet if row["is_flagged"]] == [3]
    assert {row["slot"]: row["confidence"] for row in sheet if row["confidence"]} == {2: 3}
    assert learner.delete(f"{BASE}1/flags/3/").status_code == 204
    assert not any(row["is_flagged"] for row in learner.get(f"{BASE}1/").json()["questions"])
    assert learner.put(f"{BASE}1/flags/99/").status_code == 404
