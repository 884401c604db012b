from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from accounts import clock
from accounts.models import User
from accounts.request import SignedInRequest
from mentoring import words
from mentoring.models import Mentorship
from progress.forms import HandInForm
from progress.models import Enrollment, Submission, SubmissionVersion
from progress.models.submission import HandInRefusedError
from progress.words import Row, missing_rows, stage_url
from roadmap.document import StageEntry, TaskEntry
from roadmap.models import Edition

EARLIER_ON_A_PAGE = 5


@dataclass(frozen=True)
class _Desk:
    """What lies on the learner's desk for one task: the task, her answer so far, and why she may not hand in."""

    enrollment: Enrollment
    task: TaskEntry
    stage: StageEntry | None
    submission: Submission | None
    newest: SubmissionVersion | None
    missing: list[Row]
    closed: str  # "", accepted, locked, left, retired

    @property
    def next_number(self) -> int:
        return self.newest.number + 1 if self.newest else 1


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def evidence(request: SignedInRequest, road_key: str, task_key: str) -> HttpResponse:
    """One evidence task: what is asked, how it is judged, my versions with their reviews, and handing in."""
    now = clock.now()
    desk = _desk(request.user, road_key, task_key, now)
    if request.method == "POST":
        return _hand_in(request, desk, now)
    if request.method == "GET" and desk.submission:
        desk.submission.see_feedback(now)
    form = None if desk.closed else HandInForm(task=desk.task)
    return _page(request, desk, now, form)


def _hand_in(request: SignedInRequest, desk: _Desk, now: datetime) -> HttpResponse:
    form = HandInForm(request.POST, request.FILES, task=desk.task)
    if desk.closed:
        return _page(request, desk, now, kept=_kept(request), status=409)
    if not form.is_valid():
        return _page(request, desk, now, form, status=422)
    try:
        version = Submission.objects.hand_in(desk.enrollment, desk.task, now=now, **form.cleaned_data)
    except HandInRefusedError:  # decided by somebody else a moment ago
        road_key = desk.enrollment.roadmap.key
        return _page(
            request,
            _desk(request.user, road_key, desk.task.key, now),
            now,
            kept=_kept(request),
            status=409,
        )
    said = gettext("Version %(number)d is handed in. It is your mentor’s turn.")
    messages.success(request, said % {"number": version.number})
    return redirect(request.path)


def _kept(request: SignedInRequest) -> list[str]:
    """What was typed, to be shown when it could not be taken."""
    return [text for name in ("link", "text", "note") if (text := request.POST.get(name, "").strip())]


def _desk(person: User, road_key: str, task_key: str, now: datetime) -> _Desk:
    """Http404 for whoever is not on the road, and for a task that neither the road nor her evidence knows."""
    enrollment = Enrollment.objects.of(person).on(road_key).first()
    if enrollment is None:
        raise Http404
    enrollment.person = person
    submission = Submission.objects.of(person).on(road_key).filter(task__key=task_key).first()
    newest = submission.versions.select_related("review_given__reviewer").first() if submission else None
    asked = enrollment.document.task_by_key.get(task_key)
    task = asked or _task_of(newest, task_key)
    stage = enrollment.document.stage_of_task(task_key)
    missing = _missing(enrollment, stage, now) if stage and submission is None else []
    closed = _closed(enrollment, submission, is_asked=asked is not None, is_locked=bool(missing))
    return _Desk(enrollment, task, stage, submission, newest, missing, closed)


def _task_of(newest: SubmissionVersion | None, task_key: str) -> TaskEntry:
    """A task that is no longer part of the road, as the newest version's edition has it."""
    if newest is None:
        raise Http404
    return Edition.objects.document(newest.edition_id).task_by_key[task_key]


def _missing(enrollment: Enrollment, stage: StageEntry, now: datetime) -> list[Row]:
    position = enrollment.position(now)
    place = position.standing.by_key[stage.key]
    return [] if place.is_open else missing_rows(position, place)


def _closed(enrollment: Enrollment, submission: Submission | None, *, is_asked: bool, is_locked: bool) -> str:
    if not enrollment.is_current:
        return "left"
    if not is_asked:
        return "retired"
    if submission and submission.is_settled_on(enrollment):
        return "accepted"
    return "locked" if is_locked else ""


def _page(
    request: SignedInRequest,
    desk: _Desk,
    now: datetime,
    form: HandInForm | None = None,
    *,
    kept: list[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    person, document = request.user, desk.enrollment.document
    context = {
        "desk": desk,
        "form": form,
        "kept": kept,
        "document": document,
        "crumbs": _crumbs(desk),
        "stand": words.stand(desk.submission),
        "since": words.day(person.today(desk.submission.state_since)) if desk.submission else "",
        "promise": words.promise(desk.submission, person, now) if desk.submission else None,
        "brief": words.written(desk.task.brief),
        "rubric": words.rubric_rows(desk.task.rubric),
        "hours": desk.task.hours.get(desk.enrollment.background),
        "mentors": [str(row.mentor) for row in Mentorship.objects.over(desk.enrollment)[:3]],
        "answer_on": words.day(words.promised(desk.task, person, now)),
        **_versions(request, desk),
    }
    return render(request, "mentoring/evidence.html", context, status=status)


def _crumbs(desk: _Desk) -> list[tuple[str, str]]:
    road = desk.enrollment.document
    crumbs = [(gettext("My evidence"), reverse("mentoring:evidence_list"))]
    if desk.stage:
        crumbs.append((desk.stage.title, stage_url(road.key, desk.stage.key)))
    return crumbs


def _versions(request: SignedInRequest, desk: _Desk) -> dict[str, Any]:
    """The newest version, and the earlier ones by pages."""
    if desk.submission is None or desk.newest is None:
        return {}
    earlier = desk.submission.versions.select_related("review_given__reviewer").exclude(pk=desk.newest.pk)
    page = Paginator(earlier, EARLIER_ON_A_PAGE).get_page(request.GET.get("page"))
    return {
        "newest": words.version(desk.newest, request.user, newest=desk.newest.number),
        "earlier": [words.version(row, request.user, newest=desk.newest.number) for row in page],
        "page": page,
    }
