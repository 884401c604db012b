from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from roadmap.admin.draft import DraftAdmin, InUseFilter
from roadmap.forms import ResourceForm
from roadmap.models import Placement, Resource


@admin.register(Resource)
class ResourceAdmin(DraftAdmin):
    """The library of the house: what there is to study, and where it is placed."""

    form = ResourceForm
    list_display = ("title", "author", "type", "cost", "level", "placed")
    list_filter = (InUseFilter, "type", "cost", "level")
    ordering = ("title", "id")  # said here: a counted list forgets the order of its model
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
