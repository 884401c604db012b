"""The road's page: what everybody reads, and what whoever is on it sees besides."""

import pytest
from django.urls import reverse

from roadmap.document import RelatedRoad
from roadmap.models import Roadmap
from tests.cast import ada, enrolled, ines, mentored, pass_stage, person, published, road, stranger, tomas
from tests.documents import wide_document

pytestmark = pytest.mark.django_db


def page(road_key: str = "trail-test") -> str:
    return reverse("progress:road", args=[road_key])


def test_anybody_reads_a_public_road(client):
    road()

    answer = client.get(page())

    assert answer.status_code == 200
    assert "A small road." in answer.text
    assert "Start this roadmap" in answer.text


def test_an_unknown_road_is_not_found(client):
    assert client.get(page("no-such-road")).status_code == 404


def test_a_road_that_was_never_published_is_not_found(client):
    Roadmap.objects.create(key="draft-only", title="Draft", summary="Not yet.")

    assert client.get(page("draft-only")).status_code == 404


def test_a_private_road_is_for_those_on_it_and_for_the_desk(client):
    enrolled(ines())
    Roadmap.objects.filter(key="trail-test").update(is_public=False)

    assert client.get(page()).status_code == 404
    client.force_login(stranger())
    assert client.get(page()).status_code == 404
    client.force_login(ines())
    assert client.get(page()).status_code == 200
    client.force_login(ada())
    assert client.get(page()).status_code == 200


def test_whoever_is_on_the_road_goes_on_where_she_is(client):
    pass_stage(enrolled(ines()), "base")
    client.force_login(ines())

    answer = client.get(page())

    assert "1 of 3 passed" in answer.text
    assert "Continue: R-Wind" in answer.text
    assert "Start this roadmap" not in answer.text


def test_one_persons_standing_is_not_on_anothers_page(client):
    pass_stage(enrolled(ines()), "base")
    client.force_login(ines())
    client.get(page())
    enrolled(stranger())
    client.force_login(stranger())

    assert "0 of 3 passed" in client.get(page()).text


def test_a_public_road_costs_three_queries(client, django_assert_max_num_queries):
    road()
    client.get(page())

    with django_assert_max_num_queries(3):
        client.get(page())


def test_ten_times_the_content_and_learners_cost_no_query_more(client, django_assert_max_num_queries):
    wide = published(wide_document(stages=10, topics=10))
    for number in range(10):
        enrolled(person(f"Walker{number} Long", "learner"), on=wide)
    mentored(ines(), tomas())
    enrolled(ines(), on=wide)

    client.get(page(wide.key))
    with django_assert_max_num_queries(3):
        client.get(page(wide.key))
    client.force_login(ines())
    client.get(page(wide.key))
    with django_assert_max_num_queries(8):
        client.get(page(wide.key))


def test_related_roads_stand_as_titles_with_a_sentence_below(client):
    related = RelatedRoad(
        key="sea", title="Sea Walker", choose_when="You like water.", difference="It is flat."
    )
    wide = published(wide_document(stages=1, topics=1).model_copy(update={"related": (related,)}))

    section = client.get(page(wide.key)).text.partition('id="related"')[2].partition("</section>")[0]

    assert '<dt class="lg">Sea Walker</dt><dd class="muted">It is flat.</dd>' in section
