"""Settings: each is told to whoever runs the house, and a production start refuses weak ones by name."""

import re
import secrets
from pathlib import Path

import pytest
from django.utils.module_loading import import_string

from lms.places import PROVIDERS, PlaceError, anymail, mail, make_writable
from lms.strength import weaknesses
from tests.house.files import text

STRONG = {
    "WAYMARK_SECRET_KEY": secrets.token_urlsafe(64),
    "WAYMARK_SITE_URL": "https://learn.example.org",
    "WAYMARK_EMAIL_URL": "submission://u:p@mail.example.org:587",
}


def test_every_setting_is_in_the_example_and_in_the_manual():
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', text(Path("lms/settings.py"))))
    assert len(read) > 20
    for document in (".env.example", "docs/operating.md"):
        missing = [name for name in sorted(read) if not re.search(rf"\b{name}\b", text(Path(document)))]
        assert not missing, f"{document} does not tell {missing}."


def test_strong_settings_are_let_through():
    assert weaknesses(STRONG) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WAYMARK_SECRET_KEY", ""),
        ("WAYMARK_SECRET_KEY", "short"),
        ("WAYMARK_SECRET_KEY", "a" * 80),
        ("WAYMARK_SITE_URL", ""),
        ("WAYMARK_SITE_URL", "http://learn.example.org"),
        ("WAYMARK_SITE_URL", "https://"),
        ("WAYMARK_ALLOWED_HOSTS", "learn.example.org, *"),
        ("WAYMARK_EMAIL_URL", ""),
        ("WAYMARK_WEBHOOK_SECRET", "no colon at all"),
        ("WAYMARK_WEBHOOK_SECRET", "hook:short"),
        ("WAYMARK_DEBUG", "on"),
        ("WAYMARK_CLOCK_OFFSET", "3d"),
    ],
)
def test_a_weak_setting_is_refused_by_name(name, value):
    (refusal,) = weaknesses({**STRONG, name: value})
    assert name in refusal


def test_a_folder_that_cannot_be_made_says_what_to_do(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(PlaceError, match="WAYMARK_VAR"):
        make_writable(tmp_path / "file" / "var")


@pytest.mark.parametrize(
    ("url", "port", "starttls", "tls"),
    [
        ("smtp://mail.example.org", 25, False, False),
        ("submission://mail.example.org", 587, True, False),
        ("smtps://mail.example.org", 465, False, True),
        ("smtps://mail.example.org:1465", 1465, False, True),
    ],
)
def test_the_scheme_of_a_mail_server_says_how_it_is_spoken_to(url, port, starttls, tls):
    told = mail(url)

    assert (told["port"], told["use_tls"], told["use_ssl"]) == (port, starttls, tls)


def test_name_and_password_of_a_mail_server_may_hold_any_sign():
    told = mail("submission://ines%40example.org:p%3A%2F%25@mail.example.org")

    assert (told["username"], told["password"]) == ("ines@example.org", "p:/%")


@pytest.mark.parametrize(
    "url", ["mail.example.org", "http://mail.example.org", "smtp://", "anymail+unknown:?key=1"]
)
def test_a_mail_server_that_is_none_is_refused_with_what_would_do(url):
    with pytest.raises(PlaceError, match="postmark"):
        mail(url)


@pytest.mark.parametrize("name", PROVIDERS)
def test_every_provider_is_one_that_the_library_has(name):
    assert import_string(mail(f"anymail+{name}:")["backend"])


def test_a_provider_takes_its_options_from_the_address_and_from_the_environment():
    env = {"ANYMAIL_POSTMARK_SERVER_TOKEN": "other", "ANYMAIL_MAILGUN_WEBHOOK_SIGNING_KEY": "k", "HOME": "/"}

    told = anymail(env, "anymail+postmark:?server_token=secret&use_bulk_api=false")

    assert told == {
        "POSTMARK_SERVER_TOKEN": "secret",
        "POSTMARK_USE_BULK_API": False,
        "MAILGUN_WEBHOOK_SIGNING_KEY": "k",
    }
