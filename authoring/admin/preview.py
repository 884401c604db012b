"""The draft as learners would see it."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import path
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from authoring.admin.road import RoadPages
from progress import pages
from roadmap.document import RoadDocument
from roadmap.drawings.glyph import glyph
from roadmap.models.roadmap import Level
from roadmap.sheet import Sheet


class PreviewPages(RoadPages):
    """The road's page and those of its stages, drawn from the draft."""

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/preview/", view(self.preview), name="authoring_preview"),
            path("<int:pk>/preview/<slug:key>/", view(self.preview_stage), name="authoring_preview_stage"),
            *super().get_urls(),
        ]

    def preview(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The draft as the road's page would show it to somebody who is not on the road."""
        road = self.find_road(request, pk)
        document = self.draft_document(road)
        context: dict[str, Any] = {"title": gettext("Preview"), "document": document}
        if document:
            context |= {
                "level": Level(document.level).label,
                "waypoints": pages.waypoints(document, None),
                "sections": _drawn("progress/road_sections.html", pages.road_sections(document), document),
            }
        return self.page(request, road, "authoring/preview.html", context)

    def preview_stage(self, request: HttpRequest, pk: int, key: str) -> HttpResponse:
        """The draft as the page of one stage would show it; nothing can be ticked."""
        road = self.find_road(request, pk)
        document = self.draft_document(road)
        context: dict[str, Any] = {"title": gettext("Preview"), "document": document}
        if document:
            stage = document.stage_by_key.get(key)
            if stage is None:
                raise Http404
            topics = pages.stage_topics(document, stage, ticking=False)
            context |= {
                "stage": stage,
                "number": document.number_of(key),
                "hours": [(b.title, stage.hours(b.key)) for b in document.backgrounds],
                "topics": _drawn("progress/stage_topics.html", topics, document),
            }
        return self.page(request, road, "authoring/preview_stage.html", context)


def _drawn(template: str, context: dict[str, Any], document: RoadDocument) -> SafeString:
    """A shared part of the learners' pages, its holes filled for nobody in particular."""
    titles = {related.key: related.title for related in document.related}

    def value(kind: str, key: str) -> str:
        match kind:
            case "related":
                return render_to_string("authoring/related.html", {"title": titles[key]})
            case "glyph":
                return glyph("open", document.number_of(key))
            case "open":
                return "open"
            case _:
                return ""

    html = Sheet.cut(render_to_string(template, context)).fill(value)
    return mark_safe(html)  # noqa: S308  # rendered by our own templates
