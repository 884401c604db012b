from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from roadmap.models import Roadmap

ROADS_ON_A_PAGE = 24


@require_safe
def roads(request: HttpRequest) -> HttpResponse:
    """The front page: every published road, in the order authors gave them."""
    listed = Roadmap.objects.listed().select_related("current_edition").defer("current_edition__document")
    page = Paginator(listed, ROADS_ON_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "roadmap/roads.html", {"page": page})
