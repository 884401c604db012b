"""Signing in: by password, by mailed code, with a second factor; limits; where people land; the admin's door."""

import re

import pytest
from allauth.mfa.totp.internal import auth as totp
from django.core import mail
from django.urls import reverse

from accounts.models import User
from tests.cast import PASSWORD, ada, ines, noor, stranger, tomas

pytestmark = pytest.mark.django_db

LOGIN = "/accounts/login/"


@pytest.fixture(autouse=True)
def _mail_is_kept(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


def sign_in(client, person: User, password: str = PASSWORD, **more: str):
    return client.post(LOGIN, {"login": person.email, "password": password, **more})


def sign_in_twice(client, person: User):
    """Sign in, and say the password once more, as what changes an account asks."""
    sign_in(client, person)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})


@pytest.mark.parametrize(
    ("who", "landing"), [(ines, "/today/"), (tomas, "/mentor/"), (noor, "/admin/"), (ada, "/admin/")]
)
def test_everybody_lands_where_her_role_works(client, who, landing):
    assert sign_in(client, who())["Location"] == landing


def test_next_is_followed_but_not_to_another_site(client):
    here = client.post(
        f"{LOGIN}?next=/settings/", {"login": ines().email, "password": PASSWORD, "next": "/settings/"}
    )
    client.post("/accounts/logout/")
    there = sign_in(client, ines(), next="https://evil.example/")

    assert here["Location"] == "/settings/"
    assert there["Location"] == "/today/"


def test_the_case_of_the_address_does_not_matter(client):
    ines()

    answer = client.post(LOGIN, {"login": "INES@Example.org", "password": PASSWORD})

    assert answer.status_code == 302


def test_a_wrong_password_and_an_unknown_address_sound_the_same(client):
    wrong = sign_in(client, ines(), "not-the-password").content.decode()
    unknown = client.post(LOGIN, {"login": "nobody@example.org", "password": "x"}).content.decode()

    said = "E-mail and password don&#x27;t match."
    assert said in wrong
    assert said in unknown


def test_after_five_wrong_tries_even_the_right_password_waits(client):
    for _try in range(5):
        sign_in(client, ines(), "not-the-password")

    page = sign_in(client, ines()).content.decode()

    assert "Too many tries" in page


def test_somebody_switched_off_does_not_get_in(client):
    person = ines()
    User.objects.get_queryset().filter(pk=person.pk).update(is_active=False)

    answer = sign_in(client, person)

    assert client.get("/settings/").status_code == 302
    assert "today" not in answer.get("Location", "")


def test_switching_off_ends_the_session_at_once(client):
    client.force_login(ines())
    User.objects.get_queryset().filter(pk=ines().pk).update(is_active=False)

    assert client.get("/settings/").status_code == 302


def test_a_mailed_code_signs_in(client):
    client.post("/accounts/login/code/", {"email": ines().email})
    code = re.search(r"^([A-Z0-9]{3,}-?[A-Z0-9]*)$", str(mail.outbox[0].body), re.MULTILINE)[1]

    answer = client.post("/accounts/login/code/confirm/", {"code": code})

    assert answer.status_code == 302
    assert client.get("/settings/").status_code == 200


def test_a_wrong_code_does_not(client):
    client.post("/accounts/login/code/", {"email": ines().email})

    answer = client.post("/accounts/login/code/confirm/", {"code": "WRONG1"})

    assert "This is not the code we sent." in answer.content.decode()
    assert client.get("/settings/").status_code == 302


def test_asking_for_a_code_tells_nobody_who_has_an_account(client):
    known = client.post("/accounts/login/code/", {"email": ines().email})
    client.post("/accounts/logout/")
    unknown = client.post("/accounts/login/code/", {"email": "nobody@example.org"})

    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert "No account has this address" in mail.outbox[1].body


def test_a_new_password_is_chosen_by_letter_once(client):
    client.post("/accounts/password/reset/", {"email": ines().email})
    link = re.search(r"https?://[^/\s]+(/accounts/password/reset/key/\S+)", str(mail.outbox[0].body))[1]
    form = client.get(link, follow=True)
    client.post(
        form.request["PATH_INFO"], {"password1": "another-long-walk", "password2": "another-long-walk"}
    )

    assert User.objects.get(pk=ines().pk).check_password("another-long-walk")
    assert "This link is used up" in client.get(link, follow=True).content.decode()


def test_a_new_address_counts_only_when_confirmed(client):
    sign_in_twice(client, ines())

    client.post("/accounts/email/", {"email": "ines@new.example.org", "action_add": ""})
    before = User.objects.get(pk=ines().pk).email
    link = re.search(r"https?://[^/\s]+(/accounts/confirm-email/\S+)", str(mail.outbox[0].body))[1]
    client.post(link)

    assert before == "ines@example.org"
    assert User.objects.get(name="Ines Moreau").email == "ines@new.example.org"


def test_the_second_factor_is_asked_for(client):
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(ines(), secret)

    halfway = sign_in(client, ines())
    kept_out = client.get("/settings/").status_code
    code = totp.format_hotp_value(totp.hotp_value(secret, next(iter(totp.yield_hotp_counters_from_time()))))
    client.post(halfway["Location"], {"code": code})

    assert kept_out == 302
    assert client.get("/settings/").status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "/accounts/2fa/",
        "/accounts/2fa/totp/activate/",
        "/accounts/sessions/",
        "/accounts/email/",
        "/accounts/password/change/",
        "/accounts/reauthenticate/",
    ],
)
def test_the_pages_of_ones_own_account_are_there(client, address):
    sign_in_twice(client, ines())

    assert client.get(address).status_code == 200


def test_too_many_tries_of_anything_get_a_page_that_says_so(client, settings):
    settings.ACCOUNT_RATE_LIMITS = {"signup": "1/m/ip"}
    client.get("/accounts/signup/")
    client.post("/accounts/signup/", {})

    answer = client.post("/accounts/signup/", {})

    assert answer.status_code == 429
    assert "Too many tries" in answer.content.decode()


def test_the_admin_has_no_door_of_its_own(client):
    ada()

    answer = client.post("/admin/login/", {"username": "ada@example.org", "password": PASSWORD})

    assert answer.status_code == 302
    assert answer["Location"].startswith(LOGIN)
    assert client.get("/admin/").status_code == 302


@pytest.mark.parametrize("who", [ines, tomas, stranger])
def test_who_has_no_work_at_the_desk_is_refused_there(client, who):
    client.force_login(who())

    assert client.get("/admin/", follow=True).status_code == 403


def test_an_author_opens_roads_but_not_people(client):
    client.force_login(noor())

    assert client.get("/admin/").status_code == 200
    assert client.get(reverse("admin:accounts_user_changelist")).status_code == 403
