"""Every writer is sent every field of every model: nothing changes but what it is there to change."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.db import models
from django.test import Client

from accounts import clock
from accounts.models import User
from tests.populated import House, populate
from tests.test_doors import address_of

pytestmark = pytest.mark.django_db

OURS = {"accounts", "roadmap", "quizzes", "progress", "mentoring", "reminders", "api"}
TODAY = "today"

# door, what is rightly said, and the only columns that may change. + is a new row of a table.
WRITERS: dict[str, tuple[dict[str, Any], set[str]]] = {
    "accounts:settings": (
        {"name": "New Name", "time_zone": "Asia/Tokyo", "language": "en"},
        {"accounts_user.name", "accounts_user.time_zone"},
    ),
    "progress:plan": (
        {"hours_per_week": "7", "starts_on": TODAY},
        {"+progress_planversion", "+progress_plannedstage"},
    ),
    "progress:tick": (
        {"done": "0"},
        {
            "-progress_tick",
            "+accounts_activeday",
            *(f"progress_standingrow.{n}" for n in ("core_ticked", "settled_at", "last_active_on")),
        },
    ),
    "mentoring:evidence": (
        {"kind": "text", "text": "Words."},
        {
            "+progress_submissionversion",
            "+accounts_activeday",
            *(f"progress_standingrow.{n}" for n in ("settled_at", "last_active_on", "next_due_on")),
        },
    ),
    "reminders:settings": (
        {
            "kinds": ["quiet"],
            "quiet_days": "9",
            "weekdays": ["1"],
            "quiet_from": "21:00",
            "quiet_until": "07:00",
            "digest_weekday": "2",
            "most_per_week": "2",
            "snoozed_until": "tomorrow",
        },
        {
            f"reminders_letterwishes.{name}"
            for name in (
                "stopped_kinds",
                "quiet_days",
                "weekdays",
                "quiet_from",
                "quiet_until",
                "digest_weekday",
                "most_per_week",
                "snoozed_until",
            )
        },
    ),
    "reminders:confirm_address": (
        {},
        {
            f"reminders_suppression.{name}"
            for name in ("since", "why", "refusals", "lifted_at", "lifted_by_id", "lifted_because")
        },
    ),
    "reminders:reading": ({"read": "1"}, {"reminders_letter.read_at"}),
    "reminders:renew_links": ({}, {"reminders_letterwishes.secret"}),
    "reminders:renew_calendar": (
        {},
        {f"reminders_calendarfeed.{name}" for name in ("secret", "made_at")},
    ),
    "reminders:revoke_calendar": ({}, {"-reminders_calendarfeed"}),
    "roadmap:rate": (
        {"rating-stars": "2", "rating-note": "Dry."},
        {f"roadmap_resourcerating.{name}" for name in ("stars", "note", "rated_at")},
    ),
    "roadmap:report_link": (
        {"report-reason": "wrong", "report-note": "Another page."},
        {f"roadmap_linkreport.{name}" for name in ("reason", "note", "reported_at", "settled_at")},
    ),
    "api:tokens": ({"name": "mine", "scope": "read", "days": "3"}, {"+api_token"}),
    "accounts:pause": ({"starts_on": TODAY, "ends_on": "tomorrow"}, {"+accounts_pause"}),
    "accounts:end_pause": ({}, {"-accounts_pause", "accounts_pause.ends_on"}),
    "api:revoke_token": ({}, {"api_token.revoked_at"}),
    "progress:cards": (
        {"cards_a_day": "5", "new_a_day": "2", "minutes": "15", "retention_percent": "85"},
        {"+quizzes_cardsettings"},
    ),
    "progress:card_session": ({}, {"+quizzes_cardsession"}),
    "progress:card_review": (
        {"rating": "3", "turn": "0"},
        {
            "+quizzes_cardreview",
            "+accounts_activeday",
            *(f"quizzes_card.{n}" for n in ("phase", "stability", "difficulty", "turn")),
            *(f"quizzes_card.{n}" for n in ("due_on", "reviewed_on", "reviewed_at")),
        },
    ),
    "progress:card_suspension": ({"aside": "1"}, {"quizzes_card.suspended_at"}),
    "progress:quiz_start": ({}, {"+quizzes_attempt", "+accounts_activeday"}),
    "progress:walk": ({"walks": "1"}, {"+progress_walkchoice"}),
}
SETTLED = {
    f"progress_standingrow.{name}" for name in ("settled_at", "last_active_on", "next_due_on", "core_ticked")
}
READING = {"progress_submission.feedback_seen_at"}


def every_field() -> dict[str, str]:
    """A value for the name and the column of every field of every model of ours, as an attacker would guess it."""
    found = {}
    for model in apps.get_models():
        if model._meta.app_label in OURS:
            for field in model._meta.concrete_fields:
                found[field.name] = found[field.attname] = _guess(field)
    return found


def _guess(field: Any) -> str:
    match field:
        case models.BooleanField():
            return "true"
        case models.DateTimeField():
            return datetime(2020, 1, 1, tzinfo=UTC).isoformat()
        case models.DateField():
            return "2020-01-01"
        case _:
            return "1"


@pytest.fixture
def house() -> House:
    return populate()


@pytest.mark.parametrize("door", WRITERS)
def test_a_page_changes_only_what_it_is_for(house, door):
    right, allowed = WRITERS[door]
    browser = Client()
    browser.force_login(house.people["owner"])
    before = _everything()

    answer = browser.post(address_of(door, house.values), {**every_field(), **_said(right)})

    assert answer.status_code in {200, 302}, answer.content
    changed = _difference(before, _everything())
    assert changed
    assert changed <= allowed | SETTLED | READING


@pytest.mark.parametrize("door", ["plan", "submission", "enrollments", "review"])
def test_the_api_refuses_every_field_that_a_door_does_not_have(house, door):
    person = house.people["mentor" if door == "review" else "owner"]
    browser = Client()
    browser.force_login(person)
    before = _everything()
    bodies: dict[str, dict[str, Any]] = {
        "plan": {"hours_per_week": 7, "starts_on": TODAY},
        "submission": {"kind": "text", "text": "Words."},
        "enrollments": {
            "road": "trail-test",
            "background": "walker",
            "hours_per_week": 7,
            "starts_on": TODAY,
        },
        "review": {"number": 2, "decision": "accept", "levels": {"clear": "meets"}, "feedback": "Good."},
    }

    answer = browser.post(
        address_of(f"api:v1:{door}", house.values),
        json.dumps({**every_field(), **_said(bodies[door])}),
        content_type="application/json",
    )

    assert answer.status_code == 422
    assert {"is_staff", "person", "passed_at"} <= set(answer.json()["errors"])
    assert not _difference(before, _everything())


def test_a_sign_up_makes_a_learner_whatever_is_said(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    right = {"name": "Eve", "email": "eve@example.org", "password1": "a-long-walk-uphill", "time_zone": "UTC"}

    Client().post(
        "/accounts/signup/", {**every_field(), "roles": "admin", "groups": "1", "verified": "1", **right}
    )

    eve = User.objects.get(email="eve@example.org")
    assert not eve.is_staff
    assert not eve.is_superuser
    assert eve.roles() == {"learner"}
    assert not EmailAddress.objects.filter(user=eve, verified=True).exists()


def _said(right: dict[str, Any]) -> dict[str, Any]:
    today = clock.now().date()
    days = {TODAY: today.isoformat(), "tomorrow": (today + timedelta(days=1)).isoformat()}
    return {
        name: days.get(value, value) if isinstance(value, str) else value for name, value in right.items()
    }


Tables = dict[str, dict[Any, dict[str, Any]]]


def _everything() -> Tables:
    return {
        model._meta.db_table: {row["pk"]: row for row in model._base_manager.values("pk", *_columns(model))}
        for model in apps.get_models()
        if model._meta.app_label in OURS
    }


def _columns(model: type[models.Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]


def _difference(before: Tables, after: Tables) -> set[str]:
    """table.column for what changed, +table for new rows, -table for rows that are gone."""
    found = set()
    for table, rows in after.items():
        old = before[table]
        found |= {f"+{table}" for pk in rows.keys() - old.keys()} | {
            f"-{table}" for pk in old.keys() - rows.keys()
        }
        for pk in rows.keys() & old.keys():
            found |= {f"{table}.{name}" for name, value in rows[pk].items() if value != old[pk][name]}
    return found
