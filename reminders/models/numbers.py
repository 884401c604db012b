"""What became of letters of late, by kind: three statements, each over a bounded time by an index."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count

from reminders.models.letter import Letter, LetterState, Reason

DAY, WEEK = timedelta(days=1), timedelta(days=7)


@dataclass(frozen=True, slots=True)
class KindNumbers:
    """Letters of one kind: sent and held back today, failed in seven days; why most of those were held back."""

    sent: int = 0
    held_back: int = 0
    failed: int = 0
    reason: str = ""


def numbers(midnight: datetime) -> Mapping[str, KindNumbers]:
    """Counts by kind for the day that began at `midnight`; what travelled in another letter is no letter more.

    Nobody writes down when a letter was held back: it counts on the day it was due.
    """
    sent = _sent(midnight)
    failed = dict(_counted(state=LetterState.FAILED, due_at__gte=midnight - WEEK))
    held_back, reasons = _held_back(midnight)
    return {
        kind: KindNumbers(
            sent.get(kind, 0), held_back.get(kind, 0), failed.get(kind, 0), reasons.get(kind, "")
        )
        for kind in {*sent, *failed, *held_back}
    }


def _sent(midnight: datetime) -> dict[str, int]:
    """By the time they left; no letter waits longer than a week."""
    near = {"due_at__gte": midnight - WEEK, "due_at__lt": midnight + DAY}
    return dict(_counted(state=LetterState.SENT, carrier=None, sent_at__gte=midnight, **near))


def _held_back(midnight: datetime) -> tuple[dict[str, int], dict[str, str]]:
    rows = Letter.objects.filter(state=LetterState.HELD_BACK, due_at__gte=midnight, due_at__lt=midnight + DAY)
    counts: dict[str, int] = {}
    reasons: dict[str, str] = {}
    found = rows.order_by().values_list("kind", "reason").annotate(count=Count("pk")).order_by("-count")
    for kind, reason, count in found:
        counts[kind] = counts.get(kind, 0) + count
        reasons.setdefault(kind, str(Reason(reason).label) if reason in Reason.values else reason)
    return counts, reasons


def _counted(**which: object) -> list[tuple[str, int]]:
    rows = Letter.objects.filter(**which).order_by().values_list("kind")
    return list(rows.annotate(count=Count("pk")))
