from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from roadmap.admin.bulk import MoveTopics
from roadmap.admin.stage import InStageAdmin
from roadmap.forms import TopicForm
from roadmap.models import Placement, Topic


class PlacementsInline(admin.TabularInline):  # type: ignore[type-arg]  # generic for mypy only
    """The resources of a topic in order, found in the library by title, author or key."""

    model = Placement
    fields = ("position", "resource", "role")
    autocomplete_fields = ("resource",)
    extra = 0
    verbose_name = _("resource")
    verbose_name_plural = _("resources, in order")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Placement]:
        return super().get_queryset(request).select_related("resource")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """A resource that the library lacks is added from here; one that it has is opened from its own page."""
        field: Any = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "resource":
            field.widget.can_change_related = field.widget.can_view_related = False
        return field


@admin.register(Topic)
class TopicAdmin(MoveTopics, InStageAdmin):
    """Topics as drafts, with the resources placed in them."""

    form = TopicForm
    actions = ("move", *InStageAdmin.actions)
    list_display = ("title", "roadmap", "stage", "position", "placed", "key")
    search_fields = ("title", "key", "objective")
    search_help_text = _("Title, key or objective")
    inlines = (PlacementsInline,)
    fieldsets = (
        (
            _("The topic"),
            {"fields": (("title", "key"), ("stage", "position"), "objective", "outcomes", "body", "hours")},
        ),
        (_("Builds on"), {"fields": ("prerequisites",), "classes": ("collapse",)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Topic]:
        topics: QuerySet[Topic] = super().get_queryset(request)
        return topics.annotate(placed_count=Count("placements"))

    @admin.display(description=_("resources"), ordering="placed_count")
    def placed(self, topic: Any) -> int:
        count: int = topic.placed_count
        return count
