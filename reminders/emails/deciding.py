"""Decides at the last moment what becomes of letters that are due: which leave, in which company, and why others don't.

The rules are asked of the kinds (is it still true), of the reader (does she want it, has she an address that works), of
reminders/windows.py (hours, days, pauses) and of reminders/caps.py (how many). The preview asks the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from uuid import UUID

from reminders import caps
from reminders.caps import Caps, Decision, Due, Send, Wait
from reminders.kinds import KINDS
from reminders.models import KindState, Letter
from reminders.models.kind_state import ALL
from reminders.models.letter import LetterState, Reason
from reminders.models.reader import Reader


@dataclass(frozen=True, slots=True)
class Group:
    """A letter that may leave now, and those that travel in it."""

    lead: Letter
    carried: tuple[Letter, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What becomes of claimed letters: each of them is in one of the three."""

    groups: Sequence[Group]
    refused: Mapping[UUID, Reason]
    waiting: Sequence[tuple[Letter, datetime | None, Reason]]  # until when, None when that would be too late


def verdicts(claimed: Sequence[Letter], known: Mapping[int, Reader], now: datetime) -> Verdicts:
    """What becomes of these letters, which their sender has claimed, at `now`."""
    rivals = list(Letter.objects.rivals(claimed, now))
    refused = refusals([*claimed, *_unsent(rivals, claimed)], known, now)
    refused |= _superseded([x for x in claimed if x.pk not in refused], rivals, refused)
    left = [letter for letter in claimed if letter.pk not in refused]
    sent = Letter.objects.counted({letter.recipient_id for letter in left}, now - caps.KNOWN_FOR)
    groups: list[Group] = []
    waiting: list[tuple[Letter, datetime | None, Reason]] = []
    for person, letters in _by_person(left):
        decided = _decided(letters, known[person], sent.get(person, ()), now)
        groups += _groups(letters, decided)
        waiting += _waiting(letters, decided, known[person], now)
    mine = {letter.pk for letter in claimed}
    refused = {pk: reason for pk, reason in refused.items() if pk in mine} | _without_address(groups, known)
    return Verdicts([x for x in groups if x.lead.pk not in refused], refused, waiting)


def refusals(letters: Sequence[Letter], known: Mapping[int, Reader], now: datetime) -> dict[UUID, Reason]:
    """Why some of these letters are not to be sent, each at the moment it is due, `now` at the earliest."""
    off = KindState.objects.off_kinds()
    found = ((letter.pk, _refusal(letter, known[letter.recipient_id], off, now)) for letter in letters)
    refused: dict[UUID, Reason] = {pk: reason for pk, reason in found if reason}
    for kind in KINDS.values():
        if mine := [x for x in letters if x.kind == kind.key and x.pk not in refused]:
            refused |= kind.refusals(mine, known, now)
    return refused


def _refusal(letter: Letter, reader: Reader, off: frozenset[str], now: datetime) -> Reason | None:
    if letter.kind not in KINDS:
        return Reason.UNKNOWN_KIND
    if reason := reader.refusal(letter.kind):
        return reason
    if letter.expires_at <= now:
        return Reason.TOO_LATE
    return Reason.KIND_OFF if off & {letter.kind, ALL} else None


def _without_address(groups: Iterable[Group], known: Mapping[int, Reader]) -> dict[UUID, Reason]:
    """Of what would leave now, the letters of people whom no mail reaches."""
    found = ((x, known[group.lead.recipient_id]) for group in groups for x in (group.lead, *group.carried))
    return {letter.pk: reason for letter, reader in found if (reason := reader.no_address)}


def _unsent(rivals: Iterable[Letter], claimed: Iterable[Letter]) -> list[Letter]:
    """Rivals in whose place somebody else might be about to send: they too must still be true to count."""
    mine = {letter.pk for letter in claimed}
    open_states = {LetterState.PLANNED, LetterState.SENDING}
    return [rival for rival in rivals if rival.pk not in mine and rival.state in open_states]


def _superseded(
    letters: Iterable[Letter], rivals: Sequence[Letter], refused: Mapping[UUID, Reason]
) -> dict[UUID, Reason]:
    """Letters whose reader was, or is about to be, told the same by a newer one of their kind."""
    newer: dict[tuple[int, str], list[Letter]] = {}
    for rival in rivals:
        if rival.pk not in refused:
            newer.setdefault((rival.recipient_id, rival.kind), []).append(rival)
    found = ((letter, newer.get((letter.recipient_id, letter.kind), [])) for letter in letters)
    return {
        letter.pk: Reason.SUPERSEDED
        for letter, others in found
        if any(other.says_too(letter) for other in others)
    }


def _by_person(letters: Sequence[Letter]) -> Iterator[tuple[int, list[Letter]]]:
    """The letters of each person, the people in the order in which their first letter was due."""
    order = {person: place for place, person in enumerate(dict.fromkeys(x.recipient_id for x in letters))}
    ordered = sorted(letters, key=lambda letter: order[letter.recipient_id])
    for person, group in groupby(ordered, key=lambda letter: letter.recipient_id):
        yield person, list(group)


def _decided(
    letters: Sequence[Letter], reader: Reader, sent: Iterable[datetime], now: datetime
) -> dict[UUID, Decision]:
    """Caps and hours over the letters of one person. One that may have arrived goes again as it was, before others."""
    limits, times = Caps(most_per_week=reader.wishes.most_per_week), list(sent)
    doubted = [x for x in letters if x.is_in_doubt and not x.is_critical and not x.carrier_id][:1]
    if not doubted:
        return caps.decide([due(letter) for letter in letters], times, reader.wanted, limits, now)
    lead = doubted[0]
    again = [x for x in letters if x == lead or x.carrier_id == lead.pk]
    first = caps.decide([due(x, is_lead=x == lead) for x in again], times, reader.wanted, limits, now)
    rest = [due(x) for x in letters if x not in again]
    return first | caps.decide(rest, [*times, now], reader.wanted, limits, now)


def due(letter: Letter, *, is_lead: bool = False) -> Due:
    """The letter as the caps see it."""
    priority = 0 if is_lead else KINDS[letter.kind].priority
    return Due(letter.pk, priority, letter.is_critical, letter.due_at, letter.expires_at)


def _groups(letters: Sequence[Letter], decided: Mapping[UUID, Decision]) -> Iterator[Group]:
    by_key = {letter.pk: letter for letter in letters}
    for sending in dict.fromkeys(x for x in decided.values() if isinstance(x, Send)):
        yield Group(by_key[sending.lead], tuple(by_key[key] for key in sending.carried))


def _waiting(
    letters: Sequence[Letter], decided: Mapping[UUID, Decision], reader: Reader, now: datetime
) -> Iterator[tuple[Letter, datetime | None, Reason]]:
    for letter in letters:
        decision = decided[letter.pk]
        if isinstance(decision, Send):
            continue
        is_open = reader.is_open(now, is_critical=letter.is_critical)
        reason = Reason.CAPPED if is_open else Reason.OUT_OF_HOURS
        yield letter, (decision.until if isinstance(decision, Wait) else None), reason
