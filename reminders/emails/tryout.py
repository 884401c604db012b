"""A letter to oneself that says nothing but that letters arrive: it stands in no ledger and counts for nothing."""

from __future__ import annotations

from datetime import datetime, timedelta

import uuid6
from django.core.cache import cache
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from reminders.emails.drawing import mail
from reminders.emails.post import Answer, Outcome, Post, UnreachableError
from reminders.kinds import Matter
from reminders.models import Letter
from reminders.models.reader import Reader
from reminders.models.wishes import ALL_KINDS
from reminders.words import Content, hello

MOST_PER_HOUR = 5
HOUR = timedelta(hours=1)


def may_try(person: int, now: datetime) -> bool:
    """Whether this person may send herself one more in this hour; while the cache is away nobody is held up."""
    key, seconds = f"tryout-{person}-{now:%Y%m%d%H}", int(HOUR.total_seconds())
    if cache.add(key, 1, seconds):
        return True
    try:
        return cache.incr(key) <= MOST_PER_HOUR
    except ValueError:  # it is over meanwhile, or the cache is away
        return True


def try_out(reader: Reader, now: datetime) -> Answer:
    """Send it, the way that all letters go. What the mail server said, or why it could not be asked."""
    letter = Letter(
        id=uuid6.uuid7(),
        recipient=reader.person,
        kind=ALL_KINDS,
        occurrence="tryout",
        planned_at=now,
        due_at=now,
        expires_at=now + HOUR,
    )
    try:
        with Post() as post:
            return post.send(mail(Matter(reader, letter), _content(reader), post.connection))
    except UnreachableError as trouble:
        return Answer(Outcome.NOT_NOW, str(trouble))


def _content(reader: Reader) -> Content:
    with translation.override(reader.person.language):
        return Content(
            subject=gettext("Letters reach you"),
            preheader=gettext("You asked for this test letter."),
            lead=gettext(
                "%(hello)s this is the test letter you asked for. If it lies among spam, say that it is none."
            )
            % {"hello": hello(reader.person)},
            kicker=gettext("See what comes next"),
            step=gettext("Your letters in the next 14 days"),
            link=reverse("reminders:next"),
            why=gettext("You get this because you pressed the button in your settings."),
        )
