"""Letters name people other than their readers: when one of these is erased, what is kept of the letter goes."""

import json
from types import ModuleType
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from accounts.models import User
from reminders.emails import send_reminders
from reminders.kinds import KINDS
from reminders.models import Letter
from reminders.models.letter import LetterState
from tests.cast import ada, ines, stranger
from tests.reminders.asking import matter, plan, sent
from tests.reminders.moments import at
from tests.reminders.samples import (
    evidence_waits,
    feedback,
    marking_waits,
    mentee_quiet,
    mentor_week,
    promise,
)

pytestmark = pytest.mark.django_db


def told(sample: ModuleType) -> tuple[Letter, dict[str, Any]]:
    """The letter that a sample is of, sent, and the words to be kept of it."""
    (person, moment), key = sample.sample(), sample.__name__.rpartition(".")[2]
    row = next(letter for letter in plan(key, moment) if letter.recipient == person)
    about = matter(row, max(moment, row.due_at))
    assert about
    sent(row, max(moment, row.due_at))
    words = KINDS[key].says(about).naming(about.named).kept()
    assert words["names"]
    return row, words


def names_of_before() -> str:
    """The statement that says of letters of before whom they name."""
    forget = MigrationLoader(None).disk_migrations["reminders", "0013_forget_words_that_name_who_is_erased"]
    return str(forget.operations[-1].sql)  # type: ignore[attr-defined]  # it is RunSQL


def keep(row: Letter, words: dict[str, Any]) -> dict[str, Any]:
    """These words are written; what stands there then."""
    Letter.objects.filter(pk=row.pk).update(said=words)
    return Letter.objects.values_list("said", flat=True).get(pk=row.pk)


@pytest.mark.usefixtures("mail_goes_to_sink")
def test_what_mentors_were_told_of_a_learner_goes_with_her(client):
    mentor, moment = mentee_quiet.sample()
    at(moment)
    send_reminders()
    row = Letter.objects.in_inbox(mentor).get()
    assert "Ines" in json.dumps(row.said)

    ines().erase()

    row.refresh_from_db()
    assert (row.said, row.state) == ({}, LetterState.SENT)
    client.force_login(mentor)
    page = client.get(f"/letters/{row.pk}/").content.decode()
    assert "A learner stays away" in page
    assert "What this letter said is no longer kept." in page
    client.force_login(ada())
    assert "No longer kept" in client.get(f"/admin/reminders/letter/{row.pk}/change/").content.decode()


def test_what_learners_were_told_of_their_mentor_goes_with_her_and_nobody_elses():
    row, words = told(feedback)
    (mentor,) = words["names"]
    keep(row, words)

    stranger().erase()
    row.refresh_from_db()
    assert row.said["names"] == [mentor]

    User.objects.get_queryset().get(pk=mentor).erase()
    row.refresh_from_db()
    assert row.said == {}


def test_a_letter_that_leaves_after_somebody_was_erased_keeps_no_name_of_hers():
    row, words = told(mentee_quiet)
    before = keep(row, words)
    ines().erase()

    assert "Ines" in json.dumps(before)
    assert keep(row, words) == {}


@pytest.mark.parametrize(
    "sample", [mentee_quiet, evidence_waits, marking_waits, promise, mentor_week, feedback]
)
def test_whom_letters_of_before_name_is_found_in_their_words(sample):
    row, words = told(sample)
    names = words.pop("names")
    before = keep(row, words)

    with connection.cursor() as cursor:
        cursor.execute(names_of_before())

    row.refresh_from_db()
    assert row.said == {**before, "names": list(names)}
