from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from accounts import clock
from accounts.request import SignedInRequest
from mentoring import words
from mentoring.forms import AppealAnswerForm
from mentoring.models import mentored_appeals
from mentoring.views import mark_sheet
from quizzes.models import Appeal, AppealState
from quizzes.refusals import AppealAnsweredError, MarkMovedError


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def appeal(request: SignedInRequest, appeal_id: int) -> HttpResponse:
    """A learner's appeal beside her answer and its mark; while it is open, the decision."""
    now = clock.database_now()
    found = _found(request, appeal_id)
    if request.method == "POST":
        return _answer(request, found, now)
    return _page(request, found, None, now)


def _found(request: SignedInRequest, appeal_id: int) -> Appeal:
    within_reach = mentored_appeals().within_reach_of(request.user)
    return get_object_or_404(
        within_reach.select_related("attempt__person", "attempt__quiz__roadmap", "answered_by"), pk=appeal_id
    )


def _answer(request: SignedInRequest, found: Appeal, now: datetime) -> HttpResponse:
    """Take the decision if it is the first; else show the one that stands, and what was typed here."""
    sheet = mark_sheet.MarkSheet.of(found.attempt)
    form = AppealAnswerForm(request.POST, mark=sheet.all_marks[found.slot])
    if not found.is_open:
        return _answered_before(request, found, now)
    if not form.is_valid():
        return _page(request, found, form, now, status=422)
    said = form.cleaned_data
    try:
        if said["decision"] == AppealState.UPHELD:
            mentored_appeals().uphold(
                found,
                said["points"],
                said["answer"],
                seen=said["seen"],
                tells_authors=said["tells_authors"],
                by=request.user,
                now=now,
            )
        else:
            found.decline(said["answer"], by=request.user, tells_authors=said["tells_authors"], now=now)
    except AppealAnsweredError:
        return _answered_before(request, _found(request, found.pk), now)
    except MarkMovedError:
        return _moved(request, _found(request, found.pk), now)
    return _to_the_next(request, found)


def _answered_before(request: SignedInRequest, found: Appeal, now: datetime) -> HttpResponse:
    kept = [text] if (text := request.POST.get("answer", "").strip()) else []
    return _page(request, found, None, now, kept=kept, was_answered=True, status=409)


def _moved(request: SignedInRequest, found: Appeal, now: datetime) -> HttpResponse:
    """Somebody marked the answer in between: what stands now is on the page, what was typed in the form."""
    if not found.is_open:
        return _answered_before(request, found, now)
    sheet = mark_sheet.MarkSheet.of(found.attempt)
    data = request.POST.copy()
    data["seen"] = str(sheet.number)
    form = AppealAnswerForm(data, mark=sheet.all_marks[found.slot])
    return _page(request, found, form, now, was_moved=True, status=409)


def _to_the_next(request: SignedInRequest, found: Appeal) -> HttpResponseRedirect:
    said = gettext("Answered: the appeal of %(learner)s at “%(title)s”.")
    messages.success(request, said % {"learner": found.attempt.person, "title": found.attempt.quiz.title})
    waiting = mentored_appeals().within_reach_of(request.user).open().exclude(pk=found.pk)
    following = waiting.values_list("pk", flat=True).first()
    return redirect("mentoring:appeal", following) if following else redirect("mentoring:home")


def _page(
    request: SignedInRequest,
    found: Appeal,
    form: AppealAnswerForm | None,
    now: datetime,
    *,
    status: int = 200,
    **said: Any,
) -> HttpResponse:
    mentor, sheet = request.user, mark_sheet.MarkSheet.of(found.attempt)
    if form is None and found.is_open:
        form = AppealAnswerForm(mark=sheet.all_marks[found.slot], initial={"seen": sheet.number})
    context = {
        "appeal": found,
        "attempt": found.attempt,
        "promise": words.mark_promise(found.raised_at, mentor, now) if found.is_open else None,
        "facts": mark_sheet.facts(sheet, mentor),
        "learner_href": mark_sheet.learner_href(mentor, found.attempt),
        "row": sheet.row(found.slot, mentor),
        "raised": words.day(mentor.today(found.raised_at)),
        "answered": words.day(mentor.today(found.answered_at)) if found.answered_at else "",
        "who": words.member(found.answered_by),
        "form": form,
        **said,
    }
    return render(request, "mentoring/appeal.html", context, status=status)
