"""A whole road to take along: as a page for paper, and as a Markdown file."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

from accounts.words import said
from progress.views.doors import reader_of
from progress.views.sheets import sheet
from roadmap import rendering
from roadmap.document import RoadDocument
from roadmap.handout import handout
from roadmap.models import Edition, Roadmap
from roadmap.models.roadmap import Signpost


@require_safe
def printed(request: HttpRequest, road_key: str) -> HttpResponse:
    """All stages, topics, resources, tasks and answers of a road on one page, laid out for paper."""
    post, document = _read(request, road_key)
    drawn = sheet("progress/handout.html", post.edition_id, "", lambda: _context(document, post.edition_id))
    html = mark_safe("".join(drawn.parts))  # noqa: S308  # rendered by our own template
    return render(request, "progress/print.html", {"document": document, "handout": html, "post": post})


@require_safe
def markdown(request: HttpRequest, road_key: str) -> HttpResponse:
    """The same as a Markdown file named after the road."""
    post, document = _read(request, road_key)
    text = _text(document, post.edition_id)
    if post.notice:
        text += f"\n{' '.join(filter(None, (post.licence, post.notice)))}\n"
    answer = HttpResponse(text, content_type="text/markdown; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{document.key}.md"'
    return answer


def _read(request: HttpRequest, road_key: str) -> tuple[Signpost, RoadDocument]:
    post, _enrollment = reader_of(request.user, road_key, Roadmap.objects.signposts({road_key}).get(road_key))
    return post, Edition.objects.document(post.edition_id)


def _context(document: RoadDocument, edition_id: int) -> dict[str, Any]:
    _title, text = _text(document, edition_id).split("\n", 1)
    return {"html": rendering.html(text)}


def _text(document: RoadDocument, edition_id: int) -> str:
    url = settings.SITE_URL + reverse("progress:road", args=[document.key])
    lines = handout(document, url=url, edition=Edition.objects.spell(edition_id).number)
    return "\n".join(map(said, lines)).strip() + "\n"
