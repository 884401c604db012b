"""What machines outside read of public roads: previews, structured data, feeds, the map of the site."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from lxml import etree
from PIL import Image

from roadmap import structured
from roadmap.drawings.card import SIZE, card
from roadmap.models import Edition, Roadmap
from tests import cast, documents

pytestmark = pytest.mark.django_db

ROAD = "/roads/trail-test/"
ATOM = {"a": "http://www.w3.org/2005/Atom"}
PAGES = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
CLOSING = "</script><script>alert(1)</script>"


@pytest.fixture
def road() -> Roadmap:
    document = documents.three_stage_document()
    faq = {"key": "how-long", "question": f"How long? {CLOSING}", "answer": "A **year**."}
    return cast.published(document.model_validate({**document.model_dump(), "faq": [faq]}))


@pytest.fixture
def hidden(road: Roadmap) -> Roadmap:
    road.is_public = False
    road.save()
    return road


def found(tree: Any, path: str, namespaces: dict[str, str]) -> list[str]:
    return [str(text) for text in tree.xpath(path, namespaces=namespaces)]


def said_of(page: str) -> dict[str, Any]:
    scripts = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    things = [json.loads(text) for text in scripts]
    return {thing["@type"]: thing for thing in things}


def test_a_public_road_tells_search_engines_what_they_require_of_it(client, road, settings):
    said = said_of(client.get(ROAD).content.decode())["Course"]

    assert said["url"] == f"{settings.SITE_URL}{ROAD}"
    assert said["name"] == road.title
    assert said["description"]
    assert said["provider"]["@type"] == "Organization"
    assert said["provider"]["name"]
    assert [offer["category"] for offer in said["offers"]] == ["Free"]
    for instance in said["hasCourseInstance"]:
        assert instance["courseMode"] == "Online"
        assert re.fullmatch(r"PT(\d+H)?(\d+M)?", instance["courseWorkload"])
    assert [section["name"] for section in said["syllabusSections"]] == ["Base", "Ridge", "Summit"]


def test_its_questions_are_told_too_and_nothing_in_them_ends_the_element(client, road):
    page = client.get(ROAD).content.decode()
    [question] = said_of(page)["FAQPage"]["mainEntity"]

    assert question["name"] == f"How long? {CLOSING}"
    assert question["acceptedAnswer"]["text"] == "<p>A <strong>year</strong>.</p>\n"
    assert CLOSING not in page


@pytest.mark.parametrize("sign", ["<", ">", "&", "\u2028", "\u2029"])
def test_no_sign_that_means_something_to_a_page_is_left_in_structured_data(sign):
    assert sign not in structured.script({"name": f"a{sign}b"})
    assert json.loads(structured.script({"name": f"a{sign}b"})) == {"name": f"a{sign}b"}


def test_a_link_to_it_is_previewed_with_its_picture(client, road, settings):
    page = client.get(ROAD).content.decode()
    told = dict(re.findall(r'<meta property="(og:[\w:]+)" content="([^"]*)"', page))

    assert told["og:title"] == road.title
    assert told["og:image"].startswith(f"{settings.SITE_URL}{ROAD}picture.png")
    assert f'<link rel="canonical" href="{settings.SITE_URL}{ROAD}">' in page
    answer = client.get(told["og:image"].removeprefix(settings.SITE_URL))
    assert answer["Content-Type"] == "image/png"
    assert Image.open(BytesIO(answer.content)).size == SIZE == (1200, 630)


def test_the_picture_is_drawn_once(client, road, monkeypatch):
    first = client.get(f"{ROAD}picture.png").content
    monkeypatch.setattr("roadmap.views.outside.card", lambda *_: pytest.fail("drawn again"))
    assert client.get(f"{ROAD}picture.png").content == first


@pytest.mark.parametrize(
    ("title", "stages"), [("", 0), ("X" * 120, 1), ("Łódź", 12), ("数学", 3), ("a " * 60, 40)]
)
def test_a_picture_of_any_title_and_number_of_stages_is_drawn(title, stages):
    assert Image.open(BytesIO(card(title, "Beginner", stages))).size == SIZE


def test_learners_pages_carry_nothing_for_machines(client, road):
    cast.enrolled(cast.ines(), road)
    client.force_login(cast.ines())
    assert "application/ld+json" not in client.get(ROAD).content.decode()


@pytest.mark.parametrize("path", ["picture.png", "editions.atom", "print/", "road.md"])
def test_a_road_that_is_not_public_shows_strangers_nothing(client, hidden, path):
    assert client.get(f"{ROAD}{path}").status_code == 404
    client.force_login(cast.stranger())
    assert client.get(f"{ROAD}{path}").status_code == 404


def test_its_learners_may_print_it(client, hidden):
    cast.enrolled(cast.ines(), hidden)
    client.force_login(cast.ines())
    assert client.get(f"{ROAD}print/").status_code == 200
    assert client.get(f"{ROAD}road.md").status_code == 200


def test_the_feed_tells_editions_newest_first(client, road, settings, django_assert_num_queries):
    document = Edition.objects.document(road.studied_edition_id)
    later = cast.EARLIER + timedelta(days=3)
    Edition.objects.publish(road, document, by=None, changelog="A <b>second</b> one.", now=later)

    with django_assert_num_queries(4):
        answer = client.get(f"{ROAD}editions.atom")

    feed = etree.fromstring(answer.content)
    assert found(feed, "a:entry/a:title/text()", ATOM) == [
        "Test Trail, edition 2",
        "Test Trail, edition 1",
    ]
    assert found(feed, "a:entry[1]/a:summary/text()", ATOM) == ["A <b>second</b> one."]
    assert found(feed, "a:entry[1]/a:link/@href", ATOM) == [f"{settings.SITE_URL}{ROAD}"]
    assert len(set(found(feed, "//a:id/text()", ATOM))) == 3
    assert client.get("/editions.atom").status_code == 200


def test_what_is_drafted_is_told_nobody_before_it_is_published(client, road):
    Roadmap.objects.update(title="Secret plan", summary="Not yet.")

    for path in ("/", "/editions.atom", f"{ROAD}editions.atom", ROAD, f"{ROAD}print/", "/sitemap-roads.xml"):
        page = client.get(path).content.decode()
        assert "Secret plan" not in page, path
        assert "Not yet." not in page, path
    assert "Test Trail" in client.get("/").content.decode()


def test_hidden_roads_are_in_no_feed_and_on_no_map(client, hidden):
    assert b"trail-test" not in client.get("/editions.atom").content
    assert b"trail-test" not in client.get("/sitemap-roads.xml").content


def test_the_map_of_the_site_lists_public_roads_under_the_houses_own_name(client, road, settings):
    settings.ALLOWED_HOSTS = ["*"]
    index = etree.fromstring(client.get("/sitemap.xml", headers={"host": "evil.example"}).content)
    assert f"{settings.SITE_URL}/sitemap-roads.xml" in found(index, "//s:loc/text()", PAGES)
    pages = etree.fromstring(client.get("/sitemap-roads.xml", headers={"host": "evil.example"}).content)
    assert found(pages, "//s:loc/text()", PAGES) == [f"{settings.SITE_URL}{ROAD}"]
    assert found(pages, "//s:lastmod/text()", PAGES) == [cast.EARLIER.date().isoformat()]


def test_robots_are_led_to_the_map(client, settings):
    assert f"Sitemap: {settings.SITE_URL}/sitemap.xml" in client.get("/robots.txt").content.decode()


def test_a_resource_tells_what_it_is(client, road, settings):
    page = client.get("/library/r-rocks/").content.decode()
    [text] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    said = json.loads(text)

    assert said["@type"] == "LearningResource"
    assert said["name"] == "R-Rocks"
    assert said["@id"] == f"{settings.SITE_URL}/library/r-rocks/"


def test_resources_of_public_roads_only_are_on_the_map(client, road, settings):
    assert f"{settings.SITE_URL}/library/r-rocks/".encode() in client.get("/sitemap-resources.xml").content
    road.is_public = False
    road.save()
    assert b"r-rocks" not in client.get("/sitemap-resources.xml").content


def test_what_xml_can_not_hold_does_not_close_the_feed(client, road):
    first = Edition.objects.of(road).get()
    values = {"document": first.document, "digest": first.digest, "published_at": cast.NOW}
    Edition.objects.create(roadmap=road, number=2, changelog="New:\x08 more \x1b[1m & <b>", **values)

    for path in ("/editions.atom", f"{ROAD}editions.atom"):
        feed = etree.fromstring(client.get(path).content)
        assert feed.xpath("//a:summary/text()", namespaces=ATOM)[0] == "New:  more  [1m & <b>"
