"""A real worker with its clock: from quiet to a letter, from its header to silence."""

from datetime import datetime, timedelta

import pytest
from django.test import Client

from accounts.models import User
from reminders.kinds import KINDS
from reminders.models import Letter
from tests.cast import ines, stranger
from tests.reminders.moments import LAST, at, quiet, wish

pytestmark = pytest.mark.django_db(transaction=True)
MORNING = LAST + timedelta(days=7)


def only_quiet(person: User, last: datetime) -> None:
    """Quiet since that day, and wanting no other letters."""
    quiet(person, last)
    wish(person, stopped_kinds=sorted(KINDS.keys() - {"quiet"}))


def test_quiet_then_a_letter_then_stopped_then_silence(start_worker, smtp_sink):
    only_quiet(ines(), LAST)
    only_quiet(stranger(), MORNING)
    at(MORNING - timedelta(days=2))
    start_worker(beat=True, WAYMARK_EMAIL_URL=smtp_sink.url, WAYMARK_LETTERS_EVERY_SECONDS="1")

    at(MORNING)
    (letter,) = smtp_sink.wait_for(1)
    path = "/letters/" + letter["List-Unsubscribe"].strip(" <>").partition("/letters/")[2]
    answer = Client(enforce_csrf_checks=True).post(path, {"List-Unsubscribe": "One-Click"})
    at(MORNING + timedelta(days=7))
    smtp_sink.wait_for(2)  # the stranger's letter shows that the clock has come round

    assert answer.status_code == 200
    assert [letter["To"] for letter in smtp_sink.letters] == ["ines@example.org", "stran@example.org"]
    assert not Letter.objects.of(ines()).filter(occurrence__endswith="/11d").exists()


@pytest.mark.long
def test_a_second_letter_comes_when_nobody_stops_it(start_worker, smtp_sink):
    only_quiet(ines(), LAST)
    at(MORNING)
    start_worker(beat=True, WAYMARK_EMAIL_URL=smtp_sink.url, WAYMARK_LETTERS_EVERY_SECONDS="1")
    smtp_sink.wait_for(1)

    at(MORNING + timedelta(days=7))

    first, second = smtp_sink.wait_for(2)
    assert first["Message-ID"] != second["Message-ID"]
