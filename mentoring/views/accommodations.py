"""What a learner is given beyond everybody, as those who look after her give and end it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import F, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts import clock
from accounts.models import User
from accounts.request import SignedInRequest
from mentoring import words
from mentoring.forms import GivenForm
from mentoring.models import mentored_attempts, mentored_enrollments
from progress.models import Enrollment
from quizzes.models import Accommodation
from quizzes.models.accommodation import AccommodationQuerySet, Given

ON_A_PAGE, RUNNING_SHOWN = 20, 20


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def accommodations(request: SignedInRequest, person_id: int, road_key: str) -> HttpResponse:
    """What she is given on this road, and a form to give more; what runs already gets it at once."""
    enrollment = _find(request, person_id, road_key)
    if request.method != "POST":
        return _page(request, enrollment, GivenForm(road=enrollment.roadmap))
    row = Accommodation(person=enrollment.person)
    form = GivenForm(request.POST, instance=row, road=enrollment.roadmap)
    if not form.is_valid():
        return _page(request, enrollment, form, status=422)
    given = mentored_enrollments().give(form.instance, by=request.user, now=clock.database_now())
    messages.success(request, _given_words(given))
    return redirect("mentoring:accommodations", person_id, road_key)


@login_required
@require_POST
def end(request: SignedInRequest, person_id: int, road_key: str, accommodation_id: int) -> HttpResponse:
    """It holds no longer; attempts under way keep their time."""
    enrollment = _find(request, person_id, road_key)
    row = get_object_or_404(_of(enrollment), pk=accommodation_id)
    mentored_enrollments().end(row, by=request.user, now=clock.database_now())
    messages.success(request, gettext("Ended. Attempts under way keep the time they were given."))
    return redirect("mentoring:accommodations", person_id, road_key)


def _find(request: SignedInRequest, person_id: int, road_key: str) -> Enrollment:
    mine = mentored_enrollments().within_reach_of(request.user)
    return get_object_or_404(
        mine.select_related("person", "roadmap"), person=person_id, roadmap__key=road_key
    )


def _of(enrollment: Enrollment) -> AccommodationQuerySet:
    """What holds, or held, at quizzes of this road."""
    here = Q(quiz=None) | Q(quiz__roadmap=enrollment.roadmap_id)
    return Accommodation.objects.of(enrollment.person).filter(here)


def _page(
    request: SignedInRequest, enrollment: Enrollment, form: GivenForm, status: int = 200
) -> HttpResponse:
    mentor = request.user
    rows = _of(enrollment).select_related("quiz", "given_by", "ended_by")
    listed = rows.order_by(F("ended_at").desc(nulls_first=True), "-given_at", "-pk")
    page = Paginator(listed, ON_A_PAGE).get_page(request.GET.get("page"))
    running = mentored_attempts().looked_after_by(mentor).open().of(enrollment.person)
    on_road = running.filter(quiz__roadmap=enrollment.roadmap_id).select_related("quiz").defer("paper")
    context: dict[str, Any] = {
        "learner": enrollment.person,
        "road": enrollment.roadmap,
        "learner_href": words.learner_url(enrollment.person_id, enrollment.roadmap.key),
        "page": page,
        "rows": [_row(row, mentor) for row in page],
        "running": [
            {
                "attempt": attempt,
                "until": _moment(attempt.deadline_at, mentor) if attempt.deadline_at else gettext("No limit"),
            }
            for attempt in on_road.order_by("started_at", "pk")[:RUNNING_SHOWN]
        ],
        "form": form,
    }
    return render(request, "mentoring/accommodations.html", context, status=status)


def _row(row: Accommodation, mentor: User) -> dict[str, Any]:
    return {
        "row": row,
        "where": row.quiz.title if row.quiz else gettext("Every quiz"),
        "what": row.words(),
        "given": gettext("%(who)s, %(day)s") % _by(row.given_by, row.given_at, mentor),
        "ended": gettext("%(who)s, %(day)s") % _by(row.ended_by, row.ended_at, mentor)
        if row.ended_at
        else "",
    }


def _by(who: User | None, at: Any, mentor: User) -> dict[str, str]:
    return {"who": words.member(who), "day": words.day(mentor.today(at))}


def _given_words(given: Given) -> str:
    """What was done, and which attempts have more time at once."""
    if not given.extended:
        return gettext("Given. No attempt under way has more time because of it.")
    told = ngettext(
        "Given. One attempt under way has more time at once: %(which)s.",
        "Given. %(count)d attempts under way have more time at once: %(which)s.",
        len(given.extended),
    )
    which = ", ".join(f"{attempt.quiz.title} #{attempt.number}" for attempt in given.extended)
    return told % {"count": len(given.extended), "which": which}


def _moment(moment: Any, person: User) -> str:
    return date_format(moment.astimezone(person.zone), "j M Y, H:i")
