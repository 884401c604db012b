from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from accounts import clock
from progress import plan as plans
from progress import words
from progress.forms import PlanForm
from progress.models.enrollment import Position
from progress.plan import StageDates
from progress.views.doors import SignedInRequest, enrollment_of
from progress.views.drawing import strip


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def plan(request: SignedInRequest, road_key: str) -> HttpResponse:
    """The dated stages of my plan, and a form that lays out a new one from a day on."""
    enrollment = enrollment_of(request.user, road_key)
    now = clock.now()
    today = request.user.today(now)
    position = enrollment.position(now)
    followed = position.known.plan
    first = {"hours_per_week": followed.hours_per_week if followed else 10, "starts_on": today}
    form = PlanForm(request.POST or None, initial=first, today=today)
    if request.method == "POST" and form.is_valid():
        enrollment.replan(now=now, **form.cleaned_data)
        messages.success(request, gettext("Your plan has new dates. The earlier plan is kept."))
        return redirect("progress:plan", road_key)
    context = {
        "position": position,
        "form": form,
        "rows": _rows(position),
        "strip": _strip(position, today),
        "versions": enrollment.plans.all()[:10],
    }
    return render(request, "progress/plan.html", context, status=422 if form.errors else 200)


def _rows(position: Position) -> list[dict[str, Any]]:
    """Every stage with its planned day, or the day it was passed."""
    return [
        {
            "stage": place.stage,
            "number": place.number,
            "state": place.state,
            "hours": place.stage.hours(position.enrollment.background),
            "due": words.day(position.due[place.stage.key]) if place.stage.key in position.due else "",
            "passed": words.moment_day(position, place.passed_at) if place.passed_at else "",
            "word": words.state_word(place),
            "href": words.stage_url(position.document.key, place.stage.key),
        }
        for place in position.standing.stages
    ]


def _strip(position: Position, today: Any) -> Any:
    followed, known = position.known.plan, position.standing.by_key
    if followed is None:
        return None
    dates = [
        StageDates(
            stage.key,
            plans.shift(stage.starts_on, position.known.pauses, since=followed.starts_on),
            position.due[stage.key],
        )
        for stage in followed.stages
        if stage.key in known
    ]
    states = {key: str(place.state) for key, place in known.items()}
    return strip(position.document, dates, states=states, pauses=position.known.pauses, today=today)
