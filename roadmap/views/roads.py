from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from roadmap.models import Roadmap, SearchEntry
from roadmap.models.roadmap import Level

ROADS_ON_A_PAGE = 24


@require_safe
def roads(request: HttpRequest) -> HttpResponse:
    """The front page: every public road in the words of its edition, in the order authors gave them."""
    listed = Roadmap.objects.listed().select_related("current_edition").defer("current_edition__document")
    page = Paginator(listed, ROADS_ON_A_PAGE).get_page(request.GET.get("page"))
    covers = SearchEntry.objects.covers(page.object_list)
    rows = [_row(road, covers.get(road.pk)) for road in page.object_list]
    return render(request, "roadmap/roads.html", {"page": page, "rows": rows})


def _row(road: Roadmap, cover: SearchEntry | None) -> dict[str, Any]:
    """Without a cover, which a house has lost that was upgraded and not told to find its roads, the draft's words."""
    return {
        "key": road.key,
        "title": cover.title if cover else road.title,
        "summary": cover.why if cover else road.summary,
        "level": Level(cover.level if cover else road.level).label,
        "last_updated_on": road.last_updated_on,
    }
