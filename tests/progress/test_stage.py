"""The stage's page and its ticks."""

import pytest
from django.urls import reverse

from accounts import clock
from progress.models import StagePass, Tick
from tests.cast import EARLIER, enrolled, ines, pass_stage, person, published, stranger, take_quiz
from tests.documents import document, resource, stage, topic, wide_document

pytestmark = pytest.mark.django_db


@pytest.fixture
def enrollment(client):
    client.force_login(ines())
    return enrolled(ines())


def page(stage: str = "base", road: str = "trail-test") -> str:
    return reverse("progress:stage", args=[road, stage])


def tick(client, resource: str = "r-rocks", done: str = "1", **headers):
    return client.post(
        reverse("progress:tick", args=["trail-test", resource]),
        {"done": done, "stage": "base"},
        headers=headers,
    )


def test_topics_resources_and_what_is_left_are_there(client, enrollment):
    answer = client.get(page()).text

    assert "To leave this stage" in answer
    assert "0 of 3 ticked" in answer
    assert 'href="https://example.org/r-rocks"' in answer
    assert "Stage quiz" in answer


def test_a_locked_stage_says_what_opens_it_and_can_be_read(client, enrollment):
    answer = client.get(page("ridge")).text

    assert "This stage is not open yet" in answer
    assert "Base passed" in answer
    assert "R-Wind" in answer


def test_a_stage_of_another_road_is_not_found(client, enrollment):
    published(wide_document(stages=1, topics=1))

    assert client.get(page("stretch-0")).status_code == 404
    assert client.get(page("base", "trail-wide")).status_code == 404


def test_whoever_is_not_on_the_road_gets_404(client, enrollment):
    client.force_login(stranger())

    assert client.get(page()).status_code == 404
    assert tick(client).status_code == 404
    assert not Tick.objects.of(stranger()).exists()


def test_a_tick_is_written_once_and_taken_back(client, enrollment):
    assert tick(client).status_code == 302
    tick(client)
    assert Tick.objects.of(ines()).count() == 1

    tick(client, done="0")
    assert not Tick.objects.of(ines()).exists()


def test_htmx_gets_the_row_the_topics_state_and_the_gate(client, enrollment):
    tick(client)
    answer = tick(client, "r-maps", **{"HX-Request": "true"}).text

    assert answer.startswith('<li id="resource-r-maps"')
    assert 'aria-pressed="true"' in answer
    assert '<span id="state-rocks" hx-swap-oob="true">' in answer
    assert "Done" in answer
    assert "2 of 3 ticked" in answer


def test_a_resource_that_is_not_on_the_road_is_not_ticked(client, enrollment):
    published(wide_document(stages=1, topics=1))

    assert tick(client, "r-0-0-a").status_code == 404
    assert not Tick.objects.exists()


def test_a_tick_by_get_is_refused(client, enrollment):
    assert client.get(reverse("progress:tick", args=["trail-test", "r-rocks"])).status_code == 405


def test_the_last_tick_passes_the_stage_at_once(client, enrollment):
    take_quiz(enrollment, "base-quiz", points=9)
    for key in ("r-rocks", "r-maps"):
        tick(client, key)
    assert not StagePass.objects.exists()

    tick(client, "r-knots")

    assert StagePass.objects.get().stage.key == "base"
    assert "Under way" in client.get(page("ridge")).text


def test_a_passed_stage_stays_passed_when_a_tick_is_taken_back(client, enrollment):
    pass_stage(enrollment, "base")

    tick(client, done="0")

    assert enrollment.standing(clock.now()).by_key["base"].is_passed


def test_one_persons_ticks_are_not_on_anothers_page(client, enrollment):
    tick(client)
    client.get(page())
    enrolled(stranger())
    client.force_login(stranger())

    assert 'aria-pressed="true"' not in client.get(page()).text


def test_a_stage_costs_five_queries_whatever_it_holds(client, django_assert_max_num_queries):
    wide = published(wide_document(stages=10, topics=10))
    enrollment = enrolled(ines(), on=wide)
    for number in range(10):
        enrolled(person(f"Walker{number} Long", "learner"), on=wide)
        enrollment.tick(f"r-0-{number}-a", EARLIER)
    client.force_login(ines())
    client.get(page("stretch-0", "trail-wide"))

    with django_assert_max_num_queries(5):
        client.get(page("stretch-0", "trail-wide"))


def test_a_tick_costs_few_queries(client, enrollment, django_assert_num_queries):
    with django_assert_num_queries(8):  # one of them only where the clock may move
        tick(client, "r-maps", **{"HX-Request": "true"})


def test_a_resource_of_two_topics_is_ticked_in_both(client):
    twice = document(stage("both", topics=[topic("first", "r-same"), topic("second", "r-same")]))
    enrolled(ines(), on=published(twice))
    client.force_login(ines())

    shown = client.get(page("both")).text
    answer = client.post(
        reverse("progress:tick", args=["trail-test", "r-same"]),
        {"done": "1", "stage": "both", "topic": "second"},
        headers={"HX-Request": "true"},
    ).text

    assert shown.count('id="resource-r-same"') == 1
    assert shown.count('id="resource-r-same--second"') == 1
    assert shown.count("is-here") == 1
    assert answer.startswith('<li id="resource-r-same--second"')
    assert '<li id="resource-r-same" class="" hx-swap-oob="true">' in answer
    assert answer.count('aria-pressed="true"') == 2


def test_a_resource_that_is_only_recommended_is_not_ticked(client):
    extra = document(stage("base", topics=[topic("rocks", "r-rocks")]))
    extra = extra.model_copy(
        update={"recommended": ("r-more",), "resources": {**extra.resources, "r-more": resource("r-more")}}
    )
    enrolled(ines(), on=published(extra))
    client.force_login(ines())

    assert tick(client, "r-more").status_code == 404
    assert not Tick.objects.exists()


def test_only_the_topic_to_go_on_with_is_unfolded(client, enrollment):
    shown = client.get(page()).text
    assert shown.count('<details class="acc" open>') == 1
    assert shown.index("R-Rocks") < shown.index("R-Knots")

    for resource_key in ("r-rocks", "r-maps"):
        tick(client, resource_key)

    after = client.get(page()).text
    assert after.count('<details class="acc" open>') == 1
    assert after.index('<details class="acc" open>') > after.index("R-Maps")
