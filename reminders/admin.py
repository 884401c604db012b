from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from reminders.kinds import KINDS
from reminders.models import Letter


class KindFilter(admin.SimpleListFilter):
    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Sequence[tuple[str, Any]]:
        return [(key, kind.name) for key, kind in KINDS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Letter]) -> QuerySet[Letter]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(Letter)
class LetterAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic for mypy only
    """The ledger: every letter that was planned, what became of it and why. Nobody changes it."""

    list_display = ("due_at", "recipient", "shown_kind", "state", "shown_reason", "occurrence", "sent_at")
    list_filter = ("state", KindFilter)
    list_select_related = ("recipient",)
    search_fields = ("recipient__email", "recipient__name")
    search_help_text = _("Name or e-mail address of the person")
    ordering = ("-due_at", "id")
    list_per_page = 50
    show_full_result_count = False
    actions = None
    fields = (
        "recipient",
        "shown_kind",
        "occurrence",
        "state",
        "shown_reason",
        "planned_at",
        "due_at",
        "expires_at",
        "tries",
        "sent_at",
    )
    readonly_fields = fields

    @admin.display(description=_("kind"), ordering="kind")
    def shown_kind(self, letter: Letter) -> str:
        kind = KINDS.get(letter.kind)
        return str(kind.name) if kind else letter.kind

    @admin.display(description=_("reason"))
    def shown_reason(self, letter: Letter) -> str:
        return letter.why

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Letter | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Letter | None = None) -> bool:
        return False
