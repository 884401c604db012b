from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from roadmap.admin.draft import Crumbs, DraftAdmin, InUseFilter, without_buttons
from roadmap.forms import StageForm
from roadmap.models import EvidenceTask, Gate, Stage, Topic


class GatesInline(admin.StackedInline):  # type: ignore[type-arg]  # generic for mypy only
    """What opens the stage: other stages of its road passed, evidence of its road accepted."""

    model = Gate
    fields = (("kind", "at_least", "position"), ("stages", "tasks"), "because")
    extra = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[Gate]:
        return super().get_queryset(request).prefetch_related("stages", "tasks").select_related("stage")

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        return super().formfield_for_manytomany(
            db_field, request, **{**kwargs, "widget": forms.CheckboxSelectMultiple}
        )

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        return without_buttons(super().formfield_for_dbfield(db_field, request, **kwargs))

    def get_formset(self, request: HttpRequest, obj: Stage | None = None, **kwargs: Any) -> Any:
        """Offer stages and tasks of this road, read once for all gates."""
        formset: Any = super().get_formset(request, obj, **kwargs)
        road = obj.roadmap_id if obj else None
        stages = Stage.objects.unarchived().filter(roadmap=road).exclude(pk=obj.pk if obj else 0)
        _offer(formset.form.base_fields["stages"], stages)
        _offer(formset.form.base_fields["tasks"], EvidenceTask.objects.unarchived().filter(roadmap=road))
        return formset


def _offer(field: Any, rows: QuerySet[Any]) -> None:
    field.queryset = rows
    field.choices = [(row.pk, str(row)) for row in rows]


class TopicsInline(admin.TabularInline):  # type: ignore[type-arg]  # as above
    """The topics in order; each is edited on its own page."""

    model = Topic
    ordering = ("position", "id")  # said here: a counted list forgets the order of its model
    fields = ("position", "title", "key", "placed")
    readonly_fields = ("key", "placed")
    extra = 0
    can_delete = False
    show_change_link = True
    verbose_name_plural = _("topics, in order")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Topic]:
        topics: QuerySet[Topic] = super().get_queryset(request).filter(archived_at=None)
        return topics.annotate(placed=Count("placements"))

    @admin.display(description=_("resources"))
    def placed(self, topic: Any) -> int:
        count: int = topic.placed
        return count

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class EvidenceInline(admin.TabularInline):  # type: ignore[type-arg]  # as above
    """The evidence tasks in order; each is edited on its own page."""

    model = EvidenceTask
    fields = ("position", "title", "key", "is_required")
    readonly_fields = ("key",)
    extra = 0
    can_delete = False
    show_change_link = True
    verbose_name_plural = _("evidence tasks, in order")

    def get_queryset(self, request: HttpRequest) -> QuerySet[EvidenceTask]:
        return super().get_queryset(request).filter(archived_at=None)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Stage)
class StageAdmin(DraftAdmin):
    """Stages as drafts: words, gates, and what stands in them in order."""

    form = StageForm
    list_display = ("title", "roadmap", "position", "key")
    list_filter = (InUseFilter, "roadmap")
    list_select_related = ("roadmap",)
    search_fields = ("title", "key")
    search_help_text = _("Title or key")
    inlines = (TopicsInline, EvidenceInline, GatesInline)
    fieldsets = (
        (_("The stage"), {"fields": (("title", "key"), ("roadmap", "position"), "summary", "why")}),
        (_("In “how to follow”"), {"fields": ("step_title", "step_body", "step_tags")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Stage]:
        return super().get_queryset(request).select_related("roadmap")

    def get_inlines(self, request: HttpRequest, obj: Stage | None) -> Any:
        """A stage must be there before something stands in it."""
        return self.inlines if obj else ()

    def crumbs(self, draft: Stage | None) -> Crumbs:
        roads = [(gettext("Roads"), reverse("admin:roadmap_roadmap_changelist"))]
        return [*roads, road_crumb(draft)] if draft else roads

    def initial_position(self, drafts: QuerySet[Any], values: dict[str, Any]) -> int | None:
        road = str(values.get("roadmap", ""))
        return drafts.filter(roadmap=int(road)).count() + 1 if road.isdecimal() else None

    def response_post_save_change(self, request: HttpRequest, obj: Stage) -> HttpResponseRedirect:
        return redirect("admin:roadmap_roadmap_change", obj.roadmap_id)

    def response_post_save_add(self, request: HttpRequest, obj: Any) -> HttpResponseRedirect:
        return self.response_post_save_change(request, obj)


def road_crumb(draft: Stage | Topic | EvidenceTask) -> tuple[str, str]:
    return str(draft.roadmap), reverse("admin:roadmap_roadmap_change", args=[draft.roadmap_id])


class InStageAdmin(DraftAdmin):
    """Drafts that stand in a stage: their page leads back to it."""

    list_filter: ClassVar[tuple[Any, ...]] = (InUseFilter, "roadmap")
    list_select_related = ("stage", "roadmap")
    search_fields: ClassVar[tuple[str, ...]] = ("title", "key")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("stage", "roadmap")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "stage":
            kwargs["queryset"] = Stage.objects.unarchived().order_by("roadmap", "position", "id")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def crumbs(self, draft: Any) -> Crumbs:
        roads = (gettext("Roads"), reverse("admin:roadmap_roadmap_changelist"))
        if draft is None:
            return [roads]
        stage = (str(draft.stage), reverse("admin:roadmap_stage_change", args=[draft.stage_id]))
        return [roads, road_crumb(draft), stage]

    def initial_position(self, drafts: QuerySet[Any], values: dict[str, Any]) -> int | None:
        stage = str(values.get("stage", ""))
        return drafts.filter(stage=int(stage)).count() + 1 if stage.isdecimal() else None

    def response_post_save_change(self, request: HttpRequest, obj: Any) -> HttpResponseRedirect:
        return redirect("admin:roadmap_stage_change", obj.stage_id)

    def response_post_save_add(self, request: HttpRequest, obj: Any) -> HttpResponseRedirect:
        return self.response_post_save_change(request, obj)
