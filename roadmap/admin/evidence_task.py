from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from roadmap.admin.stage import InStageAdmin
from roadmap.forms import EvidenceTaskForm
from roadmap.models import EvidenceTask, RubricCriterion


class CriteriaInline(admin.StackedInline):  # type: ignore[type-arg]  # generic for mypy only
    """The rubric: what a mentor looks at, from not yet to exceeds."""

    model = RubricCriterion
    fields = (("title", "key", "position"), "must_meet", ("not_yet", "developing"), ("meets", "exceeds"))
    extra = 0
    verbose_name = _("criterion")
    verbose_name_plural = _("rubric, in order")


@admin.register(EvidenceTask)
class EvidenceTaskAdmin(InStageAdmin):
    """Evidence tasks as drafts, with their rubrics."""

    form = EvidenceTaskForm
    list_display = ("title", "roadmap", "stage", "position", "is_required", "promise_days")
    list_filter = (*InStageAdmin.list_filter, "is_required")
    search_help_text = _("Title or key")
    inlines = (CriteriaInline,)
    fieldsets = (
        (
            _("The task"),
            {
                "fields": (
                    ("title", "key"),
                    ("stage", "position"),
                    "brief",
                    "accepts",
                    "is_required",
                    "promise_days",
                    "hours",
                )
            },
        ),
    )
