"""One attempt of a learner, all that is kept of it: for questions that she or a mentor may have about it later."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from accounts import clock
from accounts.models import User
from accounts.request import SignedInRequest
from mentoring import words
from mentoring.forms import MinutesForm, SetAsideForm
from mentoring.models import mentored_attempts
from mentoring.views import mark_sheet
from mentoring.views.mark_sheet import MarkSheet
from quizzes.models import Attempt, Confidence
from quizzes.result import Answered


@login_required
@require_safe
def attempt(request: SignedInRequest, attempt_id: int) -> HttpResponse:
    """The paper as it was seen, the answers, the marks and how they came about; of one under way only how it stands."""
    return _page(request, _find(request, attempt_id))


@login_required
@require_POST
def minutes(request: SignedInRequest, attempt_id: int) -> HttpResponse:
    """More time for an attempt under way."""
    found, now, form = _find(request, attempt_id), clock.database_now(), MinutesForm(request.POST)
    if not form.is_valid():
        return _page(request, found, minutes_form=form, status=422)
    more, reason = form.cleaned_data["minutes"], form.cleaned_data["reason"]
    if mentored_attempts().give_minutes(found, more, by=request.user, reason=reason, now=now):
        until = _moment(found.deadline_at or now, request.user)
        messages.success(request, gettext("It runs until %(moment)s now.") % {"moment": until})
    else:
        messages.error(request, gettext("Nothing was changed: it is finished, or has no time limit."))
    return redirect("mentoring:attempt", found.pk)


@login_required
@require_POST
def set_aside(request: SignedInRequest, attempt_id: int) -> HttpResponse:
    """From now on it counts for nothing; it is kept."""
    found, now, form = _find(request, attempt_id), clock.database_now(), SetAsideForm(request.POST)
    if not form.is_valid():
        return _page(request, found, aside_form=form, status=422)
    mentored_attempts().set_aside(found, by=request.user, reason=form.cleaned_data["reason"], now=now)
    messages.success(request, gettext("Set aside: it counts for nothing, and is kept."))
    return redirect("mentoring:attempt", found.pk)


def _find(request: SignedInRequest, pk: int) -> Attempt:
    mine = mentored_attempts().looked_after_by(request.user)
    return get_object_or_404(mine.select_related("person", "quiz__roadmap", "set_aside_by"), pk=pk)


def _page(
    request: SignedInRequest,
    found: Attempt,
    *,
    minutes_form: MinutesForm | None = None,
    aside_form: SetAsideForm | None = None,
    status: int = 200,
) -> HttpResponse:
    mentor = request.user
    context: dict[str, Any] = {
        "attempt": found,
        "heading": found.quiz.title,
        "learner_href": mark_sheet.learner_href(mentor, found),
        "extensions": [_extension(row, mentor) for row in found.extensions.select_related("extended_by")],
        "aside": _aside(found, mentor),
        "minutes_form": minutes_form or MinutesForm(),
        "aside_form": aside_form or SetAsideForm(),
        **(_finished(found, mentor) if found.is_finished else {"facts": _under_way(found, mentor)}),
    }
    return render(request, "mentoring/attempt.html", context, status=status)


def _under_way(found: Attempt, mentor: User) -> list[tuple[str, str]]:
    """How an open attempt stands; what is answered is the learner's until she hands in."""
    end = _moment(found.deadline_at, mentor) if found.deadline_at else gettext("No limit")
    return [
        (gettext("Learner"), str(found.person)),
        (gettext("Road"), found.quiz.roadmap.title),
        (gettext("Attempt"), str(found.number)),
        (gettext("Started"), _moment(found.started_at, mentor)),
        (gettext("Runs until"), end),
    ]


def _finished(found: Attempt, mentor: User) -> dict[str, Any]:
    sheet = MarkSheet.of(found)
    return {
        "facts": [
            *(fact for fact in mark_sheet.facts(sheet, mentor) if fact[0] != gettext("Handed in")),
            (gettext("Started"), _moment(found.started_at, mentor)),
            (gettext("Handed in"), _moment(found.finished_at or found.started_at, mentor)),
        ],
        "rows": [_row(sheet, answer, mentor) for answer in sheet.result.answered],
        "gradings": [
            {
                "number": grading.number,
                "kind": grading.get_kind_display(),
                "who": words.member(grading.graded_by) if grading.kind != "marked" else gettext("The house"),
                "at": _moment(grading.graded_at, mentor),
                "points": mark_sheet.plain(grading.points),
                "reason": grading.reason,
            }
            for grading in reversed(sheet.gradings)
        ],
        "receipt": found.receipt,
        "receipt_holds": found.receipt_holds(),
        "is_marked_by_hand": bool(sheet.marks) and found.points is not None,
    }


def _row(sheet: MarkSheet, answer: Answered, mentor: User) -> dict[str, Any]:
    sure = str(Confidence(answer.confidence).label) if answer.confidence else ""
    return {**sheet.row(answer.slot.slot, mentor), "sure": sure}


def _extension(row: Any, mentor: User) -> dict[str, str]:
    return {
        "was": _moment(row.was, mentor),
        "became": _moment(row.became, mentor),
        "who": words.member(row.extended_by),
        "at": _moment(row.extended_at, mentor),
        "reason": row.reason,
    }


def _aside(found: Attempt, mentor: User) -> dict[str, str] | None:
    if found.set_aside_at is None:
        return None
    return {
        "who": words.member(found.set_aside_by),
        "at": _moment(found.set_aside_at, mentor),
        "reason": found.set_aside_reason,
    }


def _moment(moment: datetime, person: User) -> str:
    """On the reader's clock."""
    return date_format(moment.astimezone(person.zone), "j M Y, H:i")
