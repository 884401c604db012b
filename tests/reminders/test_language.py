"""Letters, the inbox and the calendar speak the language of their reader, whatever the process spoke last."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils.translation import get_language, override

from accounts.models import ActiveDay, User
from reminders import calendar_words
from reminders.emails import send_reminders
from reminders.kinds import KINDS
from reminders.models import CalendarFeed, Letter
from tests.cast import enrolled, ines, stranger
from tests.reminders.moments import at

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 11, 30, 8, tzinfo=UTC)


@pytest.fixture(autouse=True)
def german(settings, monkeypatch) -> User:
    """Ines reads German, the stranger English; both are written to about their week only, which goes into December."""
    settings.LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("fr", "Français")]
    for key in KINDS.keys() - {"week"}:
        monkeypatch.delitem(KINDS, key)
    for learner in (ines(), stranger()):
        enrolled(learner)
        ActiveDay.objects.record(learner, MONDAY - timedelta(days=3))
    User.objects.get_queryset().filter(pk=ines().pk).update(language="de")
    return ines()


def test_a_letter_and_what_the_inbox_keeps_of_it_are_in_the_language_of_its_reader(mail_goes_to_sink):
    at(MONDAY)
    with override("fr"):
        send_reminders()
        assert get_language() == "fr"

    letters = {letter["To"]: letter for letter in mail_goes_to_sink.letters}
    for reader, language, month in ((ines(), "de", "6 Dezember"), (stranger(), "en", "6 December")):
        letter = letters[reader.email]
        browser = Client(headers={"accept-language": "fr"})
        browser.force_login(reader)
        page = browser.get(f"/letters/{Letter.objects.of(reader).get().pk}/").content.decode()

        assert month in letter["Subject"]
        assert month in letter.get_body(("plain",)).get_content()
        assert f'<html lang="{language}"' in letter.get_body(("html",)).get_content()
        assert month in page


def test_a_calendar_is_in_the_language_of_its_reader(monkeypatch):
    monkeypatch.setattr(calendar_words, "gettext", lambda text: f"{get_language()}: {text}")
    for reader, language in ((ines(), "de"), (stranger(), "en")):
        secret = CalendarFeed.objects.make(reader, at(MONDAY)).secret
        answer = Client(headers={"accept-language": "fr"}).get(f"/calendar/{secret}.ics")

        assert answer["Content-Language"] == language
        assert f"X-WR-CALDESC:{language}: What is due on your roads" in answer.content.decode()
