"""People and invitations at the desk."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import clock
from accounts.models import Invitation, User
from mentoring.models import Review
from progress.models import Submission, SubmissionVersion
from tests.cast import NOW, ada, enrolled, hand_in, ines, noor, opened, person, tomas
from tests.desk import send

pytestmark = pytest.mark.django_db

PEOPLE = "/admin/accounts/user/"
INVITATIONS = "/admin/accounts/invitation/"


@pytest.fixture
def desk(client):
    client.force_login(ada())
    return client


def change(desk, who: User, **more: object):
    fields = {
        "name": who.name,
        "time_zone": who.time_zone,
        "language": "en",
        "is_active": "on",
        "roles": ["learner"],
    }
    return send(desk, f"{PEOPLE}{who.pk}/change/", {**fields, **more})


def erase(desk, *people: User, **more: str):
    return send(desk, PEOPLE, {"action": "erase", "_selected_action": [p.pk for p in people], **more})


def test_people_are_listed_with_their_roles_and_found_by_name(desk):
    ines(), tomas()

    page = desk.get(PEOPLE, {"q": "Moreau"}).content.decode()

    assert "ines@example.org" in page
    assert "tomas@example.org" not in page


def test_the_list_asks_no_more_for_ten_times_the_people(desk):
    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            desk.get(PEOPLE)
        return len(asked)

    ines(), tomas()
    few = questions()
    for number in range(20):
        person(f"Person{number} Some", "learner")

    assert questions() == few


def test_roles_are_given_and_taken(desk):
    change(desk, ines(), roles=["mentor", "author"])

    changed = User.objects.get(pk=ines().pk)
    assert changed.roles() == {"mentor", "author"}
    assert changed.is_staff


def test_switching_somebody_off(desk):
    change(desk, ines(), is_active="")

    assert not User.objects.get(pk=ines().pk).is_active


def test_an_admin_cannot_shut_herself_out(desk):
    page = change(desk, ada(), roles=["learner"], is_active="").content.decode()

    assert "another admin can" in page
    me = User.objects.get(pk=ada().pk)
    assert me.is_active
    assert me.is_admin()


def test_a_person_made_at_the_desk_has_no_password_until_she_makes_one(desk):
    send(
        desk,
        f"{PEOPLE}add/",
        {
            "email": "rosa@example.org",
            "name": "Rosa",
            "time_zone": "UTC",
            "language": "en",
            "is_active": "on",
            "roles": ["mentor"],
        },
    )

    rosa = User.objects.get(email="rosa@example.org")
    assert not rosa.has_usable_password()
    assert rosa.roles() == {"mentor"}


def test_nobody_is_deleted(desk):
    assert send(desk, f"{PEOPLE}{ines().pk}/delete/", {"post": "yes"}).status_code == 403
    assert User.objects.filter(pk=ines().pk).exists()


def test_erasing_asks_first(desk):
    page = erase(desk, ines()).content.decode()

    assert "It cannot be undone" in page
    assert User.objects.filter(pk=ines().pk).exists()


@pytest.mark.django_db(transaction=True)
def test_erasing_takes_every_fact_and_file_of_the_person(client, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    client.force_login(ada())
    enrollment = enrolled(ines())
    task = opened(enrollment)
    Submission.objects.hand_in(
        enrollment, task, kind="file", file=SimpleUploadedFile("report.txt", b"I stood there."), now=NOW
    )
    Invitation.objects.invite("INES@example.org", by=ada(), now=NOW)

    erase(client, ines(), confirmed="yes")

    assert not User.objects.filter(email="ines@example.org").exists()
    assert not SubmissionVersion.objects.exists()
    assert not Invitation.objects.exists()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_erasing_a_mentor_leaves_her_reviews_unsigned(desk):
    version = hand_in(enrolled(ines()))
    Review.objects.create(
        version=version, reviewer=tomas(), decision="ask_for_changes", feedback="More.", reviewed_at=NOW
    )

    erase(desk, tomas(), confirmed="yes")

    review = Review.objects.get()
    assert review.reviewer is None
    assert review.feedback == "More."


def test_nobody_erases_herself(desk):
    erase(desk, ada(), confirmed="yes")

    assert User.objects.filter(pk=ada().pk).exists()


def test_an_author_may_not_erase(client):
    client.force_login(noor())

    assert erase(client, ines(), confirmed="yes").status_code == 403
    assert User.objects.filter(pk=ines().pk).exists()


def test_an_invitation_shows_its_link_once(desk, settings):
    settings.SIGN_UP = "invitation"
    page = send(desk, f"{INVITATIONS}add/", {"email": "rosa@example.org"}, follow=True).content.decode()
    link = re.search(r"/invitation/\?token=\S+?(?=[<\s\"])", page)[0]

    assert link not in desk.get(INVITATIONS).content.decode()
    desk.logout()
    assert desk.get(link)["Location"] == reverse("account_signup")


def test_somebody_with_an_account_is_not_invited(desk):
    ines()

    page = send(desk, f"{INVITATIONS}add/", {"email": "Ines@Example.org"}).content.decode()

    assert "has an account already" in page
    assert not Invitation.objects.exists()


def test_a_withdrawn_invitation_no_longer_works(desk, settings):
    settings.SIGN_UP = "invitation"
    row, token = Invitation.objects.invite("rosa@example.org", by=ada(), now=clock.now())

    send(desk, f"{INVITATIONS}{row.pk}/delete/", {"post": "yes"})
    desk.logout()

    assert desk.get(f"/invitation/?token={token}").status_code == 410


def test_an_invitation_lasts_two_weeks():
    row, _token = Invitation.objects.invite("rosa@example.org", by=None, now=NOW)

    assert row.expires_at - row.invited_at == timedelta(days=14)
