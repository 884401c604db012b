"""Editions of a road as learners read them: what was published, and what changed, which is nothing of a question."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from progress.views.doors import SignedInRequest, enrollment_of, reader_of
from progress.views.sheets import sheet
from quizzes.difference import without_questions
from quizzes.models import texts
from roadmap.document import RoadDocument
from roadmap.models import Edition, Roadmap
from roadmap.words import change_rows

EDITIONS_ON_A_PAGE = 20


@require_safe
def editions(request: HttpRequest, road_key: str) -> HttpResponse:
    """Every edition with what its author told learners about it, newest first."""
    document, published = _readable(request, road_key)
    page = Paginator(published, EDITIONS_ON_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "progress/editions.html", {"document": document, "page": page})


@require_safe
def edition(request: HttpRequest, road_key: str, number: int) -> HttpResponse:
    """What one edition changed against the one before."""
    document, published = _readable(request, road_key)
    after = get_object_or_404(published, number=number)
    before = published.filter(number__lt=number).first()
    changes = _changes(before, after) if before else ""
    context = {"document": document, "edition": after, "before": before, "changes": changes}
    return render(request, "progress/edition.html", context)


@login_required
@require_safe
def since(request: SignedInRequest, road_key: str) -> HttpResponse:
    """What changed since I started; reading it is what puts the note on the road's page away."""
    enrollment = enrollment_of(request.user, road_key)
    published = Edition.objects.filter(roadmap=enrollment.roadmap_id).defer("document")
    later = published.filter(pk__gt=enrollment.started_edition_id)
    before = published.get(pk=enrollment.started_edition_id)
    after = published.get(pk=enrollment.roadmap.studied_edition_id)
    if request.method == "GET":
        enrollment.see_edition()
    context = {
        "document": enrollment.document,
        "before": before,
        "edition": after,
        "page": Paginator(later, EDITIONS_ON_A_PAGE).get_page(request.GET.get("page")),
        "changes": _changes(before, after) if before != after else "",
    }
    return render(request, "progress/since.html", context)


def _readable(request: HttpRequest, road_key: str) -> tuple[RoadDocument, Any]:
    """What is studied now, and the editions without their documents, for whoever may read the road."""
    known = Roadmap.objects.signposts({road_key})
    post, _enrollment = reader_of(request.user, road_key, known.get(road_key))
    published = Edition.objects.filter(roadmap__key=road_key).select_related("roadmap").defer("document")
    return Edition.objects.document(post.edition_id), published


def _changes(old: Edition, new: Edition) -> SafeString:
    """The difference of two editions, which is always the same: drawn once and kept."""
    found = sheet(
        "components/changes.html",
        new.pk,
        f"since-{old.pk}",
        lambda: {"changes": change_rows(without_questions(texts.edition_changes(old, new)))},
    )
    return mark_safe("".join(found.parts))  # noqa: S308  # our own template
