"""What a mentor reads about one learner."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import clock
from accounts.models import Pause
from mentoring.models import Review
from quizzes.models import Attempt, Grading
from tests.cast import (
    ada,
    enrolled,
    hand_in,
    ines,
    mentored,
    noor,
    pass_stage,
    person,
    stranger,
    take_quiz,
    tomas,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def on_the_road():
    mentored(ines(), tomas())
    return enrolled(ines(), now=clock.now() - timedelta(days=30))


@pytest.fixture
def mentor(client, on_the_road):
    client.force_login(tomas())
    return client


def path() -> str:
    return f"/mentor/learners/{ines().pk}/"


def text(answer) -> str:
    return str(answer.content.decode())


@pytest.mark.parametrize("who", [ines, stranger, noor, lambda: person("Olga Other", "mentor")])
def test_nobody_else_finds_it(client, on_the_road, who):
    client.force_login(who())

    assert client.get(path()).status_code == 404


def test_an_admin_finds_it(client, on_the_road):
    client.force_login(ada())

    assert client.get(path()).status_code == 200


@pytest.mark.parametrize(("more", "status"), [("?road=none", 404), ("?road=%00", 400)])
def test_a_road_she_is_not_on_is_not_found(mentor, more, status):
    assert mentor.get(f"{path()}{more}").status_code == status


def test_who_left_the_road_is_not_shown(mentor, on_the_road):
    on_the_road.leave(clock.now())

    assert mentor.get(path()).status_code == 404


def test_standing_ticks_plan_and_days_are_there(mentor, on_the_road):
    now = clock.now()
    pass_stage(on_the_road, "base", now - timedelta(days=1))
    on_the_road.tick("r-wind", now)
    today = ines().today(now)
    Pause.objects.declare(ines(), today - timedelta(days=2), today + timedelta(days=3))

    page = text(mentor.get(path()))

    assert "1 of 3" in page
    assert "4 of 5" in page
    assert "2 of 2 topics done" in page
    assert "10 hours a week" in page
    assert "Paris" in page
    assert "today" in page
    assert "Planned until" in page
    assert "back on" in page
    assert "On a pause" in page


def test_attempts_are_shown_by_quiz_and_by_topic(mentor, on_the_road):
    attempt = take_quiz(on_the_road, "base-quiz", points=5)
    slots = [{**slot, "topic": "rocks" if slot["slot"] <= 5 else "knots"} for slot in attempt.paper]
    Attempt.objects.filter(pk=attempt.pk).update(paper=slots)

    page = text(mentor.get(path()))

    assert "50 %, 80 % passes" in page
    assert "Not passed" in page
    assert "Rocks: 100 percent" in page
    assert "Knots: 0 percent" in page
    assert page.index("Knots: 0 percent") < page.index("Rocks: 100 percent")


def test_a_regrade_counts(mentor, on_the_road):
    attempt = take_quiz(on_the_road, "base-quiz", points=0)
    Attempt.objects.filter(pk=attempt.pk).update(paper=[{**slot, "topic": "rocks"} for slot in attempt.paper])
    marks = {str(slot["slot"]): {"points": "1", "possible": 1, "fraction": 1.0} for slot in attempt.paper}
    Grading.objects.create(attempt=attempt, number=2, marks=marks, points=10, graded_at=clock.now())

    assert "Rocks: 100 percent" in text(mentor.get(path()))


def test_evidence_leads_to_its_review_and_what_waits_is_the_sign(mentor, on_the_road):
    version = hand_in(on_the_road, now=clock.now())

    page = text(mentor.get(path()))

    assert page.count(f'href="/mentor/reviews/{version.submission_id}/"') == 2
    assert "sign--big" in page
    Review.objects.decide(
        version, by=tomas(), decision="accept", levels={"clear": "meets"}, feedback="", now=clock.now()
    )
    assert "sign--big" not in text(mentor.get(path()))


def test_the_page_only_reads(mentor):
    assert "<form" not in text(mentor.get(path())).partition("<main")[2].partition("</main>")[0]
    assert mentor.post(path()).status_code == 405


def test_the_page_asks_as_much_for_ten_times_the_facts(mentor, on_the_road):
    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            mentor.get(path())
        return len(asked)

    take_quiz(on_the_road, "base-quiz", points=2)
    hand_in(on_the_road)
    few = questions()
    for _ in range(25):
        take_quiz(on_the_road, "base-quiz", points=2)
        hand_in(on_the_road)
    pass_stage(on_the_road, "base")

    assert questions() == few
    assert few <= 9
    assert "Page 2 of 2" in text(mentor.get(f"{path()}?page=2"))
