"""A mentor's queue and her learners."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import clock
from accounts.models import Pause
from mentoring.models import Mentorship, Review, mentored_enrollments, mentored_submissions
from progress.models import Cohort
from tests.cast import NOW, ada, enrolled, hand_in, ines, mentored, noor, person, road, stranger, tomas

pytestmark = pytest.mark.django_db

HOME = "/mentor/"


@pytest.fixture
def mentor(client):
    client.force_login(tomas())
    return client


def text(answer) -> str:
    return str(answer.content.decode())


def waits(name: str, days: int, mentor=None):
    """A learner of the mentor whose report waits since so many days."""
    learner = person(name, "learner")
    mentored(learner, mentor or tomas())
    return hand_in(enrolled(learner), now=clock.now() - timedelta(days=days))


@pytest.mark.parametrize("who", [ines, stranger, noor])
def test_only_mentors_and_admins_find_it(client, who):
    client.force_login(who())

    assert client.get(HOME).status_code == 404


def test_somebody_not_signed_in_is_sent_to_sign_in(client):
    assert "/accounts/login/" in client.get(HOME)["Location"]


def test_a_mentor_without_learners_is_told_where_they_come_from(mentor):
    page = text(mentor.get(HOME))

    assert "No evidence waits for you" in page
    assert "Nobody has been given to you yet." in page


def test_the_oldest_comes_first_and_a_broken_promise_is_marked(mentor):
    waits("Late Learner", 5)
    waits("Fresh Learner", 1)

    page = text(mentor.get(HOME))

    assert "2 reviews waiting" in page
    assert page.index("Late Learner") < page.index("Fresh Learner")
    assert "2 days late" in page
    assert "5 days" in page


def test_a_new_version_keeps_its_place_in_the_queue(mentor):
    waits("First Learner", 5)
    waits("Second Learner", 3)
    hand_in(enrolled(person("First Learner")), now=clock.now())

    page = text(mentor.get(HOME))

    assert page.index("First Learner") < page.index("Second Learner")


def test_what_is_decided_leaves_the_queue(mentor):
    version = waits("Late Learner", 5)
    Review.objects.decide(
        version, by=tomas(), decision="accept", levels={"clear": "meets"}, feedback="", now=NOW
    )

    assert "No evidence waits for you" in text(mentor.get(HOME))


def test_a_mentor_sees_only_her_own_learners_and_an_admin_all(client):
    waits("Mine Learner", 2)
    waits("Theirs Learner", 2, mentor=person("Olga Other", "mentor"))

    client.force_login(tomas())
    mine = text(client.get(HOME))
    client.force_login(ada())
    everybody = text(client.get(HOME))

    assert "Mine Learner" in mine
    assert "Theirs Learner" not in mine
    assert "Mine Learner" in everybody
    assert "Theirs Learner" in everybody


def test_a_cohort_is_seen_on_its_own_road_only():
    cohort = Cohort.objects.create(roadmap=road(), title="Autumn", starts_on=NOW.date())
    hand_in(enrolled(ines()))
    Mentorship.objects.create(mentor=tomas(), cohort=cohort, began_at=NOW)
    assert not mentored_submissions().within_reach_of(tomas()).exists()
    assert not mentored_enrollments().within_reach_of(tomas()).exists()

    ines().enrollments.update(cohort=cohort)

    assert mentored_submissions().within_reach_of(tomas()).exists()
    assert mentored_enrollments().within_reach_of(tomas()).get().person == ines()


def test_losing_the_role_ends_the_view():
    mentored(ines(), tomas())
    hand_in(enrolled(ines()))
    was_mentor = tomas()
    was_mentor.take_roles(["learner"])

    assert not mentored_submissions().within_reach_of(was_mentor).exists()
    assert not mentored_enrollments().within_reach_of(was_mentor).exists()


def test_who_is_switched_off_is_not_listed():
    mentored(ines(), tomas())
    hand_in(enrolled(ines()))
    type(ines()).objects.get_queryset().filter(pk=ines().pk).update(is_active=False)

    assert not mentored_submissions().within_reach_of(tomas()).exists()
    assert not mentored_enrollments().within_reach_of(tomas()).exists()


def test_who_may_need_a_word_comes_first(mentor):
    now = clock.now()
    for name, days in [("Busy Bee", 1), ("Quiet Mouse", 20), ("Resting Cat", 20), ("Late Snail", 2)]:
        learner = person(name, "learner")
        began = now - timedelta(days=1 if name == "Busy Bee" else 30)
        mentored(learner, tomas())
        enrolled(learner, now=began).tick("r-rocks", now - timedelta(days=days))
    resting = person("Resting Cat")
    today = resting.today(now)
    Pause.objects.declare(resting, today - timedelta(days=1), today + timedelta(days=5))

    page = text(mentor.get(HOME)).partition('id="learners"')[2]

    order = [page.index(name) for name in ("Quiet Mouse", "Late Snail", "Busy Bee", "Resting Cat")]
    assert order == sorted(order)
    for said in ("Quiet for 20 days", "Behind the plan", "On plan", "On a pause", "2 days ago"):
        assert said in page


def test_long_lists_are_paged(mentor):
    for number in range(23):
        waits(f"Learner{number} Some", 23 - number)

    first, second = text(mentor.get(HOME)), text(mentor.get(f"{HOME}?page=2"))

    assert "23 reviews waiting" in first
    assert first.count("Review Ridge-Report by") == 20
    assert second.count("Review Ridge-Report by") == 3
    assert 'href="?learners=2"' in first
    assert text(mentor.get(f"{HOME}?page=99&learners=x")).count("Review Ridge-Report by") == 3


def test_the_queue_asks_at_most_eight_times_whatever_waits(mentor, client):
    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            client.get(HOME)
        return len(asked)

    waits("Learner0 Some", 3)
    few = questions()
    for number in range(1, 15):
        waits(f"Learner{number} Some", 3)

    assert questions() == few
    assert few <= 8
    client.force_login(ada())
    assert questions() <= 8


def test_a_learner_on_no_road_is_listed_with_those_who_are(mentor):
    mentored(ines(), tomas())
    mentored(stranger(), tomas())
    enrolled(stranger()).leave(NOW)
    mentored(person("Olga Other", "learner"), tomas())
    enrolled(person("Olga Other"))

    page = text(mentor.get(HOME)).partition('id="learners"')[2]

    assert "Your 3 learners" in page
    below = page.partition('id="roadless"')[2]
    assert ("Ines Moreau" in below, "Olga Other" in below) == (True, False)
    assert below.count("Not on a road yet") == below.count("Not on a road any more") == 1
    assert "Nobody has been given to you yet." not in page


def test_a_learner_on_no_road_is_shown_to_her_mentor_only(client):
    mentored(ines(), tomas()).end(NOW)
    mentored(stranger(), person("Olga Other", "mentor"))
    client.force_login(tomas())

    page = text(client.get(HOME))

    assert "Not on a road yet" not in page
    assert "Nobody has been given to you yet." in page


def test_learners_on_no_road_are_paged_and_cost_no_query_each(mentor):
    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            mentor.get(HOME)
        return len(asked)

    mentored(person("Learner0 Some", "learner"), tomas())
    few = questions()
    for number in range(1, 23):
        mentored(person(f"Learner{number} Some", "learner"), tomas())

    assert questions() == few <= 8
    assert text(mentor.get(HOME)).count("Not on a road yet") == 20
    assert text(mentor.get(f"{HOME}?roadless=2")).count("Not on a road yet") == 3
