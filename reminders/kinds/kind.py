from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar
from uuid import UUID

import uuid6
from django.db import connection
from django.db.models import Exists, Model, OuterRef, QuerySet
from django.utils.functional import Promise

from accounts.models import User
from progress.models import Enrollment
from reminders.models.letter import Letter, Reason
from reminders.models.reader import Reader
from reminders.models.wishes import ALL_KINDS
from reminders.words import Content

if TYPE_CHECKING:
    from django.db.models.expressions import Combinable

Row = TypeVar("Row", bound=Model)

CHUNK = 500
IN_TIME = timedelta(minutes=30)  # before it is too late to act on a letter that can't wait
AHEAD = timedelta(days=1)  # no zone's morning is missed, however seldom a kind is planned


class Audience(StrEnum):
    LEARNER = "learner"
    MENTOR = "mentor"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a planner asks of a kind: letters that fall due before `until`, of everybody or of one person.

    The same question with a later `until` and a person is the preview of what will be sent. It asks as if she had
    switched off nothing, to say of what she did that it would not be sent.
    """

    now: datetime
    until: datetime
    person: int | None = None

    @classmethod
    def of_all(cls, now: datetime) -> Asked:
        return cls(now, now + AHEAD)

    def stops(self, kind: str) -> list[str]:
        """Which of somebody's `stopped_kinds` keep letters of this kind from being planned; none in a preview."""
        return [] if self.person else [kind, ALL_KINDS]


@dataclass(frozen=True, slots=True)
class Matter:
    """What a letter is about, in the words of its facts only; the kind makes sentences of it."""

    reader: Reader
    letter: Letter

    @property
    def named(self) -> Iterable[int]:
        """The other people whom the letter names, by their ids."""
        return ()


class Kind(ABC):
    """One reason to write to a person: finds who is to be written to, knows when it is no longer true, and says it.

    One letter says all that is to be said of its kind at that moment, so it stands for those that were due by then.
    """

    key: ClassVar[str]
    name: ClassVar[str | Promise]
    hint: ClassVar[str | Promise]
    audience: ClassVar[Audience] = Audience.LEARNER
    priority: ClassVar[int] = 5  # among letters that go out as one, the lowest number leads
    is_critical: ClassVar[bool] = False  # comes at once and by itself, and is not counted
    every: ClassVar[timedelta] = timedelta(minutes=1)  # how often it is planned

    @abstractmethod
    def plan(self, asked: Asked) -> Iterator[list[Letter]]:
        """Chunks of letters to plan; of those that stand in the ledger already there may be some again."""

    @abstractmethod
    def refusals(
        self, letters: Sequence[Letter], readers: Mapping[int, Reader], now: datetime
    ) -> Mapping[UUID, Reason]:
        """Which of these letters are not to be sent, and why; each is asked about `moment(letter, now)`."""

    @abstractmethod
    def matters(
        self, letters: Sequence[Letter], readers: Mapping[int, Reader], now: datetime
    ) -> Mapping[UUID, Matter]:
        """What each of these letters is about; a letter that has nothing to say is missing."""

    @abstractmethod
    def says(self, matter: Matter) -> Content:
        """The letter in words, in the language that the caller has switched to."""

    def letter(
        self,
        reader: Reader,
        *,
        occurrence: str,
        facts: dict[str, object],
        not_before: datetime,
        expires_at: datetime,
        now: datetime,
        or_since: datetime | None = None,
    ) -> Letter | None:
        """A letter for the reader's next open hour from `not_before` on; None when that comes too late or never.

        With `or_since` one that can't wait comes in her last open hour before instead, from then on.
        """
        due_at = reader.next_open(not_before, is_critical=self.is_critical)
        if or_since and self.is_critical and (due_at is None or due_at > expires_at - IN_TIME):
            due_at = reader.last_open(not_before, max(or_since, now)) or due_at
        if due_at is None or due_at >= expires_at or expires_at <= now:
            return None
        return Letter(
            id=uuid6.uuid7(),
            recipient=reader.person,
            kind=self.key,
            is_critical=self.is_critical,
            occurrence=occurrence,
            facts=facts,
            planned_at=now,
            not_before=not_before,
            due_at=due_at,
            expires_at=expires_at,
        )


def on_road(roadmap: str) -> Combinable:
    """Whether the person of a row is on the road that this field of it leads to; she may have finished it."""
    return Exists(Enrollment.objects.current().filter(person=OuterRef("person"), roadmap=OuterRef(roadmap)))


def in_chunks(rows: QuerySet[Row]) -> Iterator[list[Row]]:
    """The rows in the order of their ids, a chunk at a time, each asked for when its turn comes."""
    after = 0
    while found := list(rows.filter(pk__gt=after).order_by("pk")[:CHUNK]):
        yield found
        after = found[-1].pk


def chunks(sql: str, **values: Any) -> Iterator[list[tuple[Any, ...]]]:
    """Rows of one statement, whose result waits in the database: our memory holds one chunk."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql, values)
        while rows := cursor.fetchmany(CHUNK):
            yield rows


def moment(letter: Letter, now: datetime) -> datetime:
    """The moment that a letter is asked about: now, or for a preview the time when it will be due."""
    return max(now, letter.due_at)


def zones_of(asked: Asked) -> list[str]:
    """The time zones of the people who are asked about."""
    if asked.person:
        return list(User.objects.filter(pk=asked.person).values_list("time_zone", flat=True))
    return User.objects.time_zones()
