"""What people are given beyond everybody, for admins alone: who needs more time is no matter of authors."""

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
from accounts.models import User
from quizzes.forms import AccommodationForm
from quizzes.models import Accommodation


class CurrentFilter(admin.SimpleListFilter):
    """Those that hold, and those that ended."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("current", _("Holds")), ("ended", _("Ended"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Accommodation]) -> QuerySet[Accommodation]:
        match self.value():
            case "current":
                return queryset.filter(ended_at=None)
            case "ended":
                return queryset.exclude(ended_at=None)
            case _:
                return queryset


@admin.register(Accommodation)
class AccommodationAdmin(OpenedAdmin):
    """Given here and ended here, never changed or deleted: it stays known what somebody had, and from whom."""

    form = AccommodationForm
    list_display = ("person", "quiz", "gives", "given_by", "given_at", "ended_at")
    list_filter = (CurrentFilter,)
    list_select_related = ("person", "quiz", "given_by")
    search_fields = ("person__name", "person__email", "quiz__title")
    search_help_text = _("Name or e-mail address, title of a quiz")
    autocomplete_fields = ("person", "quiz")
    fields = ("person", "quiz", ("time_factor", "extra_minutes", "extra_attempts"), "note")
    list_per_page = 50
    actions = ("end",)

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.end_view)
        return [path("<int:pk>/end/", view, name="quizzes_accommodation_end"), *super().get_urls()]

    def get_fields(self, request: HttpRequest, obj: Accommodation | None = None) -> Any:
        return (*self.fields, ("given_by", "given_at"), ("ended_by", "ended_at")) if obj else self.fields

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """People and quizzes are made on their own pages and only chosen here."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        for button in ("can_add_related", "can_change_related", "can_view_related"):
            setattr(getattr(field, "widget", None), button, False)
        return field

    @admin.display(description=_("what"))
    def gives(self, row: Accommodation) -> str:
        return row.words()

    def render_change_form(  # noqa: PLR0917  # the signature is admin's
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> Any:
        """What is given can't be edited, so there is nothing to go on with; it can be ended."""
        context["show_save_and_continue"] = False
        if obj and obj.is_current:
            context["end_url"] = reverse("admin:quizzes_accommodation_end", args=[obj.pk])
        return super().render_change_form(request, context, add, change, form_url, obj)

    def save_model(self, request: HttpRequest, obj: Accommodation, form: Any, change: bool) -> None:
        given = Accommodation.objects.give(obj, by=_admin(request), now=clock.database_now())
        if given.extended:
            which = ", ".join(f"{attempt.quiz} #{attempt.number}" for attempt in given.extended)
            words = gettext("More time at once for what is under way: %(which)s.") % {"which": which}
            self.message_user(request, words, messages.SUCCESS)

    def end_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """End one from its own page."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not _is_admin(request):
            raise PermissionDenied
        row = get_object_or_404(self.get_queryset(request), pk=pk)
        row.end(by=_admin(request), now=clock.database_now())
        self.log_change(request, row, gettext("Ended."))
        self.message_user(request, _ended_words(1), messages.SUCCESS)
        return redirect("admin:quizzes_accommodation_changelist")

    @admin.action(description=_("End from now on"), permissions=["view"])
    def end(self, request: HttpRequest, chosen: QuerySet[Accommodation]) -> None:
        """They hold no longer; attempts under way keep their time."""
        now, rows = clock.database_now(), list(chosen.filter(ended_at=None))
        for row in rows:
            row.end(by=_admin(request), now=now)
            self.log_change(request, row, gettext("Ended."))
        self.message_user(request, _ended_words(len(rows)), messages.SUCCESS)

    def has_view_permission(self, request: HttpRequest, obj: Accommodation | None = None) -> bool:
        return _is_admin(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return _is_admin(request)

    def has_change_permission(self, request: HttpRequest, obj: Accommodation | None = None) -> bool:
        """It is given and ended; what it gives does not change."""
        return obj is None and _is_admin(request)

    def has_delete_permission(self, request: HttpRequest, obj: Accommodation | None = None) -> bool:
        return False


def _is_admin(request: HttpRequest) -> bool:
    return isinstance(request.user, User) and request.user.is_admin()


def _admin(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101  # the desk lets nobody else in
    return request.user


def _ended_words(count: int) -> str:
    words = ngettext("%(n)d ended.", "%(n)d ended.", count) % {"n": count}
    return f"{words} {gettext('Attempts under way keep the time they were given.')}"
