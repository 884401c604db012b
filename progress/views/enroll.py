from __future__ import annotations

from fractions import Fraction
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from accounts import clock
from progress import plan, words
from progress.forms import EnrollForm
from progress.models import Enrollment
from progress.views.doors import SignedInRequest, find_enrollment
from progress.views.drawing import strip
from roadmap.document import RoadDocument
from roadmap.models import Edition, Roadmap


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def enroll(request: SignedInRequest, road_key: str) -> HttpResponse:
    """Three questions, then the plan they make. “Work out the dates” asks again without enrolling."""
    roadmap = get_object_or_404(Roadmap.objects.open_to(request.user), key=road_key)
    if find_enrollment(request.user, road_key):
        return redirect("progress:today")
    now = clock.now()
    document = Edition.objects.document(roadmap.studied_edition_id)
    today = request.user.today(now)
    first = {
        "background": document.backgrounds[0].key if document.backgrounds else "",
        "hours_per_week": document.hours_per_week,
        "starts_on": today,
    }
    form = EnrollForm(request.POST or None, initial=first, document=document, today=today)
    if request.method == "POST" and form.is_valid() and "preview" not in request.POST:
        Enrollment.objects.enroll(request.user, roadmap, now=now, **form.cleaned_data)
        messages.success(
            request, gettext("You are on the road. Your plan has dates; change them when you like.")
        )
        if "placement" in request.POST and document.placement:
            return redirect("progress:placement", road_key)
        return redirect("progress:today")
    answers = form.cleaned_data if form.is_bound and form.is_valid() else first
    context = {"document": document, "form": form, "preview": _preview(document, answers)}
    return render(request, "progress/enroll.html", context, status=422 if form.errors else 200)


def _preview(document: RoadDocument, answers: dict[str, Any]) -> dict[str, Any]:
    """The dated plan that these answers make, with the two ends of the range in words."""
    background, pace = answers["background"], Fraction(answers["hours_per_week"])
    hours = [(stage.key, plan.middle(*stage.hours(background))) for stage in document.stages]
    dates = plan.lay_out(hours, pace, answers["starts_on"])
    ends = [
        plan.lay_out([("", Fraction(side))], pace, answers["starts_on"])[0].due_on
        for side in document.hours(background)
    ]
    return {
        "span": document.hours(background),
        "months": words.months(document.hours(background), pace),
        "hours_per_week": answers["hours_per_week"],
        "ends_on": words.day(dates[-1].due_on) if dates else "",
        "earliest": words.day(ends[0]),
        "latest": words.day(ends[1]),
        "strip": strip(document, dates),
        "rows": [(document.stage_by_key[d.key].title, words.day(d.due_on)) for d in dates],
    }
