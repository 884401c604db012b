"""The doors for an address that mail came back from: its person says that it works again, by a letter sent to it."""

from __future__ import annotations

import logging

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from accounts import clock
from accounts.models import User
from accounts.request import SignedInRequest
from reminders.emails.address import ask_to_confirm
from reminders.models import LetterWishes, Suppression
from reminders.models.suppression import Why
from reminders.models.wishes import ALL_KINDS

log = logging.getLogger(__name__)
LOOK_OR_ACT = require_http_methods(["GET", "HEAD", "POST"])


@login_required
@LOOK_OR_ACT
def address(request: SignedInRequest) -> HttpResponse:
    """Say what a mail server said of her address; a POST sends her a letter that asks to confirm it."""
    person = request.user
    suppression = Suppression.objects.standing().filter(address=person.email.lower()).first()
    if request.method == "POST":
        if suppression:
            _ask(request, suppression)
        return redirect("reminders:address")
    return render(request, "reminders/address.html", {"suppression": suppression, "address": person.email})


def _ask(request: SignedInRequest, suppression: Suppression) -> None:
    if not suppression.may_ask(clock.now()):
        messages.error(
            request, gettext("A letter went there within the last ten minutes. Look for it first.")
        )
        return
    try:
        ask_to_confirm(suppression, request.user)
    except Exception:  # whatever a mail server or a provider raises: the page says it, the log says why
        log.exception("a letter that asks to confirm an address was not taken")
        messages.error(request, gettext("The mail server did not take it. Try again in a while."))
    else:
        messages.success(request, gettext("Sent. Open the link in it, and letters go there again."))


@LOOK_OR_ACT
def confirm_address(request: HttpRequest, token: str) -> HttpResponse:
    """Ask, and on POST send letters there again. Looking changes nothing, since scanners follow links."""
    suppression = Suppression.objects.with_token(token)
    if suppression is None:
        return render(request, "reminders/address_unknown.html", status=404)
    context: dict[str, object] = {
        "address": suppression.address,
        "is_complained": suppression.why == Why.COMPLAINED,
    }
    if request.method == "POST":
        suppression.lift("", clock.now(), by=suppression.person)
        context |= {"done": True, "is_all_off": _wants_none(suppression.person)}
    return render(request, "reminders/address_confirm.html", context)


def _wants_none(person: User | None) -> bool:
    """Whether all kinds are off, which outlasts the address' trouble: a complaint had switched them off."""
    wishes = LetterWishes.objects.filter(person=person).first() if person else None
    return wishes is not None and wishes.is_stopped(ALL_KINDS)
