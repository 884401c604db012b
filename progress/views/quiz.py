from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from pydantic import ValidationError

from accounts import clock
from accounts.models import User
from progress.models import Enrollment
from progress.views import quiz_outcome, quiz_pages
from progress.views.doors import SignedInRequest, enrollment_of
from quizzes.models import Attempt, Quiz
from quizzes.refusals import AttemptRefusedError, FinishedError, TakenOverError, UnknownSlotError
from quizzes.saves import LONGEST, Save

MOST_FIELDS = 5000
LONGEST_PART = 40
TOO_LITTLE_LEFT = timedelta(seconds=2)  # nobody reads a list of open questions in that time


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: SignedInRequest, road_key: str, quiz_key: str) -> HttpResponse:
    """What a quiz asks, how it went so far and when the next attempt may begin; POST begins it or goes on."""
    enrollment = enrollment_of(request.user, road_key)
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
@require_http_methods(["GET", "HEAD", "POST"])
def quiz(request: SignedInRequest, road_key: str, quiz_key: str, number: int) -> HttpResponse:
    """The questions of an open attempt; POST keeps the whole form (for pages without script) and comes back."""
    enrollment, attempt = _own(request.user, road_key, quiz_key, number)
    now = clock.database_now()
    if request.method == "POST":
        refused = _keep_form(request, enrollment, attempt, now)
        if refused is None:
            messages.success(request, gettext("Your answers are saved."))
        return refused or redirect(quiz_pages.player_url(road_key, attempt))
    return _player(request, enrollment, attempt, now)


@login_required
@require_POST
def save(request: SignedInRequest, road_key: str, quiz_key: str, number: int) -> HttpResponse:
    """Keep answers as the player's script sends them: 409 from an overtaken page, 410 when the attempt is over."""
    try:
        sent = Save.model_validate_json(request.body)
        deadline_at = Attempt.objects.save_answers(
            request.user, road_key, quiz_key, number, sent=sent, now=clock.database_now()
        )
    except Attempt.DoesNotExist as missing:
        raise Http404 from missing
    except TakenOverError:
        return JsonResponse({"reason": "taken_over"}, status=409)
    except FinishedError:
        return JsonResponse({"reason": "finished"}, status=410)
    except UnknownSlotError as unknown:
        return JsonResponse({"reason": "invalid", "faults": [str(unknown)]}, status=422)
    except ValidationError as invalid:
        _attempt(request.user, road_key, quiz_key, number)  # whose attempt it is not learns no more than that
        faults = [f"{'.'.join(map(str, error['loc']))}: {error['msg']}" for error in invalid.errors()[:20]]
        return JsonResponse({"reason": "invalid", "faults": faults}, status=422)
    return JsonResponse({"saved": len(sent.items), "deadline_at": deadline_at})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def submit(request: SignedInRequest, road_key: str, quiz_key: str, number: int) -> HttpResponse:
    """The list of open questions before handing in; POST keeps the form it comes with, and hands in once confirmed."""
    enrollment, attempt = _own_to_act(request.user, road_key, quiz_key, number)
    now = clock.database_now()
    if request.method == "POST":
        if "epoch" in request.POST and (refused := _keep_form(request, enrollment, attempt, now)):
            return refused
        if "confirmed" not in request.POST and not _is_nearly_over(attempt, now):
            return redirect(quiz_pages.submit_url(road_key, attempt))
        enrollment.hand_in_quiz(attempt, now)
    if attempt.is_finished or attempt.is_overdue(now):
        return _to_result(enrollment, attempt, now)
    return render(request, "progress/quiz_submit.html", quiz_pages.confirmation(enrollment, attempt))


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
    return render(request, "progress/quiz_result.html", context)


def _quiz(enrollment: Enrollment, quiz_key: str) -> Quiz:
    """A quiz of a stage of the road that is studied now; Http404 for any other."""
    if enrollment.document.stage_of_quiz(quiz_key) is None:
        raise Http404
    quizzes = Quiz.objects.of_road(enrollment.roadmap.key).select_related("current_version")
    return get_object_or_404(quizzes, key=quiz_key)


def _attempt(person: User, road_key: str, quiz_key: str, number: int) -> Attempt:
    mine = Attempt.objects.of(person).at(road_key, quiz_key).select_related("quiz__current_version")
    return get_object_or_404(mine, number=number)


def _own(person: User, road_key: str, quiz_key: str, number: int) -> tuple[Enrollment, Attempt]:
    return enrollment_of(person, road_key), _attempt(person, road_key, quiz_key, number)


def _own_to_act(person: User, road_key: str, quiz_key: str, number: int) -> tuple[Enrollment, Attempt]:
    enrollment = enrollment_of(person, road_key)
    attempt = Attempt.objects.find(person, road_key, quiz_key, number)
    if attempt is None:
        raise Http404
    return enrollment, attempt


def _is_nearly_over(attempt: Attempt, now: datetime) -> bool:
    return attempt.deadline_at is not None and attempt.deadline_at - now <= TOO_LITTLE_LEFT


def _to_result(enrollment: Enrollment, attempt: Attempt, now: datetime) -> HttpResponse:
    if not attempt.is_finished:
        enrollment.hand_in_quiz(attempt, now)
    return redirect(quiz_pages.result_url(enrollment.roadmap.key, attempt))


def _player(
    request: SignedInRequest,
    enrollment: Enrollment,
    attempt: Attempt,
    now: datetime,
    typed: Mapping[int, object] | None = None,
) -> HttpResponse:
    """The player; `typed` is what an overtaken page held, shown instead of the saved answers."""
    try:
        epoch = attempt.open(now)
    except FinishedError:
        return _to_result(enrollment, attempt, now)
    context = quiz_pages.player(enrollment, attempt, now, typed)
    status = 200 if typed is None else 409
    return render(request, "progress/quiz.html", {**context, "epoch": epoch}, status=status)


def _keep_form(
    request: SignedInRequest, enrollment: Enrollment, attempt: Attempt, now: datetime
) -> HttpResponse | None:
    """Keep a form that was sent whole; None when it is kept, else the page that says why not."""
    epoch = request.POST.get("epoch", "")
    values = _values(request.POST, attempt)
    try:
        attempt.save_page(int(epoch) if epoch.isdecimal() and len(epoch) < 10 else -1, values, now)
    except TakenOverError:
        return _player(request, enrollment, attempt, now, values)
    except FinishedError:
        return _to_result(enrollment, attempt, now)
    return None


def _values(form: QueryDict, attempt: Attempt) -> dict[int, object]:
    """What the fields q1, q2[] (checkboxes), q3.part, ... say, as the player's script would have sent it."""
    parts: dict[str, dict[str, str]] = {}
    for name in list(form)[:MOST_FIELDS]:
        field, dot, part = name.partition(".")
        if dot and len(part) <= LONGEST_PART:
            parts.setdefault(field, {})[part] = _cleaned(form.get(name, ""))
    return {asked.slot: _value(form, f"q{asked.slot}", parts) for asked in attempt.slots}


def _value(form: QueryDict, field: str, parts: Mapping[str, dict[str, str]]) -> object:
    said = form.get(field)
    ticked = [_cleaned(text) for text in form.getlist(f"{field}[]")[:50]]
    return ticked or parts.get(field) or (None if said is None else _cleaned(said))


def _cleaned(text: str) -> str:
    return text.replace("\x00", "")[:LONGEST]
