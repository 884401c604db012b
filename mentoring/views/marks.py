from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods

from accounts import clock
from accounts.request import SignedInRequest
from mentoring import words
from mentoring.forms import MarkForm
from mentoring.models import mentored_attempts
from mentoring.views import mark_sheet
from quizzes.models import Attempt
from quizzes.refusals import MarkMovedError


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def marks(request: SignedInRequest, attempt_id: int) -> HttpResponse:
    """The answers of an attempt that a person marks, each with its question and what its author says to markers."""
    now = clock.database_now()
    within_reach = mentored_attempts().within_reach_of(request.user).filter(points__isnull=False)
    attempt = get_object_or_404(within_reach.select_related("person", "quiz__roadmap"), pk=attempt_id)
    sheet = mark_sheet.MarkSheet.of(attempt)
    if request.method == "POST":
        return _mark(request, sheet, now)
    return _page(request, sheet, MarkForm(marks=sheet.marks, initial={"seen": sheet.number}), now)


def _mark(request: SignedInRequest, sheet: mark_sheet.MarkSheet, now: datetime) -> HttpResponse:
    """Take the marks unless somebody else gave others in between; then show both, and let the mentor decide."""
    form = MarkForm(request.POST, marks=sheet.marks)
    if not form.is_valid():
        return _page(request, sheet, form, now, status=422)
    try:
        mentored_attempts().mark(
            sheet.attempt, form.given(), seen=form.cleaned_data["seen"], by=request.user, now=now
        )
    except MarkMovedError as moved:
        return _moved(request, mark_sheet.MarkSheet.of(sheet.attempt), moved, now)
    return _to_the_next(request, sheet.attempt)


def _moved(
    request: SignedInRequest, sheet: mark_sheet.MarkSheet, moved: MarkMovedError, now: datetime
) -> HttpResponse:
    """What stands now is on the page; what was typed stands in the form, and counts once it is saved again."""
    data: QueryDict = request.POST.copy()
    data["seen"] = str(sheet.number)
    return _page(request, sheet, MarkForm(data, marks=sheet.marks), now, moved=moved.slots, status=409)


def _to_the_next(request: SignedInRequest, attempt: Attempt) -> HttpResponseRedirect:
    said = gettext("Marked: “%(title)s” by %(learner)s.") % {
        "title": attempt.quiz.title,
        "learner": attempt.person,
    }
    if not attempt.is_marked:
        said = gettext("Saved. “%(title)s” by %(learner)s still has answers that wait.") % {
            "title": attempt.quiz.title,
            "learner": attempt.person,
        }
    messages.success(request, said)
    waiting = mentored_attempts().within_reach_of(request.user).queued().exclude(pk=attempt.pk)
    following = waiting.values_list("pk", flat=True).first()
    return redirect("mentoring:marks", following) if following else redirect("mentoring:home")


def _page(
    request: SignedInRequest,
    sheet: mark_sheet.MarkSheet,
    form: MarkForm,
    now: datetime,
    *,
    moved: tuple[int, ...] = (),
    status: int = 200,
) -> HttpResponse:
    mentor, attempt = request.user, sheet.attempt
    waiting = sum(mark.waits for mark in sheet.marks.values())
    heading = ngettext("%(count)d answer to mark", "%(count)d answers to mark", waiting) % {"count": waiting}
    context: dict[str, Any] = {
        "attempt": attempt,
        "heading": heading if waiting else gettext("All answers are marked"),
        "promise": words.mark_promise(attempt.finished_at or now, mentor, now) if waiting else None,
        "facts": mark_sheet.facts(sheet, mentor),
        "learner_href": mark_sheet.learner_href(mentor, attempt),
        "rows": sheet.rows(form, mentor, moved),
        "others": sheet.others(),
        "form": form,
        "moved": moved,
    }
    return render(request, "mentoring/marks.html", context, status=status)
