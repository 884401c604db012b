"""What letters to learners are about, made for anybody; and asking one kind to plan, to refuse and to speak."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from accounts.models import User
from progress.models import Enrollment
from reminders.kinds import KINDS, Asked
from reminders.models import Letter
from reminders.models.letter import Reason
from reminders.models.reader import readers
from reminders.words import Content
from tests.cast import enrolled

START = datetime(
    2026, 11, 2, 9, tzinfo=UTC
)  # a Monday; at ten hours a week base is due on the 10th, ridge on the 16th
BASE_DUE = datetime(2026, 11, 10, 9, tzinfo=UTC)


def stage_due(person: User) -> datetime:
    enrolled(person, now=START - timedelta(days=1))
    Enrollment.objects.get(person=person).replan(
        hours_per_week=10, starts_on=START.date(), now=START - timedelta(days=1)
    )
    return BASE_DUE - timedelta(days=7)


def stage_overdue(person: User) -> datetime:
    stage_due(person)
    return BASE_DUE + timedelta(days=2)


ARRANGED: dict[str, Callable[[User], datetime]] = {"stage_due": stage_due, "stage_overdue": stage_overdue}


def planned(kind: str, now: datetime, until: datetime | None = None, person: User | None = None) -> list[str]:
    """Let the kind plan, write it into the ledger; the occurrences that stand there, in the order they are due."""
    asked = Asked(now, until or now + timedelta(days=1), person.pk if person else None)
    for letters in KINDS[kind].plan(asked):
        Letter.objects.write(letters)
    rows = Letter.objects.of_kinds([kind]).order_by("due_at", "occurrence")
    return list(rows.values_list("occurrence", flat=True))


def letter(kind: str) -> Letter:
    return Letter.objects.of_kinds([kind]).latest("id")


def refusal(kind: str, now: datetime) -> Reason | None:
    """Why the newest letter of this kind would not be sent now."""
    asked = letter(kind)
    return KINDS[kind].refusals([asked], readers([asked.recipient_id]), now).get(asked.pk)


def said(kind: str, now: datetime) -> Content:
    """The newest letter of this kind in words."""
    asked = letter(kind)
    matter = KINDS[kind].matters([asked], readers([asked.recipient_id]), now)[asked.pk]
    return KINDS[kind].says(matter)
