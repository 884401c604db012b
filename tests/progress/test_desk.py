"""Enrollments and cohorts at the desk: who is where, and into which cohort she is put."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import clock
from mentoring.models import Mentorship, mentored_enrollments
from progress.models import Cohort, Enrollment
from tests.cast import (
    NOW,
    ada,
    enrolled,
    ines,
    noor,
    person,
    published,
    road,
    stranger,
    tomas,
)
from tests.desk import send
from tests.documents import wide_document

pytestmark = pytest.mark.django_db

ENROLLMENTS = "/admin/progress/enrollment/"
COHORTS = "/admin/progress/cohort/"


@pytest.fixture
def desk(client):
    client.force_login(ada())
    return client


def cohort(title: str = "Autumn", on=None) -> Cohort:
    return Cohort.objects.get_or_create(
        roadmap=on or road(), title=title, defaults={"starts_on": NOW.date()}
    )[0]


def choose(desk, enrollment: Enrollment, group: Cohort | None):
    return send(desk, f"{ENROLLMENTS}{enrollment.pk}/change/", {"cohort": group.pk if group else ""})


def put(desk, *enrollments: Enrollment, query: str = "", **more: object):
    data = {"action": "put_into_cohort", "_selected_action": [e.pk for e in enrollments], **more}
    return send(desk, f"{ENROLLMENTS}{query}", data, follow=True)


def test_enrollments_are_listed_and_found_by_name_address_road_and_cohort(desk):
    wide = published(wide_document(stages=1, topics=1))
    enrolled(ines(), now=clock.now() - timedelta(days=3)).tick("r-rocks", clock.now())
    enrolled(stranger(), on=wide)
    Enrollment.objects.filter(person=ines()).join(cohort())
    cohort("Sea", on=wide)
    Enrollment.objects.filter(person=stranger()).join(cohort("Sea", on=wide))

    def found(**query: object) -> set[str]:
        page = desk.get(ENROLLMENTS, query).content.decode()
        return {name for name in ("Ines Moreau", "Stran Ger") if name in page}

    assert found() == {"Ines Moreau", "Stran Ger"}
    assert found(q="moreau") == found(q="ines@example.org") == {"Ines Moreau"}
    assert found(roadmap__id__exact=wide.pk) == {"Stran Ger"}
    assert found(cohort__id__exact=cohort().pk) == {"Ines Moreau"}
    page = desk.get(ENROLLMENTS, {"q": "moreau"}).content.decode()
    for said in ("Walker", "Autumn", f"{ines().today(clock.now()):%Y}"):
        assert said in page


def test_who_left_the_road_is_not_listed(desk):
    enrolled(ines()).leave(NOW)

    assert "Ines Moreau" not in desk.get(ENROLLMENTS).content.decode()


def test_an_enrollment_is_put_into_a_cohort_and_its_mentor_sees_it(desk):
    enrollment = enrolled(ines())
    tomas()
    Mentorship.objects.create(mentor=tomas(), cohort=cohort(), began_at=NOW)
    assert not mentored_enrollments().within_reach_of(tomas()).exists()

    assert choose(desk, enrollment, cohort()).status_code == 302

    assert mentored_enrollments().within_reach_of(tomas()).get() == enrollment
    choose(desk, enrollment, None)
    assert Enrollment.objects.get().cohort is None


def test_a_cohort_of_another_road_is_refused(desk):
    sea = cohort("Sea", on=published(wide_document(stages=1, topics=1)))

    answer = choose(desk, enrolled(ines()), sea)

    assert "is on another road" in answer.content.decode()
    assert Enrollment.objects.get().cohort is None


def test_nothing_but_the_cohort_is_editable_and_nothing_is_added_or_deleted(desk):
    enrollment = enrolled(ines())

    page = desk.get(f"{ENROLLMENTS}{enrollment.pk}/change/").content.decode()
    send(
        desk,
        f"{ENROLLMENTS}{enrollment.pk}/change/",
        {"cohort": "", "person": stranger().pk, "background": "sailor", "left_at_0": "2026-01-01"},
    )

    assert 'name="cohort"' in page
    for name in ("person", "roadmap", "background", "left_at_0"):
        assert f'name="{name}"' not in page
    kept = Enrollment.objects.get()
    assert (kept.person, kept.background, kept.left_at) == (ines(), "walker", None)
    assert send(desk, f"{ENROLLMENTS}add/", {}).status_code == 403
    assert send(desk, f"{ENROLLMENTS}{enrollment.pk}/delete/", {"post": "yes"}).status_code == 403


def test_many_are_asked_about_and_then_put_into_a_cohort(desk):
    chosen = [enrolled(ines()), enrolled(stranger())]
    left_out = enrolled(person("Olga Other", "learner"))
    cohort("Elsewhere", on=published(wide_document(stages=1, topics=1)))
    cohort()

    page = put(desk, *chosen).content.decode()
    assert "For 2 enrollments." in page
    assert "Autumn" in page
    assert "Elsewhere" not in page
    assert not Enrollment.objects.exclude(cohort=None).exists()

    said = put(desk, *chosen, confirmed="yes", cohort=cohort().pk).content.decode()
    assert "2 learners are in “Autumn” now." in said
    assert set(Enrollment.objects.filter(cohort=cohort())) == set(chosen)
    assert (
        "2 learners are in no cohort now." in put(desk, *chosen, confirmed="yes", cohort="").content.decode()
    )
    left_out.refresh_from_db()
    assert not Enrollment.objects.exclude(cohort=None).exists()


def test_those_on_another_road_stay_where_they_are(desk):
    wide = published(wide_document(stages=1, topics=1))
    chosen = [enrolled(ines()), enrolled(stranger(), on=wide)]

    said = put(desk, *chosen, confirmed="yes", cohort=cohort().pk).content.decode()

    assert "1 learner is in “Autumn” now." in said
    assert "1 is on another road." in said
    assert Enrollment.objects.get(person=stranger()).cohort is None


def test_all_that_a_search_finds_are_put_into_a_cohort(desk):
    for number in range(3):
        enrolled(person(f"Walker{number} Some", "learner"))
    enrolled(ines())
    first = Enrollment.objects.filter(person__name__startswith="Walker")[0]

    asked = put(desk, first, query="?q=walker", select_across="1").content.decode()
    assert "For 3 enrollments." in asked
    put(desk, first, query="?q=walker", select_across="1", confirmed="yes", cohort=cohort().pk)

    assert Enrollment.objects.filter(cohort=cohort()).count() == 3
    assert Enrollment.objects.get(person=ines()).cohort is None


def test_a_made_up_cohort_is_refused(desk):
    answer = put(desk, enrolled(ines()), confirmed="yes", cohort="99999")

    assert answer.status_code == 422
    assert "Select a valid choice" in answer.content.decode()


def test_a_cohort_says_how_many_members_it_has_and_leads_to_them(desk):
    enrolled(ines())
    Enrollment.objects.filter(person=ines()).join(cohort())

    page = desk.get(f"{COHORTS}{cohort().pk}/change/").content.decode()

    assert f'<a href="{ENROLLMENTS}?cohort__id__exact={cohort().pk}">1 learner</a>' in page


def test_a_cohort_stays_on_its_road(desk):
    wide = published(wide_document(stages=1, topics=1))
    data = {"roadmap": wide.pk, "title": "Winter", "starts_on": "2027-03-01", "hours_per_week": 8}

    send(desk, f"{COHORTS}{cohort().pk}/change/", data)

    kept = Cohort.objects.get()
    assert (kept.title, kept.roadmap) == ("Winter", road())


def test_the_lists_ask_no_more_for_ten_times_the_learners(desk):
    def questions(path: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            desk.get(path)
        return len(asked)

    for number in range(2):
        enrolled(person(f"Few{number} Some", "learner"))
    Enrollment.objects.join(cohort())
    questions(ENROLLMENTS)
    few = questions(ENROLLMENTS)
    for number in range(20):
        enrolled(person(f"Many{number} Some", "learner"))
    Enrollment.objects.join(cohort())

    assert questions(ENROLLMENTS) == few
    assert few <= 12


@pytest.mark.parametrize("who", [noor, tomas, ines])
def test_only_admins_put_people_into_cohorts(client, who):
    enrollment = enrolled(stranger())
    client.force_login(who())

    assert client.get(ENROLLMENTS).status_code in {302, 403}
    assert choose(client, enrollment, cohort()).status_code in {302, 403}
    put(client, enrollment, confirmed="yes", cohort=cohort().pk)
    assert not Enrollment.objects.exclude(cohort=None).exists()


def test_the_desk_leads_to_mentorships_cohorts_and_enrollments(desk):
    bar = desk.get("/admin/").content.decode().partition('aria-label="Desk"')[2].partition("</nav>")[0]
    places = desk.get(COHORTS).content.decode()

    assert '<a href="/admin/mentoring/mentorship/">Mentoring</a>' in bar
    for path in ("/admin/mentoring/mentorship/", ENROLLMENTS):
        assert f'<a class="btn btn--sm" href="{path}">' in places
    assert f'href="{COHORTS}" aria-current="page"' in places


def test_an_author_is_not_led_there(client):
    client.force_login(noor())

    assert "/admin/mentoring/" not in client.get("/admin/").content.decode()
