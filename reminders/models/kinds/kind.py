from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

import uuid6
from django.utils.functional import Promise

from accounts.models import User
from reminders.models.letter import Letter, Reason
from reminders.models.reader import Reader

CHUNK = 500


@dataclass(frozen=True, slots=True)
class Matter:
    """What a letter is about, in the words of its facts only; reminders.words makes sentences of it."""

    reader: Reader
    letter: Letter


class Kind(ABC):
    """One reason to write to a person: finds who is to be written to, and knows when it is no longer true."""

    key: ClassVar[str]
    name: ClassVar[str | Promise]
    hint: ClassVar[str | Promise]

    @abstractmethod
    def plan(self, now: datetime) -> Iterator[list[Letter]]:
        """Chunks of letters to plan; of those that stand in the ledger already there may be some again."""

    @abstractmethod
    def refusals(
        self, letters: Sequence[Letter], readers: Mapping[int, Reader], now: datetime
    ) -> Mapping[UUID, Reason]:
        """Which of these letters are not to be sent at `now`, and why: asked at the last moment."""

    @abstractmethod
    def matters(
        self, letters: Sequence[Letter], readers: Mapping[int, Reader], now: datetime
    ) -> Mapping[UUID, Matter]:
        """What each of these letters is about."""

    def upcoming(self, person: User, now: datetime) -> datetime | None:
        """When time alone would bring this person the next letter of this kind; None when it would not."""
        return None


def planned(
    kind: str,
    reader: Reader,
    *,
    occurrence: str,
    facts: dict[str, object],
    not_before: datetime,
    expires_at: datetime,
    now: datetime,
) -> Letter | None:
    """A letter for the reader's next open hour from `not_before` on; None when that comes too late or never."""
    due_at = reader.next_open(not_before)
    if due_at is None or due_at >= expires_at or expires_at <= now:
        return None
    return Letter(
        id=uuid6.uuid7(),
        recipient=reader.person,
        kind=kind,
        occurrence=occurrence,
        facts=facts,
        planned_at=now,
        due_at=due_at,
        expires_at=expires_at,
    )
