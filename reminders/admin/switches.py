"""The kinds of letters with today's numbers, and the switches that stop one of them or all for everybody."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext, ngettext

from accounts import clock
from accounts.admin.opened import OpenedAdmin
from accounts.models import User
from reminders.forms import SwitchForm
from reminders.kinds import KINDS
from reminders.models import KindState, Letter
from reminders.models.kind_state import ALL
from reminders.models.numbers import KindNumbers, numbers

ALL_OF_THEM = "all"


class SwitchPages(OpenedAdmin):
    """The page that asks before letters stop, or go again, for everybody."""

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.switch)
        return [path("kinds/<str:kind>/switch/", view, name="reminders_switch"), *super().get_urls()]

    def switch(self, request: HttpRequest, kind: str) -> HttpResponse:
        """Ask for the reason and switch off; or switch on again."""
        if kind not in KINDS and kind != ALL_OF_THEM:
            raise Http404
        if not request.user.has_perm("reminders.change_letter"):
            raise PermissionDenied
        state = KindState.objects.filter(kind=_key(kind)).select_related("off_by").first()
        is_off = bool(state and state.is_off)
        form = SwitchForm(request.POST if request.method == "POST" and not is_off else None)
        if request.method == "POST" and (is_off or form.is_valid()):
            self._switch(request, kind, "" if is_off else form.cleaned_data["reason"])
            return redirect("admin:reminders_letter_changelist")
        crumbs = [(gettext("Letters"), reverse("admin:reminders_letter_changelist"))]
        context = {"title": _title(kind, is_off=is_off), "form": form, "state": state, "is_off": is_off}
        return self.framed(
            request, "reminders/desk/switch.html", crumbs, context, 422 if form.errors else 200
        )

    @transaction.atomic
    def _switch(self, request: HttpRequest, kind: str, reason: str) -> None:
        """Off for a reason, on without; written down in the desk's log."""
        state = KindState.objects.select_for_update().get(pk=KindState.objects.of(_key(kind)).pk)
        person = request.user
        assert isinstance(person, User)  # noqa: S101  # who has permissions is one
        if reason:
            state.switch_off(person, reason, clock.now())
            said = gettext("Switched off: %(reason)s") % {"reason": reason}
            # whoever claims later sees that it is off
            stopped = Letter.objects.of_kinds(KINDS if kind == ALL_OF_THEM else [kind])
            transaction.on_commit(stopped.take_back)
        else:
            state.switch_on()
            said = gettext("Switched on.")
        LogEntry.objects.log_actions(person.pk, [state], CHANGE, change_message=said)
        self.message_user(request, f"{_name(kind)}: {said}", messages.SUCCESS)


def switches(now: datetime) -> Mapping[str, Any]:
    """What the ledger's page says of today, and a row for each kind: five statements."""
    midnight = now.astimezone(UTC).replace(
        hour=0, minute=0, second=0, microsecond=0
    )  # as the desk says times
    counted, planning = numbers(midnight), KindState.objects.planning(now)
    states = {row.kind: row for row in KindState.objects.off().select_related("off_by")}
    rows = [
        {"key": key, "name": kind.name, "numbers": counted.get(key, KindNumbers()), "state": states.get(key)}
        for key, kind in KINDS.items()
    ]
    return {
        "headline": _headline(counted),
        "kinds": rows,
        "all_off": states.get(ALL),
        "planning": planning,
    }


def _headline(counted: Mapping[str, KindNumbers]) -> str:
    sent = sum(row.sent for row in counted.values())
    words = {"sent": sent, "held_back": sum(row.held_back for row in counted.values())}
    return (
        ngettext(
            "%(sent)d sent, %(held_back)d held back today",
            "%(sent)d sent, %(held_back)d held back today",
            sent,
        )
        % words
    )


def _key(kind: str) -> str:
    return ALL if kind == ALL_OF_THEM else kind


def _name(kind: str) -> str:
    return gettext("All letters") if kind == ALL_OF_THEM else str(KINDS[kind].name)


def _title(kind: str, *, is_off: bool) -> str:
    if kind == ALL_OF_THEM:
        return gettext("Send letters again?") if is_off else gettext("Stop all letters?")
    words = {"name": KINDS[kind].name}
    return (
        gettext("Send “%(name)s” again?") % words
        if is_off
        else gettext("Stop “%(name)s” for everybody?") % words
    )
