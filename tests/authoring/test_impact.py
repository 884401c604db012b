"""Whom a publish touches, said before, and what comes of asking again."""

from datetime import timedelta

import pytest
from django.urls import reverse

from authoring.models import Draft
from authoring.models.impact import Impact
from progress.models import Enrollment, Reopening, StagePass, StandingRow
from quizzes.models import Attempt, Quiz
from roadmap.models import Gate, Placement, Resource, Roadmap, Stage, Topic
from tests.authoring.roads import published
from tests.cast import NOW, answer, enrolled, ines, noor, stranger

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(days=1)
AFTER = NOW + timedelta(days=2)
REASON = "A jar is needed before all else."
RIGHT = {"q-bread-01": "a", "q-bread-02": "70", "q-bread-03": "true"}


def walker(person) -> Enrollment:
    Enrollment.objects.filter(pk=enrolled(person, road()).pk).update(background="home-baker")
    return mine(person)


def mine(person) -> Enrollment:
    return Enrollment.objects.of(person).select_related("roadmap", "person").get()


def road() -> Roadmap:
    return Roadmap.objects.filter(key="three-stages").first() or published()


def pass_starter(enrollment: Enrollment, wrong: int = 0) -> None:
    for resource in ("bread-starter-film", "bread-scale"):
        enrollment.tick(resource, NOW)
    take(enrollment, wrong=wrong, now=NOW)


def take(enrollment: Enrollment, *, now, wrong: int = 0) -> Attempt:
    attempt = mine(enrollment.person).start_quiz(Quiz.objects.get(key="starter-quiz"), now)
    saves = [
        answer(slot["slot"], RIGHT[slot["question"]])
        for slot in attempt.paper
        if slot["question"] not in list(RIGHT)[:wrong]
    ]
    attempt.save_answers(attempt.open(now), saves, now)
    enrollment.hand_in_quiz(attempt, now)
    return attempt


def add_core(stage: str = "starter", key: str = "bread-jar") -> None:
    topic = Topic.objects.filter(stage__key=stage).earliest("position")
    jar = Resource.objects.create(
        key=key, title="Which jar", url=f"https://example.org/{key}", type="article", why="Clear."
    )
    Placement.objects.create(topic=topic, resource=jar, role="core", position=9)


def publish(reason: str = "", now=LATER):
    return Draft(road()).publish(by=noor(), changelog="New.", now=now, against=None, reason=reason)


def impact(now=LATER) -> Impact:
    draft = Draft(road())
    return draft.outlook(draft.document(), draft.drafted_quizzes(), now).impact


def rows(now=LATER) -> dict[str, tuple[int, str]]:
    return {str(row.effect): (row.learners, str(row.otherwise)) for row in impact(now).rows()}


def standing(person, now=AFTER):
    return mine(person).standing(now).by_key


def test_a_new_resource_would_ask_again_whoever_passed_and_adds_hours_to_nobody():
    pass_starter(walker(ines()))
    walker(stranger())
    add_core()

    found = impact()

    assert found.learners == 2
    assert [(one.title, one.passed, one.again) for one in found.stages] == [("A living starter", 1, 1)]
    assert (found.people_again, found.people_locked) == (1, 1)
    assert rows()["Passed “A living starter”, which asks for more now: 1 more resource to tick"] == (
        1,
        "keep “passed”",
    )


def test_keeping_is_what_happens_unless_one_asks():
    pass_starter(walker(ines()))
    add_core()
    publish()

    place = standing(ines())
    assert place["starter"].is_passed
    assert place["oven"].is_open
    assert not Reopening.objects.exists()


def test_asked_again_a_stage_waits_for_what_is_new_and_nothing_done_is_lost():
    enrollment = walker(ines())
    pass_starter(enrollment)
    add_core()
    publish(REASON)

    place = standing(ines())
    assert not place["starter"].is_passed
    assert (place["starter"].core_done, place["starter"].core_total) == (2, 3)
    assert not place["oven"].is_open
    assert StagePass.objects.count() == 1

    mine(ines()).tick("bread-jar", AFTER)
    place = standing(ines())
    assert place["starter"].is_passed
    assert place["oven"].is_open
    assert StagePass.objects.filter(edition__number=2).count() == 1

    add_core(key="bread-lid")
    publish(now=AFTER)
    assert standing(ines())["starter"].is_passed


def test_whoever_meets_what_is_new_is_not_asked_though_everybody_is():
    enrollment = walker(ines())
    pass_starter(enrollment)
    add_core()
    jar = Resource.objects.get(key="bread-jar")
    enrollment.person.ticks.create(resource=jar, ticked_at=NOW)

    assert impact().people_again == 0
    publish(REASON)
    assert standing(ines())["starter"].is_passed


def test_a_raised_mark_weighs_the_results_there_are():
    pass_starter(walker(ines()))
    Quiz.objects.filter(key="starter-quiz").update(pass_percent=60)
    publish(now=LATER)
    pass_starter(walker(stranger()), wrong=1)
    Quiz.objects.filter(key="starter-quiz").update(pass_percent=90)

    assert [(one.passed, one.again) for one in impact(AFTER).stages] == [(2, 1)]
    publish(REASON, now=AFTER)

    assert standing(ines())["starter"].is_passed
    place = standing(stranger())["starter"]
    assert not place.is_passed
    assert [str(need.kind) for need in place.unmet] == ["quiz_passed"]


def test_attempts_before_it_was_asked_again_use_up_none():
    road()
    Quiz.objects.filter(key="starter-quiz").update(attempts_limit=1, pass_percent=60)
    publish(now=NOW)
    pass_starter(walker(ines()), wrong=1)
    Quiz.objects.filter(key="starter-quiz").update(pass_percent=90)
    publish(REASON, now=LATER)

    take(mine(ines()), now=AFTER)

    assert standing(ines(), AFTER)["starter"].is_passed


def test_a_gate_that_asks_for_more_says_whom_it_shuts_out_and_whom_it_lets_in():
    enrollment = walker(ines())
    pass_starter(enrollment)
    enrollment.tick("bread-steam-film", NOW)
    walker(stranger())
    Gate.objects.filter(stage__key="oven").delete()

    assert rows()["May enter “The oven” earlier"][0] == 1

    gate = Gate.objects.create(stage=Stage.objects.get(key="oven"), kind="stage_passed")
    gate.stages.add(Stage.objects.get(key="starter"))
    Gate.objects.filter(stage__key="market").delete()
    gate.stages.set([Stage.objects.get(key="market")])
    found = rows()
    effect = "Stand in “The oven”, which does not open to them any more"
    assert found[effect] == (
        1,
        "it shuts until its gate is met; 1 of them have begun it and keep what they did",
    )


def test_more_hours_say_by_how_many_days_a_new_plan_ends_later():
    walker(ines())
    topic = Topic.objects.get(key="crust")
    low, high = topic.hours["home-baker"]
    topic.hours = {**topic.hours, "home-baker": [low + 10, high + 10]}
    topic.save()

    (said,) = [text for effect, (_count, text) in rows().items() if "hours ahead" in effect]
    assert said == "dates stay; a plan made anew ends +7 days from the old end"  # ten hours more, ten a week


def test_the_impact_of_many_costs_as_many_queries_as_that_of_one(django_assert_num_queries):
    pass_starter(walker(ines()))
    add_core()
    draft = Draft(road())
    document, quizzes = draft.document(), draft.drafted_quizzes()
    draft.outlook(document, quizzes, LATER)  # editions and versions are read once
    with django_assert_num_queries(4):
        draft.outlook(document, quizzes, LATER)
    pass_starter(walker(stranger()))
    with django_assert_num_queries(4):
        assert draft.outlook(document, quizzes, LATER).impact.people_again == 2


def test_after_a_publish_the_lists_are_rebuilt_by_the_clock():
    pass_starter(walker(ines()))
    add_core("oven")
    publish()
    assert Enrollment.objects.stale().count() == 1

    Enrollment.objects.stale().settle(AFTER)

    assert StandingRow.objects.get().core_total == sum(
        len(stage.core_keys()) for stage in mine(ines()).document.stages
    )
    assert not Enrollment.objects.stale().exists()


def test_the_learner_reads_why_she_is_asked_again_until_she_passes(client):
    enrollment = walker(ines())
    pass_starter(enrollment)
    add_core()
    publish(REASON)
    client.force_login(ines())
    page = reverse("progress:stage", args=["three-stages", "starter"])

    assert REASON in client.get(page).content.decode()
    mine(ines()).tick("bread-jar", AFTER)
    assert REASON not in client.get(page).content.decode()


def test_the_author_asks_again_on_the_page_and_must_say_why(client):
    pass_starter(walker(ines()))
    add_core()
    client.force_login(noor())
    page = reverse("admin:authoring_publish", args=[road().pk])
    form = {"against": 1, "changelog": "A jar.", "choice": "ask", "reason": ""}

    words = client.get(page).content.decode()
    assert "1 learner passed a stage that asks for more now." in words
    assert 'value="keep" checked' in words

    refused = client.post(page, form)
    assert refused.status_code == 422
    assert "Say why: those who are asked again read it." in refused.content.decode()
    assert 'value="ask" checked' in refused.content.decode()
    assert not Reopening.objects.exists()

    assert client.post(page, {**form, "reason": REASON}).status_code == 302
    asked = Reopening.objects.get()
    assert (asked.stage.key, asked.reason, asked.reopened_by, asked.pass_percent) == (
        "starter",
        REASON,
        noor(),
        80,
    )
