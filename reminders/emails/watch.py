"""Watches how a chunk of letters fares: asks the breaker before, tells it and the list of addresses after."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from accounts.models import User
from reminders.answers import Answer, Outcome
from reminders.models import Breaker, DomainPace, Letter, Suppression
from reminders.models.breaker import FAILED, LETTERS, REMEMBERED, WELL, Room, is_failing
from reminders.models.domain_pace import MINUTE, domain_of, minute_of
from reminders.models.letter import Reason

log = logging.getLogger(__name__)

MOST_PEOPLE = 100
_CRITICAL = "!"  # before a mail domain, of which it can be no part


@dataclass
class Watch:
    """What one sender knows of the mail server while it sends one chunk."""

    breaker: Breaker
    room: Room
    signs: list[str] = field(default_factory=list)
    said: str = ""

    @classmethod
    def begin(cls, now: datetime) -> Watch:
        breaker = Breaker.objects.of(LETTERS)
        return cls(breaker, breaker.admit(now))

    @property
    def most_people(self) -> int:
        """For how many people letters may be taken now."""
        return {Room.NONE: 0, Room.ONE: 1, Room.ALL: MOST_PEOPLE}[self.room]

    @property
    def lets_go(self) -> bool:
        """Whether the next letter may leave: not after the one that was to try, nor once most of the last failed."""
        if self.room == Room.ONE:
            return not self.signs
        return self.room == Room.ALL and not is_failing(self.breaker.recent + "".join(self.signs))

    def saw(self, answer: Answer, letter: Letter, person: User, now: datetime) -> None:
        """Take in what became of one letter; an address that servers refuse for good is suppressed at once."""
        if answer.outcome == Outcome.NOT_OURS:
            return
        self.signs.append(WELL if answer.speaks_for_the_server else FAILED)
        if answer.outcome != Outcome.TAKEN:
            self.said = answer.said
        if answer.outcome == Outcome.NEVER and answer.is_recipients:
            Suppression.objects.refuse(person.email, answer.said, now, person, is_gone=answer.is_gone)
        if answer.outcome == Outcome.REFUSES_US and letter.tries <= 1:
            self.open(
                answer.said, now
            )  # a letter refused again, when others went out between, is alone in that

    def open(self, said: str, now: datetime) -> None:
        """The mail server can't be reached or refuses us: all letters wait."""
        self.room = Room.NONE
        if self.breaker.open(said, now):
            log.warning("letters wait: %s", self.breaker.said)

    def end(self, now: datetime) -> None:
        """Write down how the chunk fared."""
        if self.room == Room.ONE:
            self._end_trying(now)
        elif self.room == Room.ALL:
            self.breaker.note(self.signs[-REMEMBERED:], self.said, now)

    def _end_trying(self, now: datetime) -> None:
        if not self.signs:
            self.breaker.give_back()
        elif self.signs[-1] == WELL:
            self.breaker.close()
        else:
            self.open(self.said, now)


def minutes_for(asking: Sequence[tuple[User, bool]], now: datetime) -> list[datetime]:
    """For each of these people, with whether her letter can't wait: its minute, this one or later, at her mail domain.

    What can't wait has a row of its own, so that it never stands behind an hour of what can.
    """
    rows = [(_CRITICAL if is_critical else "") + domain_of(person.email) for person, is_critical in asking]
    booked = {row: iter(minutes) for row, minutes in DomainPace.objects.book(Counter(rows), now).items()}
    return [next(booked[row]) for row in rows]


def has_booked(letters: Iterable[Letter], now: datetime) -> bool:
    """Whether one of these due letters waited for its minute, and this is it or the one after: it need not ask again.

    After a longer delay all that is late would leave at once, so it books anew.
    """
    return any(x.reason == Reason.PACED and x.due_at >= minute_of(now) - MINUTE for x in letters)
