"""Erasing a person: nothing about her stays in any table, session or file; what belongs to others does."""

from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import connection, models
from django.test import Client

from accounts.models import Invitation, User
from progress.models import Submission
from tests import cast
from tests.desk import send
from tests.populated import House, populate

# Every key to a person. About her: the row goes with her. Acted: the row stays, and nobody signed it.
ABOUT = {
    "account.emailaddress.user",
    "accounts.activeday.person",
    "accounts.pause.person",
    "accounts.user_groups.user",
    "accounts.user_user_permissions.user",
    "admin.logentry.user",
    "authoring.questionupload.by",
    "authoring.roadupload.by",
    "api.token.person",
    "mentoring.mentorship.learner",
    "mentoring.mentorship.mentor",
    "mfa.authenticator.user",
    "progress.enrollment.person",
    "progress.stagepass.person",
    "progress.submission.person",
    "progress.tick.person",
    "progress.walkchoice.person",
    "quizzes.accommodation.person",
    "quizzes.attempt.person",
    "quizzes.card.person",
    "quizzes.cardparameters.person",
    "quizzes.cardreview.person",
    "quizzes.cardsession.person",
    "quizzes.cardsettings.person",
    "quizzes.practiceanswer.person",
    "reminders.calendarfeed.person",
    "reminders.letter.recipient",
    "reminders.letterwishes.person",
    "reminders.suppression.person",
    "roadmap.linkreport.person",
    "roadmap.resourcerating.person",
    "usersessions.usersession.user",
}
ACTED = {
    "accounts.invitation.invited_by",
    "mentoring.review.reviewer",
    "progress.reopening.reopened_by",
    "progress.submission.state_by",
    "quizzes.accommodation.ended_by",
    "quizzes.accommodation.given_by",
    "quizzes.appeal.answered_by",
    "quizzes.attempt.set_aside_by",
    "quizzes.extension.extended_by",
    "quizzes.grading.graded_by",
    "quizzes.historicalpaperitem.history_user",
    "quizzes.historicalpaperpool.history_user",
    "quizzes.historicalquestion.history_user",
    "quizzes.historicalquiz.history_user",
    "quizzes.questionversion.published_by",
    "quizzes.quizversion.published_by",
    "quizzes.regrade.begun_by",
    "quizzes.regrade.undone_by",
    "reminders.kindstate.off_by",
    "reminders.suppression.lifted_by",
    "roadmap.edition.published_by",
    "roadmap.historicalbackground.history_user",
    "roadmap.historicalevidencetask.history_user",
    "roadmap.historicalfaq.history_user",
    "roadmap.historicalgate.history_user",
    "roadmap.historicalplacement.history_user",
    "roadmap.historicalrelated.history_user",
    "roadmap.historicalresource.history_user",
    "roadmap.historicalroadmap.history_user",
    "roadmap.historicalrubriccriterion.history_user",
    "roadmap.historicalstage.history_user",
    "roadmap.historicaltopic.history_user",
}
TRACES = ("canary", "ines", "moreau")


def test_every_key_to_a_person_is_named_here():
    keys = {
        f"{field.model._meta.label_lower}.{field.name}": field.remote_field.on_delete
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.fields
        if isinstance(field, models.ForeignKey) and field.related_model is User
    }

    assert {name for name, rule in keys.items() if rule is models.CASCADE} == ABOUT
    assert {name for name, rule in keys.items() if rule is models.SET_NULL} == ACTED
    assert set(keys) == ABOUT | ACTED


@pytest.fixture
def house(transactional_db, settings) -> House:
    """Ines has done everything there is to do here, and an admin has had her on many a page."""
    settings.ACCOUNT_RATE_LIMITS = False
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    house = populate()
    owner = house.people["owner"]
    EmailAddress.objects.create(user=owner, email="canary-second@example.org", verified=True)
    Invitation.objects.invite("canary-second@example.org", by=None, now=cast.NOW)
    browser = Client(HTTP_USER_AGENT="CANARY-BROWSER")
    browser.post("/accounts/login/", {"login": owner.email, "password": cast.PASSWORD})
    browser.post("/roads/trail-test/plan/", {"hours_per_week": "9", "starts_on": cast.NOW.date().isoformat()})
    _work_at_the_desk(house)
    return house


def _work_at_the_desk(house: House) -> None:
    desk = Client()
    desk.force_login(house.people["admin"])
    owner, mentor = house.people["owner"], house.people["strange"]
    said = {
        "name": "Ines Moreau",
        "roles": "learner",
        "is_active": "on",
        "time_zone": "UTC",
        "language": "en",
    }
    assert send(desk, f"/admin/accounts/user/{owner.pk}/change/", said).status_code == 302
    assert (
        send(desk, "/admin/accounts/invitation/add/", {"email": "canary-third@example.org"}).status_code
        == 302
    )
    EmailAddress.objects.create(user=owner, email="canary-third@example.org", verified=False)
    added = send(
        desk, "/admin/mentoring/mentorship/add/", {"mentor": mentor.pk, "learner": owner.pk, "cohort": ""}
    )
    assert added.status_code == 302
    address = EmailAddress.objects.get(email="canary-second@example.org")
    changed = {"user": owner.pk, "email": address.email, "verified": "on"}
    assert send(desk, f"/admin/account/emailaddress/{address.pk}/change/", changed).status_code == 302
    desk.get("/admin/")  # shows what it had to say about all that


def test_nothing_about_her_is_found_in_any_table_or_session(house):
    assert _traces()

    house.people["owner"].erase()

    assert not _traces()


def test_no_file_of_hers_is_left(house, settings):
    version = Submission.objects.of(house.people["owner"]).get().versions.get(kind="file")
    stored = Path(version.file.path)
    assert b"CANARY-FILE" in stored.read_bytes()

    house.people["owner"].erase()

    assert not stored.exists()


def test_she_is_signed_out_everywhere(house):
    browser = Client()
    browser.force_login(house.people["owner"])

    house.people["owner"].erase()

    assert browser.get("/today/").status_code == 302
    bearer = {"Authorization": f"Bearer {house.secrets['write']}"}
    assert Client(headers=bearer).get("/api/v1/me/").status_code == 401


@pytest.mark.parametrize("who", ["owner", "mentor", "author", "admin"])
def test_other_people_keep_what_is_theirs(house, who):
    gone = house.people.pop(who)
    before = _rows_of_others(house)

    gone.erase()

    after = _rows_of_others(house)
    assert {table: len(rows) for table, rows in after.items()} == {t: len(rows) for t, rows in before.items()}
    assert not User.objects.get_queryset().filter(pk=gone.pk).exists()


def _traces() -> list[str]:
    """Rows of all tables, and sessions as they read decoded, that hold a trace of her."""
    found = [f"{table}: {row}" for table in _tables() for row in _texts(table)]
    found += [f"session: {session.get_decoded()}" for session in Session.objects.all()]
    return [text for text in found if any(trace in text.lower() for trace in TRACES) and not _is_ours(text)]


def _is_ours(text: str) -> bool:
    """The cast's questions explain themselves with a canary."""
    return "canary-why" in text.lower()


def _tables() -> list[str]:
    return [name for name in connection.introspection.table_names() if name != "django_migrations"]


def _texts(table: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT t::text FROM "{table}" t')  # noqa: S608  # a table of ours
        return [row[0] for row in cursor.fetchall()]


def _rows_of_others(house: House) -> dict[str, list[int]]:
    """By each key that says whom a row is about, the rows of those who are still here and have nothing with her."""
    people = [person.pk for person in house.people.values()]
    models_by_label = {model._meta.label_lower: model for model in apps.get_models(include_auto_created=True)}
    found = {}
    for name in sorted(
        ABOUT - {"mentoring.mentorship.learner", "mentoring.mentorship.mentor", "admin.logentry.user"}
    ):
        label, _dot, field = name.rpartition(".")
        rows = models_by_label[label]._base_manager.filter(**{f"{field}__in": people})
        found[name] = list(rows.values_list("pk", flat=True))
    return found
