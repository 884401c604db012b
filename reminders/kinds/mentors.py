"""What letters to mentors share: work of theirs that waits, said as a line each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from accounts.models import User
from mentoring import words
from mentoring.models.charges import WaitingWork
from mentoring.models.to_mark import MarkingWork
from progress.models import Submission
from quizzes.models import Appeal, Attempt
from reminders.models.reader import Reader
from reminders.words import Also
from roadmap.models import Edition


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing that waits for a mentor, in words: what it is, alone and with whose it is, and what to do with it."""

    since: datetime
    title: str
    name: str
    asked: str
    link: str
    times: str

    def as_also(self) -> Also:
        return Also(self.name, self.link, self.times)


def waiting(row: Submission | Attempt | Appeal, mentor: User, now: datetime) -> Waiting:
    """Evidence of `listed()`, an attempt with answers to mark, or an appeal, as it is said to this mentor."""
    match row:
        case Submission():
            asked, promise = review_words(row, mentor, now), words.promise(row, mentor, now)
            name = gettext("%(task)s by %(learner)s") % {"task": task_title(row), "learner": row.person}
            times = _times(row.state_since, promise, mentor, now)
            return Waiting(row.state_since, task_title(row), name, asked, review_url(row), times)
        case Attempt():
            name = gettext("%(quiz)s by %(learner)s")
            asked = gettext("Mark the answers of %(learner)s, waiting %(waited)s")
            link = reverse("mentoring:marks", args=[row.pk])
            return _in_quiz(row, row.finished_at or now, name, asked, link, mentor, now)
        case Appeal():
            name = gettext("%(quiz)s, an appeal by %(learner)s")
            asked = gettext("Answer the appeal of %(learner)s, waiting %(waited)s")
            link = reverse("mentoring:appeal", args=[row.pk])
            return _in_quiz(row.attempt, row.raised_at, name, asked, link, mentor, now)


def task_title(row: Submission) -> str:
    """What a submission of `listed()` answers, as its newest version knows it."""
    document = Edition.objects.document(row.newest_edition_id)  # type: ignore[attr-defined]  # listed()
    return document.task_by_key[row.task.key].title


def review_url(row: Submission) -> str:
    return reverse("mentoring:review", args=[row.pk])


def review_words(row: Submission, mentor: User, now: datetime) -> str:
    """What is to be done with the first one in a list."""
    said = {"learner": row.person, "waited": _waited(row.state_since, mentor, now)}
    return gettext("Review the work of %(learner)s, waiting %(waited)s") % said


def late_words(*works: WaitingWork | MarkingWork | None) -> str:
    """How many of them wait longer than promised; nothing where none does."""
    late = sum(work.late for work in works if work)
    if not late:
        return ""
    return ngettext("For %(n)d the promised day is over.", "For %(n)d the promised days are over.", late) % {
        "n": late
    }


def learners_of(*works: WaitingWork | MarkingWork | None) -> list[int]:
    """Whose work is the first of this, by the ids of people."""
    rows = [row for work in works if work for row in work.first]
    return [row.attempt.person_id if isinstance(row, Appeal) else row.person_id for row in rows]


def listed(rows: Sequence[Submission], reader: Reader, now: datetime) -> tuple[Also, ...]:
    """A line for each of these submissions."""
    return tuple(waiting(row, reader.person, now).as_also() for row in rows)


def _in_quiz(  # noqa: PLR0917  # what differs between answers to mark and an appeal, in the order of Waiting
    attempt: Attempt, since: datetime, name: str, asked: str, link: str, mentor: User, now: datetime
) -> Waiting:
    quiz = attempt.quiz.title
    said = {"quiz": quiz, "learner": attempt.person, "waited": _waited(since, mentor, now)}
    times = _times(since, words.mark_promise(since, mentor, now), mentor, now)
    return Waiting(since, quiz, name % said, asked % said, link, times)


def _times(since: datetime, promise: words.Promise | None, mentor: User, now: datetime) -> str:
    """For how long it has waited, and by when an answer was promised."""
    waits = gettext("Waiting %(waited)s.") % {"waited": _waited(since, mentor, now)}
    by = gettext("Answer by %(day)s.") % {"day": promise.text} if promise else ""
    return " ".join(filter(None, [waits, by]))


def _waited(since: datetime, mentor: User, now: datetime) -> str:
    return words.waited((mentor.today(now) - mentor.today(since)).days)
