"""The road's page: what everybody reads, and what whoever is on it sees besides."""

import pytest
from django.urls import reverse
from django.utils.html import escape

from accounts import clock
from roadmap.document import RelatedRoad
from roadmap.models import Edition, Roadmap
from tests.cast import ada, enrolled, ines, mentored, pass_stage, person, published, road, stranger, tomas
from tests.documents import document, stage, topic, wide_document

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


def test_a_public_road_costs_one_query(client, django_assert_max_num_queries):
    road()
    client.get(page())

    with django_assert_max_num_queries(1):
        client.get(page())


def test_ten_times_the_content_and_learners_cost_no_query_more(client, django_assert_max_num_queries):
    wide = published(wide_document(stages=10, topics=10))
    for number in range(10):
        enrolled(person(f"Walker{number} Long", "learner"), on=wide)
    mentored(ines(), tomas())
    enrolled(ines(), on=wide)

    client.get(page(wide.key))
    with django_assert_max_num_queries(1):
        client.get(page(wide.key))
    client.force_login(ines())
    client.get(page(wide.key))
    with django_assert_max_num_queries(6):
        client.get(page(wide.key))


def test_readers_of_one_drawing_each_find_their_own_name_and_token(client):
    enrolled(ines())
    road()
    odd = person("Odd <b>Name</b>", "learner")
    enrolled(odd)
    for reader in (ines(), odd):
        client.force_login(reader)
        text = client.get(page() + "?back=<b>").text
        assert f"Menu of {escape(str(reader))}" in text
        assert 'name="next" value="/roads/trail-test/?back=%3Cb%3E"' in text
        assert "\x02" not in text
        for other in {ines(), odd} - {reader}:
            assert escape(str(other)) not in text
    client.logout()
    stranger_reads = client.get(page()).text
    assert "Sign in" in stranger_reads
    assert "Menu of" not in stranger_reads


def test_a_new_edition_and_another_theme_are_drawn_anew(client):
    road()
    before = client.get(page()).text
    other = document(stage("base", topics=[topic("first", "r-rocks")]))
    Edition.objects.publish(
        Roadmap.objects.get(),
        other.model_copy(update={"title": "Another title"}),
        by=None,
        changelog="",
        now=clock.now(),
    )
    after = client.get(page()).text
    client.cookies["theme"] = "dark"

    assert "Another title" not in before
    assert "Another title" in after
    assert 'data-theme="dark"' not in after
    assert 'data-theme="dark"' in client.get(page()).text


def test_a_message_is_said_on_the_next_road_page(client):
    road()
    client.force_login(ines())
    starts_on = clock.now().date().isoformat()
    answer = client.post(
        reverse("progress:enroll", args=["trail-test"]),
        {"background": "walker", "hours_per_week": "8", "starts_on": starts_on},
    )

    assert answer.status_code == 302
    assert "Your plan has dates" in client.get(page()).text
    assert "Your plan has dates" not in client.get(page()).text


def test_related_roads_stand_as_titles_with_a_sentence_below(client):
    related = RelatedRoad(
        key="sea", title="Sea Walker", choose_when="You like water.", difference="It is flat."
    )
    wide = published(wide_document(stages=1, topics=1).model_copy(update={"related": (related,)}))

    section = client.get(page(wide.key)).text.partition('id="related"')[2].partition("</section>")[0]

    assert '<dt class="lg">Sea Walker</dt><dd class="muted">It is flat.</dd>' in section
