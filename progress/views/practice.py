from __future__ import annotations

from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import clock
from progress.forms import values_of
from progress.views import practice_pages
from progress.views.doors import SignedInRequest, enrollment_of
from quizzes.marking import is_given
from quizzes.models import PracticeAnswer

FIELD = "q1"


@login_required
@never_cache  # what may be shown changes when a quiz begins
@require_http_methods(["GET", "HEAD", "POST"])
def practice(request: SignedInRequest, road_key: str, topic_key: str) -> HttpResponse:
    """One question of a topic at a time; POST keeps an answer and comes back with what was right, which counts nowhere.

    `answer` in the address names the answer that is shown, as long as its question may be practised.
    """
    enrollment, now = enrollment_of(request.user, road_key), clock.now()
    document = enrollment.document
    if topic_key not in document.topic_by_key:
        raise Http404
    questions = PracticeAnswer.objects.questions(request.user, enrollment.roadmap_id, topic_key, now)
    here = practice_pages.Here(document, topic_key, questions)
    if request.method == "POST":
        return _answered(request, here)
    if "answer" in request.GET:
        given = _given(request)
        asked = next((q for q in questions if given and q.version == given.version_id), None)
        if given is None or asked is None:
            return redirect(here.url)
        return render(request, "progress/practice.html", practice_pages.back(here, asked, given))
    context = practice_pages.front(here, questions[0], uuid4()) if questions else practice_pages.nothing(here)
    return render(request, "progress/practice.html", context)


def _answered(request: SignedInRequest, here: practice_pages.Here) -> HttpResponse:
    """Keep the answer and show what is right; the question again where nothing was said."""
    client_id, version = _uuid(request.POST.get("client_id", "")), request.POST.get("version", "")
    asked = next((question for question in here.questions if str(question.version) == version), None)
    if asked is None or client_id is None:
        messages.info(request, gettext("This question is not practised any more. Here is another."))
        return redirect(here.url)
    value = None if "unknown" in request.POST else values_of(request.POST, [FIELD])[FIELD]
    if not is_given(value) and "unknown" not in request.POST:
        context = practice_pages.front(here, asked, client_id, is_empty=True)
        return render(request, "progress/practice.html", context, status=422)
    PracticeAnswer.objects.record(request.user, asked, value, client_id, clock.now())
    return redirect(f"{here.url}?answer={client_id}#answer")


def _given(request: SignedInRequest) -> PracticeAnswer | None:
    """Her answer that the address names."""
    client_id = _uuid(request.GET.get("answer", ""))
    return PracticeAnswer.objects.of(request.user).filter(client_id=client_id).first() if client_id else None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
