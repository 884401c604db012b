from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count, Max
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import clock
from accounts.models import User
from accounts.request import SignedInRequest
from mentoring import words
from progress.models import Enrollment, Submission
from progress.words import evidence_url
from roadmap.models import Edition, Roadmap

ROWS_ON_A_PAGE = 40


@login_required
@require_safe
def evidence_list(request: SignedInRequest) -> HttpResponse:
    """All evidence tasks of my roads with how mine stands, and what I handed in on roads I left."""
    now = clock.now()
    rows = list(_rows(request.user))
    page = Paginator(rows, ROWS_ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "mine": sum(row["stand"].needs_learner for row in rows),
        "today": request.user.today(now),
    }
    return render(request, "mentoring/evidence_list.html", context)


def _rows(person: User) -> Iterator[dict[str, Any]]:
    """Road after road, each in the order of its stages; what an edition no longer has comes last."""
    enrollments = list(Enrollment.objects.of(person))
    handed_in = {
        (submission.task.roadmap_id, submission.task.key): submission
        for submission in Submission.objects.of(person)
        .select_related("task")
        .annotate(versions_count=Count("versions"), edition_id=Max("versions__edition_id"))
    }
    for enrollment in enrollments:
        of_road = {key: row for (road, key), row in handed_in.items() if road == enrollment.roadmap_id}
        yield from _of_road(enrollment, of_road, person)


def _of_road(
    enrollment: Enrollment, handed_in: dict[str, Submission], person: User
) -> Iterator[dict[str, Any]]:
    road, document = enrollment.roadmap, enrollment.document
    asked = document.task_by_key if enrollment.is_current else {}
    for key, task in asked.items():
        stage = document.stage_of_task(key)
        number = document.number_of(stage.key) if stage else None
        yield {
            "road": road,
            "title": task.title,
            "stage": number,
            **_row(road, key, handed_in.get(key), person),
        }
    for key, submission in handed_in.items():
        if key not in asked:
            edition_id: int = submission.edition_id  # type: ignore[attr-defined]  # annotated above
            title = Edition.objects.document(edition_id).task_by_key[key].title
            yield {"road": road, "title": title, "stage": None, **_row(road, key, submission, person)}


def _row(road: Roadmap, key: str, submission: Submission | None, person: User) -> dict[str, Any]:
    return {
        "href": evidence_url(road.key, key),
        "stand": words.stand(submission),
        "versions": getattr(submission, "versions_count", 0),
        "since": words.day(person.today(submission.state_since)) if submission else "",
        "is_new": submission is not None
        and submission.state != "waiting"
        and submission.feedback_seen_at is None,
    }
