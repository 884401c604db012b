"""Draws letters as mail. The style sheet is worked into the template once per process; each letter only fills it."""

from __future__ import annotations

import re
from functools import cache
from textwrap import fill

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
from reminders.words import Content, Table

LONGEST_SUBJECT = 200
WIDTH = 76  # columns of the text part

_STYLE, _SIDE = re.compile(r"<style.*?</style>", re.DOTALL), re.compile(r"\b(?:left|right)\b")
_OTHER = {"left": "right", "right": "left"}


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
                "direction": "rtl" if translation.get_language_bidi() else "ltr",
                "tables": [(table.title, _lines(table)) for table in said.tables],
                "subject": _one_line(said.subject),
                "stop_link": stop,
                "pause_link": f"{stop}#pause",
                "settings_link": words.absolute(reverse("reminders:settings")),
            }
        )
        message = EmailMultiAlternatives(
            _one_line(said.subject),
            _wrapped(_text().render(context)),
            settings.LETTERS_FROM_EMAIL,
            [person.email],
            headers=_headers(letter.message_id(settings.SITE_HOST), stop),
            connection=connection,
        )
        message.attach_alternative(_html(is_rtl=translation.get_language_bidi()).render(context), "text/html")
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


def _wrapped(text: str) -> str:
    """Long lines as several that begin alike; addresses stay whole."""
    return "\n".join(line if len(line) <= WIDTH else _broken(line) for line in text.split("\n"))


def _broken(line: str) -> str:
    indent = " " * (len(line) - len(line.lstrip()))
    return fill(
        line.strip(),
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _lines(table: Table) -> list[str]:
    """A table in columns where they fit beside each other, else each row as a line to be wrapped."""
    rows = [table.head, *table.rows] if table.head else list(table.rows)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    if sum(widths) + 2 * len(widths) > WIDTH:
        return [", ".join(filter(None, row)) for row in rows]
    return ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]


@cache
def _html(*, is_rtl: bool) -> Template:
    """The letter's template with its style sheet worked into the elements; template tags pass through as text.

    Within tables the tags stand in comments until then: HTML knows no text there.
    """
    source = _source("reminders/letters/letter.html")
    if is_rtl:
        source = _STYLE.sub(lambda style: _SIDE.sub(lambda side: _OTHER[side[0]], style[0]), source)
    inlined = css_inline.CSSInliner(load_remote_stylesheets=False).inline(source)
    return _django().from_string(inlined.replace("<!--{%", "{%").replace("%}-->", "%}")).template


@cache
def _text() -> Template:
    return _django().from_string(_source("reminders/letters/letter.txt")).template


def _source(name: str) -> str:
    return str(get_template(name).template.source)  # type: ignore[attr-defined]  # the backend's own template has it


def _django() -> DjangoTemplates:
    engine = engines["django"]
    assert isinstance(engine, DjangoTemplates)  # noqa: S101  # says to mypy what settings.TEMPLATES says
    return engine
