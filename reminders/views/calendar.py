"""The doors to a person's calendar feed: what calendar programs read, and the page where its address is made."""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext, override
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import clock
from accounts.request import SignedInRequest
from reminders import calendar_words
from reminders.models import CalendarFeed
from reminders.models.agenda import Agenda

# robots.txt does not shut this door: Google's calendar heeds it, too
_HEADERS = {
    "Cache-Control": "private, no-cache",
    "Content-Disposition": 'inline; filename="waymark.ics"',
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}


@require_safe
def feed(request: HttpRequest, secret: str) -> HttpResponseBase:
    """What is due to whoever made this address, for calendar programs; nobody signs in, the secret is the proof."""
    now = clock.now()
    found = CalendarFeed.objects.with_secret(secret)
    if found is None:
        raise Http404
    if request.method == "GET":
        found.note_read(now)
    with override(found.person.language):
        data = calendar_words.written(Agenda.of(found.person, now))
    headers = {**_HEADERS, "Content-Language": found.person.language}
    response = HttpResponse(data, content_type="text/calendar; charset=utf-8", headers=headers)
    response["ETag"] = f'"{hashlib.sha256(data).hexdigest()}"'
    return get_conditional_response(request, etag=response["ETag"], response=response) or response


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def settings_page(request: SignedInRequest) -> HttpResponse:
    """The address to copy and how programs take it; a POST makes it, the same however often it comes."""
    if request.method == "POST":
        CalendarFeed.objects.make(request.user, clock.now())
        messages.success(
            request, gettext("Your calendar has an address. Copy it into your calendar program.")
        )
        return redirect("reminders:calendar_settings")
    found = CalendarFeed.objects.of(request.user)
    context = {"feed": found, **(_addresses(found) if found else {})}
    return render(request, "reminders/calendar.html", context)


@login_required
@require_POST
def renew(request: SignedInRequest) -> HttpResponse:
    """Another address; the one before opens nothing from now on."""
    CalendarFeed.objects.renew(request.user, clock.now())
    messages.success(
        request, gettext("Your calendar has a new address. The one before opens nothing any more.")
    )
    return redirect("reminders:calendar_settings")


@login_required
@require_POST
def revoke(request: SignedInRequest) -> HttpResponse:
    """No address any more, until she makes one again."""
    CalendarFeed.objects.revoke(request.user)
    messages.success(request, gettext("The address is revoked and opens nothing any more."))
    return redirect("reminders:calendar_settings")


def _addresses(found: CalendarFeed) -> dict[str, str]:
    """The address to paste, and the one that programs on this device take by themselves."""
    address = f"{settings.SITE_URL}{reverse('reminders:calendar', args=[found.secret])}"
    return {"address": address, "subscribe": f"webcal:{address.partition(':')[2]}"}
