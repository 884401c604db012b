"""The ledger at the desk: who was written to, who was not, and why; nobody changes it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reminders.emails.planning import plan
from reminders.models import Letter
from reminders.models.letter import Reason
from tests.cast import ada, enrolled, ines, noor, person, road, stranger
from tests.reminders.moments import LAST, WEEK_LATER, quiet

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("three_kinds")]
LEDGER = "/admin/reminders/letter/"


@pytest.fixture
def desk(client):
    client.force_login(ada())
    return client


def test_it_says_who_and_why(desk):
    quiet(ines())
    plan(WEEK_LATER)
    Letter.objects.all().hold_back(Reason.CAME_BACK)

    page = desk.get(LEDGER).content.decode()

    assert "Ines Moreau" in page
    assert "she came back meanwhile" in page
    assert "quiet-since-2026-11-10/7d" in page


def test_it_is_found_by_person_state_and_kind(desk):
    quiet(ines())
    quiet(stranger())
    plan(WEEK_LATER)
    Letter.objects.of(ines()).hold_back(Reason.CAME_BACK)

    by_name = desk.get(LEDGER, {"q": "Moreau"}).content.decode()
    by_state = desk.get(LEDGER, {"state__exact": "planned"}).content.decode()
    by_kind = desk.get(LEDGER, {"kind": "feedback"}).content.decode()

    assert "Ines Moreau" in by_name
    assert "Stran Ger" not in by_name
    assert "Ines Moreau" not in by_state
    assert "Stran Ger" in by_state
    assert "Ines Moreau" not in by_kind


def test_nobody_changes_adds_or_deletes(desk):
    quiet(ines())
    plan(WEEK_LATER)
    letter = Letter.objects.get()

    assert desk.get(f"{LEDGER}{letter.pk}/change/").status_code == 200
    assert desk.post(f"{LEDGER}{letter.pk}/change/", {"state": "sent"}).status_code == 403
    assert desk.post(f"{LEDGER}{letter.pk}/delete/", {"post": "yes"}).status_code == 403
    assert desk.get(f"{LEDGER}add/").status_code == 403
    assert Letter.objects.get().state == "planned"


def test_an_author_does_not_read_it(client):
    client.force_login(noor())

    assert client.get(LEDGER).status_code == 403


def test_wishes_are_nobodys_but_hers(desk):
    assert desk.get("/admin/reminders/letterwishes/").status_code == 404


def test_ten_times_the_letters_take_no_more_queries(desk):
    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            desk.get(LEDGER)
        return len(asked)

    one_road = road()
    for number in range(30):
        enrolled(person(f"Walker{number} Some", "learner"), one_road, now=LAST)
        if number == 1:
            plan(WEEK_LATER)
            few = questions()
    plan(WEEK_LATER)

    assert Letter.objects.count() == 30
    assert questions() == few
