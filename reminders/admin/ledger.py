"""The ledger: every letter that was planned, what became of it and why. Nobody changes it; some may go once more."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.urls import path
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts import clock
from accounts.models import User
from accounts.templatetags.icons import icon
from reminders.admin.days import DayPages
from reminders.admin.switches import SwitchPages, switches
from reminders.kinds import KINDS
from reminders.models import Breaker, Letter
from reminders.models.letter import LetterState

COUNTED = 10_000  # letters that fit are counted up to here
MOST_PEOPLE = 100  # who fit what was typed
AT_ONCE = 1000  # letters put in again with one act
WHEN = "D j M, H:i"
_LOOKS = {
    LetterState.SENT: ("send", "state--passed"),
    LetterState.HELD_BACK: ("ban", ""),
    LetterState.FAILED: ("triangle-alert", "state--alert"),
    LetterState.SENDING: ("loader", "state--link"),
    LetterState.PLANNED: ("clock", "state--link"),
}


class Counted(Paginator):  # type: ignore[type-arg]  # generic for mypy only
    """Pages that count so far only: among a million letters nobody turns to page 20,000."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by().values("pk")[:COUNTED].count())


class KindFilter(admin.SimpleListFilter):
    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Sequence[tuple[str, Any]]:
        return [(key, kind.name) for key, kind in KINDS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Letter]) -> QuerySet[Letter]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


class PersonFilter(admin.SimpleListFilter):
    """One person's letters, as her name in the list leads to them."""

    title = _("person")
    parameter_name = "person"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Sequence[tuple[str, Any]]:
        asked = request.GET.get(self.parameter_name, "")
        found = User.objects.get_queryset().filter(pk=asked).first() if _is_id(asked) else None
        return [(str(found.pk), str(found))] if found else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Letter]) -> QuerySet[Letter]:
        person = self.value() or ""
        return queryset.filter(recipient=int(person)) if _is_id(person) else queryset


@admin.register(Letter)
class Ledger(SwitchPages, DayPages):
    """Today's numbers and switches of the kinds, above all letters with their reasons."""

    list_display = ("shown_when", "shown_person", "shown_kind", "shown_state", "shown_reason", "shown_key")
    list_filter = ("state", KindFilter, PersonFilter)
    list_select_related = ("recipient",)
    search_fields = ("recipient__name",)
    search_help_text = _("Name or e-mail address of the person")
    ordering = ("-due_at", "id")
    paginator = Counted
    list_per_page = 50
    show_full_result_count = False
    actions = ("requeue",)
    fields = (
        *("recipient", "shown_kind", "occurrence", "state", "shown_reason", "tries", "is_in_doubt"),
        *("planned_at", "due_at", "expires_at", "sent_at", "carrier", "bounced_at", "shown_at", "read_at"),
        *("message_id", "shown_facts", "words"),
    )
    readonly_fields = fields

    # Pages

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.requeue_view)
        return [path("<uuid:letter_id>/requeue/", view, name="reminders_requeue"), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Letter]:
        return super().get_queryset(request).defer("said", "facts")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """The list, with what became of letters today above it."""
        if request.method == "POST" or not self.has_view_permission(request):
            return super().changelist_view(request, extra_context)
        told = switches(clock.now())
        more = {
            **told,
            "breaker": Breaker.objects.filter(open_until__isnull=False).first(),
            "may_act": self.may_act(request),
            **(extra_context or {}),
        }
        return super().changelist_view(request, more)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Letter], search_term: str
    ) -> tuple[QuerySet[Letter], bool]:
        """People first, then their letters: so both are found by an index."""
        if not search_term.strip():
            return queryset, False
        people = User.objects.get_queryset()
        for word in search_term.split():
            people = people.filter(name__icontains=word) | people.filter(email__icontains=word)
        return queryset.filter(recipient__in=list(people.values_list("pk", flat=True)[:MOST_PEOPLE])), False

    def requeue_view(self, request: HttpRequest, letter_id: UUID) -> HttpResponse:
        """Put one in again, from its own page."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.may_act(request):
            raise PermissionDenied
        letter = get_object_or_404(Letter, pk=letter_id)
        self._requeue(request, Letter.objects.filter(pk=letter.pk))
        return redirect("admin:reminders_letter_change", letter.pk)

    @admin.action(description=_("Put in again"), permissions=["requeue"])
    def requeue(self, request: HttpRequest, chosen: QuerySet[Letter]) -> None:
        """Those of the chosen ones that were held back or failed."""
        self._requeue(request, chosen)

    # What is shown

    @admin.display(description=_("when"), ordering="due_at")
    def shown_when(self, letter: Letter) -> str:
        return date_format(letter.sent_at or letter.due_at, WHEN)

    @admin.display(description=_("person"))
    def shown_person(self, letter: Letter) -> str:
        return format_html('<a href="?person={}">{}</a>', letter.recipient_id, letter.recipient)

    @admin.display(description=_("kind"), ordering="kind")
    def shown_kind(self, letter: Letter) -> str:
        kind = KINDS.get(letter.kind)
        return str(kind.name) if kind else letter.kind

    @admin.display(description=_("outcome"), ordering="state")
    def shown_state(self, letter: Letter) -> str:
        drawing, look = _LOOKS[LetterState(letter.state)]
        return format_html(
            '<span class="state {}">{}{}</span>', look, icon(drawing), letter.get_state_display().capitalize()
        )

    @admin.display(description=_("reason"))
    def shown_reason(self, letter: Letter) -> str:
        if letter.state == LetterState.SENT and letter.carrier_id:
            return gettext("went out in another letter")
        if letter.bounced_at:
            return gettext("came back on %(day)s") % {"day": date_format(letter.bounced_at, WHEN)}
        return letter.why

    @admin.display(description=_("key"))
    def shown_key(self, letter: Letter) -> str:
        return format_html("<code>{}</code>", letter.occurrence)

    @admin.display(description=_("Message-ID"))
    def message_id(self, letter: Letter) -> str:
        return format_html("<code>{}</code>", letter.message_id(settings.SITE_HOST))

    @admin.display(description=_("facts"))
    def shown_facts(self, letter: Letter) -> str:
        return format_html("<code>{}</code>", json.dumps(letter.facts, ensure_ascii=False, sort_keys=True))

    @admin.display(description=_("words"))
    def words(self, letter: Letter) -> str:
        if not letter.said:
            return gettext("No longer kept") if letter.shown_at else gettext("Not written yet")
        return format_html(
            '<div class="stack gap-3"><h2 class="h-sm">{}</h2>{}</div>',
            letter.said.get("subject", ""),
            render_to_string("reminders/letter_words.html", {"said": letter.said}),
        )

    # Permissions

    def may_act(self, request: HttpRequest) -> bool:
        return request.user.has_perm("reminders.change_letter")

    def has_requeue_permission(self, request: HttpRequest) -> bool:
        return self.may_act(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Letter | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Letter | None = None) -> bool:
        return False

    # Helpers

    @transaction.atomic
    def _requeue(self, request: HttpRequest, chosen: Any) -> None:
        rows: Iterable[Letter] = list(chosen.never_left()[:AT_ONCE])
        done = Letter.objects.filter(pk__in=[row.pk for row in rows]).requeue(clock.database_now())
        for row in rows:
            self.log_change(request, row, gettext("Put in again."))
        if done:
            said = ngettext(
                "%(count)d letter is decided anew in the next round.",
                "%(count)d letters are decided anew in the next round.",
                done,
            )
            self.message_user(request, said % {"count": done}, messages.SUCCESS)
        else:
            said = gettext(
                "None was put in again: what was sent, or may have arrived, is never sent once more."
            )
            self.message_user(request, said, messages.WARNING)


def _is_id(asked: str) -> bool:
    return asked.isdecimal() and len(asked) < 19
