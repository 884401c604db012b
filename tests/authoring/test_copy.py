"""A road copied to be adapted: all of its draft under a key of its own, nothing of the other touched."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from authoring.models import Draft
from authoring.models.road_copy import RoadCopy
from quizzes.models import PaperItem, Question, Quiz
from roadmap.models import Gate, Resource, Roadmap, Stage, Topic
from tests.authoring.roads import MACHINE_LEARNING, published, saved
from tests.cast import NOW, ines, noor, tomas

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client):
    client.force_login(noor())
    return client


def page(road: Roadmap) -> str:
    return reverse("admin:authoring_copy", args=[road.pk])


def content(road: Roadmap) -> dict[str, object]:
    return Draft(road).document().model_dump(mode="json", exclude={"key", "title", "public"})


def test_the_document_of_the_copy_is_that_of_the_road(desk):
    road = published()

    answer = desk.post(page(road), {"key": "adapted", "title": "Adapted road"})

    copy = Roadmap.objects.get(key="adapted")
    assert answer["Location"] == reverse("admin:roadmap_roadmap_change", args=[copy.pk])
    assert (copy.title, copy.is_public, copy.current_edition_id) == ("Adapted road", False, None)
    assert content(copy) == content(road)
    assert Draft(copy).folder().road.title == "Adapted road"


def test_the_built_in_road_is_copied_whole_in_a_bounded_number_of_queries():
    road = saved(MACHINE_LEARNING)
    with CaptureQueriesContext(connection) as asked:
        copy = RoadCopy(road).save("ours", "Ours", NOW)

    assert content(copy) == content(road)
    assert len(asked) < 120
    assert (
        Gate.objects.filter(stage__roadmap=copy).count() == Gate.objects.filter(stage__roadmap=road).count()
    )
    for kind in (Stage, Topic, Quiz):
        assert kind.objects.filter(roadmap=copy).count() == kind.objects.filter(roadmap=road).count()


def test_resources_are_shared_and_questions_are_the_copys_own():
    road = published()
    resources, questions = Resource.objects.count(), Question.objects.count()

    copy = RoadCopy(road).save("adapted", "Adapted", NOW)

    assert Resource.objects.count() == resources
    assert Question.objects.count() == 2 * questions
    ours = set(PaperItem.objects.filter(quiz__roadmap=copy).values_list("question", flat=True))
    assert not ours & set(PaperItem.objects.filter(quiz__roadmap=road).values_list("question", flat=True))
    assert not Topic.objects.filter(questions__in=ours).exclude(roadmap=copy).exists()
    assert not Quiz.objects.filter(roadmap=copy).exclude(current_version=None).exists()


def test_changing_the_copy_changes_nothing_of_the_road():
    road = published()
    before = Draft(road).document().digest()

    copy = RoadCopy(road).save("adapted", "Adapted", NOW)
    Topic.objects.filter(roadmap=copy).update(title="Other")
    Question.objects.filter(pk__in=PaperItem.objects.filter(quiz__roadmap=copy).values("question")).update(
        difficulty=5
    )
    Draft(copy).publish(by=noor(), changelog="First.", now=NOW)

    assert Draft(road).document().digest() == before
    assert not Draft(road).is_changed()


def test_the_archive_stays_behind():
    road = published()
    Topic.objects.filter(roadmap=road).earliest("pk").archive(NOW)
    Stage.objects.filter(roadmap=road).latest("position").archive(NOW)

    copy = RoadCopy(road).save("adapted", "Adapted", NOW)

    assert not Stage.objects.filter(roadmap=copy).exclude(archived_at=None).exists()
    assert (
        Stage.objects.filter(roadmap=copy).count() == Stage.objects.filter(roadmap=road).unarchived().count()
    )
    assert not Topic.objects.filter(roadmap=copy).exclude(archived_at=None).exists()


def test_a_draft_with_faults_is_copied_as_it_is():
    road = saved()
    Stage.objects.filter(roadmap=road).update(title="")

    assert RoadCopy(road).save("adapted", "Adapted", NOW).stages.count() == road.stages.count()


def test_a_copy_of_a_copy_has_keys_of_its_own():
    road = saved()

    first = RoadCopy(road).save("first", "First", NOW)
    second = RoadCopy(first).save("second", "Second", NOW)
    third = RoadCopy(road).save("third", "Third", NOW)

    assert content(second) == content(third) == content(road)


def test_the_copy_begins_its_own_history():
    copy = RoadCopy(saved()).save("adapted", "Adapted", NOW)

    topic = Topic.objects.filter(roadmap=copy).earliest("pk")
    assert [kept.history_type for kept in topic.history.all()] == ["+"]
    assert topic.history.get().history_date == NOW


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"key": "trail-test", "title": "X"}, "already exists"),
        ({"key": "No Key", "title": "X"}, "Use lower-case letters"),
        ({"key": "new", "title": ""}, "required"),
    ],
)
def test_what_cannot_be_copied_so_is_said_and_kept(desk, typed, said):
    road = saved()
    typed = {**typed, "key": typed["key"].replace("trail-test", road.key)}

    answer = desk.post(page(road), typed)

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert f'value="{typed["key"]}"' in answer.content.decode()
    assert Roadmap.objects.count() == 1


@pytest.mark.parametrize("who", [ines, tomas])
def test_only_authors_copy(client, who):
    road = saved()
    client.force_login(who())

    assert client.post(page(road), {"key": "mine", "title": "Mine"}).status_code in {302, 403, 404}
    assert Roadmap.objects.count() == 1
