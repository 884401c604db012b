"""What all pages of a road at the desk share: finding the road, its crumbs, the frame of the page."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext

from authoring.models import Draft, DraftHasFaultsError
from roadmap.admin import RoadmapAdmin
from roadmap.document import RoadDocument
from roadmap.models import Roadmap


class RoadPages(RoadmapAdmin):
    """A road's form; each group of pages extends it, adds its addresses in `get_urls`, and joins in `__init__`."""

    def find_road(self, request: HttpRequest, pk: int) -> Roadmap:
        road = get_object_or_404(self.get_queryset(request), pk=pk)
        if not self.has_view_permission(request, road):
            raise PermissionDenied
        return road

    def draft_document(self, road: Roadmap) -> RoadDocument | None:
        """The draft as a document, None while faults keep it from being one."""
        try:
            return Draft(road).document()
        except DraftHasFaultsError:
            return None

    def page(
        self, request: HttpRequest, road: Roadmap, template: str, context: dict[str, Any], status: int = 200
    ) -> HttpResponse:
        crumbs = [
            (gettext("Roads"), reverse("admin:roadmap_roadmap_changelist")),
            (str(road), reverse("admin:roadmap_roadmap_change", args=[road.pk])),
        ]
        return self.framed(request, template, crumbs, {"road": road, **context}, status)
