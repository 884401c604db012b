"""What would be sent to one person in the days ahead, and what would not: asked of the code that plans and sends."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q
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
_OPEN = Q(state__in=[LetterState.PLANNED, LetterState.SENDING])
_STOPPED = Q(state=LetterState.HELD_BACK, reason=Reason.STOPPED)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Foreseen:
    """One letter that would be sent at `at`, or would not and why; `carried_in` is the kind of letter it travels in.

    `is_stopped`: nothing else keeps it back than that she switched off its kind.
    """

    at: datetime
    kind: Kind
    is_sent: bool
    reason: str = ""
    subject: str = ""
    carried_in: Kind | None = None
    is_stopped: bool = False


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is foreseen, in order. Letters of the `unknown` kinds could not be worked out; the log says why."""

    letters: Sequence[Foreseen] = ()
    unknown: Sequence[Kind] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """A letter as its kind knows it: what it would be headed, or why it would not be sent whatever else is due."""

    letter: Letter
    subject: str
    reason: Reason | None


def foreseen(person: User, now: datetime, days: int = DAYS) -> Outlook:
    """All letters of so many days ahead, if nothing changes meanwhile. Writes nothing."""
    reader, asked = readers([person.pk])[person.pk], Asked(now, now + timedelta(days=days), person.pk)
    drafts, unknown = _drafts(reader, asked)
    sent = Letter.objects.counted({person.pk}, now - caps.KNOWN_FOR).get(person.pk, [])
    limits = Caps(most_per_week=reader.wishes.most_per_week)
    left = [due(draft.letter) for draft in drafts if not draft.reason]
    foretold = caps.foretell(left, sent, reader.wanted, limits, asked.until)
    found = [*_kept(drafts), *_sent(drafts, foretold)]
    return Outlook(sorted(found, key=lambda one: (one.at, not one.is_sent, one.kind.priority)), unknown)


def _drafts(reader: Reader, asked: Asked) -> tuple[list[Draft], list[Kind]]:
    """The letters of all kinds that can be worked out, and the kinds that cannot."""
    written = list(Letter.objects.of(reader.person).filter(_OPEN | _STOPPED & Q(due_at__gt=asked.now)))
    occurrences = set(Letter.objects.of(reader.person).values_list("kind", "occurrence"))
    drafts, unknown = list[Draft](), list[Kind]()
    for kind in KINDS.values():
        mine = [x for x in written if x.kind == kind.key and _may_leave(x, reader)]
        try:
            new = [x for some in kind.plan(asked) for x in some if (x.kind, x.occurrence) not in occurrences]
            drafts += _looked_at(kind, [*mine, *new], reader, asked)
        except Exception:  # one kind that cannot be worked out must not keep the others
            log.exception("a kind of letter could not be foreseen", extra={"kind": kind.key})
            unknown.append(kind)
    return drafts, unknown


def _may_leave(letter: Letter, reader: Reader) -> bool:
    """Whether it is to be told of: what was held back stays so when its kind is switched on again."""
    return letter.state != LetterState.HELD_BACK or reader.wishes.is_stopped(letter.kind)


def _looked_at(kind: Kind, letters: Sequence[Letter], reader: Reader, asked: Asked) -> list[Draft]:
    """Those of these letters that fall due in time, each asked whether it would be sent."""
    for letter in letters:
        letter.due_at = max(letter.due_at, asked.now)
    mine = [letter for letter in letters if letter.due_at < asked.until]
    if not mine:
        return []
    refused = _refused(kind, mine, reader, asked.now)
    worded = [letter for letter in mine if refused.get(letter.pk) in {None, Reason.STOPPED}]
    subjects = _subjects(kind, worded, reader, asked.now)
    refused |= {letter.pk: Reason.NOTHING_TO_SAY for letter in worded if letter.pk not in subjects}
    if why := reader.no_address:
        refused = dict.fromkeys(subjects, why) | refused
    return [Draft(letter, subjects.get(letter.pk, ""), refused.get(letter.pk)) for letter in mine]


def _refused(kind: Kind, letters: Sequence[Letter], reader: Reader, now: datetime) -> dict[UUID, Reason]:
    """Why some of these letters of a kind would not be sent: that it is off only where nothing else keeps them back."""
    known = {reader.person.pk: reader}
    refused = refusals(letters, known, now)
    stopped = [letter for letter in letters if refused.get(letter.pk) == Reason.STOPPED]
    return refused | dict(kind.refusals(stopped, known, now)) if stopped else refused


def _subjects(kind: Kind, letters: Sequence[Letter], reader: Reader, now: datetime) -> dict[UUID, str]:
    """What the letters would be headed, as far as they have something to say."""
    if not letters:
        return {}
    matters = kind.matters(letters, {reader.person.pk: reader}, now)
    with translation.override(reader.person.language):
        return {pk: kind.says(matter).subject for pk, matter in matters.items()}


def _kept(drafts: Sequence[Draft]) -> Iterator[Foreseen]:
    for draft in drafts:
        if reason := draft.reason:
            yield Foreseen(
                draft.letter.due_at,
                KINDS[draft.letter.kind],
                is_sent=False,
                reason=str(reason.label),
                subject=draft.subject,
                is_stopped=reason == Reason.STOPPED,
            )


def _sent(drafts: Sequence[Draft], foretold: Sequence[caps.Foretold]) -> Iterator[Foreseen]:
    by_key = {draft.letter.pk: draft for draft in drafts}
    for step in foretold:
        kind = KINDS[by_key[step.key].letter.kind]
        if step.is_sent:
            lead = KINDS[by_key[step.lead].letter.kind] if step.lead else None
            subject = by_key[step.key].subject
            yield Foreseen(step.at, kind, is_sent=True, subject=subject, carried_in=lead)
        else:
            yield Foreseen(step.at, kind, is_sent=False, reason=str(Reason.TOO_MANY.label))
