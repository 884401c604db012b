"""Asks whether an address that mail came back from works again: by a letter to it, the way that account mail goes."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from accounts.models import User
from reminders import words
from reminders.models import Suppression


def ask_to_confirm(suppression: Suppression, person: User) -> None:
    """Send the link that lifts it; raises OSError when the mail server does not take it."""
    link = words.absolute(reverse("reminders:confirm_address", args=[suppression.token()]))
    with translation.override(person.language):
        body = render_to_string(
            "reminders/letters/address.txt",
            {"link": link, "address": suppression.address, "site_url": settings.SITE_URL},
        )
        subject = gettext("Does this address work again?")
    head = {"Auto-Submitted": "auto-generated"}
    EmailMessage(subject, body, to=[suppression.address], headers=head).send(fail_silently=False)
