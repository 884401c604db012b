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
from roadmap.document import Background, RoadDocument
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
        """The draft as the road's page would show it to somebody who is not on the road, starting from ?from=."""
        road = self.find_road(request, pk)
        document = self.draft_document(road)
        context: dict[str, Any] = {"title": gettext("Preview"), "document": document}
        if document:
            context |= _starting_from(request, document)
            document = _for_background(document, context["background"])
            context |= {
                "level": Level(document.level).label,
                "hours": document.hours(document.backgrounds[0].key) if document.backgrounds else None,
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
            context |= _starting_from(request, document)
            background = context["background"]
            context |= {
                "stage": stage,
                "number": document.number_of(key),
                "hours": [(background.title, stage.hours(background.key))] if background else [],
                "topics": _drawn("progress/stage_topics.html", topics, document),
            }
        return self.page(request, road, "authoring/preview_stage.html", context)


def _starting_from(request: HttpRequest, document: RoadDocument) -> dict[str, Any]:
    """The backgrounds one may look from, and the chosen one: hours and months are those from there."""
    found = {background.key: background for background in document.backgrounds}
    first = next(iter(document.backgrounds), None)
    return {
        "backgrounds": document.backgrounds,
        "background": found.get(request.GET.get("from", ""), first),
    }


def _for_background(document: RoadDocument, background: Background | None) -> RoadDocument:
    """The document as if everybody started from there."""
    return document.model_copy(update={"backgrounds": (background,)}) if background else document


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
