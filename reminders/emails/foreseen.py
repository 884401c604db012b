"""What would be sent to one person in the days ahead, and what would not: asked of the code that plans and sends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import translation

from accounts.models import User
from reminders import caps
from reminders.caps import Caps
from reminders.emails.deciding import due, refusals
from reminders.kinds import KINDS, Asked, Kind
from reminders.models import Letter
from reminders.models.letter import LetterState, Reason
from reminders.models.reader import Reader, readers

DAYS = 14


@dataclass(frozen=True, slots=True)
class Foreseen:
    """One letter that would be sent at `at`, or would not and why; `carried_in` is the kind of letter it travels in."""

    at: datetime
    kind: Kind
    is_sent: bool
    reason: str = ""
    subject: str = ""
    carried_in: Kind | None = None


def foreseen(person: User, now: datetime, days: int = DAYS) -> list[Foreseen]:
    """All letters of so many days ahead in order, if nothing changes meanwhile. Writes nothing."""
    known, until = readers([person.pk]), now + timedelta(days=days)
    reader = known[person.pk]
    letters = [letter for letter in _letters(person, now, until) if letter.due_at < until]
    refused = refusals(letters, known, now)
    left = [letter for letter in letters if letter.pk not in refused]
    sent = Letter.objects.counted({person.pk}, now - caps.KNOWN_FOR).get(person.pk, [])
    limits = Caps(most_per_week=reader.wishes.most_per_week)
    foretold = caps.foretell([due(letter) for letter in left], sent, reader.wanted, limits, until)
    found = [*_kept(letters, refused, now), *_sent(left, foretold, known, now)]
    return sorted(found, key=lambda one: (one.at, not one.is_sent, one.kind.priority))


def _letters(person: User, now: datetime, until: datetime) -> Iterator[Letter]:
    """What stands planned in the ledger, and what the kinds would plan besides."""
    written = set(Letter.objects.of(person).values_list("kind", "occurrence"))
    for letter in Letter.objects.of(person).filter(state__in=[LetterState.PLANNED, LetterState.SENDING]):
        letter.due_at = max(letter.due_at, now)
        yield letter
    for kind in KINDS.values():
        for chunk in kind.plan(Asked(now, until, person.pk)):
            new = (letter for letter in chunk if (letter.kind, letter.occurrence) not in written)
            for letter in new:
                letter.due_at = max(letter.due_at, now)
                yield letter


def _kept(letters: Sequence[Letter], refused: dict[UUID, Reason], now: datetime) -> Iterator[Foreseen]:
    for letter in letters:
        if (reason := refused.get(letter.pk)) and letter.kind in KINDS:
            yield Foreseen(
                max(letter.due_at, now), KINDS[letter.kind], is_sent=False, reason=str(reason.label)
            )


def _sent(
    letters: Sequence[Letter], foretold: Sequence[caps.Foretold], known: dict[int, Reader], now: datetime
) -> Iterator[Foreseen]:
    by_key = {letter.pk: letter for letter in letters}
    subjects = _subjects(letters, known, now)
    for step in foretold:
        kind = KINDS[by_key[step.key].kind]
        if not step.is_sent:
            yield Foreseen(step.at, kind, is_sent=False, reason=str(Reason.TOO_MANY.label))
        elif step.key not in subjects:
            yield Foreseen(step.at, kind, is_sent=False, reason=str(Reason.NOTHING_TO_SAY.label))
        else:
            lead = KINDS[by_key[step.lead].kind] if step.lead else None
            yield Foreseen(step.at, kind, is_sent=True, subject=subjects[step.key], carried_in=lead)


def _subjects(letters: Sequence[Letter], known: dict[int, Reader], now: datetime) -> dict[UUID, str]:
    """What the letters would be headed, as far as they have something to say."""
    found: dict[UUID, str] = {}
    for kind in KINDS.values():
        if mine := [letter for letter in letters if letter.kind == kind.key]:
            for pk, matter in kind.matters(mine, known, now).items():
                with translation.override(matter.reader.person.language):
                    found[pk] = kind.says(matter).subject
    return found
