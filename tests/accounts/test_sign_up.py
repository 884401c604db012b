"""Signing up: open, by invitation or closed; the confirming letter; what strangers can find out."""

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts import clock
from accounts.models import Invitation, User
from tests.cast import PASSWORD, ada, ines

pytestmark = pytest.mark.django_db

SIGN_UP = "/accounts/signup/"


@pytest.fixture(autouse=True)
def _mail_is_kept(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


def sign_up(client: Client, **more: str):
    return client.post(
        SIGN_UP,
        {
            "name": "Rosa Lind",
            "email": "rosa@example.org",
            "password1": PASSWORD,
            "time_zone": "Asia/Tokyo",
            **more,
        },
    )


def link_in(letter) -> str:
    """The path of the first link of a letter."""
    return re.search(r"https?://[^/\s]+(/accounts/\S+)", letter.body)[1]


def test_a_newcomer_becomes_a_learner_in_her_own_time_zone(client):
    answer = sign_up(client)

    assert answer.status_code == 302
    rosa = User.objects.get(email="rosa@example.org")
    assert (rosa.name, rosa.time_zone, rosa.roles()) == ("Rosa Lind", "Asia/Tokyo", frozenset({"learner"}))


def test_an_address_that_would_end_a_line_in_the_head_of_a_letter_is_refused(client):
    answer = sign_up(client, email='"\x0c\x0c<h1>Hi</h1>"@example.org')

    assert "An address without control characters, please." in answer.content.decode()
    assert not User.objects.filter(name="Rosa Lind").exists()
    assert mail.outbox == []


def test_a_zone_that_this_machine_does_not_know_becomes_utc(client):
    sign_up(client, time_zone="Mars/Olympus_Mons")

    assert User.objects.get(email="rosa@example.org").time_zone == "UTC"


def test_without_the_browsers_zone_it_is_utc(client):
    sign_up(client, time_zone="")

    assert User.objects.get(email="rosa@example.org").time_zone == "UTC"


def test_sign_up_without_a_name_keeps_what_was_typed(client):
    answer = sign_up(client, name="")

    assert "rosa@example.org" in answer.content.decode()
    assert not User.objects.filter(email="rosa@example.org").exists()


def test_nobody_gets_in_before_the_address_is_confirmed(client):
    sign_up(client)

    answer = client.get(reverse("accounts:settings"))

    assert answer.status_code == 302
    assert "/accounts/login/" in answer["Location"]


def test_opening_the_link_asks_and_only_the_button_confirms(client):
    sign_up(client)
    link = link_in(mail.outbox[0])

    asked = client.get(link)

    assert "Yes, confirm it" in asked.content.decode()
    assert not EmailAddress.objects.get(email="rosa@example.org").verified


def test_confirming_signs_in_where_she_signed_up(client):
    sign_up(client)

    client.post(link_in(mail.outbox[0]))

    assert EmailAddress.objects.get(email="rosa@example.org").verified
    assert client.get(reverse("accounts:settings")).status_code == 200


def test_confirming_in_another_browser_does_not_sign_in(client):
    sign_up(client)
    elsewhere = Client()

    elsewhere.post(link_in(mail.outbox[0]))

    assert EmailAddress.objects.get(email="rosa@example.org").verified
    assert elsewhere.get(reverse("accounts:settings")).status_code == 302


@pytest.mark.parametrize("act", ["get", "post"])
def test_a_used_link_explains_itself_and_offers_the_way_in(client, act):
    sign_up(client)
    link = link_in(mail.outbox[0])
    client.post(link)

    page = getattr(Client(), act)(link).content.decode()

    assert "This link is used up" in page
    assert reverse("account_login") in page


def test_a_forged_link_explains_itself_as_well(client):
    page = client.get("/accounts/confirm-email/MQ:forged:signature/")

    assert "This link is used up" in page.content.decode()


def test_signing_in_unconfirmed_sends_the_letter_again(client):
    sign_up(client)
    mail.outbox.clear()
    cache.clear()

    client.post("/accounts/login/", {"login": "rosa@example.org", "password": PASSWORD})

    assert len(mail.outbox) == 1


def test_a_known_address_gets_the_same_answer_and_a_letter_instead_of_an_account(client):
    ines()
    newcomer = sign_up(Client())
    mail.outbox.clear()

    answer = sign_up(client, email="ines@example.org")

    assert (answer.status_code, answer["Location"]) == (newcomer.status_code, newcomer["Location"])
    assert "There is one already" in mail.outbox[0].body
    assert User.objects.get(email="ines@example.org").name == "Ines Moreau"


@pytest.mark.parametrize("host", ["localhost:6666", "127.0.0.1:1"])
def test_letters_lead_to_the_site_whatever_host_was_asked(client, settings, host):
    settings.SITE_URL = "https://learn.example.org"

    client.post(
        SIGN_UP, {"name": "R", "email": "rosa@example.org", "password1": PASSWORD}, headers={"host": host}
    )

    links = re.findall(r"https?://\S+", str(mail.outbox[0].body))
    assert links
    assert all(link.startswith("https://learn.example.org") for link in links)


def test_closed_means_closed(client, settings):
    settings.SIGN_UP = "closed"

    page = sign_up(client)

    assert "No new accounts here" in page.content.decode()
    assert not User.objects.filter(email="rosa@example.org").exists()


class TestByInvitation:
    @pytest.fixture(autouse=True)
    def _by_invitation(self, settings):
        settings.SIGN_UP = "invitation"

    def invite(self, email: str = "rosa@example.org") -> str:
        _row, token = Invitation.objects.invite(email, by=ada(), now=clock.now())
        return f"/invitation/?token={token}"

    def test_without_an_invitation_there_is_no_form(self, client):
        page = sign_up(client)

        assert "No new accounts here" in page.content.decode()
        assert not User.objects.filter(email="rosa@example.org").exists()

    def test_the_link_opens_the_form_with_her_address(self, client):
        page = client.get(self.invite(), follow=True).content.decode()

        assert 'value="rosa@example.org"' in page

    def test_it_makes_an_account_once(self, client):
        link = self.invite()
        client.get(link)
        sign_up(client)

        again = Client().get(link)

        assert User.objects.get(email="rosa@example.org").roles() == {"learner"}
        assert again.status_code == 410
        assert "no longer works" in again.content.decode()

    def test_it_is_for_one_address(self, client):
        client.get(self.invite())

        page = sign_up(client, email="other@example.org")

        assert "Your invitation is for another address" in page.content.decode()
        assert not User.objects.filter(email="other@example.org").exists()

    def test_it_ends_after_two_weeks(self, client):
        link = self.invite()
        clock.move(timedelta(days=15))

        assert client.get(link).status_code == 410

    def test_a_guessed_token_is_told_the_same(self, client):
        assert client.get("/invitation/?token=guess").status_code == 410

    def test_the_token_is_not_kept(self):
        link = self.invite()

        assert Invitation.objects.get().token_hash not in link
