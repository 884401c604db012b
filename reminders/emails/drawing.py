"""Draws letters as mail. The style sheet is worked into the template once per process; each letter only fills it."""

from __future__ import annotations

from functools import cache

import css_inline
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.template import Context, Template, engines
from django.template.backends.django import DjangoTemplates
from django.template.loader import get_template
from django.urls import reverse
from django.utils import translation

from reminders import words
from reminders.kinds import Matter
from reminders.words import Content

LONGEST_SUBJECT = 200


def mail(matter: Matter, said: Content, connection: BaseEmailBackend | None = None) -> EmailMultiAlternatives:
    """The letter as a message with a text and an HTML part that say the same, in the reader's language."""
    person, letter = matter.reader.person, matter.letter
    stop = words.absolute(reverse("reminders:unsubscribe", args=[matter.reader.wishes.token(letter.kind)]))
    with translation.override(person.language):
        context = Context(
            {
                "said": said,
                "site": settings.SITE_URL,
                "language": person.language,
                "subject": _one_line(said.subject),
                "stop_link": stop,
                "settings_link": words.absolute(reverse("reminders:settings")),
            }
        )
        message = EmailMultiAlternatives(
            _one_line(said.subject),
            _text().render(context),
            settings.LETTERS_FROM_EMAIL,
            [person.email],
            headers=_headers(letter.message_id(settings.SITE_HOST), stop),
            connection=connection,
        )
        message.attach_alternative(_html().render(context), "text/html")
    return message


def _headers(message_id: str, stop: str) -> dict[str, str]:
    """What tells mail programs that a machine wrote this and how to stop it (RFC 3834, RFC 8058)."""
    return {
        "Message-ID": message_id,
        "Auto-Submitted": "auto-generated",
        "List-Unsubscribe": f"<{stop}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def _one_line(text: str) -> str:
    return " ".join(text.split())[:LONGEST_SUBJECT]


@cache
def _html() -> Template:
    """The letter's template with its style sheet worked into the elements; template tags pass through as text."""
    source = _source("reminders/letters/letter.html")
    return _django().from_string(css_inline.CSSInliner(load_remote_stylesheets=False).inline(source)).template


@cache
def _text() -> Template:
    return _django().from_string(_source("reminders/letters/letter.txt")).template


def _source(name: str) -> str:
    return str(get_template(name).template.source)  # type: ignore[attr-defined]  # the backend's own template has it


def _django() -> DjangoTemplates:
    engine = engines["django"]
    assert isinstance(engine, DjangoTemplates)  # noqa: S101  # says to mypy what settings.TEMPLATES says
    return engine
