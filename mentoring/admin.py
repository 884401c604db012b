from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts import clock
from mentoring.forms import MentorshipForm
from mentoring.models import Mentorship


class RunningFilter(admin.SimpleListFilter):
    """Those that run, unless the reader asks for the ended ones."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("running", _("Running")), ("ended", _("Ended"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Mentorship]) -> QuerySet[Mentorship]:
        match self.value():
            case "running":
                return queryset.filter(ended_at=None)
            case "ended":
                return queryset.exclude(ended_at=None)
            case _:
                return queryset


@admin.register(Mentorship)
class MentorshipAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic for mypy only
    """Who mentors whom: given here, ended here, never deleted, so that it stays known who could see what."""

    form = MentorshipForm
    list_display = ("mentor", "shown_whom", "began_at", "ended_at")
    list_display_links = ("mentor", "shown_whom")
    list_filter = (RunningFilter,)
    list_select_related = ("mentor", "learner", "cohort")
    search_fields = (
        "mentor__name",
        "mentor__email",
        "learner__name",
        "learner__email",
        "cohort__title",
    )
    search_help_text = _("Name or e-mail address of a mentor or learner, title of a cohort")
    autocomplete_fields = ("mentor", "learner", "cohort")
    fields = ("mentor", "learner", "cohort")
    list_per_page = 50
    actions = ("end",)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """People and cohorts are made on their own pages and only chosen here."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        for button in ("can_add_related", "can_change_related", "can_view_related"):
            setattr(getattr(field, "widget", None), button, False)
        return field

    @admin.display(description=_("looks after"))
    def shown_whom(self, mentorship: Mentorship) -> str:
        return str(mentorship.learner or mentorship.cohort)

    def save_model(self, request: HttpRequest, obj: Mentorship, form: Any, change: bool) -> None:
        obj.begin(clock.now())

    def has_change_permission(self, request: HttpRequest, obj: Mentorship | None = None) -> bool:
        """A mentorship is begun and ended; who is in it does not change."""
        return obj is None and super().has_change_permission(request, obj)

    def has_view_permission(self, request: HttpRequest, obj: Mentorship | None = None) -> bool:
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Mentorship | None = None) -> bool:
        return False

    @admin.action(description=_("End from now on"), permissions=["change"])
    def end(self, request: HttpRequest, chosen: QuerySet[Mentorship]) -> None:
        """The mentors no longer see the work of these learners."""
        now = clock.now()
        running = list(chosen.running())  # type: ignore[attr-defined]  # the model's own queryset
        for mentorship in running:
            mentorship.end(now)
        said = ngettext("%(n)d mentorship ended.", "%(n)d mentorships ended.", len(running))
        self.message_user(request, said % {"n": len(running)}, messages.SUCCESS)
