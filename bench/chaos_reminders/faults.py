"""Faults planted into the processes of a trial, each of which must be found: CHAOS_PLANTED names one.

make chaos-reminders ARGS="--short --plant mark-before-send kills"
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import uuid6

from accounts import clock
from reminders.emails.post import Answer, Post
from reminders.kinds.kind import Kind
from reminders.models import Letter
from reminders.models.letter import LetterQuerySet


def mark_before_send() -> None:
    """The ledger says sent before anything is said to the mail server: who dies in between has lost the letter."""
    honest = Post.send

    def hasty(self: Post, message: Any, *args: Any, **options: Any) -> Answer:
        letter = message.extra_headers["Message-ID"].strip("<>").partition("@")[0]
        Letter.objects.filter(pk=letter).update(state="sent", sent_at=clock.database_now())
        return honest(self, message, *args, **options)

    Post.send = hasty


def send_without_lease() -> None:
    """Whoever finds due letters sends them, whoever else does."""

    def everybody(self: LetterQuerySet, now: Any, *_args: Any, **_options: Any) -> list[Letter]:
        return list(self.due(now)[:50])

    def yes(*_args: Any, **_options: Any) -> bool:
        return True

    LetterQuerySet.claim = everybody
    Letter.mark_handed = yes


def new_message_id() -> None:
    """Every try has a Message-ID of its own, so that no mail program knows a second copy for one."""

    def fresh(_self: Letter, host: str) -> str:
        return f"<{uuid4()}@{host}>"

    Letter.message_id = fresh


def no_unique_key() -> None:
    """The same occurrence is called something else each time it is planned."""
    honest = Kind.letter

    def careless(self: Kind, *args: Any, occurrence: str, **options: Any) -> Letter | None:
        return honest(self, *args, occurrence=f"{occurrence}/{uuid6.uuid7()}", **options)

    Kind.letter = careless


FAULTS: dict[str, Callable[[], None]] = {
    "mark-before-send": mark_before_send,
    "send-without-lease": send_without_lease,
    "new-message-id": new_message_id,
    "no-unique-key": no_unique_key,
}

if name := os.environ.get("CHAOS_PLANTED"):
    FAULTS[name]()
