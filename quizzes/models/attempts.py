from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from random import SystemRandom
from typing import TYPE_CHECKING, Self

from django.db import models, transaction

from accounts.models import User
from quizzes.models.quiz import Quiz, QuizVersion
from quizzes.paper import Slot, draw

if TYPE_CHECKING:
    from quizzes.models.attempt import Attempt

_RANDOM = SystemRandom()


class AttemptQuerySet(models.QuerySet["Attempt"]):
    def of(self, person: User) -> Self:
        return self.filter(person=person)

    def open(self) -> Self:
        return self.filter(finished_at=None)

    def finished(self) -> Self:
        return self.exclude(finished_at=None)

    def passed(self) -> Self:
        return self.filter(is_passed=True)

    def overdue(self, now: datetime) -> Self:
        """Open attempts whose deadline and grace are over."""
        return self.open().filter(closes_at__lt=now)

    def at(self, road_key: str, quiz_key: str) -> Self:
        """Attempts at one quiz of one road."""
        return self.filter(quiz__roadmap__key=road_key, quiz__key=quiz_key)

    @transaction.atomic
    def start(self, person: User, quiz: Quiz, now: datetime, *, since: datetime | None = None) -> Attempt:
        """The person's open attempt at this quiz; a new one where none is open, its paper drawn and frozen.

        Starting twice at once (two clicks, two tabs) gives the same attempt. Attempts begun before `since` do not
        count towards limit and cooldown. Raises AttemptRefusedError.
        """
        User.objects.get_queryset().select_for_update(no_key=True).get(pk=person.pk)
        earlier = list(self.of(person).filter(quiz=quiz).order_by("number"))
        if earlier and not earlier[-1].is_finished:
            if not earlier[-1].is_overdue(now):
                return earlier[-1]
            earlier[-1].submit(now)
        counted = [
            a.finished_at for a in earlier if a.finished_at and (since is None or a.started_at >= since)
        ]
        if refusal := quiz.refusal(counted, now):
            raise refusal
        version = quiz.studied_version()
        seen = (slot.question for attempt in earlier for slot in attempt.slots)
        slots = draw(version.sheet, seen, _RANDOM)
        return self.begin(person, version, earlier[-1].number + 1 if earlier else 1, slots, now)

    def begin(
        self, person: User, version: QuizVersion, number: int, slots: Sequence[Slot], now: datetime
    ) -> Attempt:
        """Write an open attempt with this number and these slots; `start` decides whether it may be."""
        deadline_at, closes_at = version.sheet.deadline(now)
        return self.create(
            person=person,
            quiz_id=version.quiz_id,
            quiz_version=version,
            number=number,
            paper=[slot.model_dump(mode="json") for slot in slots],
            pass_percent=version.sheet.pass_percent,
            points_possible=sum(slot.points for slot in slots),
            started_at=now,
            deadline_at=deadline_at,
            closes_at=closes_at,
        )

    def finalise_overdue(self, now: datetime, limit: int = 500) -> int:
        """Hand in what is saved of attempts whose time is over; how many. Several may run side by side.

        Each attempt is one transaction, so one that fails does not hold up those before it.
        """
        waiting = self.overdue(now).order_by("closes_at").values_list("pk", flat=True)
        return sum(self._finalise(pk, now) for pk in list(waiting[:limit]))

    @transaction.atomic
    def _finalise(self, pk: int, now: datetime) -> bool:
        attempt = self.overdue(now).select_for_update(of=("self",), skip_locked=True).filter(pk=pk).first()
        if attempt is None:
            return False
        attempt.submit(now)
        return True
