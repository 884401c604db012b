"""The road's page at the desk, with what authors do to a draft as a whole: look at it, publish it, look back."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from accounts import clock
from accounts.models import User
from authoring import frozen
from authoring.difference import Change, changes
from authoring.faults import stopping
from authoring.forms import PublishForm
from authoring.models import Draft, DraftHasFaultsError
from authoring.words import change_rows, fault_rows
from progress import pages
from progress.models import Enrollment
from roadmap.admin import RoadmapAdmin
from roadmap.document import RoadDocument
from roadmap.drawings.glyph import glyph
from roadmap.models import Edition, Roadmap
from roadmap.models.roadmap import Level
from roadmap.sheet import Sheet

EDITIONS_ON_A_PAGE = 50

admin.site.unregister(Roadmap)


@admin.register(Roadmap)
class RoadAtTheDesk(RoadmapAdmin):
    """A road with preview, publish page and its editions."""

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/publish/", view(self.publish), name="authoring_publish"),
            path("<int:pk>/preview/", view(self.preview), name="authoring_preview"),
            path("<int:pk>/preview/<slug:key>/", view(self.preview_stage), name="authoring_preview_stage"),
            path("<int:pk>/editions/", view(self.editions), name="authoring_editions"),
            *super().get_urls(),
        ]

    def publish(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What a publish would change and what stops it; POST publishes."""
        road = self._road(request, pk)
        if not self.has_change_permission(request, road):
            raise PermissionDenied
        form = PublishForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                return self._publish(request, road, form.cleaned_data["changelog"])
            except DraftHasFaultsError:
                form.add_error(None, gettext("Nothing was published: the faults below stop it."))
        context = {**self._publishing(road), "form": form, "title": gettext("Publish")}
        return self._page(request, road, "authoring/publish.html", context, 422 if form.errors else 200)

    def preview(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The draft as the road's page would show it to somebody who is not on the road."""
        road = self._road(request, pk)
        document = self._document(road)
        context: dict[str, Any] = {"title": gettext("Preview"), "document": document}
        if document:
            context |= {
                "level": Level(document.level).label,
                "waypoints": pages.waypoints(document, None),
                "sections": _drawn("progress/road_sections.html", pages.road_sections(document), document),
            }
        return self._page(request, road, "authoring/preview.html", context)

    def preview_stage(self, request: HttpRequest, pk: int, key: str) -> HttpResponse:
        """The draft as the page of one stage would show it; nothing can be ticked."""
        road = self._road(request, pk)
        document = self._document(road)
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
        return self._page(request, road, "authoring/preview_stage.html", context)

    def editions(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What was published so far, newest first."""
        road = self._road(request, pk)
        published = Edition.objects.of(road).select_related("published_by").defer("document")
        page = Paginator(published, EDITIONS_ON_A_PAGE).get_page(request.GET.get("page"))
        context = {"title": gettext("Editions"), "page": page}
        return self._page(request, road, "authoring/editions.html", context)

    def _road(self, request: HttpRequest, pk: int) -> Roadmap:
        road = get_object_or_404(self.get_queryset(request), pk=pk)
        if not self.has_view_permission(request, road):
            raise PermissionDenied
        return road

    def _publish(self, request: HttpRequest, road: Roadmap, changelog: str) -> HttpResponse:
        draft = Draft(road)
        if not draft.is_changed():
            said = gettext("Nothing was published: learners see all of this draft already.")
            self.message_user(request, said, messages.WARNING)
            return redirect("admin:authoring_publish", road.pk)
        by = request.user if isinstance(request.user, User) else None
        edition = draft.publish(by=by, changelog=changelog, now=clock.now())
        self.log_change(request, road, gettext("Published edition %(n)d.") % {"n": edition.number})
        said = gettext("Edition %(n)d is published. Learners see it from now on.") % {"n": edition.number}
        self.message_user(request, said, messages.SUCCESS)
        return redirect("admin:authoring_editions", road.pk)

    def _publishing(self, road: Roadmap) -> dict[str, Any]:
        draft = Draft(road)
        checked = draft.checked()
        stops = stopping(checked.faults)
        faults = sorted(checked.faults, key=lambda fault: not fault.stops)
        found = [] if checked.road is None else _changes(road, draft, frozen.document(checked.road))
        return {
            "edition": road.current_edition,
            "faults": fault_rows(road, faults),
            "stop_count": len(stops),
            "warn_count": len(faults) - len(stops),
            "can_compare": checked.road is not None,
            "changes": change_rows(found),
            "can_publish": bool(found) and not stops,
            "learners": Enrollment.objects.current().on(road.key).count(),
        }

    def _document(self, road: Roadmap) -> RoadDocument | None:
        """The draft as a document, None while faults keep it from being one."""
        try:
            return Draft(road).document()
        except DraftHasFaultsError:
            return None

    def _page(
        self, request: HttpRequest, road: Roadmap, template: str, context: dict[str, Any], status: int = 200
    ) -> HttpResponse:
        crumbs = [
            (gettext("Roads"), reverse("admin:roadmap_roadmap_changelist")),
            (str(road), reverse("admin:roadmap_roadmap_change", args=[road.pk])),
        ]
        shown = {**self.admin_site.each_context(request), "opts": self.opts, "road": road, "crumbs": crumbs}
        return render(request, template, {**shown, **context}, status=status)


def _changes(road: Roadmap, draft: Draft, new: RoadDocument) -> list[Change]:
    current = road.current_edition_id
    old = Edition.objects.document(current) if current else None
    return [
        *changes(old, new),
        *(Change("edited", "quiz", quiz.title) for quiz in draft.changed_quizzes()),
    ]


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
