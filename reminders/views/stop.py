"""The door for stopping letters without signing in (RFC 8058). Looking changes nothing, since scanners follow links.

Whoever has the link may have got the letter from her, so it is about letters only: her plan she pauses signed in.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts import clock
from reminders.forms import StopForm
from reminders.kinds import KINDS
from reminders.models import LetterWishes
from reminders.models.wishes import ALL_KINDS

TWO_WEEKS = timedelta(days=14)


@csrf_exempt  # the token in the address is the whole proof; mail programs post without cookies
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Ask what to stop; a POST stops it at once, the same however often it comes."""
    found = LetterWishes.objects.with_token(token)
    if found is None:
        return render(request, "reminders/stop_unknown.html", status=404)
    wishes, kind = found
    done = ""
    if request.method == "POST":
        form = StopForm(request.POST)
        if not form.is_valid():
            return render(request, "reminders/stop.html", _context(wishes, kind, ""), status=422)
        done = _do(form.cleaned_data["do"], wishes, kind, clock.now())
    return render(request, "reminders/stop.html", _context(wishes, kind, done))


def _do(what: str, wishes: LetterWishes, kind: str, now: datetime) -> str:
    """Do it, and say what the page is to tell."""
    if what == "snooze":
        until = wishes.person.today(now) + TWO_WEEKS
        wishes.snooze(max(until, wishes.snoozed_until or until))
        return what
    wishes.stop(ALL_KINDS if what == "all" else kind)
    return what


def _context(wishes: LetterWishes, kind: str, done: str) -> dict[str, object]:
    known = KINDS.get(kind)
    return {
        "done": done,
        "name": known.name if known else kind,
        "until": wishes.snoozed_until,
        "is_for_all": kind == ALL_KINDS,
        "is_stopped": wishes.is_stopped(kind),
        "all_stopped": wishes.is_stopped(ALL_KINDS),
    }
