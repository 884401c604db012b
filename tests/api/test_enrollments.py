"""My roads: enrollment, standing, plan, ticks."""

import pytest

from accounts import clock
from progress.models import Enrollment, PlanVersion, Tick
from tests.cast import (
    NOW,
    ask_texts,
    enrolled,
    hand_in,
    hand_in_texts,
    ines,
    pass_stage,
    published,
    road,
    stranger,
    take_quiz,
)
from tests.documents import wide_document

pytestmark = pytest.mark.django_db

MINE = "enrollments/trail-test/"


def wish(**other):
    return {
        "road": "trail-test",
        "background": "walker",
        "hours_per_week": 10,
        "starts_on": clock.now().date().isoformat(),
        **other,
    }


def test_enrolling_twice_changes_nothing_and_says_so(caller):
    road()
    asks = caller(ines())

    first, second = asks.post("enrollments/", wish()), asks.post("enrollments/", wish(hours_per_week=30))

    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["road"] == "trail-test"
    assert PlanVersion.objects.get().hours_per_week == 10


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"road": "no-such"}, "road"),
        ({"road": 7}, "road"),
        ({"background": "astronaut"}, "background"),
        ({"background": None}, "background"),
        ({"hours_per_week": 0}, "hours_per_week"),
        ({"hours_per_week": [10]}, "hours_per_week"),
        ({"hours_per_week": True}, "hours_per_week"),
        ({"starts_on": "yesterday"}, "starts_on"),
        ({"starts_on": 20261124}, "starts_on"),
        ({"starts_on": "1999-01-01"}, "starts_on"),
        ({"pace": 10}, "pace"),
    ],
)
def test_what_cannot_be_taken_is_named_and_nobody_enrolled(caller, wrong, field):
    road()

    answer = caller(ines()).post("enrollments/", wish(**wrong))

    assert answer.status_code == 422
    assert (answer.json()["code"], list(answer.json()["errors"])) == ("invalid", [field])
    assert not Enrollment.objects.exists()


@pytest.mark.parametrize("body", [[], "text", 7, None])
def test_a_body_that_is_no_object_is_refused(caller, body):
    road()

    answer = caller(ines()).client.post("/api/v1/enrollments/", body, content_type="application/json")

    assert answer.status_code in {400, 422}
    assert not Enrollment.objects.exists()


@pytest.mark.parametrize(
    ("body", "media", "code"),
    [
        ("{", "application/json", 400),
        ('{"road": "\\u0000"}', "application/json", 400),
        ('{"road": "\\ud800"}', "application/json", 400),
        ('{"hours_per_week": NaN}', "application/json", 400),
        ("road=trail-test", "application/x-www-form-urlencoded", 415),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(caller, body, media, code):
    answer = caller(ines()).client.post("/api/v1/enrollments/", body, content_type=media)

    assert answer.status_code == code
    assert answer.json()["detail"]


def test_my_list_holds_my_roads_and_nobody_elses(caller):
    enrolled(ines())

    assert [line["road"] for line in caller(ines()).get("enrollments/").json()["results"]] == ["trail-test"]
    assert caller(stranger()).get("enrollments/").json()["results"] == []


@pytest.mark.parametrize(
    "path",
    [
        "",
        "standing/",
        "plan/",
        "ticks/",
        "submissions/",
        "submissions/ridge-report/",
        "submissions/ridge-report/versions/",
        "quizzes/base-quiz/attempts/",
        "quizzes/base-quiz/attempts/1/",
    ],
)
def test_a_stranger_gets_404_where_the_learner_gets_her_own(caller, path):
    enrollment = enrolled(ines())
    take_quiz(enrollment, "base-quiz", points=3)
    hand_in(enrollment)

    assert caller(ines()).get(MINE + path).status_code == 200
    assert caller(stranger()).get(MINE + path).status_code == 404


def test_standing_says_each_requirement_and_by_which_fact(caller):
    enrollment = enrolled(ines())
    take_quiz(enrollment, "base-quiz", points=5)
    asks = caller(ines())
    asks.put(f"{MINE}ticks/r-rocks/")

    said = asks.get(f"{MINE}standing/").json()

    core, quiz = said["stages"][0]["requirements"]
    assert (core["kind"], core["is_met"], core["done"], core["needed"]) == ("core_ticked", False, 1, 3)
    assert [fact["key"] for fact in core["facts"] if fact["is_met"]] == ["r-rocks"]
    assert (quiz["kind"], quiz["best_percent"], quiz["facts"][0]["state"]) == (
        "quiz_passed",
        50,
        "not_passed",
    )
    assert said["stages"][1]["gates"][0]["facts"][0]["state"] == "underway"
    assert said["next_step"] == {"kind": "resource", "stage": "base", "topic": "rocks", "key": "r-maps"}
    assert said["next_due"]["stage"] == "base"
    assert said["opens_next"]["stage"] == "ridge"


def test_standing_says_that_only_marks_of_a_quiz_are_waited_for(caller):
    ask_texts()
    enrollment = enrolled(ines())
    for resource in ("r-rocks", "r-maps", "r-knots"):
        enrollment.tick(resource, NOW)
    hand_in_texts(ines(), "Salt.", "Frost.")

    said = caller(ines()).get(f"{MINE}standing/").json()

    assert said["next_step"] == {"kind": "waiting", "stage": None, "topic": None, "key": "base-quiz"}
    assert said["stages"][0]["requirements"][1]["facts"][0]["state"] == "waiting"


def test_at_the_end_of_the_road_nothing_opens_any_more(caller):
    enrollment = enrolled(ines())
    for stage in ("base", "ridge"):
        pass_stage(enrollment, stage)
    hand_in(enrollment).submission.accept(stranger(), clock.now())
    pass_stage(enrollment, "summit")

    said = caller(ines()).get(f"{MINE}standing/").json()

    assert said["is_finished"]
    assert (said["opens_next"], said["current_stage"], said["next_step"]["kind"]) == (None, None, "finished")


def test_a_tick_is_kept_once_listed_and_taken_back(caller):
    enrolled(ines())
    asks = caller(ines())

    first, second = asks.put(f"{MINE}ticks/r-rocks/"), asks.put(f"{MINE}ticks/r-rocks/")
    listed = asks.get(f"{MINE}ticks/").json()

    assert first.json() == second.json()
    assert [line["resource"] for line in listed["results"]] == ["r-rocks"]
    assert asks.delete(f"{MINE}ticks/r-rocks/").status_code == 204
    assert not Tick.objects.exists()


def test_a_resource_of_another_road_cannot_be_ticked_here(caller):
    enrolled(ines())
    published(wide_document(stages=1, topics=1))
    asks = caller(ines())

    assert asks.put(f"{MINE}ticks/no-such/").status_code == 404
    assert asks.delete(f"{MINE}ticks/no-such/").status_code == 404
    assert not Tick.objects.exists()


def test_a_new_plan_is_followed_and_the_earlier_kept(caller):
    enrolled(ines())
    asks = caller(ines())
    before = asks.get(f"{MINE}plan/").json()

    made = asks.post(f"{MINE}plan/", {"hours_per_week": 2.5, "starts_on": clock.now().date().isoformat()})

    assert (before["number"], made.status_code, made.json()["number"]) == (1, 201, 2)
    assert made.json()["hours_per_week"] == 2.5
    assert asks.get(f"{MINE}plan/").json() == made.json()
    assert PlanVersion.objects.count() == 2


def test_a_plan_without_hours_is_refused(caller):
    enrolled(ines())

    answer = caller(ines()).post(f"{MINE}plan/", {"hours_per_week": 0, "starts_on": "2026-11-24"})

    assert answer.status_code == 422
    assert PlanVersion.objects.count() == 1


def test_what_was_done_before_starting_over_is_not_listed(caller):
    enrollment = enrolled(ines())
    asks = caller(ines())
    asks.put(f"{MINE}ticks/r-rocks/")
    enrollment.start_over(clock.now())

    assert asks.get(f"{MINE}ticks/").json()["count"] == 0


@pytest.mark.parametrize(("stages", "topics"), [(1, 2), (5, 10)])
def test_standing_and_ticks_cost_the_same_on_a_long_road(
    caller, django_assert_max_num_queries, stages, topics
):
    roadmap = published(wide_document(stages=stages, topics=topics))
    enrollment = enrolled(ines(), roadmap)
    for resource in list(enrollment.document.resources)[: stages * topics]:
        enrollment.tick(resource, clock.now())
    asks = caller(ines())
    asks.get(f"enrollments/{roadmap.key}/standing/")

    for path, most in (("standing/", 5), ("ticks/", 5), ("plan/", 5), ("", 3)):
        with django_assert_max_num_queries(most):
            assert asks.get(f"enrollments/{roadmap.key}/{path}").status_code == 200


def test_leaving_hides_the_road_and_coming_back_shows_the_same_facts(caller):
    enrollment = enrolled(ines())
    asks = caller(ines())
    asks.put(f"{MINE}ticks/r-rocks/")
    enrollment.leave(clock.now())
    gone = asks.get(MINE).status_code

    asks.post("enrollments/", wish())

    assert gone == 404
    assert asks.get(f"{MINE}ticks/").json()["count"] == 1
