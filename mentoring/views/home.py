from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, TypeVar

from django.contrib.auth.decorators import login_required
from django.core.paginator import Page, Paginator
from django.db.models import Count, Model, QuerySet, Window
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_safe

from accounts import clock
from accounts.models import User
from accounts.request import SignedInRequest
from mentoring import words
from mentoring.models import (
    Mentorship,
    mentored_appeals,
    mentored_attempts,
    mentored_enrollments,
    mentored_submissions,
)
from progress.models import Enrollment, Submission
from quizzes.models import Appeal, Attempt
from roadmap.models import Edition
from roadmap.templatetags.sheets import filled

Row = TypeVar("Row", bound=Model)

ROWS_ON_A_PAGE = 20
# What a line says; the texts of roads and tasks, which it does not, are long.
OF_A_SUBMISSION = (
    "state",
    "state_since",
    "answer_by",
    "person__name",
    "person__email",
    "task__key",
    "task__roadmap__key",
)
OF_AN_ENROLLMENT = (
    "person__name",
    "person__email",
    "roadmap__key",
    "roadmap__current_edition",
    "standing_row",
)
SUMS = (
    *("stages_passed", "stages_total", "core_ticked", "core_total", "evidence_accepted", "evidence_total"),
)


@login_required
@require_safe
def home(request: SignedInRequest) -> HttpResponse:
    """What waits for me, oldest first, and my learners, those first who may need a word."""
    mentor, now = request.user, clock.now()
    if not (mentor.is_mentor() or mentor.is_admin()):
        raise Http404
    waiting = mentored_submissions().within_reach_of(mentor).waiting().listed()
    queue = _page(waiting.only(*OF_A_SUBMISSION), request.GET.get("page"))
    by_need = mentored_enrollments().within_reach_of(mentor).listed().by_need(mentor.today(now))
    learners = _page(by_need.only(*OF_AN_ENROLLMENT), request.GET.get("learners"))
    roadless = _page(_without_road(mentor), request.GET.get("roadless"))
    marks = _page(
        mentored_attempts().within_reach_of(mentor).queued().defer("paper"), request.GET.get("marks")
    )
    appeals = _page(
        mentored_appeals().within_reach_of(mentor).queued().defer("attempt__paper"),
        request.GET.get("appeals"),
    )
    rows = [_waiting_row(submission, mentor, now) for submission in queue]
    context = {
        "queue": queue,
        "queue_lines": _lines(map(_waiting_line, rows)),
        "sign": rows[0] if rows and queue.number == 1 else None,
        "marks": marks,
        "mark_rows": [_mark_row(attempt, mentor, now) for attempt in marks],
        "appeals": appeals,
        "appeal_rows": [_appeal_row(appeal, mentor, now) for appeal in appeals],
        "learners": learners,
        "learner_lines": _lines(_learner_line(enrollment, mentor.today(now)) for enrollment in learners),
        "roadless": roadless,
        "roadless_rows": [_roadless_row(mentorship) for mentorship in roadless],
        "learners_count": learners.paginator.count + roadless.paginator.count,
        "heading": _heading(queue.paginator.count),
    }
    return render(request, "mentoring/home.html", context)


def _page(rows: QuerySet[Any, Row], asked: str | None) -> Page[Row]:
    """The page that was asked for, or the nearest there is. Its rows bring the count of all along: one query."""
    paginator = Paginator(rows, ROWS_ON_A_PAGE)
    number = int(asked) if asked and asked.isdecimal() and 0 < len(asked) < 6 else 1
    start = max(number - 1, 0) * ROWS_ON_A_PAGE
    found = list(rows.annotate(count_of_all=Window(Count("*")))[start : start + ROWS_ON_A_PAGE])
    if not found and start:
        return paginator.get_page(asked)
    paginator.__dict__["count"] = found[0].count_of_all if found else 0  # where its cached_property looks
    return Page(found, max(number, 1), paginator)


def _heading(count: int) -> str:
    if not count:
        return gettext("No evidence waits for you")
    return ngettext("%(count)d review waiting", "%(count)d reviews waiting", count) % {"count": count}


def _without_road(mentor: User) -> QuerySet[Mentorship]:
    """Learners given to this mentor by name who have no standing to show."""
    return (Mentorship.objects if mentor.is_mentor() else Mentorship.objects.none()).of(mentor).without_road()


def _roadless_row(mentorship: Mentorship) -> dict[str, Any]:
    has_left: bool = mentorship.has_left  # type: ignore[attr-defined]  # without_road()
    return {
        "person": mentorship.learner,
        "said": gettext("Not on a road any more") if has_left else gettext("Not on a road yet"),
    }


def _waiting_row(submission: Submission, mentor: User, now: datetime) -> dict[str, Any]:
    document = Edition.objects.document(submission.newest_edition_id)  # type: ignore[attr-defined]  # listed()
    stage = document.stage_of_task(submission.task.key)
    return {
        "href": reverse("mentoring:review", args=[submission.pk]),
        "title": document.task_by_key[submission.task.key].title,
        "road": document.title,
        "stage": document.number_of(stage.key) if stage else None,
        "learner": submission.person,
        "version": submission.versions_count,  # type: ignore[attr-defined]  # listed()
        "waited": words.waited((mentor.today(now) - mentor.today(submission.state_since)).days),
        "since": words.day(mentor.today(submission.state_since)),
        "promise": words.promise(submission, mentor, now),
    }


def _waiting_line(row: dict[str, Any]) -> str:
    promise: words.Promise | None = row["promise"]
    said = {name: row[name] for name in ("href", "title", "road", "learner", "version", "waited")}
    if row["stage"]:
        said["stage"] = row["stage"]
    if promise is None:
        return filled("mentoring/queue_line.html", said, promise_kind="")
    kind = "late" if promise.is_late else "kept"
    return filled("mentoring/queue_line.html", {**said, "promise": promise.text}, promise_kind=kind)


def _mark_row(attempt: Attempt, mentor: User, now: datetime) -> dict[str, Any]:
    href = reverse("mentoring:marks", args=[attempt.pk])
    return _quiz_row(attempt, href, attempt.finished_at or now, mentor, now)


def _appeal_row(appeal: Appeal, mentor: User, now: datetime) -> dict[str, Any]:
    href = reverse("mentoring:appeal", args=[appeal.pk])
    return {**_quiz_row(appeal.attempt, href, appeal.raised_at, mentor, now), "slot": appeal.slot}


def _quiz_row(attempt: Attempt, href: str, since: datetime, mentor: User, now: datetime) -> dict[str, Any]:
    return {
        "href": href,
        "title": attempt.quiz.title,
        "road": attempt.quiz.roadmap.title,
        "learner": attempt.person,
        "number": attempt.number,
        "waited": words.waited((mentor.today(now) - mentor.today(since)).days),
        "promise": words.mark_promise(since, mentor, now),
    }


def _learner_line(enrollment: Enrollment, on: date) -> str:
    row = getattr(enrollment, "standing_row", None)
    document, signal = enrollment.document, words.signal(enrollment, on)
    current = document.stage_by_key.get(row.current_stage.key) if row and row.current_stage else None
    said = {
        "href": words.learner_url(enrollment.person_id, document.key),
        "initials": enrollment.person.initials,
        "name": enrollment.person,
        "road": document.title,
        "seen": words.ago((on - row.last_active_on).days) if row and row.last_active_on else "–",
        "signal": signal.text,
    }
    if current:
        said |= {"stage": current.title, "number": document.number_of(current.key)}
    if row:
        said |= {name: getattr(row, name) for name in SUMS}
    return filled(
        "mentoring/learner_line.html",
        said,
        signal_kind=signal.kind,
        has_stage=current is not None,
        is_settled=row is not None,
    )


def _lines(lines: Iterable[str]) -> SafeString:
    return mark_safe("".join(lines))  # noqa: S308  # templates' output, holes filled with escaped words
