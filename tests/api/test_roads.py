"""Roads and stages, for everybody, as the newest edition says them."""

import pytest

from roadmap.models import Edition, Roadmap
from tests.cast import ada, enrolled, ines, published, road, stranger
from tests.documents import three_stage_document

pytestmark = pytest.mark.django_db


def many_roads(count: int) -> None:
    for number in range(count):
        published(
            three_stage_document().model_copy(
                update={"key": f"trail-{number}", "title": f"Trail {number}", "stages": ()}
            )
        )


def test_everybody_reads_the_list_and_pages_of_it(nobody):
    many_roads(5)

    first = nobody.get("roads/", page_size=3).json()
    second = nobody.get("roads/", page_size=3, page=2).json()

    assert (first["count"], len(first["results"]), len(second["results"])) == (5, 3, 2)
    assert first["next"].endswith("/api/v1/roads/?page_size=3&page=2")
    assert first["previous"] is None
    assert second["next"] is None


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"page": 0}, "page"),
        ({"page": "x"}, "page"),
        ({"page_size": 101}, "page_size"),
        ({"page_size": ""}, "page_size"),
    ],
)
def test_a_page_that_cannot_be_is_refused_by_name(nobody, query, field):
    answer = nobody.get("roads/", **query)

    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == [field]


def test_a_page_behind_the_last_is_not_there(nobody):
    assert nobody.get("roads/", page=2).status_code == 404


def test_the_list_is_narrowed_by_level(nobody):
    road()

    assert nobody.get("roads/", level="beginner").json()["count"] == 1
    assert nobody.get("roads/", level="advanced").json()["count"] == 0
    assert nobody.get("roads/", level="godlike").status_code == 422


def test_a_road_is_its_editions_document(nobody):
    document = Edition.objects.document(road().studied_edition_id)

    said = nobody.get("roads/trail-test/").json()

    assert said["edition"] == 1
    assert {key: said[key] for key in document.model_dump(mode="json")} == document.model_dump(mode="json")


def test_a_stage_comes_with_its_resources_and_no_others(nobody):
    road()

    said = nobody.get("roads/trail-test/stages/ridge/").json()

    assert (said["number"], said["quiz"]) == (2, "ridge-quiz")
    assert set(said["resources"]) == {"r-wind", "r-wind-more"}


def test_what_is_the_same_is_not_sent_again_until_an_edition_is_published(nobody, caller):
    roadmap = road()
    etag = nobody.get("roads/trail-test/")["ETag"]

    def again():
        return nobody.client.get("/api/v1/roads/trail-test/", headers={"If-None-Match": etag})

    same = again()
    document = three_stage_document().model_copy(update={"title": "New title"})
    Edition.objects.publish(
        roadmap, document, by=None, changelog="", now=roadmap.current_edition.published_at
    )

    assert (same.status_code, same.content) == (304, b"")
    assert (again().status_code, again().json()["title"]) == (200, "New title")


@pytest.mark.parametrize("path", ["roads/no-such/", "roads/trail-test/stages/no-such/", "roads/draft/"])
def test_what_is_not_there_is_404(nobody, path):
    road()
    Roadmap.objects.create(key="draft", title="Draft")

    answer = nobody.get(path)

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_a_road_that_is_not_public_is_there_for_those_on_it_and_the_desk(nobody, caller):
    road()
    enrolled(ines())
    Roadmap.objects.update(is_public=False)

    codes = [
        who.get("roads/trail-test/").status_code
        for who in (nobody, caller(stranger()), caller(ines()), caller(ada()))
    ]

    assert codes == [404, 404, 200, 200]
    assert nobody.get("roads/").json()["count"] == 0


@pytest.mark.parametrize("path", ["", "no-such/", "roads", "roads/a b/", "roads/%0A/", "reviews/x/"])
def test_an_address_that_no_door_answers_is_refused_as_json(nobody, path):
    answer = nobody.get(path)

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("count", [2, 20])
def test_the_list_costs_the_same_with_ten_times_the_roads(nobody, django_assert_num_queries, count):
    many_roads(count)

    with django_assert_num_queries(2):
        assert len(nobody.get("roads/").json()["results"]) == count


def test_a_road_costs_one_question_after_the_first_time(nobody, django_assert_num_queries):
    road()
    nobody.get("roads/trail-test/")

    with django_assert_num_queries(1):
        nobody.get("roads/trail-test/")
