"""What people are given beyond everybody, at the desk: admins give and end it, and nobody else sees it there."""

import pytest
from django.urls import reverse

from accounts import clock
from quizzes.models import Accommodation, Attempt, Quiz
from tests import cast
from tests.cast import ada, ines, noor, tomas
from tests.desk import send

pytestmark = pytest.mark.django_db

ADD, LIST = "/admin/quizzes/accommodation/add/", "/admin/quizzes/accommodation/"


@pytest.fixture
def desk(client):
    client.force_login(ada())
    return client


def given(**more: object) -> dict[str, object]:
    return {
        "person": ines().pk,
        "quiz": "",
        "time_factor": "1.5",
        "extra_minutes": "0",
        "extra_attempts": "1",
        "note": "Certificate seen.",
        **more,
    }


def under_way() -> Attempt:
    quiz = Quiz.objects.get(roadmap=cast.road(), key="base-quiz")
    quiz.time_limit_minutes = 40
    quiz.save()
    quiz.publish(None, cast.EARLIER)
    return Attempt.objects.start(ines(), quiz, clock.now())


def test_q18_an_admin_gives_and_what_runs_has_the_time_at_once(desk):
    attempt = under_way()
    said = send(desk, ADD, given(), follow=True).content.decode()

    assert "More time at once for what is under way: Base quiz #1." in said
    row = Accommodation.objects.get()
    assert (row.person, row.given_by, row.extra_attempts) == (ines(), ada(), 1)
    assert Attempt.objects.get().deadline_at - attempt.started_at == 1.5 * (
        attempt.deadline_at - attempt.started_at
    )
    assert "1.5 times the time, 1 attempt more" in said


def test_it_is_ended_from_its_page_and_from_the_list_and_stays(desk):
    for _round in range(2):
        send(desk, ADD, given())
    first, second = Accommodation.objects.order_by("pk")

    page = desk.get(f"{LIST}{first.pk}/change/")
    assert reverse("admin:quizzes_accommodation_end", args=[first.pk]) in page.content.decode()
    assert desk.post(f"{LIST}{first.pk}/end/").status_code == 302
    assert desk.post(LIST, {"action": "end", "_selected_action": [second.pk]}).status_code == 302

    assert [row.ended_by for row in Accommodation.objects.order_by("pk")] == [ada(), ada()]


def test_what_gives_nothing_is_refused(desk):
    answer = send(desk, ADD, given(time_factor="1", extra_attempts="0"))
    assert answer.status_code == 422
    assert "This gives nothing" in answer.content.decode()
    assert not Accommodation.objects.exists()


def test_what_was_given_is_not_changed_or_deleted(desk):
    send(desk, ADD, given())
    row = Accommodation.objects.get()
    assert desk.post(f"{LIST}{row.pk}/change/", given(time_factor="3")).status_code == 403
    assert desk.post(f"{LIST}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Accommodation.objects.get().time_factor == row.time_factor


@pytest.mark.parametrize("who", [noor, tomas, ines])
def test_q18_authors_and_mentors_see_none_of_it_at_the_desk(client, who):
    row = Accommodation.objects.give(
        Accommodation(person=ines(), extra_minutes=5), by=ada(), now=clock.now()
    ).row
    client.force_login(who())
    for path in (LIST, ADD, f"{LIST}{row.pk}/change/", f"{LIST}{row.pk}/history/"):
        assert client.get(path).status_code in {302, 403}
    assert client.post(f"{LIST}{row.pk}/end/").status_code in {302, 403}
    row.refresh_from_db()
    assert row.is_current
