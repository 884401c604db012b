"""The doors to how a person wants her letters."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import clock
from accounts.models import User
from accounts.request import SignedInRequest
from reminders.emails.post import Answer, Outcome
from reminders.emails.tryout import may_try, try_out
from reminders.forms import WishesForm
from reminders.kinds import KINDS
from reminders.kinds.kind import Audience
from reminders.models import Letter, LetterWishes
from reminders.models.letter import LetterState, Reason
from reminders.models.reader import Reader, readers

GROUPS = (
    (Audience.LEARNER, _("As a learner")),
    (Audience.MENTOR, _("As a mentor")),
)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def settings_page(request: SignedInRequest) -> HttpResponse:
    """Kinds, days, hours, how many, from when on, beside what was sent last and what is due next."""
    person, now = request.user, clock.now()
    wishes = LetterWishes.objects.of(person)
    form = WishesForm(wishes, person, person.today(now), request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        wishes.choose(**form.wishes())
        messages.success(request, gettext("Saved. It holds from the next letter on."))
        return redirect("reminders:settings")
    reader = readers([person.pk])[person.pk]
    context = {
        "form": form,
        "groups": _groups(form),
        "address": person.email,
        "zone": person.time_zone,
        "trouble": _trouble(reader),
        "remedy": "account_email" if not reader.is_confirmed else "reminders:address",
        "is_suppressed": reader.is_suppressed,
        **_post(reader, now),
    }
    return render(request, "reminders/settings.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def tryout(request: SignedInRequest) -> HttpResponse:
    """Send the person a test letter, and say what the mail server answered."""
    person, now = request.user, clock.now()
    reader = readers([person.pk])[person.pk]
    if trouble := _trouble(reader):
        messages.error(request, trouble)
    elif not may_try(person.pk, now):
        messages.error(request, gettext("You sent yourself enough of them for now. Try again in an hour."))
    else:
        _say(request, try_out(reader, now))
    return redirect("reminders:settings")


@login_required
@require_POST
def renew_links(request: SignedInRequest) -> HttpResponse:
    """Links of letters sent before stop nothing any more: somebody else may have them."""
    LetterWishes.objects.of(request.user).renew_links()
    messages.success(request, gettext("Links of letters sent before now stop nothing any more."))
    return redirect("reminders:settings")


def _groups(form: WishesForm) -> list[dict[str, Any]]:
    """The switches by audience; a single group needs no heading."""
    chosen = form["kinds"].value() or []
    found = [
        {
            "key": audience,
            "title": title,
            "kinds": [
                {"key": key, "name": kind.name, "hint": kind.hint, "is_on": key in chosen}
                for key, kind in form.offered.items()
                if kind.audience == audience
            ],
        }
        for audience, title in GROUPS
    ]
    return [group for group in found if group["kinds"]]


def _trouble(reader: Reader) -> str:
    """Why no letter can reach her, whatever it says."""
    match reader.no_address:
        case Reason.UNCONFIRMED:
            return gettext("Your e-mail address is not confirmed yet, so nothing is sent there.")
        case Reason.SUPPRESSED:
            return gettext("Mail to your address comes back, so nothing is sent there.")
        case _:
            return ""


def _say(request: SignedInRequest, answer: Answer) -> None:
    words = {"address": request.user.email, "said": answer.said}
    if answer.outcome == Outcome.TAKEN:
        said = gettext("The mail server took the test letter to %(address)s. Look among spam, too.")
        messages.success(request, said % words)
    elif answer.outcome == Outcome.LOST:
        messages.error(
            request, gettext("The connection broke; it may have been sent or not. %(said)s") % words
        )
    else:
        messages.error(request, gettext("The test letter was not sent. The mail server: %(said)s") % words)


def _post(reader: Reader, now: datetime) -> dict[str, Any]:
    """The letter sent last and whether it arrived; the planned one that is due first, and which it is."""
    person, letters = reader.person, Letter.objects.of(reader.person)
    last = letters.in_inbox(person).filter(state=LetterState.SENT).first()  # a carried one has no page
    planned = letters.planned().filter(kind__in=KINDS).order_by("due_at", "id").first()
    return {
        "last": last,
        "last_at": said(last.sent_at if last else None, person),
        "planned_at": said(_leaves_at(planned, reader, now) if planned else None, person),
        "planned": KINDS[planned.kind] if planned else None,
    }


def _leaves_at(planned: Letter, reader: Reader, now: datetime) -> datetime | None:
    """When it leaves as she wants her letters now, if nothing else comes between."""
    return reader.next_open(max(planned.due_at, now), is_critical=planned.is_critical)


def said(moment: datetime | None, person: User) -> str:
    """Day and time on the person's clocks, as in “Tue 1 December, 08:00”."""
    return date_format(moment.astimezone(person.zone), "D j F, H:i") if moment else ""
