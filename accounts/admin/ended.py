"""Desk pages of what is begun and ended, and neither changed nor deleted, so that it stays known who had what."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.admin.opened import OpenedAdmin


class RunningFilter(admin.SimpleListFilter):
    """Those that run, unless the reader asks for the ended ones."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("running", _("Running")), ("ended", _("Ended"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case "running":
                return queryset.filter(ended_at=None)
            case "ended":
                return queryset.exclude(ended_at=None)
            case _:
                return queryset


class EndedAdmin(OpenedAdmin):
    """Rows with `ended_at`: ended from their own page, or several from the list; nothing else happens to them."""

    list_filter = (RunningFilter,)
    list_per_page = 50
    actions = ("end",)

    # What an heir says

    def may_end(self, request: HttpRequest) -> bool:
        """Whether whoever asks may end these."""
        raise NotImplementedError

    def end_row(self, request: HttpRequest, row: Any) -> None:
        """End one that runs."""
        raise NotImplementedError

    def ended_words(self, count: int) -> str:
        """So many were ended, in a sentence."""
        raise NotImplementedError

    # Pages

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.end_view)
        return [path("<int:pk>/end/", view, name=f"{self._name}_end"), *super().get_urls()]

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """People and whatever else these name are made on their own pages and only chosen here."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        for button in ("can_add_related", "can_change_related", "can_view_related"):
            setattr(getattr(field, "widget", None), button, False)
        return field

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
        if obj and obj.ended_at is None and self.may_end(request):
            context["end_url"] = reverse(f"admin:{self._name}_end", args=[obj.pk])
        return super().render_change_form(request, context, add, change, form_url, obj)

    def end_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """End one from its own page."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.may_end(request):
            raise PermissionDenied
        row = get_object_or_404(self.get_queryset(request), pk=pk)
        self._end(request, [row])
        return redirect(f"admin:{self._name}_changelist")

    @admin.action(description=_("End from now on"), permissions=["end"])
    def end(self, request: HttpRequest, chosen: QuerySet[Any]) -> None:
        """End those of the chosen ones that run."""
        self._end(request, list(chosen.filter(ended_at=None)))

    # Permissions

    def has_end_permission(self, request: HttpRequest) -> bool:
        return self.may_end(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    # Helpers

    @property
    def _name(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}"

    def _end(self, request: HttpRequest, rows: list[Any]) -> None:
        for row in rows:
            self.end_row(request, row)
            self.log_change(request, row, gettext("Ended."))
        self.message_user(request, self.ended_words(len(rows)), messages.SUCCESS)
