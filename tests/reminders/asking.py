"""Asking one kind of letter what the planner, the sender and the preview ask of it."""

from datetime import datetime, timedelta

from accounts.models import User
from reminders.emails.deciding import refusals
from reminders.kinds import KINDS, Asked, Matter
from reminders.models import Letter
from reminders.models.letter import Reason
from reminders.models.reader import readers
from reminders.words import Content


def plan(key: str, now: datetime) -> list[Letter]:
    """What the kind plans at `now` is written; all that stands in the ledger of it, in the order it was planned."""
    for letters in KINDS[key].plan(Asked.of_all(now)):
        Letter.objects.write(letters)
    return list(Letter.objects.of_kinds([key]).select_related("recipient").order_by("id"))


def foreseen(key: str, person: User, now: datetime, days: int = 14) -> list[Letter]:
    """What the preview of so many days asks for; nothing is written."""
    asked = Asked(now, now + timedelta(days=days), person.pk)
    return [letter for letters in KINDS[key].plan(asked) for letter in letters]


def refused(letter: Letter, now: datetime) -> Reason | None:
    """Why it is not sent at `now`."""
    return refusals([letter], readers([letter.recipient_id]), now).get(letter.pk)


def matter(letter: Letter, now: datetime) -> Matter | None:
    return KINDS[letter.kind].matters([letter], readers([letter.recipient_id]), now).get(letter.pk)


def said(letter: Letter, now: datetime) -> Content:
    """The letter in words."""
    about = matter(letter, now)
    assert about is not None
    return KINDS[letter.kind].says(about)


def sent(letter: Letter, at: datetime) -> None:
    """Let it have been sent."""
    Letter.objects.filter(pk=letter.pk).update(state="sent", sent_at=at, shown_at=at)
