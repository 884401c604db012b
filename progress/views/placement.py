from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts import clock
from progress import words
from progress.models import Enrollment
from progress.views import placement_pages, quiz_pages
from progress.views.doors import SignedInRequest, enrollment_of, find_enrollment
from quizzes.models import Quiz
from quizzes.refusals import AttemptRefusedError
from roadmap.models import Roadmap, Stage


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def placement(request: SignedInRequest, road_key: str) -> HttpResponse:
    """What the quiz for placement is for, and what it said so far; POST begins it or goes on.

    Whoever is not on the road yet is led to where she starts it.
    """
    enrollment = find_enrollment(request.user, road_key)
    if enrollment is None:
        get_object_or_404(Roadmap.objects.open_to(request.user), key=road_key)
        return redirect("progress:enroll", road_key)
    quiz, now, status = _quiz(enrollment), clock.database_now(), 200
    if request.method == "POST":
        try:
            return redirect(quiz_pages.player_url(road_key, enrollment.start_quiz(quiz, now)))
        except AttemptRefusedError:
            status = 409
    context = placement_pages.cover(enrollment.position(now), quiz, now)
    return render(request, "progress/placement.html", context, status=status)


@login_required
@require_POST
def walk(request: SignedInRequest, road_key: str, stage_key: str) -> HttpResponse:
    """Walk a stage that is known by placement all the same (walks=1), or let it count as known (walks=0)."""
    enrollment, walks = enrollment_of(request.user, road_key), request.POST.get("walks") != "0"
    try:
        enrollment.walk(stage_key, clock.now(), walks=walks)
    except Stage.DoesNotExist as unknown:
        raise Http404 from unknown
    if walks:
        messages.success(request, gettext("You walk this stage. What you did on it counts as ever."))
    else:
        messages.success(request, gettext("This stage counts as known by placement."))
    return redirect(words.stage_url(road_key, stage_key))


def _quiz(enrollment: Enrollment) -> Quiz:
    """The quiz for placement of the road as it is studied now; Http404 where there is none."""
    quizzes = Quiz.objects.of_road(enrollment.roadmap.key).select_related("current_version")
    return get_object_or_404(quizzes, key=enrollment.document.placement or "")
