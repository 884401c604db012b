"""The door to how a person wants her letters."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from accounts import clock
from accounts.models import User
from accounts.request import SignedInRequest
from reminders.forms import WishesForm
from reminders.kinds import KINDS
from reminders.models import Letter, LetterWishes
from reminders.models.letter import LetterState


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def settings_page(request: SignedInRequest) -> HttpResponse:
    """Kinds, days, hour and quiet days, beside what was sent last and what could come next."""
    wishes = LetterWishes.objects.of(request.user)
    form = WishesForm.of(wishes, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        wishes.choose(**form.wishes())
        messages.success(request, gettext("Saved. It holds from the next letter on."))
        return redirect("reminders:settings")
    context = {
        "form": form,
        "kinds": _switches(form),
        "address": request.user.email,
        "zone": request.user.time_zone,
        **_post(request.user, clock.now()),
    }
    return render(request, "reminders/settings.html", context, status=422 if form.errors else 200)


def _switches(form: WishesForm) -> list[dict[str, Any]]:
    chosen = form["kinds"].value() or []
    return [
        {"key": key, "name": kind.name, "hint": kind.hint, "is_on": key in chosen}
        for key, kind in KINDS.items()
    ]


def _post(person: User, now: datetime) -> dict[str, Any]:
    """The letter sent last, and the planned one that is due first."""
    letters = Letter.objects.of(person)
    last = letters.filter(state=LetterState.SENT).order_by("-sent_at").first()
    planned = letters.planned().order_by("due_at", "id").first()
    return {
        "last_at": _said(last.sent_at if last else None, person),
        "planned_at": _said(max(planned.due_at, now) if planned else None, person),
    }


def _said(moment: datetime | None, person: User) -> str:
    """Day and time on the person's clocks, as in “Tue 1 December, 08:00”."""
    return date_format(moment.astimezone(person.zone), "D j F, H:i") if moment else ""
