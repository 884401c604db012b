"""What leaves of the letters that are due to one person, and what waits: plain arithmetic.

A critical letter goes alone and at once. All others that are due become one letter, led by the most important of them,
and of such letters only so many come in one day and one ISO week of her own calendar.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from reminders.windows import DAY, MIDNIGHT, Wanted, instant, next_open

KNOWN_FOR = timedelta(days=8)  # how far back sent letters are asked for: a week and a change of zone


@dataclass(frozen=True, slots=True)
class Due:
    """One planned letter whose time has come; the lowest priority leads, of equals the one that was due first."""

    key: UUID
    priority: int
    is_critical: bool
    due_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Send:
    """The letter `lead` leaves now, and says what the `carried` ones have to say."""

    lead: UUID
    carried: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Wait:
    """The letter is due again at `until`, the first instant at which it may leave."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Never:
    """The letter will be useless before it may leave."""


@dataclass(frozen=True, slots=True)
class Foretold:
    """What would become of a letter: it leaves at `at`, maybe inside `lead`; or it doesn't, and was due then."""

    key: UUID
    at: datetime
    is_sent: bool
    lead: UUID | None = None


@dataclass(frozen=True, slots=True)
class Caps:
    """How many letters that are not critical one person gets in a day and in a week of her calendar."""

    most_per_day: int = 1
    most_per_week: int = 3


Decision = Send | Wait | Never


def decide(
    due: Sequence[Due], sent: Collection[datetime], wanted: Wanted, caps: Caps, now: datetime
) -> dict[UUID, Decision]:
    """What becomes of each letter that is due to one person, by its key; carried ones have the `Send` of their lead.

    `sent` tells when letters that were not critical left in the last eight days, those they carried not counted.
    """
    critical = {letter.key: _alone(letter, wanted, now) for letter in due if letter.is_critical}
    others = [letter for letter in due if not letter.is_critical]
    return critical | _together(others, next_allowed(sent, wanted, caps, now), now)


def foretell(
    due: Sequence[Due], sent: Collection[datetime], wanted: Wanted, caps: Caps, until: datetime
) -> list[Foretold]:
    """What would become of all these letters of one person if every one was looked at the moment it is due."""
    waiting, times, found = list(due), list(sent), list[Foretold]()
    while waiting and (now := min(letter.due_at for letter in waiting)) < until:
        ready = [letter for letter in waiting if letter.due_at <= now]
        waiting = [letter for letter in waiting if letter.due_at > now]
        decided = decide(ready, times, wanted, caps, now)
        for letter in ready:
            decision = decided[letter.key]
            if isinstance(decision, Wait):
                waiting.append(replace(letter, due_at=decision.until))
            else:
                found.append(_seen(letter, decision, now))
        if any(isinstance(decided[letter.key], Send) for letter in ready if not letter.is_critical):
            times.append(now)
    return found


def next_allowed(sent: Collection[datetime], wanted: Wanted, caps: Caps, after: datetime) -> datetime | None:
    """The first instant from `after` on at which a letter that is not critical may leave; None when none ever may."""
    if caps.most_per_day < 1 or caps.most_per_week < 1:
        return None
    days = [_day(at, wanted.zone) for at in sent]
    found = next_open(wanted, after)
    while found and (later := _after_full(days, _day(found, wanted.zone), caps)):
        found = next_open(wanted, instant(later, MIDNIGHT, wanted.zone))
    return found


def _alone(letter: Due, wanted: Wanted, now: datetime) -> Decision:
    leaves_at = next_open(wanted, now, is_critical=True)
    return Send(letter.key) if leaves_at == now < letter.expires_at else _later(letter, leaves_at)


def _together(letters: Sequence[Due], leaves_at: datetime | None, now: datetime) -> dict[UUID, Decision]:
    if leaves_at != now:
        return {letter.key: _later(letter, leaves_at) for letter in letters}
    gone: dict[UUID, Decision] = {letter.key: Never() for letter in letters if letter.expires_at <= now}
    merged = sorted(
        (letter for letter in letters if letter.key not in gone),
        key=lambda letter: (letter.priority, letter.due_at, letter.key),
    )
    if not merged:
        return gone
    keys = [letter.key for letter in merged]
    return gone | dict.fromkeys(keys, Send(keys[0], tuple(keys[1:])))


def _later(letter: Due, leaves_at: datetime | None) -> Decision:
    return Wait(leaves_at) if leaves_at and leaves_at < letter.expires_at else Never()


def _seen(letter: Due, decision: Send | Never, now: datetime) -> Foretold:
    is_sent = isinstance(decision, Send)
    lead = decision.lead if isinstance(decision, Send) and decision.lead != letter.key else None
    return Foretold(letter.key, now, is_sent, lead)


def _after_full(sent_on: Sequence[date], day: date, caps: Caps) -> date | None:
    """The day after the day or the week that is full; None when one more letter may come on `day`."""
    monday = day - (day.isoweekday() - 1) * DAY
    if sum(monday <= on < monday + 7 * DAY for on in sent_on) >= caps.most_per_week:
        return monday + 7 * DAY
    return day + DAY if sent_on.count(day) >= caps.most_per_day else None


def _day(at: datetime, zone: ZoneInfo) -> date:
    return at.astimezone(zone).date()
