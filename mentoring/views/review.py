from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from accounts import clock
from accounts.models import User
from accounts.request import SignedInRequest
from mentoring import words
from mentoring.forms import ReviewForm
from mentoring.models import Decision, Review, mentored_enrollments, mentored_submissions
from mentoring.models.review import AlreadyReviewedError, OvertakenError
from progress.models import Submission, SubmissionVersion
from progress.models.submission import SubmissionState
from roadmap.document import TaskEntry
from roadmap.models import Edition

EARLIER_ON_A_PAGE = 5


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: SignedInRequest, submission_id: int) -> HttpResponse:
    """Somebody's evidence with all its versions; while it waits, the rubric and the decision beside it."""
    now = clock.now()
    submission = _within_reach(request.user, submission_id)
    newest = _newest(submission)
    if request.method == "POST":
        return _decide(request, submission, newest, now)
    form = ReviewForm(criteria=words.task_of(newest).rubric, initial={"number": newest.number})
    return _page(request, submission, newest, now, form=form)


def _within_reach(mentor: User, submission_id: int) -> Submission:
    return get_object_or_404(
        mentored_submissions().within_reach_of(mentor).select_related("person", "task__roadmap"),
        pk=submission_id,
    )


def _newest(submission: Submission) -> SubmissionVersion:
    return submission.versions.select_related("review_given__reviewer").order_by("-number")[0]


def _decide(
    request: SignedInRequest, submission: Submission, newest: SubmissionVersion, now: datetime
) -> HttpResponse:
    """Take the decision if it is about the newest version and the first about it; else show what came between."""
    form = ReviewForm(request.POST, criteria=words.task_of(newest).rubric)
    if submission.state != SubmissionState.WAITING:
        return _decided_before(request, submission, newest, now)
    if request.POST.get("number") != str(newest.number):
        return _overtaken(request, submission, newest, now)
    if not form.is_valid():
        return _page(request, submission, newest, now, form=form, status=422)
    cleaned = form.cleaned_data
    try:
        Review.objects.decide(
            newest,
            by=request.user,
            decision=cleaned["decision"],
            levels=cleaned["levels"],
            feedback=cleaned["feedback"],
            now=now,
        )
    except AlreadyReviewedError:
        again = _within_reach(request.user, submission.pk)
        return _decided_before(request, again, _newest(again), now)
    except OvertakenError:
        return _overtaken(request, submission, _newest(submission), now)
    return _to_the_next(request, submission, newest, cleaned["decision"])


def _decided_before(
    request: SignedInRequest, submission: Submission, newest: SubmissionVersion, now: datetime
) -> HttpResponse:
    kept = [text] if (text := request.POST.get("feedback", "").strip()) else []
    return _page(request, submission, newest, now, kept=kept, was_decided=True, status=409)


def _overtaken(
    request: SignedInRequest, submission: Submission, newest: SubmissionVersion, now: datetime
) -> HttpResponse:
    """The newer version is on the page now; levels and words stand in the form as they were typed."""
    data: QueryDict = request.POST.copy()
    data["number"] = str(newest.number)
    form = ReviewForm(data, criteria=words.task_of(newest).rubric)
    return _page(request, submission, newest, now, form=form, was_overtaken=True, status=409)


def _to_the_next(
    request: SignedInRequest, submission: Submission, version: SubmissionVersion, decision: str
) -> HttpResponseRedirect:
    said = gettext("Accepted: “%(title)s” by %(learner)s.")
    if decision != Decision.ACCEPT:
        said = gettext("Changes requested: “%(title)s” by %(learner)s.")
    title = words.task_of(version).title
    messages.success(request, said % {"title": title, "learner": submission.person})
    waiting = mentored_submissions().within_reach_of(request.user).waiting().exclude(pk=submission.pk)
    following = waiting.values_list("pk", flat=True).first()
    return redirect("mentoring:review", following) if following else redirect("mentoring:home")


def _page(
    request: SignedInRequest,
    submission: Submission,
    newest: SubmissionVersion,
    now: datetime,
    *,
    form: ReviewForm | None = None,
    status: int = 200,
    **said: Any,
) -> HttpResponse:
    mentor, task = request.user, words.task_of(newest)
    document = Edition.objects.document(newest.edition_id)
    earlier = submission.versions.select_related("review_given__reviewer").exclude(pk=newest.pk)
    page = Paginator(earlier, EARLIER_ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "submission": submission,
        "task": task,
        "document": document,
        "stage": document.stage_of_task(task.key),
        "stand": words.stand(submission),
        "promise": words.promise(submission, mentor, now),
        "learner_href": _learner_href(mentor, submission),
        "brief": words.written(task.brief),
        "rubric": words.rubric_rows(task.rubric),
        "newest": words.version(newest, mentor, newest=newest.number),
        "earlier": [words.version(row, mentor, newest=newest.number) for row in page],
        "page": page,
        "form": form if submission.state == SubmissionState.WAITING else None,
        **_facts(submission, newest, task, mentor),
        **said,
    }
    return render(request, "mentoring/review.html", context, status=status)


def _facts(
    submission: Submission, newest: SubmissionVersion, task: TaskEntry, mentor: User
) -> dict[str, Any]:
    facts = [
        (gettext("Learner"), str(submission.person)),
        (gettext("Version"), str(newest.number)),
        (gettext("Handed in"), words.day(mentor.today(newest.handed_in_at))),
    ]
    if newest.edition_id != submission.task.roadmap.current_edition_id:
        facts.append((gettext("Rubric"), gettext("of the edition it was handed in for")))
    return {"facts": facts, "must_count": sum(criterion.must_meet for criterion in task.rubric)}


def _learner_href(mentor: User, submission: Submission) -> str:
    """The learner's page, empty when she is not on the road any more."""
    reach = mentored_enrollments().within_reach_of(mentor)
    is_on_road = reach.filter(person=submission.person_id, roadmap=submission.task.roadmap_id).exists()
    return words.learner_url(submission.person_id, submission.task.roadmap.key) if is_on_road else ""
