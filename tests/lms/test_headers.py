"""What every answer carries, whoever made it: page, failure, file, static file, API."""

from typing import Any

import pytest
from django.conf import settings as house
from django.test import Client
from django.urls import reverse

from tests import cast
from tests.populated import House, populate, suspend

pytestmark = pytest.mark.django_db

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
}


@pytest.fixture
def populated() -> House:
    return populate()


def browser(person=None) -> Client:
    client = Client(raise_request_exception=False)
    if person:
        client.force_login(person)
    return client


def answers(populated: House, monkeypatch) -> dict[str, Any]:
    owner, admin = browser(populated.people["owner"]), browser(populated.people["admin"])
    token = Client(headers={"Authorization": f"Bearer {populated.secrets['read']}"})
    file = reverse("mentoring:file", args=[populated.values["version_id"]])
    found = {
        "front page": browser().get("/"),
        "sign-in": browser().get("/accounts/login/"),
        "own page": owner.get("/today/"),
        "not signed in": browser().get("/today/"),
        "not found": owner.get("/nowhere/"),
        "not allowed": owner.put("/today/"),
        "not understood": owner.get("/?q=%00"),
        "from another site": Client(enforce_csrf_checks=True).post("/accounts/login/"),
        "desk": admin.get("/admin/"),
        "file": owner.get(file),
        "api": token.get("/api/v1/me/"),
        "api, refused": browser().get("/api/v1/me/"),
        "api, file": token.get(reverse("api:v1:version_file", args=[populated.values["version_id"]])),
        "api docs": browser().get("/api/docs/"),
        "static": browser().get("/static/css/base.css"),
        "health": browser().get("/healthz"),
    }
    monkeypatch.setattr("accounts.clock.now", lambda: 1 / 0)
    found["failed"] = owner.get("/today/")
    for name in ("file", "api, file", "static"):
        found[name].getvalue()
    return found


def test_every_answer_carries_the_shields(populated, monkeypatch):
    found = answers(populated, monkeypatch)

    assert (found["failed"].status_code, found["static"].status_code, found["file"].status_code) == (
        500,
        200,
        200,
    )
    missing = [
        (name, header)
        for name, answer in found.items()
        for header, value in ALWAYS.items()
        if answer.get(header) != value
    ]
    assert not missing


def test_every_answer_but_static_files_carries_the_policy(populated, monkeypatch):
    found = answers(populated, monkeypatch)

    policies = {name: answer.get("Content-Security-Policy", "") for name, answer in found.items()}
    strict = {
        name for name, policy in policies.items() if "default-src 'none'" in policy and "unsafe" not in policy
    }
    assert set(found) - strict == {"static", "api docs"}
    assert "script-src 'self'" in policies["api docs"].replace("; ", ";")
    assert all("sandbox" in policies[name] for name in ("file", "api, file"))


def test_what_is_personal_is_kept_by_no_cache(populated, monkeypatch):
    found = answers(populated, monkeypatch)

    for name in ("own page", "not found", "failed", "desk", "file", "api", "api, file"):
        assert "no-store" in found[name].get("Cache-Control", ""), name


def test_the_cookies_are_for_the_server_alone(client):
    cast.ines()
    client.get("/accounts/login/")
    client.post("/accounts/login/", {"login": "ines@example.org", "password": cast.PASSWORD})

    for name in (house.SESSION_COOKIE_NAME, house.CSRF_COOKIE_NAME):
        assert client.cookies[name]["httponly"]
        assert client.cookies[name]["samesite"] == "Lax"


def test_the_log_holds_no_secret_of_an_address(populated, caplog):
    caplog.set_level("INFO", logger="waymark.requests")
    secret = str(populated.values["token"])

    browser().get(f"/letters/stop/{secret}/")
    browser().get("/accounts/confirm-email/MQ:secret-key/")
    browser().get("/accounts/password/reset/key/1-secret-key/")

    said = [record.__dict__["path"] for record in caplog.records if hasattr(record, "path")]
    assert len(said) == 3
    assert not [path for path in said if secret in path or "secret-key" in path]


def test_a_suspended_person_loses_pages_tokens_and_her_session_at_once(populated):
    owner = browser(populated.people["owner"])
    token = Client(headers={"Authorization": f"Bearer {populated.secrets['write']}"})
    assert (owner.get("/today/").status_code, token.get("/api/v1/me/").status_code) == (200, 200)

    suspend(populated.people["owner"])

    assert (owner.get("/today/").status_code, token.get("/api/v1/me/").status_code) == (302, 401)
    again = browser().post("/accounts/login/", {"login": "ines@example.org", "password": cast.PASSWORD})
    assert again.get("Location") == "/accounts/inactive/"


def test_a_new_password_ends_other_sessions_and_leaves_tokens(populated):
    person = populated.people["owner"]
    here, there = browser(), browser(person)
    here.post("/accounts/login/", {"login": person.email, "password": cast.PASSWORD})
    token = Client(headers={"Authorization": f"Bearer {populated.secrets['write']}"})

    here.post("/accounts/reauthenticate/", {"password": cast.PASSWORD})
    changed = here.post(
        "/accounts/password/change/",
        {"oldpassword": cast.PASSWORD, "password1": "another-long-walk", "password2": "another-long-walk"},
    )

    assert changed.status_code == 302
    assert here.get("/today/").status_code == 200
    assert there.get("/today/").status_code == 302
    assert token.get("/api/v1/me/").status_code == 200  # docs/api.md says so
