"""Says in the reader's language how evidence and learners stand, and shows what people wrote."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import linebreaks
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext, pgettext

from accounts.models import User
from mentoring.models import Level
from mentoring.models.reach import Need
from progress.models import Enrollment, Submission, SubmissionVersion
from progress.models.submission import SubmissionState
from roadmap import rendering
from roadmap.document import Criterion, TaskEntry
from roadmap.models import Edition

MARKS_PROMISED = timedelta(days=7)  # for answers that wait for a mark, and for appeals
LONGEST_MARKDOWN = 20_000  # characters; formatting takes longer than it helps beyond that


def written(text: str) -> SafeString:
    """What a person wrote as safe blocks: Markdown, or plain paragraphs when it is very long."""
    if len(text) > LONGEST_MARKDOWN:
        return mark_safe(linebreaks(text, autoescape=True))  # noqa: S308  # escaped there
    return mark_safe(rendering.html(text))  # noqa: S308  # cleaned there


def member(person: User | None) -> str:
    """The name of who acted; rows outlive people."""
    return str(person) if person else gettext("A former member")


def short_day(on: date) -> str:
    return date_format(on, "D j M")


def day(on: date) -> str:
    return date_format(on, "j F Y")


def ago(days: int) -> str:
    """How many calendar days ago: today, yesterday, 5 days ago."""
    if days <= 0:
        return gettext("today")
    if days == 1:
        return gettext("yesterday")
    return ngettext("%(n)d day ago", "%(n)d days ago", days) % {"n": days}


def waited(days: int) -> str:
    """For how long something has waited, in calendar days."""
    if days <= 0:
        return gettext("since today")
    return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}


@dataclass(frozen=True, slots=True)
class Promise:
    """The day by which an answer was promised, and what that means today."""

    text: str
    is_late: bool


def promise(submission: Submission, reader: User, now: datetime) -> Promise | None:
    """For a submission that waits; days are those of the reader's calendar."""
    if submission.answer_by is None:
        return None
    return _promised(submission.answer_by, reader, now, is_late=submission.is_late(now))


def mark_promise(waits_since: datetime, reader: User, now: datetime) -> Promise:
    """The same for an answer that waits for a mark, or an appeal."""
    by = waits_since + MARKS_PROMISED
    return _promised(by, reader, now, is_late=by < now)


def _promised(by: datetime, reader: User, now: datetime, *, is_late: bool) -> Promise:
    due = reader.today(by)
    late = (reader.today(now) - due).days
    if is_late:
        if late <= 0:
            tail = gettext("over since today")
        else:
            tail = ngettext("%(n)d day late", "%(n)d days late", late) % {"n": late}
        return Promise(f"{short_day(due)}, {tail}", is_late=True)
    tail = {0: gettext("today"), -1: gettext("tomorrow")}.get(late, "")
    return Promise(", ".join(filter(None, [short_day(due), tail])), is_late=False)


def promised(task: TaskEntry, reader: User, now: datetime) -> date:
    """The day by which an answer is promised if the task is handed in now."""
    return reader.today(now + timedelta(days=task.promise_days))


@dataclass(frozen=True, slots=True)
class Stand:
    """How a submission stands as glyph and word: state is passed, underway or open."""

    state: str
    word: str
    needs_learner: bool = False


def stand(submission: Submission | None) -> Stand:
    if submission is None:
        return Stand("open", gettext("Not handed in yet"))
    match submission.state:
        case SubmissionState.ACCEPTED:
            return Stand("passed", gettext("Accepted"))
        case SubmissionState.CHANGES_REQUESTED:
            return Stand("underway", gettext("Changes requested"), needs_learner=True)
        case _:
            return Stand("underway", pgettext("evidence", "Waiting for review"))


def task_of(handed_in: SubmissionVersion) -> TaskEntry:
    """The task as the edition has it that the version answers; its submission knows its task."""
    return Edition.objects.document(handed_in.edition_id).task_by_key[handed_in.submission.task.key]


def version(handed_in: SubmissionVersion, reader: User, *, newest: int) -> dict[str, Any]:
    """One version with its review, for templates/mentoring/version.html; `newest` is the highest number."""
    review = getattr(handed_in, "review_given", None)
    return {
        "row": handed_in,
        "day": day(reader.today(handed_in.handed_in_at)),
        "text": written(handed_in.text) if handed_in.kind == "text" else "",
        "note": written(handed_in.note) if handed_in.note else "",
        "is_newest": handed_in.number == newest,
        "review": _review(review, task_of(handed_in).rubric, reader) if review else None,
    }


def _review(review: Any, criteria: Sequence[Criterion], reader: User) -> dict[str, Any]:
    return {
        "row": review,
        "who": member(review.reviewer),
        "initials": review.reviewer.initials if review.reviewer else "–",
        "day": day(reader.today(review.reviewed_at)),
        "feedback": written(review.feedback) if review.feedback else "",
        "levels": [
            {
                "title": criterion.title,
                "must_meet": criterion.must_meet,
                "name": str(Level(review.levels[criterion.key]).label),
                "description": getattr(criterion.levels, review.levels[criterion.key]),
            }
            for criterion in criteria
            if review.levels.get(criterion.key) in Level.values
        ],
    }


@dataclass(frozen=True, slots=True)
class Signal:
    """Why a mentor might write to a learner; a reason, not a grade. Kind is alert, passed or empty."""

    text: str
    kind: str = ""


def signal(enrollment: Enrollment, on: date) -> Signal:
    """For an enrollment of MentoredEnrollments.by_need(on)."""
    row = getattr(enrollment, "standing_row", None)
    match getattr(enrollment, "need", Need.ON_PLAN):
        case Need.QUIET if row and row.last_active_on:
            quiet = (on - row.last_active_on).days
            return Signal(
                ngettext("Quiet for %(n)d day", "Quiet for %(n)d days", quiet) % {"n": quiet}, "alert"
            )
        case Need.QUIET:
            return Signal(gettext("Not begun yet"), "alert")
        case Need.BEHIND:
            return Signal(gettext("Behind the plan"))
        case Need.NONE if getattr(enrollment, "is_paused", False):
            return Signal(gettext("On a pause"))
        case Need.NONE:
            return Signal(gettext("Finished"), "passed")
        case _:
            return Signal(gettext("On plan"), "passed")


def learner_url(person_id: int, road_key: str) -> str:
    return f"{reverse('mentoring:learner', args=[person_id])}?road={road_key}"


def rubric_rows(criteria: Sequence[Criterion]) -> list[dict[str, Any]]:
    """The rubric to read: each criterion with its four levels in order."""
    return [
        {
            "title": criterion.title,
            "must_meet": criterion.must_meet,
            "levels": [(str(level.label), getattr(criterion.levels, level)) for level in Level],
        }
        for criterion in criteria
    ]
