from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from progress.models import Cohort


@admin.register(Cohort)
class CohortAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic for mypy only
    """Groups that start a road together; mentors are given to them as mentorships."""

    list_display = ("title", "roadmap", "starts_on", "hours_per_week")
    list_filter = ("roadmap",)
    list_select_related = ("roadmap",)
    search_fields = ("title",)
    search_help_text = _("Title")
    list_per_page = 50
