"""What letters to mentors share: work of theirs that waits, said as a line each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from accounts.models import User
from mentoring import words
from mentoring.models.charges import WaitingWork
from progress.models import Submission
from reminders.models.reader import Reader
from reminders.words import Also
from roadmap.models import Edition


def task_title(row: Submission) -> str:
    """What a submission of `listed()` answers, as its newest version knows it."""
    document = Edition.objects.document(row.newest_edition_id)  # type: ignore[attr-defined]  # listed()
    return document.task_by_key[row.task.key].title


def review_url(row: Submission) -> str:
    return reverse("mentoring:review", args=[row.pk])


def review_words(row: Submission, mentor: User, now: datetime) -> str:
    """What is to be done with the first one in a list."""
    days = (mentor.today(now) - mentor.today(row.state_since)).days
    said = {"learner": row.person, "waited": words.waited(days)}
    return gettext("Review the work of %(learner)s, waiting %(waited)s") % said


def late_words(work: WaitingWork) -> str:
    """How many of them wait longer than promised; nothing where none does."""
    if not work.late:
        return ""
    return ngettext(
        "For %(n)d the promised day is over.", "For %(n)d the promised days are over.", work.late
    ) % {"n": work.late}


def since_when(row: Submission, mentor: User, now: datetime) -> str:
    """For how long it has waited, and by when an answer was promised."""
    days = (mentor.today(now) - mentor.today(row.state_since)).days
    waits = gettext("Waiting %(waited)s.") % {"waited": words.waited(days)}
    promise = words.promise(row, mentor, now)
    by = gettext("Answer by %(day)s.") % {"day": promise.text} if promise else ""
    return " ".join(filter(None, [waits, by]))


def listed(rows: Sequence[Submission], reader: Reader, now: datetime) -> tuple[Also, ...]:
    """A line for each of these submissions."""
    return tuple(
        Also(
            gettext("%(task)s by %(learner)s") % {"task": task_title(row), "learner": row.person},
            review_url(row),
            since_when(row, reader.person, now),
        )
        for row in rows
    )
