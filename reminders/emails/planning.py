"""Plans what is due: each kind at its own pace, by one of any number of planners."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from reminders.kinds import KINDS, Asked, Kind
from reminders.kinds.kind import in_chunks
from reminders.models import KindState, Letter
from reminders.models.kind_state import ALL
from reminders.models.reader import readers

HASTEN_EVERY = timedelta(minutes=10)

log = logging.getLogger(__name__)


def plan(now: datetime) -> None:
    """Write into the ledger what is to be sent; what stands there already stays as it is."""
    for kind in KINDS.values():
        _plan_one(kind, now)


def plan_in_turn(now: datetime) -> None:
    """The same for those kinds whose turn it is and that no other planner has taken."""
    for kind in KINDS.values():
        if KindState.objects.claim_planning(kind.key, kind.every, now):
            _plan_one(kind, now)
            KindState.objects.caught_up(kind.key)
    if KindState.objects.claim_planning(ALL, HASTEN_EVERY, now):
        KindState.objects.caught_up(ALL)
        hasten(now)


def hasten(now: datetime) -> None:
    """Ask anew about letters that wait for the end of a pause that was ended sooner, though they may leave now."""
    for found in in_chunks(Letter.objects.waiting_long(now)):
        known = readers(letter.recipient_id for letter in found)
        free = [x for x in found if known[x.recipient_id].is_open(now, is_critical=x.is_critical)]
        Letter.objects.filter(pk__in=[letter.pk for letter in free]).reconsider()


def _plan_one(kind: Kind, now: datetime) -> None:
    try:
        for letters in kind.plan(Asked.of_all(now)):
            Letter.objects.write(letters)
    except Exception:  # one kind that cannot be planned must not keep the others
        log.exception("a kind of letter could not be planned", extra={"kind": kind.key})
