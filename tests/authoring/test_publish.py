"""A draft is checked, frozen as an edition, and studied from then on."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse

from authoring.models import Draft, DraftHasFaultsError
from progress.models import Enrollment, StagePass, StandingRow, Tick
from quizzes.models import Attempt, Quiz, QuizVersion
from roadmap.models import Edition, EvidenceTask, Gate, Placement, Resource, Roadmap, Stage, Topic
from tests.authoring.roads import published, saved
from tests.cast import NOW, answer, enrolled, ines, noor

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(days=1)


def publish(road: Roadmap, changelog: str = "", now=LATER) -> Edition:
    return Draft(road).publish(by=noor(), changelog=changelog, now=now)


def fault_of(road: Roadmap):
    """The one fault of the draft that stops it."""
    (fault,) = [fault for fault in Draft(road).faults() if fault.stops]
    return fault


def baker(road: Roadmap) -> Enrollment:
    enrollment = enrolled(ines(), on=road)
    Enrollment.objects.filter(pk=enrollment.pk).update(background="home-baker")
    return Enrollment.objects.select_related("roadmap", "person").get(pk=enrollment.pk)


def pass_starter_quiz(enrollment: Enrollment) -> None:
    right = {"q-bread-01": "a", "q-bread-02": "70", "q-bread-03": "true"}
    attempt = Attempt.objects.start(enrollment.person, Quiz.objects.get(key="starter-quiz"), NOW)
    saves = [answer(slot["slot"], right[slot["question"]]) for slot in attempt.paper]
    attempt.save_answers(attempt.open(NOW), saves, NOW)
    attempt.submit(NOW)


def test_publishing_freezes_the_draft_and_its_quizzes():
    road = saved()

    edition = publish(road, "First.")

    road.refresh_from_db()
    assert road.current_edition == edition
    assert (edition.number, edition.changelog, edition.published_by) == (1, "First.", noor())
    document = Edition.objects.document(edition.pk)
    assert document == Draft(road).document()
    assert [stage.quiz for stage in document.stages] == ["starter-quiz", "oven-quiz", "market-quiz"]
    assert QuizVersion.objects.count() == 3
    assert all(quiz.studied_version().number == 1 for quiz in Quiz.objects.all())


def test_an_edition_does_not_change_when_the_draft_does():
    road = published()
    before = Edition.objects.get().document

    Stage.objects.filter(key="oven").update(title="Heat")

    edition = Edition.objects.get()
    assert edition.document == before
    assert "Heat" not in json.dumps(Edition.objects.document(edition.pk).model_dump(mode="json"))
    assert Draft(road).is_changed()


def test_a_renamed_stage_and_a_new_resource_reach_the_learner_and_no_tick_is_lost(client):
    """An admin edits a stage's title and adds a resource, publishes; the learner sees it and no tick is lost."""
    road = published()
    enrollment = baker(road)
    client.force_login(enrollment.person)
    client.post(reverse("progress:tick", args=[road.key, "bread-starter-film"]), {"stage": "starter"})
    page = reverse("progress:stage", args=[road.key, "starter"])
    assert "A jar that lives" not in client.get(page).content.decode()

    Stage.objects.filter(key="starter").update(title="A jar that lives")
    novel = Resource.objects.create(
        key="bread-jar", title="Which jar to take", url="https://example.org/jar", type="article"
    )
    Placement.objects.create(topic=Topic.objects.get(key="feeding"), resource=novel, role="core", position=3)
    unpublished = client.get(page).content.decode()
    publish(road, "A jar.")
    seen = client.get(page).content.decode()

    assert "A jar that lives" not in unpublished
    assert "A jar that lives" in seen
    assert "Which jar to take" in seen
    assert Tick.objects.filter(person=enrollment.person, resource__key="bread-starter-film").exists()
    place = Enrollment.objects.of(enrollment.person).get().standing(LATER).by_key["starter"]
    assert (place.core_done, place.core_total) == (1, 3)


def test_everybody_is_settled_before_the_new_edition_counts():
    """What was earned under the old edition is written down even if nobody looked since."""
    road = published()
    enrollment = baker(road)
    for resource in ("bread-starter-film", "bread-scale"):
        Tick.objects.create(
            person=enrollment.person, resource=Resource.objects.get(key=resource), ticked_at=NOW
        )
    pass_starter_quiz(enrollment)
    assert not StagePass.objects.exists()
    novel = Resource.objects.create(key="more", title="More", url="https://example.org/more", type="article")
    Placement.objects.create(topic=Topic.objects.get(key="feeding"), resource=novel, role="core")

    publish(road)

    passed = StagePass.objects.get()
    assert (passed.stage.key, passed.edition.number, passed.passed_at) == ("starter", 1, LATER)
    assert StandingRow.objects.filter(enrollment=enrollment).exists()
    assert Enrollment.objects.of(enrollment.person).get().standing(LATER).by_key["starter"].is_passed


def test_an_unchanged_draft_says_so_and_may_still_be_published():
    road = published()
    assert not Draft(road).is_changed()

    publish(road)

    first, second = Edition.objects.order_by("number")
    assert first.digest == second.digest
    assert QuizVersion.objects.count() == 3


def test_a_question_alone_makes_the_draft_changed():
    road = published()
    question = Quiz.objects.get(key="market-quiz").items.get().question
    question.draft = {**question.draft, "explanation": "Because hours are costs."}
    question.save()

    assert Draft(road).is_changed()


def test_a_draft_with_faults_publishes_nothing():
    road = saved()
    Stage.objects.filter(key="oven").update(title="")

    with pytest.raises(DraftHasFaultsError) as refused:
        publish(road)

    assert [str(fault.what) for fault in refused.value.faults if fault.stops] == ["“title” is empty."]
    assert not Edition.objects.exists()
    assert not QuizVersion.objects.exists()


def test_a_fault_leads_to_the_row_and_the_field():
    road = saved()
    topic = Topic.objects.get(key="crust")
    topic.hours = {"home-backer": [1, 2]}
    topic.save()

    fault = fault_of(road)

    assert (fault.model, fault.pk, fault.field) == ("roadmap.topic", topic.pk, "hours")
    assert fault.where == "topic “Crust and crumb”, hours, home-backer"
    assert (str(fault.what), str(fault.remedy)) == (
        "The road has no background “home-backer”.",
        "Did you mean “home-baker”?",
    )
    assert fault.file == ""


def test_each_kind_of_row_is_named():
    road = saved()
    task = EvidenceTask.objects.get()
    task.accepts = ["carrier pigeon"]
    task.save()
    question = Quiz.objects.get(key="market-quiz").items.get().question
    question.draft = {"stem": "Only this"}
    question.save()
    Quiz.objects.filter(key="oven-quiz").update(draw=9)
    Resource.objects.filter(key="bread-prices").update(url="ftp://example.org")
    road.backgrounds.update(title="")

    named = {(fault.model, fault.field) for fault in Draft(road).faults() if fault.stops}

    assert named == {
        ("roadmap.roadmap", "backgrounds"),
        ("roadmap.evidencetask", "accepts"),
        ("quizzes.question", "explanation"),
        ("quizzes.question", "answer"),
        ("quizzes.quiz", "draw"),
        ("roadmap.resource", "url"),
    }


def test_a_gate_on_an_archived_stage_is_a_fault():
    road = saved()
    Stage.objects.get(key="starter").archive(NOW)

    whats = [str(fault.what) for fault in Draft(road).faults() if fault.stops]

    assert "There is no stage “starter” on this road." in whats


def test_gates_in_a_circle_stop_publishing():
    road = saved()
    gate = Gate.objects.create(stage=Stage.objects.get(key="starter"), kind="stage_passed")
    gate.stages.add(Stage.objects.get(key="market"))

    fault = next(fault for fault in Draft(road).faults() if fault.stops)

    assert "The gates run in a circle" in str(fault.what)
    assert (fault.model, fault.field) == ("roadmap.stage", "gates")


def test_an_archived_question_on_a_paper_is_a_fault_and_an_archived_resource_a_warning():
    road = saved()
    Quiz.objects.get(key="market-quiz").items.get().question.archive(NOW)
    Resource.objects.get(key="bread-prices").archive(NOW)

    faults = Draft(road).faults()

    assert [(fault.severity, fault.model) for fault in faults] == [
        ("stops", "quizzes.question"),
        ("warns", "roadmap.resource"),
    ]


def test_the_key_of_a_published_stage_can_not_change():
    road = published()
    Stage.objects.filter(key="oven").update(key="heat")

    fault = fault_of(road)

    assert "The stage “oven” is published, but no draft has this key any more." in str(fault.what)
    with pytest.raises(DraftHasFaultsError):
        publish(road)


def test_the_key_of_a_stage_never_published_may_change():
    road = saved()
    Stage.objects.filter(key="oven").update(key="heat")

    assert Draft(road).faults() == []


def test_an_archived_stage_keeps_its_key_and_leaves_the_next_edition():
    road = published()
    Stage.objects.get(key="market").archive(NOW)

    edition = publish(road)

    assert [stage.key for stage in Edition.objects.document(edition.pk).stages] == ["starter", "oven"]


def test_line_ends_of_browsers_do_not_count_as_a_change():
    road = published()
    topic = Topic.objects.get(key="feeding")
    topic.body = topic.body + "\r\n"
    topic.save()

    assert not Draft(road).is_changed()
