"""A stranger's page is answered from memory, and never after it stopped being right or for anybody else."""

from typing import Any

import pytest
from django.conf import settings as house
from django.db import OperationalError
from django.test import Client

from accounts import clock
from roadmap.document import RelatedRoad
from roadmap.models import Edition, Roadmap
from roadmap.models.roadmap import RoadmapQuerySet
from tests.cast import ines, published, road, stranger
from tests.documents import document, stage, topic, wide_document

pytestmark = pytest.mark.django_db

PAGE = "/roads/trail-test/"


@pytest.fixture
def drawings(monkeypatch) -> list[str]:
    """One entry for each road page that the view itself answered."""
    made: list[str] = []
    document_of = type(Edition.objects).document

    def counted(self: Any, edition_id: int) -> Any:
        made.append(str(edition_id))
        return document_of(self, edition_id)

    monkeypatch.setattr(type(Edition.objects), "document", counted)
    return made


def publish_again(title: str) -> None:
    other = document(stage("base", topics=[topic("first", "r-rocks")])).model_copy(update={"title": title})
    Edition.objects.publish(Roadmap.objects.get(), other, by=None, changelog="", now=clock.now())


def test_the_second_stranger_reads_the_same_without_a_view(client, drawings, django_assert_num_queries):
    road()
    first = client.get(PAGE)
    made = len(drawings)
    with django_assert_num_queries(1):
        second = client.get(PAGE)

    assert (second.status_code, second.text) == (200, first.text)
    assert len(drawings) == made > 0
    same = (
        "Content-Security-Policy",
        "Vary",
        "ETag",
        "Content-Language",
        "Content-Length",
        "X-Frame-Options",
    )
    assert all(second[header] == first[header] for header in same)
    assert first["X-Request-ID"] != second["X-Request-ID"]


def test_it_sets_no_cookie_and_says_what_it_differs_by(client):
    road()
    for _ in range(2):
        answer = client.get(PAGE)
        assert not answer.cookies
        assert {"cookie", "accept-language"} <= {name.strip().lower() for name in answer["Vary"].split(",")}
        assert answer["Cache-Control"] == "no-cache"
        assert "csrf" not in answer.text.lower()


def test_a_road_that_is_made_private_is_gone_at_once_and_back_at_once(client):
    road()
    assert client.get(PAGE).status_code == 200
    Roadmap.objects.update(is_public=False)
    assert client.get(PAGE).status_code == 404
    Roadmap.objects.update(is_public=True)
    assert client.get(PAGE).status_code == 200


def test_a_new_edition_is_read_at_once(client):
    road()
    client.get(PAGE)
    publish_again("Another title")

    assert "Another title" in client.get(PAGE).text


def test_a_related_road_is_linked_as_soon_as_it_is_there_and_as_long(client):
    other = RelatedRoad(key="trail-test", title="Sea Walker", choose_when="You like water.", difference="")
    wide = published(wide_document(stages=1, topics=1).model_copy(update={"related": (other,)}))
    page, link = f"/roads/{wide.key}/", f'href="{PAGE}"'

    assert link not in client.get(page).text
    road()
    assert link in client.get(page).text
    Roadmap.objects.filter(key="trail-test").update(archived_at=clock.now())
    assert link not in client.get(page).text


def test_whoever_is_signed_in_neither_reads_nor_leaves_a_kept_page(client):
    road()
    for reader in (ines(), stranger()):
        own = Client()
        own.force_login(reader)
        client.get(PAGE)
        assert f"Menu of {reader}" in own.get(PAGE).text
        assert "no-store" in own.get(PAGE)["Cache-Control"]
        client.force_login(reader)
        assert f"Menu of {reader}" in client.get(PAGE).text
        client.logout()
        assert "Menu of" not in client.get(PAGE).text


def test_theme_host_and_address_each_have_their_own(client, settings):
    road()
    settings.ALLOWED_HOSTS = ["one.example", "two.example"]
    client.get(PAGE, headers={"Host": "one.example"})

    assert "Waymark on two.example" in client.get(PAGE, headers={"Host": "two.example"}).text
    assert "Waymark on one.example" in client.get(PAGE, headers={"Host": "one.example"}).text
    assert client.get(PAGE, headers={"Host": "three.example"}).status_code == 400
    asked = client.get(f"{PAGE}?from=letter", headers={"Host": "one.example"}).text
    assert 'name="next" value="/roads/trail-test/?from=letter"' in asked
    client.cookies["theme"] = "dark"
    assert 'data-theme="dark"' in client.get(PAGE, headers={"Host": "one.example"}).text
    client.cookies["theme"] = "light"
    assert 'data-theme="dark"' not in client.get(PAGE, headers={"Host": "one.example"}).text


def test_a_browser_that_has_the_page_is_told_so_until_it_changes(client):
    road()
    having = {"If-None-Match": client.get(PAGE)["ETag"]}

    told = client.get(PAGE, headers=having)
    publish_again("Another title")
    changed = client.get(PAGE, headers=having)

    assert (told.status_code, told.content) == (304, b"")
    assert (told["ETag"], told["Cache-Control"]) == (having["If-None-Match"], "no-cache")
    assert (changed.status_code, "Another title" in changed.text) == (200, True)


def test_where_the_database_fails_the_ordinary_way_answers(client, monkeypatch):
    road()
    client.get(PAGE)
    ask, asked = RoadmapQuerySet.signposts, []

    def fails_once(self: Any, keys: Any) -> Any:
        asked.append(keys)
        if len(asked) == 1:
            raise OperationalError
        return ask(self, keys)

    monkeypatch.setattr(RoadmapQuerySet, "signposts", fails_once)

    assert client.get(PAGE).status_code == 200
    assert len(asked) > 1


def test_sessions_are_told_by_the_name_of_their_cookie(client):
    road()
    client.get(PAGE)
    client.cookies[house.SESSION_COOKIE_NAME] = "no-such-session"

    assert client.get(PAGE).cookies[house.SESSION_COOKIE_NAME].value == ""  # the ordinary way takes it back
