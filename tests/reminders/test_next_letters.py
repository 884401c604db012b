"""What comes in the next 14 days, and what does not: worked out by the code that sends, writing nothing."""

from datetime import date, timedelta

import pytest

from accounts.models import Pause
from reminders.models import KindState, Letter
from tests.cast import ada, ines, noor, stranger
from tests.reminders.moments import LAST, at, quiet, wish

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("three_kinds")]
NEXT = "/settings/letters/next/"


@pytest.fixture
def signed_in(client):
    client.force_login(ines())
    return client


def said(answer) -> str:
    return " ".join(answer.content.decode().split())


def test_somebody_not_signed_in_is_sent_to_sign_in(client):
    assert "/accounts/login/" in client.get(NEXT)["Location"]


def test_days_with_letters_and_days_without(signed_in):
    quiet(ines())
    at(LAST)
    page = said(signed_in.get(NEXT))

    assert "2 letters by 23 November, at most" in page
    assert "10 Nov, today" in page
    assert page.count("ink-passed") == 2
    assert "17 Nov" in page
    assert "08:00" in page
    assert "11 Nov – 16 Nov" in page  # nothing is due
    assert "one a day, 3 a week" in page
    assert "20:00–08:00" in page
    assert "Worked out at 10:00" in page  # in Paris
    assert Letter.objects.count() == 0


def test_what_would_not_be_sent_says_why(signed_in):
    quiet(ines())
    KindState.objects.of("quiet").switch_off(ada(), "wrong words", LAST)
    at(LAST)
    page = said(signed_in.get(NEXT))

    assert "No letter until 23 November" in page
    assert "would not be sent" in page
    assert "Because: letters of this kind are switched off for everybody." in page


def test_pauses_snoozes_and_weekdays_are_named(signed_in):
    wish(ines(), weekdays=[1, 2, 3, 4, 5], snoozed_until=date(2026, 11, 13), quiet_from="08:00")
    Pause.objects.declare(ines(), date(2026, 11, 16), date(2026, 11, 20))
    at(LAST)
    page = said(signed_in.get(NEXT))

    assert "You want nothing before 13 November." in page
    assert "You want no letters on this weekday." in page
    assert "You are on pause." in page
    assert "none" in page

    at(LAST + timedelta(days=7))
    assert "until 20 November" in said(signed_in.get(NEXT))


def test_an_admin_sees_it_for_anybody_others_do_not(client):
    quiet(ines())
    at(LAST)
    path = f"/admin/reminders/letter/next/{ines().pk}/"
    client.force_login(ada())
    page = said(client.get(path))
    assert "Ines Moreau" in page
    assert "2 letters by 23 November, at most" in page
    assert client.get("/admin/reminders/letter/next/999999/").status_code == 404

    for person in (noor(), stranger()):
        client.force_login(person)
        assert client.get(path).status_code in {302, 403}


def test_the_page_asks_as_many_questions_whatever_comes(signed_in, django_assert_max_num_queries):
    quiet(ines())
    at(LAST)
    signed_in.get(NEXT)
    with django_assert_max_num_queries(30):
        signed_in.get(NEXT)
