from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from allauth.account.models import EmailAddress
from django.db.models import Exists, OuterRef
from django.db.models.functions import Lower

from accounts.models import Pause, User
from progress.plan import Span
from reminders.models.letter import Reason
from reminders.models.suppression import Suppression
from reminders.models.wishes import LetterWishes
from reminders.windows import Wanted, is_open, last_open, next_open

_SUPPRESSED = Exists(Suppression.objects.standing().filter(address=Lower(OuterRef("email"))))


@dataclass(frozen=True, slots=True)
class Reader:
    """One person as somebody who gets letters, as she is at the moment of reading."""

    person: User
    wishes: LetterWishes
    wanted: Wanted
    is_confirmed: bool
    is_suppressed: bool = False

    def refusal(self, kind: str) -> Reason | None:
        """Why she gets no letter of this kind, whatever it would say, neither by mail nor here."""
        if not self.person.is_active:
            return Reason.SUSPENDED
        return Reason.STOPPED if self.wishes.is_stopped(kind) else None

    @property
    def no_address(self) -> Reason | None:
        """Why no mail reaches her: what would leave is shown to her here instead."""
        if not self.is_confirmed:
            return Reason.UNCONFIRMED
        return Reason.SUPPRESSED if self.is_suppressed else None

    def next_open(self, after: datetime, *, is_critical: bool = False) -> datetime | None:
        """The first instant from `after` on at which a letter may leave; what can’t wait is sent in a snooze, too."""
        return next_open(self.wanted, after, is_critical=is_critical)

    def is_open(self, now: datetime, *, is_critical: bool = False) -> bool:
        """Whether a letter may leave at this instant."""
        return is_open(self.wanted, now, is_critical=is_critical)

    def last_open(self, before: datetime, since: datetime) -> datetime | None:
        """When the last hour before `before` begins in which what can’t wait may leave, `since` at the earliest."""
        return last_open(self.wanted, before, since)

    def today(self, now: datetime) -> date:
        return self.person.today(now)

    @property
    def pauses(self) -> tuple[Span, ...]:
        return self.wanted.pauses


def readers(people: Iterable[int]) -> dict[int, Reader]:
    """Readers by the id of the person, for a chunk of people at once: four queries, a few more for newcomers.

    Who was erased meanwhile is missing.
    """
    ids = set(people)
    wishes, pauses, confirmed = LetterWishes.objects.of_all(ids), pauses_of(ids), _confirmed(ids)
    return {
        person.pk: Reader(
            person,
            wishes[person.pk],
            _wanted(person, wishes[person.pk], pauses.get(person.pk, ())),
            is_confirmed=(person.pk, person.email.lower()) in confirmed,
            is_suppressed=person.is_suppressed,  # type: ignore[attr-defined]  # the query below says it
        )
        for person in User.objects.get_queryset().filter(pk__in=ids).annotate(is_suppressed=_SUPPRESSED)
    }


def _wanted(person: User, wishes: LetterWishes, pauses: Iterable[Span]) -> Wanted:
    return Wanted(
        person.zone,
        frozenset(wishes.weekdays),
        wishes.quiet_from,
        wishes.quiet_until,
        tuple(pauses),
        wishes.snoozed_until,
    )


def pauses_of(people: Iterable[int]) -> dict[int, list[Span]]:
    """The pauses of each of these people who has any: one query."""
    found: dict[int, list[Span]] = {}
    rows = Pause.objects.filter(person__in=set(people)).values_list("person", "starts_on", "ends_on")
    for person, starts_on, ends_on in rows:
        found.setdefault(person, []).append(Span(starts_on, ends_on))
    return found


def _confirmed(people: set[int]) -> set[tuple[int, str]]:
    rows = EmailAddress.objects.filter(user__in=people, verified=True).values_list("user_id", "email")
    return {(person, email.lower()) for person, email in rows}
