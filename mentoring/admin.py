from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts import clock
from accounts.admin.ended import EndedAdmin
from mentoring.forms import MentorshipForm
from mentoring.models import Mentorship


@admin.register(Mentorship)
class MentorshipAdmin(EndedAdmin):
    """Who mentors whom: given here, ended here, never deleted, so that it stays known who could see what."""

    form = MentorshipForm
    list_display = ("mentor", "shown_whom", "began_at", "ended_at")
    list_display_links = ("mentor", "shown_whom")
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

    def get_queryset(self, request: HttpRequest) -> QuerySet[Mentorship]:
        return super().get_queryset(request).select_related("mentor", "learner", "cohort")

    def get_fields(self, request: HttpRequest, obj: Mentorship | None = None) -> Any:
        return (*self.fields, "began_at", "ended_at") if obj else self.fields

    @admin.display(description=_("looks after"))
    def shown_whom(self, mentorship: Mentorship) -> str:
        return str(mentorship.learner or mentorship.cohort)

    def save_model(self, request: HttpRequest, obj: Mentorship, form: Any, change: bool) -> None:
        obj.begin(clock.now())

    def may_end(self, request: HttpRequest) -> bool:
        return super().has_change_permission(request)

    def end_row(self, request: HttpRequest, row: Mentorship) -> None:
        """The mentor no longer sees the work of this learner."""
        row.end(clock.now())

    def ended_words(self, count: int) -> str:
        return ngettext("%(n)d mentorship ended.", "%(n)d mentorships ended.", count) % {"n": count}

    def has_change_permission(self, request: HttpRequest, obj: Mentorship | None = None) -> bool:
        """A mentorship is begun and ended; who is in it does not change."""
        return obj is None and super().has_change_permission(request, obj)

    def has_view_permission(self, request: HttpRequest, obj: Mentorship | None = None) -> bool:
        return super().has_change_permission(request, obj)
