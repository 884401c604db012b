"""What comes in the next 14 days, and what does not: worked out by the code that sends, writing nothing."""

from datetime import date, timedelta

import pytest

from accounts.models import ActiveDay, Pause
from reminders.emails.planning import plan
from reminders.kinds import KINDS
from reminders.models import KindState, Letter, LetterWishes
from reminders.models.letter import Reason
from tests.cast import ada, enrolled, hand_in, ines, noor, stranger, tomas
from tests.reminders.moments import LAST, WEEK_LATER, at, quiet, wish

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


def test_a_kind_that_she_switched_off_says_so_and_leads_to_its_switch(signed_in):
    quiet(ines())
    LetterWishes.objects.of(ines()).stop("quiet")
    at(LAST)
    page = said(signed_in.get(NEXT))
    plan(LAST + timedelta(days=10))

    assert Letter.objects.count() == 0, "the preview says so, the planner plans none"
    assert "No letter until 23 November" in page
    assert page.count("would not be sent") == 2
    assert page.count("“Test Trail: go on with Base”, and this kind is off.") == 2
    assert 'href="/settings/letters/#kind-quiet">Switch it on<span' in page
    assert 'id="kind-quiet"' in said(signed_in.get("/settings/letters/"))


def test_what_was_planned_when_she_switched_it_off_is_told_of_until_its_day(signed_in):
    quiet(ines())
    at(WEEK_LATER - timedelta(hours=8))
    plan(WEEK_LATER - timedelta(hours=8))
    LetterWishes.objects.of(ines()).stop("quiet")
    assert Letter.objects.get().reason == Reason.STOPPED
    assert said(signed_in.get(NEXT)).count("and this kind is off") == 3

    ActiveDay.objects.record(ines(), WEEK_LATER - timedelta(hours=9))
    page = said(signed_in.get(NEXT))
    assert "Because: she came back meanwhile." in page, "to switch it on would not bring this one"

    wish(ines(), stopped_kinds=[])
    assert "came back" not in said(signed_in.get(NEXT)), "it is not sent when the kind is on again"


def test_when_all_letters_are_off_the_page_says_that_and_no_more(signed_in, client):
    quiet(ines())
    LetterWishes.objects.of(ines()).stop("*")
    at(LAST)
    page = said(signed_in.get(NEXT))

    assert "<h1>No letters: all are switched off</h1>" in page
    assert 'href="/settings/letters/#what-title">Switch on those you want</a>' in page
    assert "would not be sent" not in page
    assert "11 Nov" not in page

    client.force_login(ada())
    assert "This person switched off all letters" in said(
        client.get(f"/admin/reminders/letter/next/{ines().pk}/")
    )


@pytest.mark.parametrize("asked", ["plan", "refusals", "matters", "says"])
def test_a_kind_that_raises_is_named_and_keeps_nothing_back_of_the_others(
    signed_in, monkeypatch, caplog, asked
):
    quiet(ines())
    hand_in(enrolled(ines()), now=LAST).submission.ask_for_changes(tomas(), LAST)
    at(LAST)
    monkeypatch.setattr(KINDS["quiet"], asked, lambda *_: 1 / 0)
    page = said(signed_in.get(NEXT))

    assert "Letters of the kind “When you’ve been away” could not be worked out." in page
    assert page.count("ink-passed") == 1, "the answer to her evidence"
    assert "1 letter by 23 November, maybe more" in page
    assert [record.kind for record in caplog.records if record.name == "reminders.emails.foreseen"] == [
        "quiet"
    ]


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
