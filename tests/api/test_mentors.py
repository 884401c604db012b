"""A mentor's lists: what waits, and who her learners are."""

import pytest

from tests.cast import ada, enrolled, hand_in, ines, mentored, person, published, stranger, tomas
from tests.documents import three_stage_document

pytestmark = pytest.mark.django_db


def learners(count: int) -> None:
    """So many learners of Tomas, each with evidence that waits."""
    for number in range(count):
        learner = person(f"Learner{number} Smith", "learner")
        mentored(learner, tomas())
        hand_in(enrolled(learner))


def test_the_queue_is_oldest_first_and_paged(caller):
    learners(3)

    queue = caller(tomas()).get("reviews/queue/", page_size=2).json()

    assert queue["count"] == 3
    assert [line["learner"]["name"] for line in queue["results"]] == ["Learner0 Smith", "Learner1 Smith"]
    assert queue["results"][0]["title"] == "Ridge-Report"


def test_lists_are_narrowed_by_road_and_need(caller):
    learners(1)
    other = published(three_stage_document().model_copy(update={"key": "other", "stages": ()}))
    enrolled(person("Learner0 Smith"), other)
    asks = caller(tomas())

    assert [line["road"] for line in asks.get("mentor/learners/", road="other").json()["results"]] == [
        "other"
    ]
    assert asks.get("mentor/learners/").json()["count"] == 2
    assert asks.get("reviews/queue/", road="other").json()["count"] == 0
    assert asks.get("mentor/learners/", need="none").json()["count"] == 0
    assert asks.get("mentor/learners/", need="sleepy").status_code == 422
    assert asks.get("mentor/learners/", road="no such").status_code == 422


def test_a_line_says_how_the_learner_stands(caller):
    learners(1)

    (line,) = caller(tomas()).get("mentor/learners/").json()["results"]

    assert (line["name"], line["road"], line["is_paused"]) == ("Learner0 Smith", "trail-test", False)
    assert line["standing"]["stages_total"] == 3
    assert line["standing"]["stages_passed"] == 1
    assert line["standing"]["current_stage"] == "ridge"
    assert line["last_active_on"] == "2026-11-24"
    assert line["need"] in {"quiet", "behind", "on_plan"}


def test_a_learner_who_was_never_settled_has_a_line_too(caller):
    mentored(ines(), tomas())
    enrolled(ines())

    (line,) = caller(tomas()).get("mentor/learners/").json()["results"]

    assert line["standing"]["settled_at"] is None
    assert line["standing"]["stages_passed"] == 0


def test_learners_are_for_mentors_within_reach_and_admins(caller):
    learners(2)
    one = f"mentor/learners/{person('Learner0 Smith').pk}/trail-test/standing/"
    other = person("Other Mentor", "mentor")

    assert caller(tomas()).get(one).json()["current_stage"] == "ridge"
    assert caller(ada()).get("mentor/learners/").json()["count"] == 2
    assert caller(other).get("mentor/learners/").json()["count"] == 0
    assert caller(other).get(one).status_code == 404
    for path in ("mentor/learners/", one):
        assert caller(stranger()).get(path).status_code == 404


@pytest.mark.parametrize("count", [2, 20])
def test_lists_cost_the_same_with_ten_times_the_learners(caller, django_assert_max_num_queries, count):
    learners(count)
    asks = caller(tomas())
    asks.get("reviews/queue/")

    with django_assert_max_num_queries(6):  # two of them only where the clock may move
        assert len(asks.get("mentor/learners/", page_size=100).json()["results"]) == count
    with django_assert_max_num_queries(5):
        assert len(asks.get("reviews/queue/", page_size=100).json()["results"]) == count
