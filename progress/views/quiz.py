from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import clock
from accounts.models import User
from progress.models import Enrollment
from progress.views import quiz_outcome, quiz_pages, quiz_player
from progress.views.doors import SignedInRequest, enrollment_of
from progress.views.quiz_saving import attempt_of
from quizzes.models import Attempt, Quiz
from quizzes.paper import Overtime
from quizzes.refusals import AttemptRefusedError

TOO_LITTLE_LEFT = timedelta(seconds=2)  # nobody reads a list of open questions in that time


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: SignedInRequest, road_key: str, quiz_key: str) -> HttpResponse:
    """What a quiz asks, how it went so far and when the next attempt may begin; POST begins it or goes on."""
    enrollment = enrollment_of(request.user, road_key)
    if quiz_key == enrollment.document.placement:
        return redirect("progress:placement", road_key)
    quiz = _quiz(enrollment, quiz_key)
    now = clock.database_now()
    status = 200
    if request.method == "POST":
        try:
            return redirect(quiz_pages.player_url(road_key, enrollment.start_quiz(quiz, now)))
        except AttemptRefusedError:
            status = 409
    context = quiz_pages.cover(enrollment.position(now), quiz, now)
    return render(request, "progress/quiz_start.html", context, status=status)


@login_required
@never_cache  # coming back to an older copy would be an overtaken page
@require_http_methods(["GET", "HEAD", "POST"])
def quiz(request: SignedInRequest, road_key: str, quiz_key: str, number: int) -> HttpResponse:
    """The questions of an open attempt; POST keeps the whole form (for pages without script) and comes back.

    Whoever opens the page takes the attempt over. A browser that only looks ahead does not.
    """
    enrollment, attempt = _own(request.user, road_key, quiz_key, number)
    now = clock.database_now()
    if request.method == "POST":
        if refused := quiz_player.keep_form(request, enrollment, attempt, now):
            return refused
        if "go" not in request.POST:
            messages.success(request, gettext("Your answers are saved."))
        return redirect(quiz_player.place_url(road_key, attempt, request.POST.get("go", "")))
    if request.method == "HEAD":
        return HttpResponse()
    if "prefetch" in request.headers.get("Sec-Purpose", ""):
        return HttpResponse(status=503)  # a browser then asks again when somebody really goes there
    return quiz_player.show(request, enrollment, attempt, now)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def submit(request: SignedInRequest, road_key: str, quiz_key: str, number: int) -> HttpResponse:
    """The list of open questions before handing in; POST keeps the form it comes with, and hands in once confirmed."""
    enrollment, attempt = _own_to_act(request.user, road_key, quiz_key, number)
    now = clock.database_now()
    if request.method == "POST":
        if "epoch" in request.POST and (refused := quiz_player.keep_form(request, enrollment, attempt, now)):
            return refused
        if "confirmed" not in request.POST and not _is_nearly_over(attempt, now):
            return redirect(quiz_pages.submit_url(road_key, attempt))
        enrollment.hand_in_quiz(attempt, now)
    if attempt.is_finished or attempt.is_overdue(now):
        return quiz_player.to_result(enrollment, attempt, now)
    context = quiz_player.confirmation(enrollment, attempt, now)
    return render(request, "progress/quiz_submit.html", context)


@login_required
@require_safe
def result(request: SignedInRequest, road_key: str, quiz_key: str, number: int) -> HttpResponse:
    """A finished attempt by topic and by question, with right answers, reasons and what to go back to."""
    enrollment, attempt = _own(request.user, road_key, quiz_key, number)
    now = clock.database_now()
    if attempt.is_overdue(now):
        enrollment.hand_in_quiz(attempt, now)
    if not attempt.is_finished:
        return redirect(quiz_pages.player_url(road_key, attempt))
    context = quiz_outcome.outcome(enrollment.position(now), attempt, now)
    attempt.see(now)
    return render(request, "progress/quiz_result.html", context)


def _quiz(enrollment: Enrollment, quiz_key: str) -> Quiz:
    """A quiz of a stage of the road that is studied now; Http404 for any other."""
    if enrollment.document.stage_of_quiz(quiz_key) is None:
        raise Http404
    quizzes = Quiz.objects.of_road(enrollment.roadmap.key).select_related("current_version")
    return get_object_or_404(quizzes, key=quiz_key)


def _own(person: User, road_key: str, quiz_key: str, number: int) -> tuple[Enrollment, Attempt]:
    return enrollment_of(person, road_key), attempt_of(person, road_key, quiz_key, number)


def _own_to_act(person: User, road_key: str, quiz_key: str, number: int) -> tuple[Enrollment, Attempt]:
    enrollment = enrollment_of(person, road_key)
    attempt = Attempt.objects.find(person, road_key, quiz_key, number)
    if attempt is None:
        raise Http404
    return enrollment, attempt


def _is_nearly_over(attempt: Attempt, now: datetime) -> bool:
    """Whether no time is left to be asked; where handing in may take longer, it does."""
    if attempt.deadline_at is None or attempt.overtime == Overtime.GRACE:
        return False
    return attempt.deadline_at - now <= TOO_LITTLE_LEFT
