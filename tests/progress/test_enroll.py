"""Starting a road: three answers, then a plan with dates."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from accounts import clock
from progress.models import Enrollment, PlanVersion
from roadmap.models import Roadmap
from tests.cast import enrolled, ines, road

pytestmark = pytest.mark.django_db

ENROLL = "/roads/trail-test/enroll/"
PLAN = "/roads/trail-test/plan/"


@pytest.fixture
def signed_in(client):
    road()
    client.force_login(ines())
    return client


def today() -> date:
    return ines().today(clock.now())


def answers(**changed):
    given = {"background": "walker", "hours_per_week": "7.5", "starts_on": today().isoformat()}
    return {**given, **changed}


def test_a_stranger_is_sent_to_sign_in_and_comes_back(client):
    road()

    assert client.get(ENROLL)["Location"] == f"/accounts/login/?next={ENROLL}"


def test_three_answers_make_an_enrollment_and_a_dated_plan(signed_in):
    answer = signed_in.post(ENROLL, answers())

    assert answer["Location"] == "/today/"
    enrollment = Enrollment.objects.get()
    assert (enrollment.person, enrollment.background) == (ines(), "walker")
    plan = PlanVersion.objects.get()
    assert (plan.number, float(plan.hours_per_week), plan.starts_on) == (1, 7.5, today())
    assert plan.stages.count() == 3


def test_a_road_that_is_not_public_is_not_found_by_who_guesses_its_key(signed_in):
    Roadmap.objects.update(is_public=False)
    said = {**answers(), "road": "trail-test"}

    assert signed_in.get(ENROLL).status_code == 404
    assert signed_in.post(ENROLL, answers()).status_code == 404
    refused = signed_in.post("/api/v1/enrollments/", said, content_type="application/json")
    assert refused.json()["errors"]["road"] == ["There is no such road."]
    assert not Enrollment.objects.exists()


def test_working_out_the_dates_enrolls_nobody(signed_in):
    answer = signed_in.post(ENROLL, answers(hours_per_week="2", preview="1"))

    assert answer.status_code == 200
    assert "At 2 hours a week" in answer.text
    assert not Enrollment.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"hours_per_week": "0"},
        {"hours_per_week": "many"},
        {"hours_per_week": "81"},
        {"background": "pilot"},
        {"starts_on": "yesterday"},
        {"starts_on": "2001-01-01"},
    ],
)
def test_a_wrong_answer_is_named_and_nothing_is_written(signed_in, wrong):
    answer = signed_in.post(ENROLL, answers(**wrong))

    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert not Enrollment.objects.exists()


def test_enrolling_twice_keeps_the_first_plan(signed_in):
    signed_in.post(ENROLL, answers())
    signed_in.post(ENROLL, answers(hours_per_week="20"))

    assert float(PlanVersion.objects.get().hours_per_week) == 7.5


def test_coming_back_to_a_road_keeps_the_row_and_plans_anew(signed_in):
    enrollment = enrolled(ines())
    enrollment.leave(clock.now())

    signed_in.post(ENROLL, answers())

    assert Enrollment.objects.get().left_at is None
    assert PlanVersion.objects.filter(enrollment=enrollment).count() == 2


def test_a_new_plan_keeps_the_earlier_one(signed_in):
    enrolled(ines())

    answer = signed_in.post(PLAN, {"hours_per_week": "4", "starts_on": today().isoformat()}, follow=True)

    assert "The earlier plan is kept" in answer.text
    assert [plan.number for plan in PlanVersion.objects.all()] == [2, 1]


def test_a_plan_far_away_is_refused_and_the_field_kept(signed_in):
    enrolled(ines())
    far = (today() + timedelta(days=400)).isoformat()

    answer = signed_in.post(PLAN, {"hours_per_week": "4", "starts_on": far})

    assert answer.status_code == 422
    assert f'value="{far}"' in answer.text
    assert PlanVersion.objects.count() == 1


def test_a_plan_without_an_enrollment_is_not_found(signed_in):
    assert signed_in.get(reverse("progress:plan", args=["trail-test"])).status_code == 404


def test_the_plan_page_costs_nine_queries(signed_in, django_assert_max_num_queries):
    enrolled(ines())
    signed_in.get(PLAN)

    with django_assert_max_num_queries(9):
        signed_in.get(PLAN)
