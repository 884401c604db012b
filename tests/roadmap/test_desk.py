"""Roads, stages, topics, tasks and the library at the desk."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from progress.models import Tick
from roadmap.models import Background, EvidenceTask, Gate, Placement, Resource, Roadmap, Stage, Topic
from tests.cast import NOW, ada, enrolled, ines, noor, road, tomas
from tests.desk import send

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client):
    client.force_login(noor())
    return client


def page(kind: str, row) -> str:
    return reverse(f"admin:roadmap_{kind}_change", args=[row.pk])


def empty(*prefixes: str) -> dict[str, str]:
    """The management fields of inlines without rows."""
    return {
        f"{prefix}-{name}": value
        for prefix in prefixes
        for name, value in (("TOTAL_FORMS", "0"), ("INITIAL_FORMS", "0"))
    }


def stage_fields(stage: Stage, **more: object) -> dict[str, object]:
    fields = {"title": stage.title, "key": stage.key, "position": stage.position}
    return {**fields, **empty("topics", "evidence_tasks", "gates"), **more}


def topic_fields(topic: Topic, **more: object) -> dict[str, object]:
    fields = {
        "title": topic.title,
        "key": topic.key,
        "position": topic.position,
        "stage": topic.stage_id,
        "hours_walker_low": "4",
        "hours_walker_high": "8",
    }
    return {**fields, **empty("placements"), **more}


@pytest.fixture
def walker():
    return Background.objects.create(
        roadmap=road(), key="walker", title="Walker", months_low=1, months_high=2
    )


@pytest.mark.parametrize("who", [ines, tomas])
def test_learners_and_mentors_do_not_get_in(client, who):
    client.force_login(who())

    for path in ("/admin/", "/admin/roadmap/roadmap/", page("roadmap", road())):
        assert client.get(path).status_code in {302, 403, 404}, path


def test_an_author_finds_her_places_and_no_others(desk):
    words = desk.get("/admin/").content.decode()

    assert "/admin/roadmap/roadmap/" in words
    assert "/admin/quizzes/question/" in words
    assert "/admin/accounts/user/" not in words
    assert desk.get("/admin/accounts/user/").status_code == 403


def test_the_list_of_roads_says_which_edition_learners_see(desk):
    road()
    Roadmap.objects.create(key="fresh", title="Fresh road", summary="New.")

    words = desk.get("/admin/roadmap/roadmap/").content.decode()

    assert "edition 1 of 25 Oct 2026" in words
    assert "nothing yet: a draft" in words


def test_a_road_leads_to_its_stages_and_a_stage_to_its_topics_and_tasks(desk):
    ridge = Stage.objects.get(roadmap=road(), key="ridge")

    assert page("stage", ridge) in desk.get(page("roadmap", road())).content.decode()
    words = desk.get(page("stage", ridge)).content.decode()
    assert page("topic", Topic.objects.get(key="wind")) in words
    assert page("evidencetask", EvidenceTask.objects.get(key="ridge-report")) in words


@pytest.mark.parametrize(
    ("path", "grow"),
    [
        ("/admin/roadmap/resource/", lambda n: Resource.objects.create(key=f"x-{n}", title="X", type="docs")),
        (
            "/admin/roadmap/stage/",
            lambda n: Stage.objects.create(roadmap=road(), key=f"x-{n}", title="X", position=n),
        ),
        (
            "/admin/roadmap/topic/",
            lambda n: Topic.objects.create(
                roadmap=road(), stage=Stage.objects.earliest("pk"), key=f"x-{n}", title="X"
            ),
        ),
        ("/admin/roadmap/roadmap/", lambda n: Roadmap.objects.create(key=f"x-{n}", title="X", summary="X")),
    ],
)
def test_a_list_asks_no_more_for_ten_times_the_rows(desk, path, grow):
    road()
    few = queries(desk, path)
    for number in range(30):
        grow(number)

    assert queries(desk, path) == few <= 12


def test_a_stage_page_asks_no_more_for_more_gates_and_topics(desk):
    base, ridge, summit = Stage.objects.filter(roadmap=road())
    path = page("stage", summit)
    gate = Gate.objects.create(stage=summit, kind="stage_passed")
    gate.stages.set([ridge])
    queries(desk, path)  # Django keeps content types from here on
    few = queries(desk, path)
    for number in range(8):
        more = Gate.objects.create(stage=summit, kind="stage_passed", position=number)
        more.stages.set([base, ridge])
        Topic.objects.create(roadmap=road(), stage=summit, key=f"x-{number}", title="X")

    assert queries(desk, path) == few <= 20


def queries(desk, path: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert desk.get(path).status_code == 200
    return len(asked)


def test_editing_a_stage_changes_the_draft_and_nothing_that_learners_see(desk):
    stage = Stage.objects.get(roadmap=road(), key="base")
    edition = road().current_edition_id

    answer = send(
        desk, page("stage", stage), stage_fields(stage, title="Base camp", step_tags="maps\nknots\n")
    )

    assert answer["Location"] == page("roadmap", road())
    stage.refresh_from_db()
    assert stage.title == "Base camp"
    assert stage.step_tags == ["maps", "knots"]
    assert road().current_edition_id == edition


def test_a_key_is_kept_once_it_is_published(desk):
    stage = Stage.objects.get(roadmap=road(), key="base")

    send(desk, page("stage", stage), stage_fields(stage, key="camp"))

    stage.refresh_from_db()
    assert stage.key == "base"


def test_a_key_that_no_edition_names_may_still_change(desk):
    stage = Stage.objects.create(roadmap=road(), key="hut", title="Hut", position=4)

    send(desk, page("stage", stage), stage_fields(stage, key="shelter"))

    stage.refresh_from_db()
    assert stage.key == "shelter"


def test_the_keys_of_topics_tasks_and_resources_are_kept_as_well(desk):
    assert Topic.objects.get(roadmap=road(), key="rocks").is_published()
    assert EvidenceTask.objects.get(key="ridge-report").is_published()
    assert Resource.objects.get(key="r-rocks").is_published()
    assert not Resource.objects.create(key="r-new", title="New", type="docs").is_published()


def test_outcomes_and_hours_are_typed_as_lines_and_numbers(desk, walker):
    topic = Topic.objects.get(roadmap=road(), key="rocks")

    send(
        desk,
        page("topic", topic),
        topic_fields(topic, outcomes="apply: tell granite from gneiss\ncreate: a map", hours_walker_high="9"),
    )

    topic.refresh_from_db()
    assert topic.outcomes == [
        {"bloom": "apply", "text": "tell granite from gneiss"},
        {"bloom": "create", "text": "a map"},
    ]
    assert topic.hours == {"walker": [4, 9]}


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"outcomes": "know rocks"}, "begin with one of remember"),
        ({"hours_walker_low": "9"}, "needs a low and a high whole number"),
        ({"hours_walker_low": "", "hours_walker_high": "3"}, "needs a low and a high whole number"),
        ({"hours_walker_high": "many"}, "needs a low and a high whole number"),
    ],
)
def test_what_cannot_be_read_is_said_and_kept(desk, walker, typed, said):
    topic = Topic.objects.get(roadmap=road(), key="rocks")

    words = send(desk, page("topic", topic), topic_fields(topic, title="Stones", **typed)).content.decode()

    assert said in words
    assert "Stones" in words
    topic.refresh_from_db()
    assert topic.title == "Rocks"


def test_a_new_topic_is_begun_from_its_stage_and_joins_its_road(desk, walker):
    stage = Stage.objects.get(roadmap=road(), key="base")
    add = f"{reverse('admin:roadmap_topic_add')}?stage={stage.pk}"

    assert "Walker, hours at least" in desk.get(add).content.decode()
    blank = Topic(title="Fire", key="fire", position=3, stage=stage)
    answer = send(desk, add, topic_fields(blank))

    assert answer["Location"] == page("stage", stage)
    assert Topic.objects.get(key="fire").roadmap == road()


def test_a_key_stands_once_on_a_road(desk, walker):
    stage = Stage.objects.get(roadmap=road(), key="base")
    twin = Topic(title="Rocks again", key="rocks", position=3, stage=stage)

    words = send(desk, reverse("admin:roadmap_topic_add"), topic_fields(twin)).content.decode()

    assert "Something else on this road has this key." in words


def test_a_resource_is_put_into_a_topic(desk, walker):
    topic = Topic.objects.get(roadmap=road(), key="rocks")
    extra = Resource.objects.create(key="r-geology", title="Geology", type="book")
    row = {"position": "9", "resource": extra.pk, "role": "core", "topic": topic.pk, "id": ""}

    send(
        desk,
        page("topic", topic),
        topic_fields(
            topic, **{"placements-TOTAL_FORMS": "1"}, **{f"placements-0-{k}": v for k, v in row.items()}
        ),
    )

    assert Placement.objects.filter(topic=topic, resource=extra, role="core").exists()
    assert "Test Trail" in desk.get(page("resource", extra)).content.decode()


def test_suggestions_leave_the_archive_out(desk):
    Resource.objects.create(key="old-map", title="Old map", type="docs").archive(NOW)
    Resource.objects.create(key="new-map", title="New map", type="docs")
    asked = {"app_label": "roadmap", "model_name": "placement", "field_name": "resource", "term": "map"}

    found = [row["text"] for row in desk.get("/admin/autocomplete/", asked).json()["results"]]

    assert "New map" in found
    assert "Old map" not in found


def test_points_of_what_is_learned_are_lines_under_a_title(desk, walker):
    fields = {
        "title": "Test Trail",
        "key": "trail-test",
        "level": "beginner",
        "language": "en",
        "position": "1",
        "summary": "A small road.",
        "hours_per_week": "10",
        "learn": "Walking\n- Uphill\n- Downhill\n\nResting\n- Well",
        "recommended": "r-rocks",
        **empty("stages", "backgrounds", "faqs", "related"),
    }
    send(desk, page("roadmap", road()), fields)
    assert road().learn == [
        {"title": "Walking", "points": ["Uphill", "Downhill"]},
        {"title": "Resting", "points": ["Well"]},
    ]

    words = send(desk, page("roadmap", road()), {**fields, "recommended": "r-nowhere"}).content.decode()
    assert "no resource with the key r-nowhere" in words


def test_the_archive_keeps_facts_and_gives_back(desk):
    enrolled(ines()).tick("r-rocks", NOW)
    resource = Resource.objects.get(key="r-rocks")
    archive = reverse("admin:roadmap_resource_archive", args=[resource.pk])

    send(desk, archive, {"archived": "1"})

    resource.refresh_from_db()
    assert resource.is_archived
    assert Tick.objects.of(ines()).filter(resource=resource).exists()
    link = reverse("admin:roadmap_resource_change", args=[resource.pk])
    assert link not in desk.get("/admin/roadmap/resource/?q=rocks").content.decode()
    assert link in desk.get("/admin/roadmap/resource/?q=rocks&state=archived").content.decode()
    send(desk, archive, {"archived": "0"})
    resource.refresh_from_db()
    assert not resource.is_archived


def test_several_are_archived_at_once(desk):
    chosen = [Resource.objects.create(key=f"x-{n}", title="X", type="docs").pk for n in range(3)]

    send(desk, "/admin/roadmap/resource/", {"action": "archive", "_selected_action": chosen})

    assert Resource.objects.unarchived().filter(pk__in=chosen).count() == 0


def test_looking_at_the_archive_address_archives_nothing(desk):
    resource = Resource.objects.create(key="x", title="X", type="docs")

    assert desk.get(reverse("admin:roadmap_resource_archive", args=[resource.pk])).status_code == 405
    resource.refresh_from_db()
    assert not resource.is_archived


def test_nothing_is_deleted_even_by_an_admin(client):
    client.force_login(ada())
    stage = Stage.objects.get(roadmap=road(), key="base")

    for kind, row in (("stage", stage), ("roadmap", road()), ("resource", Resource.objects.first())):
        path = reverse(f"admin:roadmap_{kind}_delete", args=[row.pk])
        assert client.post(path, {"post": "yes"}).status_code == 403, kind


def test_a_title_is_text_whatever_is_in_it(desk):
    stage = Stage.objects.get(roadmap=road(), key="base")
    nasty = "<script>alert(1)</script>"
    send(desk, page("stage", stage), stage_fields(stage, title=nasty))

    for path in (page("stage", stage), page("roadmap", road()), "/admin/roadmap/stage/", "/admin/"):
        words = desk.get(path).content.decode()
        assert nasty not in words, path
        assert "&lt;script&gt;" in words, path


def test_every_page_carries_the_strict_policy(desk):
    for path in ("/admin/", "/admin/roadmap/resource/", page("roadmap", road())):
        policy = desk.get(path)["Content-Security-Policy"]
        assert "unsafe" not in policy, path
        assert "script-src 'self'" in policy, path
