"""The next round as it would be, and then undone: what would be planned, and what would become of what is due."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection, transaction
from django.db.utils import DatabaseError

from reminders.emails.deciding import Verdicts, verdicts
from reminders.kinds import KINDS, Asked, Kind
from reminders.models import Letter
from reminders.models.reader import readers

MOST_SAMPLES = 50
LONGEST = 10.0  # seconds


@dataclass(frozen=True, slots=True)
class Sample:
    """One letter that is due, and what would become of it."""

    letter: Letter
    outcome: str  # sent, held_back or put_off
    reason: str = ""
    until: datetime | None = None
    carried: int = 0  # so many others would travel in it


@dataclass
class Rehearsal:
    """What the next round would do. `planned` counts new letters by kind; `unplanned` names kinds that took too long
    or could not be planned. Of what is due the first chunk is decided.
    """

    planned: dict[str, int] = field(default_factory=dict)
    unplanned: list[str] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def count(self, outcome: str) -> int:
        return sum(sample.outcome == outcome for sample in self.samples)

    def lines(self) -> Iterator[str]:
        """The same for a terminal."""
        yield f"{sum(self.planned.values())} would be planned"
        yield from (f"  {kind}: {count}" for kind, count in sorted(self.planned.items()))
        yield from (f"  {kind}: not looked at to the end" for kind in self.unplanned)
        told = ", ".join(
            f"{self.count(name)} {name.replace('_', ' ')}" for name in ("sent", "held_back", "put_off")
        )
        yield f"of the first {len(self.samples)} that are due: {told}"
        for sample in self.samples:
            reason = f" ({sample.reason})" if sample.reason else ""
            yield f"  {sample.outcome} {sample.letter.kind} {sample.letter.occurrence}{reason}"


def rehearse(now: datetime, longest: float = LONGEST) -> Rehearsal:
    """Plan and decide as the next round would, for about `longest` seconds at most, and take all of it back."""
    ends, found = time.monotonic() + longest, Rehearsal()
    with transaction.atomic():
        for kind in KINDS.values():
            _plan(kind, now, ends, found)
        _bound(time.monotonic() + LONGEST)
        _decide(now, found)
        transaction.set_rollback(True)
    return found


def _plan(kind: Kind, now: datetime, ends: float, found: Rehearsal) -> None:
    """In a part of the transaction of its own: a kind that takes too long spoils nothing."""
    try:
        with transaction.atomic():
            _bound(ends)
            for letters in kind.plan(Asked.of_all(now)):
                found.planned[kind.key] = found.planned.get(kind.key, 0) + _written(letters)
                _bound(ends)
    except (DatabaseError, TimeoutError):
        found.unplanned.append(kind.key)


def _bound(ends: float) -> None:
    """No statement from here on may take longer than the time that is left."""
    left = ends - time.monotonic()
    if left <= 0:
        raise TimeoutError
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(int(left * 1000) + 1)])


def _written(letters: Sequence[Letter]) -> int:
    """How many of these stand in the ledger only now."""
    Letter.objects.write(letters)
    return Letter.objects.filter(pk__in=[letter.pk for letter in letters]).count()


def _decide(now: datetime, found: Rehearsal) -> None:
    claimed = Letter.objects.claim(now, MOST_SAMPLES)
    if not claimed:
        return
    known = readers({letter.recipient_id for letter in claimed})
    for letter in claimed:
        letter.recipient = known[letter.recipient_id].person
    found.samples = list(_samples(claimed, verdicts(claimed, known, now)))[:MOST_SAMPLES]


def _samples(claimed: Sequence[Letter], found: Verdicts) -> Iterator[Sample]:
    for group in found.groups:
        yield Sample(group.lead, "sent", carried=len(group.carried))
    for letter, until, reason in found.waiting:
        yield Sample(letter, "put_off", str(reason.label), until)
    for letter in claimed:
        if refusal := found.refused.get(letter.pk):
            yield Sample(letter, "held_back", str(refusal.label))
