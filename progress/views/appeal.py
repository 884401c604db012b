from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from accounts import clock
from progress.forms import AppealForm
from progress.views import quiz_appeals, quiz_outcome, quiz_pages
from progress.views.doors import SignedInRequest, enrollment_of
from progress.views.quiz_saving import attempt_of
from quizzes.models import Appeal
from quizzes.models.appeal import MOST_A_DAY
from quizzes.refusals import AppealRefusedError, TooManyAppealsError


@login_required
@require_POST
def appeal(request: SignedInRequest, road_key: str, quiz_key: str, number: int) -> HttpResponse:
    """Appeal the mark of one answer of my finished attempt; sending it twice changes nothing."""
    enrollment = enrollment_of(request.user, road_key)
    attempt = attempt_of(request.user, road_key, quiz_key, number)
    now = clock.database_now()
    if not attempt.is_finished:
        return redirect(quiz_pages.player_url(road_key, attempt))
    form = AppealForm(request.POST, slots=quiz_appeals.slots(attempt.result(attempt.seen(now))))
    if form.is_valid():
        try:
            Appeal.objects.begin(attempt, form.cleaned_data["slot"], form.cleaned_data["text"], now)
        except TooManyAppealsError:
            said = gettext("You appealed %(count)d times within a day. Send this one tomorrow.")
            form.add_error(None, said % {"count": MOST_A_DAY})
        except AppealRefusedError:
            form.add_error("slot", gettext("This answer can’t be appealed."))
        else:
            messages.success(request, gettext("Your appeal was sent. A mentor answers it here."))
            return HttpResponseRedirect(f"{quiz_pages.result_url(road_key, attempt)}#appeals-title")
    context = quiz_outcome.outcome(enrollment.position(now), attempt, now, form)
    return render(request, "progress/quiz_result.html", context, status=422)
