"""Preview, publish and look back at the desk."""

import pytest
from django.urls import reverse

from progress.models import Tick
from quizzes.models import Question
from roadmap.models import Edition, EvidenceTask, Placement, Resource, Roadmap, Stage, Topic
from tests.authoring.roads import published, saved
from tests.cast import NOW, enrolled, ines, noor, tomas
from tests.desk import send

pytestmark = pytest.mark.django_db

CHANGELOG = "A book on maps joined the first stage."


@pytest.fixture
def desk(client):
    client.force_login(noor())
    return client


def at(name: str, road: Roadmap, *more: str) -> str:
    return reverse(f"admin:authoring_{name}", args=[road.pk, *more])


def publish(desk, road: Roadmap, changelog: str = CHANGELOG, **more: object):
    """Post the publish page as it is when it was just opened."""
    number = Edition.objects.of(road).count()
    return send(
        desk, at("publish", road), {"against": number, "changelog": changelog, "choice": "keep", **more}
    )


def first_stage(road: Roadmap) -> Stage:
    return Stage.objects.filter(roadmap=road).earliest("position")


def rename(stage: Stage, title: str) -> None:
    Stage.objects.filter(pk=stage.pk).update(title=title)


def test_an_author_edits_and_publishes_and_no_tick_is_lost(client, desk):
    road = published()
    enrollment = enrolled(ines(), road)
    stage = first_stage(road)
    core = min(enrollment.document.stage_by_key[stage.key].core_keys())
    enrollment.tick(core, NOW)
    topic = Topic.objects.filter(stage=stage).earliest("position")
    book = Resource.objects.create(
        key="book-of-maps",
        title="Book of maps",
        type="book",
        url="https://example.org/maps",
        why="It is clear.",
    )

    management = {"placements-TOTAL_FORMS": "1", "placements-INITIAL_FORMS": "0"}
    hours = {
        f"hours_{key}_{end}": number
        for key, span in topic.hours.items()
        for end, number in zip(("low", "high"), span, strict=True)
    }
    outcomes = "\n".join(f"{outcome['bloom']}: {outcome['text']}" for outcome in topic.outcomes)
    answer = send(
        desk,
        reverse("admin:roadmap_topic_change", args=[topic.pk]),
        {
            **management,
            **hours,
            "title": topic.title,
            "position": topic.position,
            "stage": stage.pk,
            "objective": topic.objective,
            "outcomes": outcomes,
            "body": topic.body,
            "placements-0-resource": book.pk,
            "placements-0-role": "practice",
            "placements-0-position": "9",
            "placements-0-topic": topic.pk,
        },
    )
    assert answer.status_code == 302, answer.content.decode()
    rename(stage, "Base camp")
    client.force_login(ines())
    page = reverse("progress:stage", args=[road.key, stage.key])
    assert "Base camp" not in client.get(page).content.decode()

    client.force_login(noor())
    assert publish(desk, road)["Location"] == at("editions", road)

    client.force_login(ines())
    words = client.get(page).content.decode()
    assert "Base camp" in words
    assert "Book of maps" in words
    assert Tick.objects.of(ines()).filter(resource__key=core).exists()
    assert words.count('aria-pressed="true"') == 1


def test_the_page_says_what_changes(desk):
    road = published()
    stage = first_stage(road)
    before = stage.title
    rename(stage, "Base camp")

    words = desk.get(at("publish", road)).content.decode()

    assert f'<del><span class="vh">old: </span>{before}</del>' in words
    assert '<ins><span class="vh">new: </span>Base camp</ins>' in words
    assert "Against edition 1" in words


def test_a_changed_question_is_a_change_too(desk):
    road = published()
    question = Question.objects.filter(type="single").earliest("key")
    Question.objects.filter(pk=question.pk).update(draft={**question.draft, "stem": "Asked anew?"})

    words = desk.get(at("publish", road)).content.decode()
    assert f"Question “{question.key}”, stem" in words
    assert "Asked anew" in words
    assert "nothing to publish" not in words


def test_nothing_is_published_twice(desk):
    road = published()

    words = desk.get(at("publish", road)).content.decode()
    assert "There is nothing to publish." in words
    assert 'aria-disabled="true"' in words
    publish(desk, road)
    assert Edition.objects.of(road).count() == 1


def test_faults_are_listed_each_with_a_link_to_its_field_and_stop_it(desk):
    road = published()
    stage = first_stage(road)
    rename(stage, "")
    link = f"{reverse('admin:roadmap_stage_change', args=[stage.pk])}#id_title"

    words = desk.get(at("publish", road)).content.decode()
    assert "Stops publishing" in words
    assert f'href="{link}"' in words
    assert "One fault stops it." in words

    answer = publish(desk, road)
    assert answer.status_code == 422
    assert CHANGELOG in answer.content.decode()
    assert Edition.objects.of(road).count() == 1


def test_a_road_is_not_published_without_a_word_to_learners(desk):
    road = published()
    rename(first_stage(road), "Base camp")

    assert publish(desk, road, "  ").status_code == 422
    assert Edition.objects.of(road).count() == 1


def test_a_first_edition_is_published_here_too(desk):
    road = saved()

    assert "This road was never published." in desk.get(at("publish", road)).content.decode()
    publish(desk, road)

    assert Edition.objects.get().published_by == noor()


@pytest.mark.parametrize("who", [ines, tomas])
def test_learners_and_mentors_publish_and_preview_nothing(client, who):
    road = published()
    rename(first_stage(road), "Base camp")
    client.force_login(who())

    for name in ("publish", "preview", "editions"):
        assert client.get(at(name, road)).status_code in {302, 403}, name
    publish(client, road)
    assert Edition.objects.of(road).count() == 1


def test_the_preview_draws_the_draft_and_nothing_to_tick(desk):
    road = published()
    stage = first_stage(road)
    rename(stage, "Base camp")

    assert "Base camp" in desk.get(at("preview", road)).content.decode()
    words = desk.get(at("preview_stage", road, stage.key)).content.decode()
    assert "Base camp" in words
    assert Placement.objects.filter(topic__stage=stage).first().resource.title in words
    assert 'class="check"' not in words
    assert desk.get(at("preview_stage", road, "nowhere")).status_code == 404


def test_a_draft_that_cannot_be_drawn_says_where_the_faults_are(desk):
    road = published()
    rename(first_stage(road), "")

    words = desk.get(at("preview", road)).content.decode()

    assert "Not to be drawn yet" in words
    assert f"{at('publish', road)}#faults" in words


def test_titles_are_text_on_the_publish_page_and_in_the_preview(desk):
    road = published()
    nasty = "<img src=x onerror=alert(1)>"
    stage = first_stage(road)
    rename(stage, nasty)
    EvidenceTask.objects.filter(roadmap=road).update(title=nasty)

    pages = [at("publish", road), at("preview", road), at("preview_stage", road, stage.key)]
    assert all(nasty not in desk.get(page).content.decode() for page in pages)


def test_editions_are_listed_with_what_learners_read(desk):
    road = published()
    rename(first_stage(road), "Base camp")
    publish(desk, road)

    words = desk.get(at("editions", road)).content.decode()

    assert words.index("Edition 2") < words.index("Edition 1")
    assert CHANGELOG in words
    assert "Noor Haddad" in words


def test_an_archived_topic_leaves_the_road_and_its_ticks_stay(desk):
    road = published()
    enrollment = enrolled(ines(), road)
    stage = first_stage(road)
    topic = Topic.objects.filter(stage=stage).latest("position")
    ticked = topic.placements.filter(role="core").first() or topic.placements.first()
    enrollment.tick(ticked.resource.key, NOW)
    Question.objects.filter(topic=topic).update(topic=Topic.objects.filter(stage=stage).earliest("position"))
    for later in Topic.objects.filter(roadmap=road):
        later.prerequisites.remove(topic)
    topic.archive(NOW)

    words = desk.get(at("publish", road)).content.decode()
    assert "What learners did with it stays" in words
    assert Tick.objects.of(ines()).filter(resource=ticked.resource).exists()


def test_publishing_costs_a_fixed_number_of_queries_to_look_at(desk, django_assert_max_num_queries):
    road = published()
    rename(first_stage(road), "Base camp")

    with django_assert_max_num_queries(60):
        desk.get(at("publish", road))
