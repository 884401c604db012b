"""Faults to be planted into the workers of a trial, each of which must be found. Workers load this when one is named.

python -m bench.chaos_reminders --short --plant mark-before-send kills
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import uuid6

from reminders.kinds.kind import Kind
from reminders.models import Letter
from reminders.models import letter as letters


def mark_before_send() -> None:
    """The letter is called sent when its end is about to be sent: who dies in between has lost it."""
    honest = Letter.mark_handed

    def hasty(self: Letter, now: Any, carried: Any = ()) -> bool:
        is_ours = honest(self, now, carried)
        Letter.objects.filter(pk=self.pk).update(state="sent", sent_at=now)
        return is_ours

    Letter.mark_handed = hasty  # type: ignore[method-assign]


def send_without_lease() -> None:
    """Whoever finds due letters sends them, claimed or not."""

    def everybody(self: Any, now: Any, *args: Any, **options: Any) -> list[Letter]:
        return list(self.due(now)[:50])

    letters.LetterQuerySet.claim = everybody  # type: ignore[method-assign]
    Letter.mark_handed = lambda *_args, **_options: True  # type: ignore[method-assign,assignment]


def new_message_id() -> None:
    """Every try has a Message-ID of its own, so that no mail program knows a second copy for one."""
    Letter.message_id = lambda _self, host: f"<{uuid4()}@{host}>"  # type: ignore[method-assign,assignment]


def no_unique_key() -> None:
    """A planner that does not say the same occurrence twice alike."""
    honest = Kind.letter

    def careless(self: Kind, *args: Any, occurrence: str, **options: Any) -> Letter | None:
        return honest(self, *args, occurrence=f"{occurrence}/{uuid6.uuid7()}", **options)

    Kind.letter = careless  # type: ignore[method-assign,assignment]
