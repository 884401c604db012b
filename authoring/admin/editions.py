"""What was published of a road so far."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext

from authoring.admin.road import RoadPages
from roadmap.models import Edition

EDITIONS_ON_A_PAGE = 50


class EditionPages(RoadPages):
    """The history of a road."""

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/editions/", view(self.editions), name="authoring_editions"),
            *super().get_urls(),
        ]

    def editions(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What was published so far, newest first."""
        road = self.find_road(request, pk)
        published = Edition.objects.of(road).select_related("published_by").defer("document")
        page = Paginator(published, EDITIONS_ON_A_PAGE).get_page(request.GET.get("page"))
        context = {"title": gettext("Editions"), "page": page}
        return self.page(request, road, "authoring/editions.html", context)
