"""The door to what comes in the next 14 days, and what does not."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import clock
from accounts.request import SignedInRequest
from reminders.emails.days import ahead


@login_required
@require_safe
def next_letters(request: SignedInRequest) -> HttpResponse:
    """What would be sent to the person if nothing changes; working it out writes nothing."""
    return render(request, "reminders/next.html", {"ahead": ahead(request.user, clock.now())})
