"""The library: each resource once, of roads one may see, in an order, page by page; and a page for each of them."""

import re

import pytest
from django.urls import reverse

from roadmap.models import Roadmap
from roadmap.models.library import Library
from tests.cast import ada, ines, published
from tests.documents import document, stage, topic

pytestmark = pytest.mark.django_db

LIBRARY = reverse("roadmap:library")


def library_road(count: int = 5, key: str = "trail-test"):
    """`count` resources on one topic, the first of them known best: its length, year and author."""
    road = document(stage("base", topics=[topic("rocks", *(f"r-{n:02}" for n in range(count)))]))
    known = {"minutes": (30, 45), "year": 2020, "author": "Ada L.", "why": "Short & sharp.", "type": "video"}
    resources = road.resources | {"r-00": road.resources["r-00"].model_copy(update=known)}
    return road.model_copy(update={"key": key, "title": key.title(), "resources": resources})


def titles(answer) -> list[str]:
    return re.findall(r'<a href="/library/[^"]*"><b>(.*?)</b>', answer.content.decode())


def test_a_resource_on_two_roads_is_listed_once(client):
    published(library_road())
    published(library_road(key="trail-two"))

    assert titles(client.get(LIBRARY)) == ["R-00", "R-01", "R-02", "R-03", "R-04", "R-Rocks-More"]
    assert "6 resources" in client.get(LIBRARY).content.decode()


def test_it_goes_on_page_by_page_without_leaving_out_or_saying_twice(client):
    published(library_road(70))

    for order in ("title", "shortest", "newest"):
        seen, after = [], ""
        for _page in range(9):
            page = client.get(LIBRARY, {"order": order, "after": after})
            seen += titles(page)
            found = re.search(r"rel=\"next\" href=\"[^\"]*after=([\w-]+)", page.content.decode())
            if not found:
                break
            after = found[1]
        assert len(seen) == 71
        assert len(set(seen)) == 71
        assert seen[0] == "R-00"


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ({"type": "video"}, 1),
        ({"type": "docs"}, 5),
        ({"minutes": "60"}, 1),
        ({"minutes": "30"}, 0),
        ({"cost": "free", "level": "beginner", "language": "en"}, 6),
        ({"level": "advanced"}, 0),
        ({"road": "trail-test"}, 6),
        ({"type": "nonsense", "order": "'", "after": "not-there", "road": "no-such-road"}, 6),
    ],
)
def test_it_shows_what_is_asked_for_and_leaves_out_what_it_cannot_read(client, asked, count):
    published(library_road())

    assert len(titles(client.get(LIBRARY, asked))) == count


def test_resources_of_a_road_that_is_not_public_are_for_the_desk(client):
    road = published(library_road())
    Roadmap.objects.filter(pk=road.pk).update(is_public=False)
    page = reverse("roadmap:resource", args=["r-00"])

    for person in (None, ines()):
        if person:
            client.force_login(person)
        assert titles(client.get(LIBRARY)) == []
        assert client.get(page).status_code == 404
    client.force_login(ada())
    assert len(titles(client.get(LIBRARY))) == 6
    assert client.get(page).status_code == 200


def test_a_resource_says_what_it_is_and_where_it_stands_on_roads_one_may_see(client):
    published(library_road())
    hidden = published(library_road(key="trail-two"))
    Roadmap.objects.filter(pk=hidden.pk).update(is_public=False)

    page = client.get(reverse("roadmap:resource", args=["r-00"])).content.decode()

    for words in (
        "R-00",
        "Ada L.",
        "Short &amp; sharp.",
        "30 min – 45 min",
        "2020",
        "Trail-Test",
        "Stage 1, Base / Rocks",
    ):
        assert words in page
    assert "Trail-Two" not in page
    assert client.get(reverse("roadmap:resource", args=["no-such-thing"])).status_code == 404


def test_library_and_resource_ask_as_many_queries_however_much_there_is(client, django_assert_num_queries):
    published(library_road(40))

    with django_assert_num_queries(4):
        client.get(LIBRARY)
    with django_assert_num_queries(5):
        client.get(LIBRARY, {"after": "r-03"})
    with django_assert_num_queries(4):  # two of them about its link
        client.get(reverse("roadmap:resource", args=["r-00"]))


def test_counting_stops_where_nobody_looks_further(client, monkeypatch):
    published(library_road())
    monkeypatch.setattr("roadmap.models.library.MOST_COUNTED", 3)

    assert Library(Roadmap.objects.findable_by(ada())).count() == (3, True)
    assert "3+ resources" in client.get(LIBRARY).content.decode()
