from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts import clock
from accounts.admin.opened import OpenedAdmin
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
class MentorshipAdmin(OpenedAdmin):
    """Who mentors whom: given here, ended here, never deleted, so that it stays known who could see what."""

    form = MentorshipForm
    list_display = ("mentor", "shown_whom", "began_at", "ended_at")
    list_display_links = ("mentor", "shown_whom")
    list_filter = (RunningFilter,)
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

    def get_urls(self) -> list[Any]:
        own = [
            path("<int:pk>/end/", self.admin_site.admin_view(self.end_view), name="mentoring_mentorship_end")
        ]
        return [*own, *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Mentorship]:
        return super().get_queryset(request).select_related("mentor", "learner", "cohort")

    def get_fields(self, request: HttpRequest, obj: Mentorship | None = None) -> Any:
        return (*self.fields, "began_at", "ended_at") if obj else self.fields

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """People and cohorts are made on their own pages and only chosen here."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        for button in ("can_add_related", "can_change_related", "can_view_related"):
            setattr(getattr(field, "widget", None), button, False)
        return field

    @admin.display(description=_("looks after"))
    def shown_whom(self, mentorship: Mentorship) -> str:
        return str(mentorship.learner or mentorship.cohort)

    def render_change_form(  # noqa: PLR0917  # the signature is admin's
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> Any:
        """What is begun can't be edited, so there is nothing to go on with; it can be ended."""
        context["show_save_and_continue"] = False
        if obj and obj.ended_at is None and self._may_end(request):
            context["end_url"] = reverse("admin:mentoring_mentorship_end", args=[obj.pk])
        return super().render_change_form(request, context, add, change, form_url, obj)

    def end_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """End one mentorship from its own page."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self._may_end(request):
            raise PermissionDenied
        mentorship = get_object_or_404(self.get_queryset(request), pk=pk)
        mentorship.end(clock.now())
        self.log_change(request, mentorship, gettext("Ended."))
        self.message_user(request, _ended_sentence(1), messages.SUCCESS)
        return redirect("admin:mentoring_mentorship_changelist")

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
        self.message_user(request, _ended_sentence(len(running)), messages.SUCCESS)

    def _may_end(self, request: HttpRequest) -> bool:
        return super().has_change_permission(request)


def _ended_sentence(count: int) -> str:
    return ngettext("%(n)d mentorship ended.", "%(n)d mentorships ended.", count) % {"n": count}
