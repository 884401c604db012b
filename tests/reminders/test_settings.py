"""The page on which a person says which letters she wants, and when; and the letter with which she tries it."""

import re
from datetime import date, time, timedelta

import pytest
import uuid6
from allauth.account.models import EmailAddress
from django.core.cache import cache

from reminders.emails.planning import plan
from reminders.kinds import KINDS
from reminders.models import Letter, LetterWishes, Suppression
from reminders.models.letter import LetterState
from reminders.models.suppression import Why
from tests.cast import ines, tomas
from tests.reminders.moments import LAST, WEEK_LATER, at, quiet, wish

pytestmark = pytest.mark.django_db
LETTERS = "/settings/letters/"
TRYOUT = "/settings/letters/tryout/"
FOR_LEARNERS = sorted(key for key, kind in KINDS.items() if kind.audience == "learner")
FOR_MENTORS = sorted(KINDS.keys() - set(FOR_LEARNERS))
ALL = {
    "kinds": FOR_LEARNERS,
    "weekdays": [1, 2, 3],
    "quiet_from": "21:30",
    "quiet_until": "07:15",
    "digest_weekday": 7,
    "most_per_week": 2,
    "quiet_days": 5,
}
NO_QUIET = [key for key in FOR_LEARNERS if key != "quiet"]


@pytest.fixture
def signed_in(client):
    client.force_login(ines())
    return client


def wishes() -> LetterWishes:
    return LetterWishes.objects.of(ines())


def said(answer) -> str:
    return " ".join(answer.content.decode().split())


def test_somebody_not_signed_in_is_sent_to_sign_in(client):
    assert "/accounts/login/" in client.get(LETTERS)["Location"]
    assert "/accounts/login/" in client.post(TRYOUT)["Location"]


def test_at_first_everything_is_on_every_day_outside_the_night(signed_in):
    page = said(signed_in.get(LETTERS))
    switches = page[: page.index("When to write")]

    assert switches.count('role="switch"') == switches.count(" checked>") == len(FOR_LEARNERS)
    assert page.count('name="weekdays"') == 7
    assert 'value="20:00"' in page
    assert 'value="08:00"' in page
    assert '<option value="3" selected>3</option>' in page


def test_what_she_wants_is_saved(signed_in):
    answer = signed_in.post(LETTERS, {**ALL, "kinds": NO_QUIET})
    now = wishes()

    assert answer["Location"] == LETTERS
    assert (now.stopped_kinds, now.weekdays, now.quiet_days) == (["quiet"], [1, 2, 3], 5)
    assert (now.quiet_from, now.quiet_until) == (time(21, 30), time(7, 15))
    assert (now.digest_weekday, now.most_per_week, now.snoozed_until) == (7, 2, None)


def test_without_a_number_of_days_her_own_rhythm_counts(signed_in):
    signed_in.post(LETTERS, {**ALL, "quiet_days": ""})

    assert wishes().quiet_days is None


def test_switching_a_kind_on_again(signed_in):
    wishes().stop("quiet")

    signed_in.post(LETTERS, ALL)

    assert wishes().stopped_kinds == []


def test_who_wants_none_gets_none_of_kinds_to_come_either(signed_in):
    signed_in.post(LETTERS, {**ALL, "kinds": []})

    assert wishes().is_stopped("a kind of tomorrow")


def test_planned_letters_of_a_kind_switched_off_are_held_back(signed_in, three_kinds):
    quiet(ines())
    plan(WEEK_LATER)

    signed_in.post(LETTERS, {**ALL, "kinds": ["feedback", "quiz_marked"]})

    assert Letter.objects.get().state == LetterState.HELD_BACK


def test_letters_for_mentors_are_a_mentors_to_switch(client, signed_in):
    wishes().stop("quiet", *FOR_MENTORS[:1])
    signed_in.post(LETTERS, ALL)
    assert wishes().stopped_kinds == FOR_MENTORS[:1]  # what she does not see stays as it was
    for key in FOR_MENTORS:
        assert signed_in.post(LETTERS, {**ALL, "kinds": [key]}).status_code == 422

    client.force_login(tomas())
    page = said(client.get(LETTERS))
    assert page[: page.index("When to write")].count('role="switch"') == len(KINDS)
    client.post(LETTERS, {**ALL, "kinds": [*FOR_LEARNERS, *FOR_MENTORS[1:]]})
    assert LetterWishes.objects.of(tomas()).stopped_kinds == FOR_MENTORS[:1]


def test_nothing_comes_before_the_day_she_names_and_then_it_is_over(signed_in):
    at(LAST)
    signed_in.post(LETTERS, {**ALL, "snoozed_until": "2026-11-20"})

    assert wishes().snoozed_until == date(2026, 11, 20)
    assert 'value="2026-11-20"' in said(signed_in.get(LETTERS))
    at(LAST + timedelta(days=10))
    assert 'value="2026-11-20"' not in said(signed_in.get(LETTERS))
    assert signed_in.post(LETTERS, ALL).status_code == 302


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"weekdays": []}, "Choose at least one day."),
        ({"weekdays": [8]}, "Select a valid choice."),
        ({"quiet_days": 1}, "greater than or equal to 2"),
        ({"quiet_days": 61}, "less than or equal to 60"),
        ({"quiet_from": "24:00"}, "Enter a valid time."),
        ({"quiet_until": ""}, "This field is required."),
        ({"digest_weekday": 8}, "Select a valid choice."),
        ({"most_per_week": 0}, "Select a valid choice."),
        ({"snoozed_until": "2026-11-10"}, "Choose a day after today"),
        ({"snoozed_until": "2028-01-01"}, "within a year"),
        ({"kinds": ["spam"]}, "Select a valid choice."),
    ],
)
def test_what_cannot_be_is_said_and_the_rest_kept(signed_in, wrong, told):
    at(LAST)
    answer = signed_in.post(LETTERS, {**ALL, **wrong})

    assert answer.status_code == 422
    assert told in said(answer)
    assert wishes().most_per_week == 3
    if "quiet_until" not in wrong:
        assert 'value="07:15"' in said(answer)


def test_it_says_what_came_last_whether_it_arrived_and_what_comes_next(signed_in, three_kinds):
    quiet(ines())
    plan(at(WEEK_LATER))
    page = said(signed_in.get(LETTERS))
    assert "None yet" in page
    assert f"Next is “{KINDS['quiet'].name}”" in page

    Letter.objects.update(state=LetterState.SENT, sent_at=WEEK_LATER, shown_at=WEEK_LATER)
    page = said(signed_in.get(LETTERS))
    assert "Tue 17 November, 10:00" in page  # in Paris
    assert "Yes, as far as the mail server tells" in page
    assert "Nothing planned yet" in page

    Letter.objects.get().come_back(WEEK_LATER)
    assert "No, it came back" in said(signed_in.get(LETTERS))


def test_the_last_letter_is_one_that_can_be_opened_not_one_that_travelled_in_it(signed_in):
    at(LAST)
    times = {"planned_at": LAST, "due_at": LAST, "expires_at": WEEK_LATER, "sent_at": LAST, "state": "sent"}
    lead = Letter.objects.create(
        id=uuid6.uuid7(), recipient=ines(), kind="quiet", occurrence="1", shown_at=LAST, **times
    )
    Letter.objects.create(
        id=uuid6.uuid7(), recipient=ines(), kind="cards_due", occurrence="1", carrier=lead, **times
    )
    Letter.objects.filter(carrier=lead).update(sent_at=WEEK_LATER)

    (link,) = re.findall(r"/letters/[0-9a-f-]{36}/", said(signed_in.get(LETTERS)))

    assert link == f"/letters/{lead.pk}/"
    assert signed_in.get(link).status_code == 200


def test_it_says_why_no_letter_can_reach_her(signed_in):
    Suppression.objects.suppress("ines@example.org", Why.BOUNCED, "550 5.1.1 nobody", LAST, ines())
    assert "Mail to your address comes back" in said(signed_in.get(LETTERS))

    EmailAddress.objects.update(verified=False)
    assert "not confirmed yet" in said(signed_in.get(LETTERS))


def test_the_page_asks_few_questions(signed_in, three_kinds, django_assert_max_num_queries):
    quiet(ines())
    plan(WEEK_LATER)
    signed_in.get(LETTERS)

    with django_assert_max_num_queries(12):
        signed_in.get(LETTERS)


def test_a_test_letter_to_herself(signed_in, mail_goes_to_sink):
    cache.clear()
    page = said(signed_in.post(TRYOUT, follow=True))
    letter = mail_goes_to_sink.letters[0]

    assert "The mail server took the test letter to ines@example.org." in page
    assert (letter["To"], letter["Subject"]) == ("ines@example.org", "Letters reach you")
    assert letter["Auto-Submitted"] == "auto-generated"
    assert "/settings/letters/next/" in letter.get_body(("plain",)).get_content()
    assert Letter.objects.count() == 0


def test_what_the_mail_server_says_against_it_is_told(signed_in, mail_goes_to_sink, settings):
    cache.clear()
    mail_goes_to_sink.refuse_with = "554 5.7.1 no such luck"
    assert "554 5.7.1 no such luck" in said(signed_in.post(TRYOUT, follow=True))

    settings.EMAIL_PORT = 1
    assert "The test letter was not sent." in said(signed_in.post(TRYOUT, follow=True))


def test_so_many_test_letters_in_an_hour_and_none_to_where_nothing_is_sent(signed_in, mail_goes_to_sink):
    cache.clear()
    at(LAST)
    pages = [said(signed_in.post(TRYOUT, follow=True)) for _ in range(6)]
    assert [("enough of them" in page) for page in pages] == [False] * 5 + [True]
    assert len(mail_goes_to_sink.letters) == 5

    at(LAST + timedelta(hours=1))
    Suppression.objects.suppress("ines@example.org", Why.BOUNCED, "550 5.1.1 nobody", LAST, ines())
    assert "Mail to your address comes back" in said(signed_in.post(TRYOUT, follow=True))
    assert len(mail_goes_to_sink.letters) == 5
    assert signed_in.get(TRYOUT).status_code == 405


def test_the_link_of_a_test_letter_stops_all(signed_in, client):
    token = wish(ines()).token("*")
    assert "Stop all letters?" in said(client.get(f"/letters/stop/{token}/"))

    client.post(f"/letters/stop/{token}/")
    assert wishes().stopped_kinds == ["*"]
