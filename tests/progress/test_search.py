"""The search page and the palette: what is found, by whom, and that nothing typed breaks either."""

import re

import pytest
from django.urls import reverse

from progress.models import Enrollment
from roadmap.document import FaqEntry, RoadDocument
from roadmap.models import Roadmap
from tests.cast import NOW, ada, enrolled, ines, published, stranger
from tests.documents import document, resource, stage, topic

pytestmark = pytest.mark.django_db

SEARCH, PALETTE = reverse("progress:search"), reverse("progress:palette")


def library_road(key: str = "trail-test", title: str = "Learning Machines") -> RoadDocument:
    """One stage; its topic says leakage in title and text, one resource in its title, another why it is there."""
    splits = topic("splits", "r-pitfalls", "r-book").model_copy(
        update={
            "title": "Splits, pipelines and leakage",
            "objective": "Point out where a script leaks.",
            "body": "Use `train_test_split` **before** nn.Module. " * 3
            + "<script>alert(1)</script> Café & C++.",
        }
    )
    road = document(stage("toolbox", topics=[splits]))
    changed = {
        "r-pitfalls": {
            "title": "Common leakage pitfalls",
            "cost": "paid",
            "minutes": (20, 40),
            "type": "video",
        },
        "r-book": {
            "why": "Its third chapter is about leakage.",
            "minutes": (100, 600),
            "author": "Zoë Müller",
        },
    }
    resources = {k: resource(k).model_copy(update=changed.get(k, {})) for k in road.resources}
    faq = (FaqEntry(key="how-long", question="How long does leakage take?", answer="**Months.**"),)
    return road.model_copy(update={"key": key, "title": title, "resources": resources, "faq": faq})


@pytest.fixture
def road() -> Roadmap:
    return published(library_road())


def text(answer) -> str:
    return answer.content.decode()


def titles(answer) -> list[str]:
    """Titles of the hits, in order, without marks."""
    hits = re.findall(r'<li><svg.*?<a href="[^"]*"><b>(.*?)</b>', text(answer), re.DOTALL)
    return [re.sub("<.*?>", "", hit) for hit in hits]


def test_all_kinds_are_found_titles_first_and_their_words_marked(client, road):
    answer = client.get(SEARCH, {"q": "leakage"})

    assert set(titles(answer)[:3]) == {
        "Common leakage pitfalls",
        "How long does leakage take?",
        "Splits, pipelines and leakage",
    }
    assert titles(answer)[-1] == "R-Book"
    assert "<b>4 results</b>" in text(answer)
    assert "about <mark>leakage</mark>." in text(answer)


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("leaks", "Splits, pipelines and leakage"),
        ("pipel", "Splits, pipelines and leakage"),
        ("train_test_split", "Splits, pipelines and leakage"),
        ("nn.Module", "Splits, pipelines and leakage"),
        ('"pipelines and leakage"', "Splits, pipelines and leakage"),
        ("leakage -pitfalls -long -book", "Splits, pipelines and leakage"),
        ("cafe", "Splits, pipelines and leakage"),
        ("CAFÉ", "Splits, pipelines and leakage"),
        ("c++", "Splits, pipelines and leakage"),
        ("zoe muller", "R-Book"),
        ("Mueller", "R-Book"),
        ("learning machines", "Learning Machines"),
        ("nowhere or toolbox", "Toolbox"),
    ],
)
def test_what_people_type_finds_what_they_mean(client, road, typed, title):
    assert title in titles(client.get(SEARCH, {"q": typed}))


@pytest.mark.parametrize(
    "typed",
    [
        "'; DROP TABLE roadmap_searchentry; --",
        "<script>alert(1)</script>",
        "&|!():*<->",
        '"never closed',
        "-",
        '-""',
        "or or or",
        "the",
        "\\",
        "%s %(x)s {0}",
        "x" * 10_000,
        "word " * 3_000,
        "\u202e\ufeff\ud7ff😀",
        "é" * 300,
        "1e999 0x41 -1 3.14.15",
    ],
)
@pytest.mark.parametrize("address", [SEARCH, PALETTE])
def test_nothing_that_is_typed_breaks_the_page_or_gets_into_it(client, road, address, typed):
    answer = client.get(
        address, {"q": typed, "kind": typed, "minutes": typed, "road": typed, "stage": typed, "page": typed}
    )

    assert answer.status_code == 200
    assert "<script>alert" not in text(answer)


def test_text_of_authors_is_escaped_round_the_marks(client, road):
    found = text(client.get(SEARCH, {"q": "script alert"}))

    assert "&lt;<mark>script</mark>&gt;<mark>alert</mark>(1)" in found
    assert "<script>alert" not in found


def test_filters_narrow_what_is_found_and_say_what_they_would_leave(client, road):
    answer = client.get(SEARCH, {"q": "leakage", "type": "video", "cost": "paid", "minutes": "60"})

    assert titles(answer) == ["Common leakage pitfalls"]
    found = re.findall(r'name="(\w+)" value="([\w-]+)"( checked)?>[^<]*<span class="num">(\d+)', text(answer))
    assert {(name, value, bool(checked), int(count)) for name, value, checked, count in found} == {
        ("road", "trail-test", False, 1),
        ("kind", "resource", False, 1),
        ("type", "video", True, 1),
        ("cost", "paid", True, 1),
        ("minutes", "60", True, 1),
        ("minutes", "180", False, 1),
    }
    assert titles(client.get(SEARCH, {"q": "leakage", "kind": "faq"})) == ["How long does leakage take?"]


def test_a_road_and_its_stages_narrow_and_other_roads_do_not_count(client, road):
    published(library_road("trail-two", "Second Road"))

    everywhere = client.get(SEARCH, {"q": "pitfalls"})
    assert titles(everywhere) == ["Common leakage pitfalls"]  # a resource is one thing, wherever it stands

    narrowed = client.get(SEARCH, {"q": "pipelines", "road": "trail-two", "stage": "toolbox"})
    assert titles(narrowed) == ["Splits, pipelines and leakage"]
    assert "Second Road / Stage 1" in text(narrowed)
    assert not titles(client.get(SEARCH, {"q": "pipelines", "road": "trail-two", "stage": "elsewhere"}))


def test_a_road_that_is_not_public_is_found_by_the_desk_and_whoever_is_on_it(client, road):
    enrolled(ines(), road)
    Roadmap.objects.filter(pk=road.pk).update(is_public=False)

    def found() -> tuple[int, int]:
        return len(titles(client.get(SEARCH, {"q": "leakage"}))), text(
            client.get(PALETTE, {"q": "leakage"})
        ).count('id="palette-found-')

    assert found() == (0, 0)
    client.force_login(stranger())
    assert found() == (0, 0)
    client.force_login(ines())
    assert found() == (4, 3)
    client.force_login(ada())
    assert found() == (4, 3)


def test_what_was_meant_is_said_when_nothing_is_found_and_only_if_it_finds_something(client, road):
    answer = client.get(SEARCH, {"q": "comon leakgae"})
    assert 'Did you mean <a href="?q=common%20leakage"><b>common leakage</b></a>?' in text(answer)

    Roadmap.objects.filter(pk=road.pk).update(is_public=False)
    assert "Did you mean" not in text(client.get(SEARCH, {"q": "comon leakgae"}))


def test_nothing_found_says_what_to_do(client, road):
    assert "Search without filters" in text(client.get(SEARCH, {"q": "leakage", "type": "podcast"}))
    assert "Look for fewer or other words" in text(client.get(SEARCH, {"q": "zzzzzzzz"}))


def test_whoever_is_on_the_road_is_led_to_its_stages_and_sees_what_she_did(client, road):
    enrollment = enrolled(ines(), road)
    enrollment.tick("r-book", NOW)
    stage_page = reverse("progress:stage", args=["trail-test", "toolbox"])
    client.force_login(ines())

    found = text(client.get(SEARCH, {"q": "leakage"}))
    assert f'href="{stage_page}#resource-r-book"' in found
    assert f'href="{stage_page}#topic-splits"' in found
    assert found.count("</svg>Done</span>") == 1

    hidden = client.get(SEARCH, {"q": "leakage", "hide": "done"})
    assert "R-Book" not in titles(hidden)
    assert len(titles(hidden)) == 3

    client.logout()
    assert f'href="{reverse("roadmap:resource", args=["r-book"])}"' in text(
        client.get(SEARCH, {"q": "leakage"})
    )


def test_hits_are_paged_and_the_order_can_be_chosen(client):
    many = document(stage("many", topics=[topic("all", *(f"r-peak-{n:02}" for n in range(45)))]))
    minutes = {
        key: entry.model_copy(update={"minutes": (n + 1, n + 1)})
        for n, (key, entry) in enumerate(sorted(many.resources.items(), reverse=True))
    }
    published(many.model_copy(update={"resources": minutes}))

    first = client.get(SEARCH, {"q": "peak", "order": "shortest"})
    last = client.get(SEARCH, {"q": "peak", "order": "shortest", "page": "3"})

    assert titles(first)[0] == "R-Peak-44"
    assert len(titles(first)) == 20
    assert titles(last)[-1] == "R-Peak-00"
    assert titles(client.get(SEARCH, {"q": "peak", "order": "road"}))[0] == "R-Peak-00"
    assert "page=2" in text(first)


def test_the_palette_offers_pages_that_one_may_open(client, road):
    assert "Sign in" in text(client.get(PALETTE))
    enrolled(ines(), road)
    client.force_login(ines())
    mine = text(client.get(PALETTE))
    assert "Today" in mine
    assert "Learning Machines" in mine
    assert "Desk" not in mine
    client.force_login(ada())
    assert "Desk" in text(client.get(PALETTE, {"q": "des"}))
    assert "Today" not in text(client.get(PALETTE, {"q": "des"}))


def test_searching_asks_as_many_queries_whatever_is_found(client, road, django_assert_num_queries):
    enrolled(ines(), road)
    client.force_login(ines())
    client.get(SEARCH, {"q": "leakage"})

    with django_assert_num_queries(10):
        client.get(SEARCH, {"q": "leakage"})
    with django_assert_num_queries(7):
        client.get(PALETTE, {"q": "leakage"})
    assert Enrollment.objects.count() == 1
