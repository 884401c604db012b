"""Many drafts changed in one act at the desk."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from roadmap.models import Resource, Stage, Topic
from tests.cast import noor, published, road
from tests.documents import three_stage_document

pytestmark = pytest.mark.django_db

LIBRARY, TOPICS = "/admin/roadmap/resource/", "/admin/roadmap/topic/"


@pytest.fixture
def desk(client):
    client.force_login(noor())
    return client


@pytest.fixture
def books() -> list[int]:
    return [
        Resource.objects.create(
            key=f"x-{n}", title="X", type="docs", url="https://example.org/", level=level
        ).pk
        for n, level in enumerate(("beginner", "advanced", "beginner"))
    ]


def test_resources_are_asked_about_and_then_changed(desk, books):
    action = {"action": "reclassify", "_selected_action": books}

    asked = desk.post(LIBRARY, action)
    assert asked.status_code == 200
    assert "For 3 resources" in asked.content.decode()
    done = desk.post(
        LIBRARY, {**action, "confirmed": "yes", "level": "advanced", "cost": "paid"}, follow=True
    )

    assert "3 resources were changed." in done.content.decode()
    assert set(Resource.objects.filter(pk__in=books).values_list("level", "cost", "type")) == {
        ("advanced", "paid", "docs")
    }
    assert Resource.objects.get(pk=books[0]).history.first().history_user == noor()


def test_what_says_it_already_is_left_alone(desk, books):
    done = {"action": "reclassify", "_selected_action": books, "confirmed": "yes", "level": "advanced"}

    assert "2 resources were changed." in desk.post(LIBRARY, done, follow=True).content.decode()
    assert Resource.objects.get(pk=books[1]).history.count() == 1


@pytest.mark.parametrize("typed", [{}, {"level": "sky-high"}])
def test_nothing_is_changed_by_an_empty_or_made_up_choice(desk, books, typed):
    answer = desk.post(
        LIBRARY, {"action": "reclassify", "_selected_action": books, "confirmed": "yes", **typed}
    )

    assert answer.status_code == 422
    assert set(Resource.objects.filter(pk__in=books).values_list("level", flat=True)) == {
        "beginner",
        "advanced",
    }


def test_all_that_a_search_finds_are_changed(desk, books):
    Resource.objects.create(key="other", title="Other", type="docs", url="https://example.org/")
    every = {"action": "reclassify", "_selected_action": books[:1], "select_across": "1", "confirmed": "yes"}

    desk.post(f"{LIBRARY}?q=x-", {**every, "type": "book"})

    assert Resource.objects.filter(type="book", pk__in=books).count() == 3
    assert Resource.objects.get(key="other").type == "docs"


def test_topics_go_behind_the_last_one_of_another_stage(desk):
    base, ridge = Stage.objects.filter(roadmap=road())[:2]
    moving = list(Topic.objects.filter(stage=base).order_by("position"))
    there = list(Topic.objects.filter(stage=ridge).order_by("position"))
    action = {"action": "move", "_selected_action": [topic.pk for topic in moving]}

    assert "go behind the last one there" in desk.post(TOPICS, action).content.decode()
    desk.post(TOPICS, {**action, "confirmed": "yes", "stage": ridge.pk})

    assert list(Topic.objects.filter(stage=ridge).order_by("position")) == there + moving
    assert moving[0].history.first().stage == ridge


def test_topics_of_two_roads_are_not_moved_together_nor_to_another_road(desk):
    road()
    other = published(three_stage_document().model_copy(update={"key": "other-road"}))
    mine, strange = (
        Topic.objects.filter(roadmap=road()).earliest("pk"),
        Topic.objects.filter(roadmap=other).earliest("pk"),
    )
    both = {"action": "move", "_selected_action": [mine.pk, strange.pk]}

    assert "a topic never leaves its road" in desk.post(TOPICS, both, follow=True).content.decode()
    there = {"action": "move", "_selected_action": [mine.pk], "confirmed": "yes", "stage": strange.stage_id}
    assert desk.post(TOPICS, there).status_code == 422
    before = mine.stage_id
    mine.refresh_from_db()
    assert mine.stage_id == before


def test_many_are_moved_in_few_queries(desk):
    base, ridge = Stage.objects.filter(roadmap=road())[:2]
    rows = [Topic(roadmap=road(), stage=base, key=f"x-{n}", title="X", position=n) for n in range(60)]
    Topic.objects.bulk_create(rows)

    with CaptureQueriesContext(connection) as asked:
        Topic.objects.filter(stage=base).move_to(ridge)

    assert len(asked) < 10
