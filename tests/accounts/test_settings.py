"""The settings page: name, zone and language, pauses, light and dark."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse

from accounts import clock
from accounts.forms import ProfileForm
from accounts.models import Pause, User
from tests.cast import ines, stranger

pytestmark = pytest.mark.django_db

SETTINGS = "/settings/"


@pytest.fixture
def signed_in(client):
    client.force_login(ines())
    return client


def today() -> date:
    return ines().today(clock.now())


def declare(client, starts_on: date, ends_on: date):
    return client.post(
        "/settings/pause/", {"starts_on": starts_on.isoformat(), "ends_on": ends_on.isoformat()}
    )


def test_somebody_not_signed_in_is_sent_to_sign_in(client):
    answer = client.get(SETTINGS)

    assert answer.status_code == 302
    assert "/accounts/login/" in answer["Location"]


def test_name_and_zone_are_saved_and_nothing_else(signed_in):
    signed_in.post(
        SETTINGS,
        {
            "name": "Inés",
            "time_zone": "Asia/Tokyo",
            "language": "en",
            "is_staff": "on",
            "is_superuser": "on",
            "email": "root@example.org",
        },
    )

    saved = User.objects.get(pk=ines().pk)
    assert (saved.name, saved.time_zone) == ("Inés", "Asia/Tokyo")
    assert (saved.email, saved.is_staff, saved.is_superuser) == ("ines@example.org", False, False)


def test_a_zone_that_does_not_exist_is_refused_and_the_rest_kept(signed_in):
    answer = signed_in.post(SETTINGS, {"name": "Inés", "time_zone": "Mars/Olympus", "language": "en"})

    assert answer.status_code == 422
    assert 'value="Inés"' in answer.content.decode()
    assert User.objects.get(pk=ines().pk).time_zone == "Europe/Paris"


def test_saving_does_not_undo_what_an_admin_does_meanwhile(signed_in, monkeypatch):
    checked = ProfileForm.is_valid

    def switched_off_meanwhile(form):
        User.objects.get_queryset().filter(pk=ines().pk).update(is_active=False)
        return checked(form)

    monkeypatch.setattr(ProfileForm, "is_valid", switched_off_meanwhile)

    signed_in.post(SETTINGS, {"name": "Inés", "time_zone": "UTC", "language": "en"})

    assert not User.objects.get(pk=ines().pk).is_active


def test_a_pause_is_declared_listed_and_ended_today(signed_in):
    declare(signed_in, today() - timedelta(days=2), today() + timedelta(days=5))
    page = signed_in.get(SETTINGS).content.decode()

    signed_in.post(reverse("accounts:end_pause", args=[Pause.objects.get().pk]))

    assert "You are on pause now." in page
    assert Pause.objects.get().ends_on == today()


def test_a_pause_ahead_is_taken_back_whole(signed_in):
    declare(signed_in, today() + timedelta(days=3), today() + timedelta(days=9))

    signed_in.post(reverse("accounts:end_pause", args=[Pause.objects.get().pk]))

    assert not Pause.objects.exists()


def test_nobody_ends_somebody_elses_pause(signed_in):
    theirs = Pause.objects.declare(stranger(), today(), today() + timedelta(days=9))

    answer = signed_in.post(reverse("accounts:end_pause", args=[theirs.pk]))

    assert answer.status_code == 404
    assert Pause.objects.get() == theirs


@pytest.mark.parametrize(
    ("first", "back", "said"),
    [
        (0, 0, "A pause ends after the day it starts."),
        (5, 7, "You have a pause in these days already."),
        (0, 400, "A pause lasts a year at most."),
        (900, 910, "Choose a day within a year from today."),
    ],
)
def test_a_pause_that_cannot_be_says_why_and_keeps_the_days(signed_in, first, back, said):
    Pause.objects.declare(ines(), today() + timedelta(days=6), today() + timedelta(days=8))
    starts_on, ends_on = today() + timedelta(days=first), today() + timedelta(days=back)

    answer = declare(signed_in, starts_on, ends_on)

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert f'value="{starts_on.isoformat()}"' in answer.content.decode()
    assert Pause.objects.count() == 1


@pytest.mark.parametrize("chosen", ["light", "dark"])
def test_light_or_dark_is_remembered_on_the_device_without_an_account(client, chosen):
    client.post("/theme/", {"theme": chosen})

    assert f'data-theme="{chosen}"' in client.get("/accounts/login/").content.decode()


def test_as_my_device_forgets_the_choice(client):
    client.post("/theme/", {"theme": "dark"})
    client.post("/theme/", {"theme": "device"})

    assert "data-theme=" not in client.get("/accounts/login/").content.decode()


@pytest.mark.parametrize(
    ("wanted", "led_to"),
    [("/settings/", "/settings/"), ("https://evil.example/", "/"), ("//evil.example", "/"), ("", "/")],
)
def test_the_theme_button_leads_back_and_never_to_another_site(client, wanted, led_to):
    assert client.post("/theme/", {"theme": "dark", "next": wanted})["Location"] == led_to


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"Origin": "http://testserver"}, 302),
        ({"Sec-Fetch-Site": "same-origin"}, 302),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null", "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({}, 403),
    ],
)
def test_the_theme_button_needs_no_token_but_the_browsers_word_for_our_page(said, status):
    strict = Client(enforce_csrf_checks=True)

    answer = strict.post("/theme/", {"theme": "dark"}, headers=said)

    assert answer.status_code == status
    assert ("theme" in answer.cookies) == (status == 302)


def test_the_settings_page_asks_few_questions(signed_in, django_assert_max_num_queries):
    with django_assert_max_num_queries(6):
        signed_in.get(SETTINGS)


def test_pages_say_the_time_of_the_persons_own_zone(signed_in):
    User.objects.filter(pk=ines().pk).update(time_zone="Asia/Kolkata")

    there = clock.now().astimezone(ZoneInfo("Asia/Kolkata"))

    assert f"It is {there:%H:%M} there now" in signed_in.get(SETTINGS).text
