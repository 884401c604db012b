"""Looks at everything that letters need to arrive, and says what is to be mended. It sends nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from email.utils import parseaddr
from ipaddress import ip_address
from smtplib import SMTPServerDisconnected
from typing import Any

import requests
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.urls import reverse

from accounts.sentences import sentence as _
from reminders.answers import Outcome
from reminders.emails.post import Post, UnreachableError, connection
from reminders.emails.post import said as said_of
from reminders.emails.smtp import Smtp
from reminders.models import Breaker, KindState, Letter, Suppression
from reminders.records import Finding, Grade, Names, findings

SECONDS = 5.0
TOO_LONG = timedelta(hours=1)
_START_ONE = _(
    "Start the worker and look into its log; `manage.py send_reminders` plans and sends once, without it."
)


def examine(now: datetime, names: Names, selector: str = "") -> Iterator[Finding]:
    """Every finding, one after the other, as they are made."""
    yield from _senders()
    yield from _site()
    for about, way in _ways():
        yield from _server(about, way)
    yield from findings(_domain(settings.LETTERS_FROM_EMAIL), _smtp_host(), selector, names)
    yield _reports()
    yield _unsubscribing()
    yield _breaker()
    yield _suppressed()
    yield _waiting(now)
    yield _planning(now)


def send_test_letter(address: str) -> Finding:
    """Send one letter the way reminders go, and say what the server made of it."""
    letter = EmailMultiAlternatives(
        "Waymark: a test letter",
        "This letter was asked for by maildoctor. When you can read it, letters arrive.",
        settings.LETTERS_FROM_EMAIL,
        [address],
        headers={"Auto-Submitted": "auto-generated"},
    )
    try:
        with Post() as post:
            answer = post.send(letter)
    except UnreachableError as trouble:
        return Finding(Grade.BAD, "letter", _("%(why)s", why=str(trouble)), _("Mend the mail server first."))
    if answer.outcome == Outcome.TAKEN:
        return Finding(Grade.OK, "letter", _("the server took it; look whether it arrives, and where"))
    return Finding(
        Grade.BAD,
        "letter",
        _("%(outcome)s: %(said)s", outcome=answer.outcome, said=answer.said),
        _("See above."),
    )


def _senders() -> Iterator[Finding]:
    for variable, sender in _named_senders().items():
        domain = _domain(sender)
        if "." not in domain or domain.endswith((".localhost", ".local", ".invalid", ".test")):
            yield Finding(
                Grade.BAD,
                "From",
                _("%(sender)s has no domain that the world knows", sender=sender),
                _("Set %(variable)s to an address of your domain.", variable=variable),
            )
        else:
            yield Finding(Grade.OK, "From", _("%(sender)s", sender=sender))


def _named_senders() -> Mapping[str, str]:
    named = {"WAYMARK_FROM_EMAIL": settings.DEFAULT_FROM_EMAIL}
    if settings.LETTERS_FROM_EMAIL != settings.DEFAULT_FROM_EMAIL:
        named["WAYMARK_LETTERS_FROM_EMAIL"] = settings.LETTERS_FROM_EMAIL
    return named


def _site() -> Iterator[Finding]:
    if settings.SITE_URL.startswith("https://"):
        yield Finding(Grade.OK, "site", _("%(url)s", url=settings.SITE_URL))
        return
    yield Finding(
        Grade.BAD if settings.IN_PRODUCTION else Grade.WARN,
        "site",
        _("links in letters begin with %(url)s, without https", url=settings.SITE_URL),
        _("Set WAYMARK_SITE_URL to the https address that people type."),
    )


def _ways() -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The ways that mail goes: one, or two where reminders have their own."""
    if settings.LETTERS_EMAIL:
        yield "server of reminders", settings.LETTERS_EMAIL
        yield "server of account mail", {}
    else:
        yield "server", {}


def _server(about: str, way: Mapping[str, Any]) -> Iterator[Finding]:
    try:
        backend = connection(way)
        backend.open()
    except (UnreachableError, OSError) as trouble:
        yield Finding(
            Grade.BAD,
            about,
            _("%(why)s", why=str(trouble)[:300]),
            _("Look at WAYMARK_EMAIL_URL: name, port, user and password, and whether the server offers TLS."),
        )
        return
    try:
        yield from _opened(about, backend)
    except OSError as trouble:  # SMTPException is one: it hung up, or fell silent, in the middle
        yield Finding(
            Grade.BAD,
            about,
            _("it answers, and hangs up when asked to take a letter: %(why)s", why=said_of(trouble)[:300]),
            _("Look into the log of the mail server: some hang up on senders or networks that they block."),
        )
    finally:
        backend.close()


def _opened(about: str, backend: BaseEmailBackend) -> Iterator[Finding]:
    if not isinstance(backend, Smtp):
        name = getattr(backend, "esp_name", type(backend).__module__)
        yield Finding(
            Grade.OK, about, _("%(name)s; only --to shows whether it takes letters", name=str(name))
        )
        return
    yield _encryption(about, backend)
    yield _mail_from(about, backend)


def _encryption(about: str, backend: Smtp) -> Finding:
    place = f"{backend.host}:{backend.port}"
    if backend.use_tls or backend.use_ssl:
        return Finding(Grade.OK, about, _("%(place)s answers, with TLS", place=place))
    if is_here(backend.host):
        return Finding(Grade.OK, about, _("%(place)s answers, on this machine", place=place))
    return Finding(
        Grade.BAD if backend.password else Grade.WARN,
        about,
        _("%(place)s answers, without TLS: mail travels in the clear", place=place),
        _("Start the address of the mail server with submission:// or smtps://."),
    )


def _mail_from(about: str, backend: Smtp) -> Finding:
    """Whether the server would take a letter from us: asked, and taken back."""
    assert backend.connection is not None  # noqa: S101  # it was opened
    sender = parseaddr(settings.LETTERS_BOUNCE_ADDRESS or settings.LETTERS_FROM_EMAIL)[1]
    backend.connection.ehlo_or_helo_if_needed()
    code, said = backend.connection.mail(sender)
    with suppress(SMTPServerDisconnected):  # what it said before counts
        backend.connection.rset()
    if code == 250:
        return Finding(Grade.OK, about, _("it takes letters from %(sender)s", sender=sender))
    return Finding(
        Grade.BAD,
        about,
        _(
            "it takes no letters from %(sender)s: %(said)s",
            sender=sender,
            said=f"{code} {said.decode(errors='replace')}",
        ),
        _("Allow this sender at the mail server, or write from one that it allows."),
    )


def _reports() -> Finding:
    """Whether reports of letters that failed find their way back."""
    smtp = _smtp_host()
    if not smtp and settings.WEBHOOK_SECRET:
        return Finding(Grade.OK, "reports", _("the provider may tell of bounces at /letters/events/…/"))
    if not smtp:
        return Finding(
            Grade.WARN,
            "reports",
            _("nobody tells us of letters that come back"),
            _("Set WAYMARK_WEBHOOK_SECRET and give the provider the address /letters/events/<provider>/."),
        )
    bounces = settings.LETTERS_BOUNCE_ADDRESS
    if not bounces:
        return Finding(
            Grade.WARN,
            "reports",
            _(
                "reports of letters that fail go to %(sender)s",
                sender=parseaddr(settings.LETTERS_FROM_EMAIL)[1],
            ),
            _("Set WAYMARK_LETTERS_BOUNCE_ADDRESS to a mailbox that `manage.py take_bounces` reads."),
        )
    if not _same_house(_domain(bounces), _domain(settings.LETTERS_FROM_EMAIL)):
        return Finding(
            Grade.WARN,
            "reports",
            _(
                "%(bounces)s is of another domain than the sender, so SPF does not speak for DMARC",
                bounces=bounces,
            ),
            _("Take an address of the sender’s domain, or be sure that the server signs with DKIM."),
        )
    return Finding(Grade.OK, "reports", _("reports of letters that fail go to %(bounces)s", bounces=bounces))


def _unsubscribing() -> Finding:
    """Whether the address in List-Unsubscribe can be reached: a link that nobody has must say that it is unknown."""
    address = settings.SITE_URL + reverse("reminders:unsubscribe", args=["maildoctor"])
    if not address.startswith("https://"):
        return Finding(
            Grade.BAD if settings.IN_PRODUCTION else Grade.WARN,
            "unsubscribe",
            _("%(address)s is no https address, so mail programs show no button", address=address),
            _("Set WAYMARK_SITE_URL to the https address that people type."),
        )
    try:
        answer = requests.get(address, timeout=SECONDS, allow_redirects=False)
    except requests.RequestException as trouble:
        said = type(trouble).__name__
        return Finding(
            Grade.WARN,
            "unsubscribe",
            _("%(address)s can’t be reached from here: %(why)s", address=address, why=said),
            _("Look whether the site answers from outside, and whether its certificate is trusted."),
        )
    if answer.status_code == requests.codes.not_found and "X-Request-ID" in answer.headers:
        return Finding(Grade.OK, "unsubscribe", _("%(address)s answers", address=address))
    return Finding(
        Grade.BAD,
        "unsubscribe",
        _("%(address)s answers %(status)s, and not as Waymark", address=address, status=answer.status_code),
        _("Let the proxy pass /letters/ on to Waymark as it is, without sign-in or redirect."),
    )


def _breaker() -> Finding:
    breaker = Breaker.objects.of()
    if breaker.is_closed:
        return Finding(Grade.OK, "stream", _("%(said)s", said=breaker.said))
    return Finding(Grade.WARN, "stream", _("%(said)s", said=breaker.said), _("Mend what the server says."))


def _suppressed() -> Finding:
    count = Suppression.objects.standing().count()
    return Finding(Grade.OK, "addresses", _("%(count)s are suppressed", count=count))


def _waiting(now: datetime) -> Finding:
    count = Letter.objects.due(now - TOO_LONG).count()
    if not count:
        return Finding(Grade.OK, "letters", _("none has waited for more than an hour"))
    return Finding(
        Grade.BAD,
        "letters",
        _("%(count)s have waited for more than an hour", count=count),
        _("Look whether a worker runs; `manage.py send_reminders` sends what is due."),
    )


def _planning(now: datetime) -> Finding:
    """Whether a worker runs, as far as letters show it."""
    planning = KindState.objects.planning(now)
    if not planning.last_at:
        return Finding(Grade.WARN, "worker", _("letters were never planned: does a worker run?"), _START_ONE)
    at = f"{planning.last_at:%Y-%m-%d %H:%M} UTC"
    if not planning.is_silent:
        return Finding(Grade.OK, "worker", _("letters were last planned at %(at)s", at=at))
    return Finding(
        Grade.BAD,
        "worker",
        _(
            "letters were last planned at %(at)s; no worker has planned for %(minutes)s minutes: is one running?",
            at=at,
            minutes=planning.minutes,
        ),
        _START_ONE,
    )


def is_here(host: str) -> bool:
    """Whether a host is this machine or its own network's inside, where nobody listens between."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host in {"localhost", "mail", "smtp", "relay"} or host.endswith(".localhost")


def _smtp_host() -> str:
    """The mail server of reminders; empty where a provider sends them."""
    backend = settings.LETTERS_EMAIL.get("backend", settings.EMAIL_BACKEND)
    host = settings.LETTERS_EMAIL.get("host") or settings.EMAIL_HOST
    return str(host) if "smtp" in backend else ""


def _domain(address: str) -> str:
    return parseaddr(address)[1].rpartition("@")[2].lower()


def _same_house(one: str, other: str) -> bool:
    """Whether two domains count as one for DMARC's relaxed alignment, told by their last two labels."""
    last = re.compile(r"[^.]+\.[^.]+$")
    return bool((a := last.search(one)) and (b := last.search(other)) and a[0] == b[0])
