"""Addresses that nothing is sent to, and letting letters go there again."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import clock
from accounts.admin.opened import OpenedAdmin
from accounts.models import User
from reminders.forms import LiftForm
from reminders.models import Suppression


class StandingFilter(admin.SimpleListFilter):
    """Addresses that nothing is sent to, unless the reader asks for the others."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("now", _("Nothing is sent there")), ("past", _("Letters go there"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Suppression]) -> QuerySet[Suppression]:
        match self.value():
            case "now":
                return queryset.filter(since__isnull=False)
            case "past":
                return queryset.filter(since=None)
            case _:
                return queryset


@admin.register(Suppression)
class Suppressions(OpenedAdmin):
    """What mail servers and providers said of addresses. Nobody edits it; an admin may lift one, for a reason."""

    list_display = ("address", "person", "shown_why", "said", "refusals", "since")
    list_select_related = ("person",)
    list_filter = (StandingFilter, "why")
    search_fields = ("address",)
    search_help_text = _("E-mail address")
    list_per_page = 50
    show_full_result_count = False
    actions = None
    fields = (
        *("address", "person", "shown_why", "said", "refusals", "first_seen_at", "refused_at", "since"),
        *("asked_at", "lifted_at", "lifted_by", "lifted_because"),
    )
    readonly_fields = fields

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.lift)
        return [path("<int:suppression_id>/lift/", view, name="reminders_lift"), *super().get_urls()]

    def lift(self, request: HttpRequest, suppression_id: int) -> HttpResponse:
        """Ask why, and let letters go there again."""
        if not request.user.has_perm("reminders.change_suppression"):
            raise PermissionDenied
        found = get_object_or_404(Suppression.objects.standing(), pk=suppression_id)
        form = LiftForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            reason = form.cleaned_data["reason"]
            found.lift(reason, clock.now(), by=request.user if isinstance(request.user, User) else None)
            self.log_change(request, found, gettext("Lifted: %(reason)s") % {"reason": reason})
            said = gettext("Letters go to %(address)s again.") % {"address": found.address}
            self.message_user(request, said, messages.SUCCESS)
            return redirect("admin:reminders_suppression_changelist")
        crumbs = [
            (gettext("Letters"), reverse("admin:reminders_letter_changelist")),
            (gettext("Suppressed addresses"), reverse("admin:reminders_suppression_changelist")),
        ]
        title = gettext("Send letters to %(address)s again?") % {"address": found.address}
        context = {"title": title, "form": form, "row": found}
        return self.framed(request, "reminders/desk/lift.html", crumbs, context, 422 if form.errors else 200)

    @admin.display(description=_("why"), ordering="why")
    def shown_why(self, row: Suppression) -> str:
        return row.get_why_display() or "–"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Suppression | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Suppression | None = None) -> bool:
        return False
