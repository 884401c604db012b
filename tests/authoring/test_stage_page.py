"""The page on which a stage is built: order, topics, resources, saving over somebody else, suggestions, preview."""

import re
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.controls import sent
from authoring.models import Draft
from roadmap import rendering
from roadmap.models import Background, Placement, Resource, Roadmap, Stage, Topic
from tests.cast import NOW, ada, ines, noor, road, tomas

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client):
    client.force_login(noor())
    return client


@pytest.fixture
def base():
    Background.objects.create(roadmap=road(), key="walker", title="Walker", months_low=1, months_high=2)
    stage = Stage.objects.get(roadmap=road(), key="base")
    Placement.objects.filter(topic__stage=stage, role="deep_dive").delete()
    return stage


def page(stage: Stage) -> str:
    return reverse("admin:authoring_stage", args=[stage.pk])


def typed(client, stage: Stage) -> list[tuple[str, str]]:
    """What a browser would send of the page as it is, without a button."""
    words = client.get(page(stage)).content.decode()
    return fields(words)


def fields(words: str) -> list[tuple[str, str]]:
    form = re.search(r"<form method=\"post\" class=\"stack gap-6 build\".*?</form>", words, re.DOTALL)[0]
    return sent(re.sub(r"<template.*?</template>", "", form, flags=re.DOTALL))


def send(client, stage: Stage, pairs, **more: str | list[str]):
    """Press a button (`_save` unless another is said) with these fields, some of them typed anew."""
    data: dict[str, list[str]] = {}
    for name, value in pairs:
        data.setdefault(name, []).append(value)
    changed = {name: value if isinstance(value, list) else [value] for name, value in more.items()}
    buttons = {} if {"act", "_continue"} & more.keys() else {"_save": ["1"]}
    return client.post(page(stage), {**data, **changed, **buttons})


def topics(stage: Stage) -> list[str]:
    return list(stage.topics.filter(archived_at=None).order_by("position").values_list("key", flat=True))


def placed(key: str) -> list[str]:
    rows = Placement.objects.filter(topic__key=key).order_by("position")
    return [f"{row.resource.key}:{row.role}" for row in rows.select_related("resource")]


def topic(key: str) -> Topic:
    return Topic.objects.get(roadmap=road(), key=key)


@pytest.mark.parametrize("who", [ines, tomas])
def test_learners_and_mentors_do_not_see_it(client, base, who):
    client.force_login(who())

    for path in (page(base), reverse("admin:authoring_stage_state", args=[base.pk])):
        assert client.get(path).status_code in {302, 403}, path


def test_saving_the_page_as_it_is_changes_nothing(desk, base):
    before = Draft(road()).document().digest()

    answer = send(desk, base, typed(desk, base))

    assert answer["Location"] == reverse("admin:roadmap_roadmap_change", args=[base.roadmap_id])
    assert Draft(road()).document().digest() == before


def test_rows_sent_in_another_order_are_saved_in_it(desk, base):
    rocks, knots = topic("rocks"), topic("knots")
    first, second = (row.resource_id for row in rocks.placements.all())

    answer = send(
        desk,
        base,
        typed(desk, base),
        topics=[str(knots.pk), str(rocks.pk)],
        **{f"topic-{rocks.pk}-resources": [str(second), str(first)]},
    )

    assert answer.status_code == 302
    assert topics(base) == ["knots", "rocks"]
    assert placed("rocks") == ["r-maps:core", "r-rocks:core"]


def test_words_hours_and_roles_are_saved_together(desk, base):
    rocks = topic("rocks")
    maps = Resource.objects.get(key="r-maps")

    answer = send(
        desk,
        base,
        typed(desk, base),
        title="Base camp",
        why="Because **it is there**.",
        **{
            f"topic-{rocks.pk}-title": "Rocks and stones",
            f"topic-{rocks.pk}-hours-walker": "9-14 h",
            f"topic-{rocks.pk}-role-{maps.pk}": "practice",
        },
    )

    assert answer.status_code == 302
    base.refresh_from_db()
    rocks.refresh_from_db()
    assert (base.title, base.why) == ("Base camp", "Because **it is there**.")
    assert (rocks.title, rocks.hours) == ("Rocks and stones", {"walker": [9, 14]})
    assert placed("rocks") == ["r-rocks:core", "r-maps:practice"]


def test_a_new_topic_gets_a_key_of_its_title_and_its_resources(desk, base):
    wind = Resource.objects.get(key="r-wind")
    refs = [str(pk) for pk in base.topics.values_list("pk", flat=True)]

    answer = send(
        desk,
        base,
        typed(desk, base),
        topics=[*refs, "new-1"],
        **{"topic-new-1-title": "Reading clouds", "topic-new-1-resources": str(wind.pk)},
    )

    assert answer.status_code == 302
    assert topics(base) == ["rocks", "knots", "reading-clouds"]
    assert placed("reading-clouds") == ["r-wind:core"]


def test_a_topic_is_put_away_or_moved_to_another_stage_and_nothing_is_deleted(desk, base):
    rocks, knots = topic("rocks"), topic("knots")
    ridge = Stage.objects.get(roadmap=road(), key="ridge")

    send(
        desk,
        base,
        typed(desk, base),
        **{f"topic-{rocks.pk}-archived": "on", f"topic-{knots.pk}-stage": str(ridge.pk)},
    )

    assert topics(base) == []
    assert topics(ridge) == ["wind", "knots"]
    rocks.refresh_from_db()
    assert rocks.is_archived
    assert placed("rocks") == ["r-rocks:core", "r-maps:core"]


def test_a_fault_keeps_all_that_was_typed_and_names_the_field(desk, base):
    rocks, knots = topic("rocks"), topic("knots")

    answer = send(
        desk,
        base,
        typed(desk, base),
        summary="Typed and kept.",
        topics=[str(knots.pk), str(rocks.pk)],
        **{f"topic-{rocks.pk}-title": "", f"topic-{knots.pk}-hours-walker": "many"},
    )

    words = unescape(answer.content.decode())
    assert answer.status_code == 422
    assert "2 places need you" in words
    assert f'href="#id_topic-{rocks.pk}-title"' in words
    assert "“many” is no span of hours." in words
    assert ("summary", "Typed and kept.") in fields(words)
    assert [value for name, value in fields(words) if name == "topics"] == [str(knots.pk), str(rocks.pk)]
    assert topics(base) == ["rocks", "knots"]
    base.refresh_from_db()
    assert base.summary != "Typed and kept."


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"topic-new-1-title": "Rocks", "topic-new-1-key": "rocks"}, "has this key"),
        ({"topic-new-1-title": "Rocks", "topic-new-1-key": "Not a key"}, "single hyphens"),
        ({"topic-new-1-title": "x" * 161}, "At most 160 characters"),
        ({"topic-new-1-title": "Clouds", "topic-new-1-stage": "999999"}, "a stage of this road"),
        ({"topic-new-1-title": "Clouds", "topic-new-1-wanted": "nothing like it"}, "nothing like"),
    ],
)
def test_a_new_topic_that_can_not_be_is_refused(desk, base, more, said):
    refs = [str(pk) for pk in base.topics.values_list("pk", flat=True)]

    answer = send(desk, base, typed(desk, base), topics=[*refs, "new-1"], **more)

    assert answer.status_code == 422
    assert said in unescape(answer.content.decode())
    assert topics(base) == ["rocks", "knots"]


def test_buttons_move_add_and_take_out_without_saving(desk, base):
    rocks, knots = topic("rocks"), topic("knots")
    maps, wind = Resource.objects.get(key="r-maps"), Resource.objects.get(key="r-wind")
    pairs = [("title", "Typed") if pair[0] == "title" else pair for pair in typed(desk, base)]

    for act, said in [
        (f"down topic {rocks.pk}", "“Rocks” is now 2 of 2."),
        (f"up resource {rocks.pk} {maps.pk}", f"“{maps.title}” is now 1 of 2."),
        (f"out {rocks.pk} {maps.pk}", ""),
        (f"put {knots.pk} {wind.pk}", f"“{wind.title}” is in “Knots” now."),
        ("add-topic", ""),
        ("up topic nowhere", ""),
        ("sing", ""),
    ]:
        words = unescape(send(desk, base, pairs, act=act).content.decode())
        assert said in words, act
        pairs = fields(words)

    assert ("title", "Typed") in pairs
    assert [value for name, value in pairs if name == "topics"] == [str(knots.pk), str(rocks.pk), "new-1"]
    assert topics(base) == ["rocks", "knots"]
    assert send(desk, base, pairs, **{"topic-new-1-title": "Clouds"}).status_code == 302
    assert topics(base) == ["knots", "rocks", "clouds"]
    assert (placed("rocks"), placed("knots")) == (["r-rocks:core"], ["r-knots:core", "r-wind:core"])


def test_a_resource_is_found_by_the_words_that_were_typed(desk, base):
    knots = topic("knots")
    Resource.objects.create(
        key="climbing", title="Climbing walls", author="Ann Ridge", url="https://e.org", type="book"
    )
    Resource.objects.create(key="clouds", title="Clouds above", url="https://e.org", type="film")
    pairs = typed(desk, base)
    found = {f"topic-{knots.pk}-wanted": "clim wall", "act": f"find {knots.pk}"}
    many = {f"topic-{knots.pk}-wanted": "cl", "act": f"find {knots.pk}"}

    one = fields(send(desk, base, pairs, **found).content.decode())
    several = send(desk, base, pairs, **many).content.decode()

    assert send(desk, base, one).status_code == 302
    assert placed("knots") == ["r-knots:core", "climbing:core"]
    assert "Add: Climbing walls" in several
    assert "Add: Clouds above" in several


def test_where_a_resource_serves_elsewhere_is_said(desk, base):
    other = Roadmap.objects.create(key="other", title="Other road", summary="X")
    stage = Stage.objects.create(roadmap=other, key="s", title="S")
    elsewhere = Topic.objects.create(roadmap=other, stage=stage, key="t", title="Maps at sea")
    Placement.objects.create(topic=elsewhere, resource=Resource.objects.get(key="r-maps"))

    assert "Also in Maps at sea (Other road)" in desk.get(page(base)).content.decode()


# Two people


def test_the_second_of_two_is_told_and_nothing_is_overwritten(desk, client, base):
    rocks = topic("rocks")
    mine = typed(desk, base)
    client.force_login(ada())
    theirs = typed(client, base)
    send(client, base, theirs, title="Ada's title", **{f"topic-{rocks.pk}-title": "Ada's rocks"})
    client.force_login(noor())

    answer = send(client, base, mine, title="Noor's title", **{f"topic-{rocks.pk}-hours-walker": "3"})

    words = unescape(answer.content.decode())
    assert answer.status_code == 409
    assert re.search(r"Changed by Ada Okafor at \d\d:\d\d, since you opened this page", words)
    base.refresh_from_db()
    assert base.title == "Ada's title"
    again = fields(words)
    assert ("title", "Noor's title") in again
    assert (f"topic-{rocks.pk}-title", "Ada's rocks") in again
    assert (f"topic-{rocks.pk}-hours-walker", "3") in again

    assert send(client, base, again, **{"chosen:title": "theirs"}).status_code == 302
    base.refresh_from_db()
    rocks.refresh_from_db()
    assert (base.title, rocks.title) == ("Ada's title", "Ada's rocks")
    assert rocks.hours == {"walker": [3, 3]}


def test_order_and_resources_that_both_changed_are_chosen_as_one_thing(client, base):
    client.force_login(noor())
    rocks, knots = topic("rocks"), topic("knots")
    wind, snow = Resource.objects.get(key="r-wind"), Resource.objects.get(key="r-snow")
    new = Topic.objects.create(roadmap=base.roadmap, stage=base, key="clouds", title="Clouds", position=3)
    mine = typed(client, base)
    refs = [str(row.pk) for row in (rocks, knots, new)]
    field = f"topic-{rocks.pk}-resources"
    here = [value for name, value in mine if name == field]
    send(client, base, mine, topics=[refs[2], refs[0], refs[1]], **{field: [*here, str(wind.pk)]})

    answer = send(client, base, mine, topics=[refs[1], refs[0], refs[2]], **{field: [*here, str(snow.pk)]})

    assert answer.status_code == 409
    again = fields(answer.content.decode())
    chosen = {"chosen:order": "mine", f"chosen:{field}": "theirs"}
    assert {name for name, _ in again if name.startswith("chosen:")} == chosen.keys()
    assert send(client, base, again, **chosen).status_code == 302
    assert topics(base) == ["knots", "rocks", "clouds"]
    assert placed("rocks")[-1] == "r-wind:core"


def test_a_topic_that_another_added_meanwhile_stays(client, base):
    client.force_login(noor())
    mine = typed(client, base)
    Topic.objects.create(roadmap=base.roadmap, stage=base, key="clouds", title="Clouds", position=3)
    topic("knots").archive(NOW)

    answer = send(client, base, mine, summary="Mine.")

    assert answer.status_code == 409
    assert "new: Clouds" in answer.content.decode()
    assert "was moved to another stage or archived" in answer.content.decode()
    assert send(client, base, fields(answer.content.decode())).status_code == 302
    assert topics(base) == ["rocks", "clouds"]


def test_a_form_that_does_not_say_what_it_was_is_not_believed(desk, base):
    pairs = [pair for pair in typed(desk, base) if pair[0] != "opened"]

    assert send(desk, base, pairs, title="Forced").status_code == 409
    base.refresh_from_db()
    assert base.title != "Forced"


# What the page costs


def test_the_page_asks_no_more_for_a_stage_of_sixty_topics(desk, base):
    queries(desk, page(base))  # Django keeps content types from here on
    few = queries(desk, page(base))
    many(base, topics=60, placements=10)

    assert queries(desk, page(base)) == few <= 20


def many(stage: Stage, *, topics: int, placements: int) -> None:
    rows = Topic.objects.bulk_create(
        Topic(roadmap=stage.roadmap, stage=stage, key=f"t-{n}", title=f"T {n}", position=n)
        for n in range(topics)
    )
    resources = Resource.objects.bulk_create(
        Resource(key=f"x-{n}", title=f"X {n}", url="https://example.org", type="docs")
        for n in range(placements)
    )
    Placement.objects.bulk_create(
        Placement(topic=row, resource=resource, position=n)
        for row in rows
        for n, resource in enumerate(resources)
    )


def queries(client, path: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert client.get(path).status_code == 200
    return len(asked)


def test_a_thousand_placements_are_moved_in_as_many_statements_as_a_few(desk, base):
    few = writes(desk, base)
    many(base, topics=40, placements=10)

    assert writes(desk, base) <= few + 4


def writes(client, stage: Stage) -> int:
    """Queries of a save in which every topic and every resource changes its place."""
    pairs = typed(client, stage)[::-1]
    send(client, stage, pairs)  # Django keeps content types from here on
    pairs = typed(client, stage)[::-1]
    with CaptureQueriesContext(connection) as asked:
        assert send(client, stage, pairs).status_code == 302
    return len(asked)


def test_suggestions_are_found_by_index(desk):
    Resource.objects.bulk_create(
        Resource(key=f"x-{n}", title=f"Words {n}", url="https://example.org", type="docs")
        for n in range(3000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE roadmap_resource")

    plan = Resource.objects.unarchived().suggested("words 29")[:10].explain()

    assert "resources_by_their_words" in plan


# How the draft stands; suggestions; Markdown


def test_the_draft_counts_changes_in_this_stage_and_its_faults(desk, base):
    state = reverse("admin:authoring_stage_state", args=[base.pk])
    topic("rocks").placements.all().delete()
    topic("knots").placements.all().delete()
    base.quizzes.update(archived_at=NOW)

    words = desk.get(state).content.decode()

    assert reverse("admin:authoring_publish", args=[base.roadmap_id]) + "#faults" in words
    assert reverse("admin:roadmap_stage_change", args=[base.pk]) in words
    assert "not to be said yet" in words


def test_the_draft_counts_what_changed_in_this_stage_alone(desk, base):
    def counted() -> int:
        words = desk.get(reverse("admin:authoring_stage_state", args=[base.pk])).content.decode()
        return int(re.search(r"<dt>Changes in this stage</dt><dd>(\d+)</dd>", words)[1])

    before = counted()
    Topic.objects.filter(key="wind").update(objective="New.")
    assert counted() == before
    Topic.objects.filter(key="rocks").update(objective="New.")
    assert counted() == before + 1


def test_suggestions_begin_the_words_of_title_author_or_key_and_leave_the_archive_out(desk):
    make = Resource.objects.create
    make(key="films-on-vectors", title="Linear films", author="Grace Ann", url="https://e.org", type="video")
    make(key="vectors", title="Vectors drawn", url="https://e.org", type="book")
    make(
        key="old",
        title="Vectors of old",
        url="https://e.org",
        type="book",
        archived_at=NOW,
    )

    def titles(words):
        answer = desk.get(reverse("admin:roadmap_resource_suggest"), {"q": words})
        return [row["title"] for row in answer.json()["results"]]

    assert titles("vec") == ["Vectors drawn", "Linear films"]
    assert titles("grace lin") == ["Linear films"]
    assert titles("'; drop & | !(") == []
    assert titles("") == []


def test_markdown_is_drawn_by_the_code_that_draws_it_for_learners(desk):
    text = "**bold** and `code` <script>alert(1)</script>"

    answer = desk.post(reverse("admin:roadmap_markdown"), {"text": text})

    assert answer.content.decode() == rendering.html(text)
    assert desk.get(reverse("admin:roadmap_markdown")).status_code == 405


def test_the_draft_is_seen_as_a_learner_of_either_background(desk, base):
    Background.objects.create(roadmap=base.roadmap, key="rider", title="Rider", months_low=3, months_high=4)
    Topic.objects.filter(roadmap=base.roadmap).update(hours={"walker": [11, 12], "rider": [21, 22]})
    whole = reverse("admin:authoring_preview", args=[base.roadmap_id])
    stage = reverse("admin:authoring_preview_stage", args=[base.roadmap_id, "base"])

    def seen(path, background):
        return unescape(desk.get(path, {"from": background}).content.decode())

    assert "<dt>Months</dt><dd>3–4</dd>" in seen(whole, "rider")
    assert "<dt>Months</dt><dd>1–2</dd>" in seen(whole, "walker")
    assert "42–44 hours" in seen(stage, "rider")
    assert "42–44 hours" not in seen(stage, "walker")
    assert "22–24 hours" in seen(stage, "nobody")


def test_the_introduction_is_shown_drawn_to_the_author_and_to_learners(desk, base):
    base.why = "Because **it is there**."
    base.save()

    assert "<strong>it is there</strong>" in desk.get(page(base)).content.decode()
    preview = reverse("admin:authoring_preview_stage", args=[base.roadmap_id, "base"])
    assert "<strong>it is there</strong>" in desk.get(preview).content.decode()


@pytest.mark.parametrize("button", ["_continue", "act"])
def test_a_nul_in_what_was_typed_is_left_out(desk, base, button):
    more = {"topic-new-1-title": "A\x00side", "topic-new-1-wanted": "no\x00thing"}
    pairs = [*typed(desk, base), ("topics", "new-1")]

    answer = send(desk, base, pairs, **more, **{button: "find new-1"})

    assert answer.status_code == (200 if button == "act" else 422)
    assert "The library has nothing like “nothing”." in answer.content.decode()
