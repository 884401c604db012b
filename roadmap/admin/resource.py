from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import HttpRequest, JsonResponse
from django.urls import path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from roadmap.admin.bulk import ReclassifyResources
from roadmap.admin.draft import DraftAdmin, InUseFilter
from roadmap.forms import ResourceForm
from roadmap.models import Placement, Resource

SUGGESTED = 10


@admin.register(Resource)
class ResourceAdmin(ReclassifyResources, DraftAdmin):
    """The library of the house: what there is to study, and where it is placed."""

    form = ResourceForm
    actions = ("reclassify", *DraftAdmin.actions)
    list_display = ("title", "author", "type", "cost", "level", "placed")
    list_filter = (InUseFilter, "type", "cost", "level")
    search_fields = ("title", "author", "key", "url")
    search_help_text = _("Title, author, key or address")
    readonly_fields = ("places",)
    fieldsets = (
        (
            _("The resource"),
            {
                "fields": (
                    ("title", "key"),
                    "author",
                    "url",
                    ("type", "cost", "level"),
                    ("minutes_low", "minutes_high"),
                    ("language", "year"),
                    "why",
                    "places",
                )
            },
        ),
    )

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.suggest)
        return [path("suggest/", view, name="roadmap_resource_suggest"), *super().get_urls()]

    def suggest(self, request: HttpRequest) -> JsonResponse:
        """Resources that ?q= may mean, for fields that suggest while one types."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = list(Resource.objects.unarchived().suggested(request.GET.get("q", ""))[:SUGGESTED])
        counts = Placement.objects.filter(resource__in=found).order_by().values("resource")
        placed = dict(counts.annotate(count=Count("pk")).values_list("resource", "count"))
        return JsonResponse({"results": [_suggestion(row, placed.get(row.pk, 0)) for row in found]})

    def get_queryset(self, request: HttpRequest) -> QuerySet[Resource]:
        resources: QuerySet[Resource] = super().get_queryset(request)
        return resources.annotate(placed=Count("placements"))

    @admin.display(description=_("places"), ordering="placed")
    def placed(self, resource: Any) -> int:
        count: int = resource.placed
        return count

    @admin.display(description=_("Where it is placed"))
    def places(self, resource: Resource) -> str:
        placements = (
            Placement.objects.filter(resource=resource.pk or 0)
            .select_related("topic__roadmap")
            .order_by("topic__roadmap", "topic")
        )
        rows = [
            (
                reverse("admin:roadmap_topic_change", args=[p.topic_id]),
                p.topic.title,
                p.topic.roadmap.title,
                p.get_role_display(),
            )
            for p in placements
        ]
        if not rows:
            return gettext("Nowhere yet: put it into a topic on the topic's page.")
        return format_html("<ul>{}</ul>", format_html_join("", '<li><a href="{}">{}</a>, {}: {}</li>', rows))


def _suggestion(resource: Resource, placed: int) -> dict[str, Any]:
    """`more` tells resources of one title apart: type, author, in how many topics it stands already."""
    in_topics = ngettext("in %(count)d topic", "in %(count)d topics", placed) % {"count": placed}
    more = [str(resource.get_type_display()), resource.author, in_topics if placed else ""]
    return {
        "id": resource.pk,
        "key": resource.key,
        "title": resource.title,
        "type": str(resource.get_type_display()),
        "more": " · ".join(filter(None, more)),
    }
