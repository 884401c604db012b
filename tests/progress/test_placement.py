"""The quiz for placement: its door, what it makes known, walking all the same, and what it never does."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from progress.models import Enrollment, Reopening, StagePass, Submission, WalkChoice
from progress.models.passes import Source
from quizzes.models import Quiz
from roadmap.models import Edition, Stage
from tests import cast
from tests.cast import NOW

pytestmark = pytest.mark.django_db

DOOR = "/roads/trail-test/placement/"


@pytest.fixture(autouse=True)
def at_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accounts.clock.now", lambda: NOW)
    monkeypatch.setattr("accounts.clock.database_now", lambda: NOW)


@pytest.fixture
def enrollment() -> Enrollment:
    cast.placement_quiz()
    return cast.enrolled(cast.ines())


@pytest.fixture
def ines(client: Client, enrollment: Enrollment) -> Client:
    client.force_login(enrollment.person)
    return client


def states(enrollment: Enrollment) -> dict[str, str]:
    stands = enrollment.standing(NOW)
    return {p.stage.key: "known" if p.is_known_passed else str(p.state) for p in stands.stages}


def test_the_door_says_the_rule_and_starts_the_player(ines):
    page = ines.get(DOOR)

    assert page.status_code == 200
    assert "at least 80 % of the points" in page.content.decode()
    begun = ines.post(DOOR)
    assert begun.status_code == 302
    assert ines.get(begun.url).status_code == 200
    assert "Go on with the placement" in ines.get(DOOR).content.decode()


def test_who_is_not_on_the_road_is_led_to_its_start_and_may_go_on_to_the_placement(client):
    cast.placement_quiz()
    client.force_login(cast.stranger())

    assert client.get(DOOR).url == reverse("progress:enroll", args=["trail-test"])
    start = client.get(reverse("progress:enroll", args=["trail-test"])).content.decode()
    assert "Start with the placement" in start
    form = {"background": "walker", "hours_per_week": "10", "starts_on": "2026-11-24", "placement": "1"}
    assert client.post(reverse("progress:enroll", args=["trail-test"]), form).url == DOOR


def test_a_road_without_a_placement_has_no_door(client):
    cast.enrolled(cast.ines())
    client.force_login(cast.ines())

    assert client.get(DOOR).status_code == 404
    assert "placement" not in client.get("/roads/trail-test/").content.decode()


def test_its_own_quiz_address_leads_to_the_door(ines):
    assert ines.get("/roads/trail-test/quizzes/trail-placement/").url == DOOR


def test_a_stage_known_by_placement_counts_as_passed_and_says_so_everywhere(ines, enrollment):
    attempt = cast.place(enrollment, "base")

    assert states(enrollment) == {"base": "known", "ridge": "underway", "summit": "locked"}
    row = StagePass.objects.get()
    assert (row.source, row.attempt_id, row.stage.key) == (Source.PLACEMENT, attempt.pk, "base")
    for page in ("/roads/trail-test/", "/roads/trail-test/stages/base/", "/roads/trail-test/plan/"):
        assert "Known by placement" in ines.get(page).content.decode(), page
    assert "Base known by placement" in ines.get("/roads/trail-test/stages/ridge/").content.decode()
    mentor = Client()
    cast.mentored(enrollment.person, cast.tomas())
    mentor.force_login(cast.tomas())
    shown = mentor.get(reverse("mentoring:learner", args=[enrollment.person_id]))
    assert "Known by placement" in shown.content.decode()


def test_the_result_says_it_by_stage_and_shows_no_right_answer(ines, enrollment):
    attempt = cast.place(enrollment, "base", "summit")
    page = ines.get(f"/roads/trail-test/quizzes/trail-placement/attempts/{attempt.number}/result/")

    text = page.content.decode()
    assert "2 of 3 stages known" in text
    assert "10 of 10, 100 %" in text
    assert "Not known yet" in text
    assert "Known; counts once the stage opens" in text
    assert "CANARY" not in text


def test_evidence_is_still_asked_and_what_is_known_counts_once_it_is_accepted(enrollment):
    cast.place(enrollment, "base", "ridge", "summit")

    assert states(enrollment) == {"base": "known", "ridge": "known", "summit": "locked"}
    report = enrollment.document.task_by_key["ridge-report"]
    version = Submission.objects.hand_in(
        enrollment, report, kind="link", link="https://example.org/report", now=NOW
    )
    version.submission.accept(by=cast.tomas(), now=NOW)

    assert states(enrollment) == {"base": "known", "ridge": "known", "summit": "known"}
    assert StagePass.objects.filter(source=Source.PLACEMENT).count() == 3
    enrollment.refresh_from_db()
    assert enrollment.finished_at == NOW


def test_settling_again_writes_nothing_more(enrollment):
    cast.place(enrollment, "base")
    for _ in range(2):
        enrollment.settle(NOW)
        Enrollment.objects.filter(pk=enrollment.pk).settle(NOW)

    assert StagePass.objects.count() == 1


def test_the_clock_settles_what_it_finished_elsewhere(enrollment):
    attempt = enrollment.start_quiz(Quiz.objects.get(key="trail-placement"), NOW)
    saves = [cast.answer(slot.slot) for slot in attempt.slots]
    attempt.save_answers(attempt.open(NOW), saves, NOW)
    attempt.submit(NOW)
    assert not StagePass.objects.exists()

    Enrollment.objects.filter(pk=enrollment.pk).settle(NOW)

    assert set(StagePass.objects.values_list("stage__key", "source")) == {
        ("base", "placement"),
        ("ridge", "placement"),
    }


def test_a_known_stage_may_be_walked_all_the_same_and_known_again(ines, enrollment):
    cast.place(enrollment, "base")
    walk = "/roads/trail-test/stages/base/walk/"

    for _ in range(2):
        assert ines.post(walk, {"walks": "1"}).url == "/roads/trail-test/stages/base/"
    assert states(enrollment)["base"] == "underway"
    assert StagePass.objects.count() == 1  # the fact stays, its person lets it not count
    assert "Let it count as known" in ines.get("/roads/trail-test/stages/base/").content.decode()
    enrollment.settle(NOW)
    assert states(enrollment)["base"] == "underway"

    ines.post(walk, {"walks": "0"})
    assert states(enrollment)["base"] == "known"
    assert list(WalkChoice.objects.values_list("walks", flat=True)) == [True, False]


def test_who_walks_it_to_the_end_passed_it_even_in_the_same_edition(ines, enrollment):
    cast.place(enrollment, "base")
    ines.post("/roads/trail-test/stages/base/walk/", {"walks": "1"})
    cast.pass_stage(enrollment, "base")

    assert states(enrollment)["base"] == "passed"
    assert set(StagePass.objects.values_list("source", flat=True)) == {"placement", "walked"}
    assert "Known by placement" not in ines.get("/roads/trail-test/stages/base/").content.decode()


def test_a_stage_that_no_placement_knows_is_not_refused(ines, enrollment):
    cast.place(enrollment, "ridge")

    assert ines.post("/roads/trail-test/stages/base/walk/").status_code == 404
    assert ines.post("/roads/trail-test/stages/nowhere/walk/").status_code == 404
    assert not WalkChoice.objects.exists()


def test_a_worse_placement_takes_nothing_away(enrollment):
    cast.place(enrollment, "base")
    cast.place(enrollment, now=NOW + timedelta(days=91))

    assert states(enrollment)["base"] == "known"


def test_there_is_one_placement_in_ninety_days(ines, enrollment):
    cast.place(enrollment, "base")

    refused = ines.post(DOOR)

    assert refused.status_code == 409
    assert "The next attempt can begin on" in refused.content.decode()


def test_asked_again_means_known_no_more_until_another_placement(enrollment):
    cast.place(enrollment, "base")
    edition = Edition.objects.publish(
        enrollment.roadmap, enrollment.document, by=None, changelog="More.", now=NOW + timedelta(days=1)
    )
    stage = Stage.objects.get(key="base")
    Reopening.objects.create(stage=stage, edition=edition, reopened_at=NOW + timedelta(days=1))
    enrollment.refresh_from_db()

    enrollment.settle(NOW + timedelta(days=2))

    assert states(enrollment)["base"] == "underway"
    cast.place(enrollment, "base", now=NOW + timedelta(days=91))
    assert states(enrollment)["base"] == "known"


def test_starting_over_forgets_what_was_known(enrollment):
    cast.place(enrollment, "base")
    enrollment.start_over(NOW + timedelta(days=1))
    enrollment.settle(NOW + timedelta(days=2))

    assert states(enrollment)["base"] == "underway"


def test_core_resources_of_a_known_stage_are_no_open_work(enrollment):
    before = enrollment.standing(NOW).core_total
    cast.place(enrollment, "base")

    assert enrollment.standing(NOW).core_total == before - 3
    plan = enrollment.replan(hours_per_week=10, starts_on=NOW.date(), now=NOW)
    assert "base" not in plan.stages.values_list("stage__key", flat=True)


def test_placement_makes_no_review_cards(ines, enrollment):
    cast.place(enrollment, "base")

    ines.get("/cards/")
    assert not enrollment.person.cards.exists()


def test_pages_cost_no_more_queries_with_a_placement(ines, enrollment, django_assert_max_num_queries):
    cast.place(enrollment, "base")
    ines.get(DOOR)
    with django_assert_max_num_queries(12):
        ines.get(DOOR)
