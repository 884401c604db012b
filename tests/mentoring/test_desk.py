"""Mentorships and cohorts at the desk."""

import pytest

from mentoring.models import Mentorship, Review
from progress.models import Cohort
from tests.cast import NOW, ada, enrolled, hand_in, ines, mentored, noor, road, stranger, tomas
from tests.desk import send

pytestmark = pytest.mark.django_db

MENTORSHIPS = "/admin/mentoring/mentorship/"


@pytest.fixture
def desk(client):
    client.force_login(ada())
    return client


def cohort() -> Cohort:
    return Cohort.objects.get_or_create(roadmap=road(), title="Autumn", defaults={"starts_on": NOW.date()})[0]


def give(desk, mentor, learner="", group=""):
    data = {"mentor": mentor.pk, "learner": getattr(learner, "pk", ""), "cohort": getattr(group, "pk", "")}
    return send(desk, f"{MENTORSHIPS}add/", data)


def test_a_learner_and_a_cohort_are_given_to_a_mentor(desk):
    give(desk, tomas(), learner=ines())
    give(desk, tomas(), group=cohort())

    rows = Mentorship.objects.of(tomas())
    assert {row.learner for row in rows} == {ines(), None}
    assert {row.cohort for row in rows} == {cohort(), None}
    page = desk.get(MENTORSHIPS).content.decode()
    assert "Ines Moreau" in page
    assert "Autumn" in page


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        (lambda: (stranger(), ines(), ""), "is not a mentor"),
        (lambda: (tomas(), "", ""), "Choose a learner or a cohort, and not both."),
        (lambda: (tomas(), ines(), cohort()), "Choose a learner or a cohort, and not both."),
        (lambda: (tomas(), tomas(), ""), "Nobody is her own mentor."),
    ],
)
def test_what_makes_no_mentorship_is_said(desk, choice, said):
    mentor, learner, group = choice()

    answer = give(desk, mentor, learner, group)

    assert said in answer.content.decode()
    assert not Mentorship.objects.exists()


def test_the_same_learner_is_not_given_twice(desk):
    mentored(ines(), tomas())

    assert "looks after them already" in give(desk, tomas(), learner=ines()).content.decode()
    assert Mentorship.objects.count() == 1


def test_a_mentorship_is_ended_kept_and_may_begin_anew(desk):
    row = mentored(ines(), tomas())

    send(desk, MENTORSHIPS, {"action": "end", "_selected_action": [row.pk]})
    give(desk, tomas(), learner=ines())

    row.refresh_from_db()
    assert row.ended_at is not None
    assert Mentorship.objects.count() == 2
    ended = desk.get(f"{MENTORSHIPS}?state=ended").content.decode()
    assert "Tomas Berg → Ines Moreau" in ended
    assert ended.count('class="action-select"') == 1


def test_a_mentorship_is_neither_changed_nor_deleted(desk):
    row = mentored(ines(), tomas())

    page = desk.get(f"{MENTORSHIPS}{row.pk}/change/")
    send(desk, f"{MENTORSHIPS}{row.pk}/change/", {"mentor": tomas().pk, "learner": stranger().pk})

    assert page.status_code == 200
    assert send(desk, f"{MENTORSHIPS}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Mentorship.objects.get().learner == ines()


@pytest.mark.parametrize("who", [noor, tomas, ines])
def test_only_admins_give_learners_away(client, who):
    client.force_login(who())

    assert give(client, tomas(), learner=ines()).status_code in {302, 403}
    assert not Mentorship.objects.exists()


def test_people_are_found_by_name(desk):
    tomas()
    query = {
        "app_label": "mentoring",
        "model_name": "mentorship",
        "field_name": "mentor",
        "term": "berg",
    }

    assert desk.get("/admin/autocomplete/", query).json()["results"] == [
        {"id": str(tomas().pk), "text": "Tomas Berg"}
    ]


def test_a_cohort_is_made(desk):
    send(
        desk,
        "/admin/progress/cohort/add/",
        {"roadmap": road().pk, "title": "Spring", "starts_on": "2027-03-01", "hours_per_week": 8},
    )

    assert Cohort.objects.get().title == "Spring"


def test_ending_a_mentorship_keeps_the_reviews(desk):
    row = mentored(ines(), tomas())
    version = hand_in(enrolled(ines()))
    Review.objects.decide(
        version, by=tomas(), decision="accept", levels={"clear": "meets"}, feedback="", now=NOW
    )

    row.end(NOW)

    assert Review.objects.get().reviewer == tomas()


def test_a_new_mentorship_is_saved_and_not_gone_on_with(desk):
    page = desk.get(f"{MENTORSHIPS}add/").content.decode()

    assert 'name="_save"' in page
    assert 'name="_continue"' not in page


def test_a_saved_mentorship_offers_to_end_it_and_nothing_to_save(desk):
    row = mentored(ines(), tomas())
    page = desk.get(f"{MENTORSHIPS}{row.pk}/change/").content.decode()
    assert "Tomas Berg → Ines Moreau" in page
    assert 'name="_save"' not in page
    assert 'name="_continue"' not in page
    assert f'action="{MENTORSHIPS}{row.pk}/end/"' in page

    answer = send(desk, f"{MENTORSHIPS}{row.pk}/end/", follow=True)

    assert "1 mentorship ended." in answer.content.decode()
    row.refresh_from_db()
    assert row.ended_at is not None
    assert "End this mentorship" not in desk.get(f"{MENTORSHIPS}{row.pk}/change/").content.decode()


def test_looking_does_not_end_a_mentorship(desk):
    row = mentored(ines(), tomas())

    assert desk.get(f"{MENTORSHIPS}{row.pk}/end/").status_code == 405
    assert send(desk, f"{MENTORSHIPS}{row.pk + 1}/end/").status_code == 404
    row.refresh_from_db()
    assert row.ended_at is None


@pytest.mark.parametrize("who", [noor, tomas, ines])
def test_only_admins_end_mentorships(client, who):
    row = mentored(ines(), tomas())
    client.force_login(who())

    assert client.post(f"{MENTORSHIPS}{row.pk}/end/").status_code in {302, 403}
    row.refresh_from_db()
    assert row.ended_at is None


def test_a_cohort_that_somebody_looks_after_is_not_deleted(desk):
    give(desk, tomas(), group=cohort())

    path = f"/admin/progress/cohort/{cohort().pk}/delete/"
    page = desk.get(path).content.decode()
    assert 'name="post"' not in page

    assert desk.post(path, {"post": "yes"}).status_code == 409
    assert Mentorship.objects.get().cohort == cohort()
