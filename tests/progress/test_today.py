"""Today: one thing to go on with, this week, the plan."""

from datetime import date, timedelta

import pytest

from accounts import clock
from accounts.models import ActiveDay, Pause
from tests.cast import (
    EARLIER,
    ask_texts,
    enrolled,
    hand_in,
    hand_in_texts,
    ines,
    pass_stage,
    person,
    published,
    road,
    stranger,
    tomas,
)
from tests.documents import wide_document

pytestmark = pytest.mark.django_db

TODAY = "/today/"


@pytest.fixture
def signed_in(client):
    client.force_login(ines())
    return client


def test_somebody_not_signed_in_is_sent_to_sign_in(client):
    assert "/accounts/login/" in client.get(TODAY)["Location"]


def test_without_a_road_the_page_says_where_roads_come_from(signed_in):
    answer = signed_in.get(TODAY)

    assert answer.status_code == 200
    assert "You are not on a road yet" in answer.text


def test_the_sign_leads_to_the_first_thing_not_done(signed_in):
    enrollment = enrolled(ines())
    enrollment.tick("r-rocks", EARLIER)

    answer = signed_in.get(TODAY)

    assert 'href="/roads/trail-test/stages/base/#resource-r-maps"' in answer.text
    assert answer.text.count('<a class="sign') == 1


def test_when_all_is_ticked_the_sign_leads_to_the_quiz(signed_in):
    enrollment = enrolled(ines())
    for resource in ("r-rocks", "r-maps", "r-knots"):
        enrollment.tick(resource, EARLIER)

    assert "Take the stage quiz" in signed_in.get(TODAY).text


def test_while_only_marks_of_the_quiz_are_waited_for_every_page_says_so(signed_in):
    ask_texts()
    enrollment = enrolled(ines())
    for resource in ("r-rocks", "r-maps", "r-knots"):
        enrollment.tick(resource, EARLIER)
    hand_in_texts(ines(), "Salt.", "Frost.")
    quiz, waits = "/roads/trail-test/quizzes/base-quiz/", "Your quiz answers are with your mentor"

    today, road, stage = (
        signed_in.get(at).text for at in (TODAY, "/roads/trail-test/", "/roads/trail-test/stages/base/")
    )

    assert f'<a class="sign sign--big" href="{quiz}">' in today
    assert waits in today
    assert waits in road
    assert "Handed in, with your mentor" in stage
    assert not any(wrong in today + road + stage for wrong in ("Take the stage quiz", "Not passed yet"))


def test_todays_act_fills_todays_mark(signed_in):
    enrolled(ines())
    assert "today" in signed_in.get(TODAY).text
    ActiveDay.objects.record(ines(), clock.now())

    assert "studied" in signed_in.get(TODAY).text


def test_unread_feedback_is_named(signed_in):
    enrollment = enrolled(ines())
    pass_stage(enrollment, "base")
    hand_in(enrollment).submission.ask_for_changes(tomas(), clock.now())

    assert "/roads/trail-test/evidence/ridge-report/" in signed_in.get(TODAY).text


def test_a_day_that_is_over_is_a_fact_with_an_offer(signed_in):
    enrolled(ines(), now=clock.now() - timedelta(days=200))

    answer = signed_in.get(TODAY).text

    assert "days ago" in answer
    assert "/roads/trail-test/plan/" in answer


def test_on_a_pause_nothing_is_expected(signed_in):
    enrolled(ines())
    on = ines().today(clock.now())
    Pause.objects.declare(ines(), on, on + timedelta(days=5))

    assert "Nothing is expected of you" in signed_in.get(TODAY).text


def test_leaving_a_road_takes_it_off_the_page(signed_in):
    enrolled(ines()).leave(clock.now())

    assert "You are not on a road yet" in signed_in.get(TODAY).text


def test_today_costs_six_queries_whatever_there_is(signed_in, django_assert_max_num_queries):
    wide = published(wide_document(stages=10, topics=10))
    enrollment = enrolled(ines(), on=wide)
    for number in range(10):
        enrolled(person(f"Walker{number} Long", "learner"), on=wide)
        enrollment.tick(f"r-0-{number}-a", EARLIER)
    signed_in.get(TODAY)

    with django_assert_max_num_queries(6):
        signed_in.get(TODAY)


def test_the_other_roads_are_one_press_away(signed_in):
    enrolled(ines(), on=road())
    enrolled(ines(), on=published(wide_document(stages=1, topics=1)), now=EARLIER + timedelta(days=1))

    answer = signed_in.get(TODAY).text

    assert "?road=trail-test" in answer
    assert "Continue stage 1, Base" in signed_in.get(f"{TODAY}?road=trail-test").text


def test_somebody_elses_road_does_not_show(client):
    enrolled(ines())
    client.force_login(stranger())

    assert "You are not on a road yet" in client.get(TODAY).text


def test_the_week_is_the_one_of_the_persons_own_calendar(signed_in):
    enrolled(ines())
    on = ines().today(clock.now())
    monday = on - timedelta(days=on.weekday())

    assert _said(monday) in signed_in.get(TODAY).text


def _said(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B}"
