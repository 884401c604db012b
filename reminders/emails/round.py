"""One round of the post: plan what is due, free what got stuck, claim, decide, send, mark."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from accounts import clock
from reminders.emails.deciding import Group, Verdicts, verdicts
from reminders.emails.planning import plan_in_turn
from reminders.emails.post import UnreachableError
from reminders.emails.sending import Tally, content_of, letters_of, send_all
from reminders.emails.watch import Watch, has_booked, minutes_for
from reminders.kinds import KINDS, Matter
from reminders.models import KindState, Letter
from reminders.models.letter import OF_ALL_ALIKE, WITHOUT_ADDRESS, Reason
from reminders.models.reader import Reader, readers
from reminders.patience import LEASE

log = logging.getLogger(__name__)

# Seconds: rounds may take all processes of a worker that do tasks, and what else waits should not wait for long.
# While letters are due the clock in each worker comes again at once.
LONGEST_ROUND = 20.0
SHORTEST_CHUNK = 10.0
_SAY_NOTHING_OF_ONE = OF_ALL_ALIKE | {Reason.SUPERSEDED}
MARGIN = 30.0  # seconds of the lease that are left when the rest of a chunk is given back


def send_reminders(longest: float = LONGEST_ROUND) -> Tally:
    """Do all that is due now, for at most about `longest` seconds, and one chunk however long planning takes.

    May run any number of times side by side.
    """
    until, tally, now = time.monotonic() + longest, Tally(), clock.database_now()
    plan_in_turn(now)
    if KindState.objects.catching_up(now).exists():
        log.info("no letters yet: after an outage another worker still plans the newest")
        tally.awaits_plan = True
        return tally
    try:
        while not tally.is_cut_short and _send_chunk(tally, until):
            tally.is_cut_short = time.monotonic() >= until
    except UnreachableError as trouble:
        log.warning("the mail server cannot be reached: %s", trouble)
    log.info("letters: %s", tally)
    return tally


def _send_chunk(tally: Tally, until: float) -> bool:
    """Claim and settle one chunk, or what there is time for; whether there was any."""
    now = clock.database_now()
    if swept := Letter.objects.sweep(now):
        log.warning("%d letters were not finished by whoever was sending them", swept)
    began, watch = time.monotonic(), Watch.begin(now)
    ends = min(began + LEASE.total_seconds() - MARGIN, max(until, began + SHORTEST_CHUNK))
    claimed = Letter.objects.claim(now, watch.most_people) if watch.most_people else []
    try:
        if claimed:
            _decide_and_send(claimed, now, ends, watch, tally)
    finally:
        watch.end(now)
    return bool(claimed)


def _decide_and_send(
    claimed: Sequence[Letter], now: datetime, ends: float, watch: Watch, tally: Tally
) -> None:
    known = readers({letter.recipient_id for letter in claimed})
    claimed = [letter for letter in claimed if letter.recipient_id in known]  # some may be erased meanwhile
    if not claimed:
        return
    found = verdicts(claimed, known, now)
    paced = _in_pace(found.groups, known, now, tally)
    only_shown = [letter for letter in claimed if found.refused.get(letter.pk) in WITHOUT_ADDRESS]
    matters = _matters([*letters_of(paced), *only_shown], known, now)
    _settle(claimed, found, matters, now, tally)
    send_all(paced, matters, now, ends, watch=watch, tally=tally)


def _matters(letters: Sequence[Letter], known: Mapping[int, Reader], now: datetime) -> dict[UUID, Matter]:
    """What the letters are about."""
    found: dict[UUID, Matter] = {}
    for kind in KINDS.values():
        if mine := [letter for letter in letters if letter.kind == kind.key]:
            found |= kind.matters(mine, known, now)
    return found


def _settle(
    claimed: Sequence[Letter],
    found: Verdicts,
    matters: Mapping[UUID, Matter],
    now: datetime,
    tally: Tally,
) -> None:
    """Write what is decided of the letters that don't leave now."""
    Letter.objects.speak_again(_silenced(claimed, found), now)
    for letter, until, reason in found.waiting:
        tally.put_off += letter.postpone(until, reason)
    for why in set(found.refused.values()):
        mine = [letter for letter in claimed if found.refused.get(letter.pk) == why]
        if why in WITHOUT_ADDRESS:
            tally.held_back += sum(_show_only(letter, why, matters, now) for letter in mine)
        else:
            tally.held_back += Letter.objects.claimed_as(mine).hold_back(why)


def _silenced(claimed: Sequence[Letter], found: Verdicts) -> Iterator[Letter]:
    """Those that are never to be sent for what they are about, while others of their kind might be."""
    yield from (x for x in claimed if found.refused.get(x.pk, Reason.SUPERSEDED) not in _SAY_NOTHING_OF_ONE)
    yield from (x for x, until, _why in found.waiting if until is None or until >= x.expires_at)


def _show_only(letter: Letter, why: Reason, matters: Mapping[UUID, Matter], now: datetime) -> bool:
    content = content_of(matters.get(letter.pk))
    return letter.show_only(why, content.kept(), now) if content else letter.refuse(why)


def _in_pace(
    groups: Sequence[Group], known: Mapping[int, Reader], now: datetime, tally: Tally
) -> list[Group]:
    """Those that may leave now; what is too much for one mail domain waits for a minute that it is sure of.

    That is no try. So many letters are claimed twice at most, and don't stand before those to other domains.
    """
    asking = [group for group in groups if not has_booked(letters_of([group]), now)]
    minutes = minutes_for([(known[x.lead.recipient_id].person, x.lead.is_critical) for x in asking], now)
    late = {group.lead.pk: minute for group, minute in zip(asking, minutes, strict=True) if minute > now}
    for minute in sorted(set(late.values())):
        theirs = Letter.objects.claimed_as(letters_of([x for x in groups if late.get(x.lead.pk) == minute]))
        tally.put_off += theirs.let_go(reason=Reason.PACED, due_at=minute)
    return [group for group in groups if group.lead.pk not in late]
