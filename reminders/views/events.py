"""The door for mail providers that tell of bounces and complaints; django-anymail's own views check and read them."""

from __future__ import annotations

import logging
from typing import Any

from anymail.exceptions import AnymailConfigurationError
from anymail.signals import AnymailTrackingEvent, EventType, RejectReason
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.module_loading import import_string
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts import clock
from reminders.answers import in_one_line
from reminders.bounces import Fate, Notice
from reminders.models import Suppression

log = logging.getLogger(__name__)

# The view of each provider in anymail.webhooks; Scaleway tells of nothing.
VIEWS = {
    "amazon-ses": "amazon_ses.AmazonSESTrackingWebhookView",
    "brevo": "brevo.BrevoTrackingWebhookView",
    "mailersend": "mailersend.MailerSendTrackingWebhookView",
    "mailgun": "mailgun.MailgunTrackingWebhookView",
    "mailjet": "mailjet.MailjetTrackingWebhookView",
    "mailtrap": "mailtrap.MailtrapTrackingWebhookView",
    "mandrill": "mandrill.MandrillCombinedWebhookView",
    "postal": "postal.PostalTrackingWebhookView",
    "postmark": "postmark.PostmarkTrackingWebhookView",
    "resend": "resend.ResendTrackingWebhookView",
    "sendgrid": "sendgrid.SendGridTrackingWebhookView",
    "sparkpost": "sparkpost.SparkPostTrackingWebhookView",
    "unisender-go": "unisender_go.UnisenderGoTrackingWebhookView",
}
_FAILURES = frozenset({EventType.BOUNCED, EventType.REJECTED, EventType.FAILED})
_GONE = frozenset({RejectReason.INVALID, RejectReason.BOUNCED})
_ABOUT_US = frozenset({RejectReason.SPAM, RejectReason.BLOCKED})


@csrf_exempt  # the secret that the provider sends along is the whole proof
@require_http_methods(["HEAD", "POST"])
def events(request: HttpRequest, provider: str) -> HttpResponse:
    """Take what a provider tells; there is no such door until WAYMARK_WEBHOOK_SECRET is set.

    Nor is there one of a provider that signs what it tells while its key is not named in the settings.
    """
    if not settings.WEBHOOK_SECRET or provider not in VIEWS:
        raise Http404
    view = import_string(f"anymail.webhooks.{VIEWS[provider]}")
    try:
        answer: HttpResponse = view.as_view(basic_auth=[settings.WEBHOOK_SECRET], signal=_Taker())(request)
    except AnymailConfigurationError as missing:
        log.warning("no door for events of %s: %s", provider, missing)
        raise Http404 from missing
    return answer


class _Taker:
    """Stands where django-anymail would send a signal, so that what happens is read here."""

    def send(self, sender: object, event: Any, esp_name: str) -> None:
        if isinstance(event, AnymailTrackingEvent) and (notice := noticed(event)):
            Suppression.objects.take(notice, clock.now())


def noticed(event: Any) -> Notice | None:
    """What an event claims, in the words that reports of mail servers are read into; None when all is well."""
    said = in_one_line(str(event.mta_response or event.description or event.event_type))
    named = (_letter(event), (str(event.recipient or "").lower(),), said[:300])
    if _is_complaint(event):
        return Notice(Fate.COMPLAINED, *named)
    if event.event_type == EventType.UNSUBSCRIBED or event.reject_reason == RejectReason.UNSUBSCRIBED:
        return Notice(Fate.STOPPED, *named)
    if event.event_type not in _FAILURES:
        return None
    is_final = event.event_type == EventType.REJECTED and event.reject_reason in _GONE
    return Notice(
        Fate.FAILED,
        *named,
        is_gone=is_final or event.reject_reason == RejectReason.INVALID,
        is_about_us=event.reject_reason in _ABOUT_US,
    )


def _is_complaint(event: Any) -> bool:
    """Whether a person complained. A provider that refuses by itself for spam's sake means that she did so before;
    a receiver that bounces for spam's sake means us.
    """
    is_of_before = event.event_type == EventType.REJECTED and event.reject_reason == RejectReason.SPAM
    return bool(event.event_type == EventType.COMPLAINED or is_of_before)


def _letter(event: Any) -> str:
    """The Message-ID of the letter: providers with ids of their own carry ours along, as metadata or as a tag."""
    named = (event.metadata or {}).get("letter") or next(iter(event.tags or ()), "")
    return f"<{named}@{settings.SITE_HOST}>" if named else str(event.message_id or "")
