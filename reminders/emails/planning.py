"""Plans what is due: each kind at its own pace, by one of any number of planners."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from threading import Event, Thread

from django.conf import settings
from django.db import connection

from reminders.emails.deciding import refusals
from reminders.kinds import KINDS, Asked, Kind
from reminders.kinds.kind import in_chunks
from reminders.models import KindState, Letter
from reminders.models.kind_state import ALL
from reminders.models.reader import Reader, readers

HASTEN_EVERY = timedelta(minutes=10)
HELP_AFTER = 1.0  # seconds of planning; a small house never gets there

log = logging.getLogger(__name__)


def plan(now: datetime) -> None:
    """Write into the ledger what is to be sent; what stands there already stays as it is."""
    for kind in KINDS.values():
        _plan_one(kind, now)


def plan_in_turn(now: datetime) -> None:
    """The same for those kinds whose turn it is and that no other planner has taken.

    In a big house, where this takes long, a second planner helps over a connection of its own.
    """
    is_over = Event()
    helpers = [
        Thread(target=_help, args=(now, is_over), name=f"planner-{number}", daemon=True)
        for number in range(2, settings.LETTERS_PLANNERS + 1)
    ]
    for helper in helpers:
        helper.start()
    try:
        _plan_kinds(now, is_over)
    finally:
        is_over.set()  # whoever helps ends with the kind it is at
    for helper in helpers:
        helper.join()
    if KindState.objects.claim_planning(ALL, HASTEN_EVERY, now):
        KindState.objects.caught_up(ALL)
        hasten(now)
        try:
            plan_again(now)
        except Exception:  # one letter that cannot be asked about must not keep the others
            log.exception("letters that were held back could not be planned again")


def _plan_kinds(now: datetime, is_over: Event) -> None:
    for kind in KINDS.values():
        if not is_over.is_set() and KindState.objects.claim_planning(kind.key, kind.every, now):
            _plan_one(kind, now)
            KindState.objects.caught_up(kind.key)


def _help(now: datetime, is_over: Event) -> None:
    """Plan what the first planner has not taken, once it is at it for so long."""
    if is_over.wait(HELP_AFTER):
        return
    try:
        _plan_kinds(now, is_over)
    except Exception:  # the first one goes on without help
        log.exception("a second planner failed")
    finally:
        connection.close()


def hasten(now: datetime) -> None:
    """Ask anew about letters that wait for the end of a pause that was ended sooner, though they may leave now."""
    for found in in_chunks(Letter.objects.waiting_long(now)):
        free, _known = _free(found, now)
        Letter.objects.filter(pk__in=[letter.pk for letter in free]).reconsider()


def plan_again(now: datetime) -> None:
    """Plan letters anew that were held back for a pause or a date which holds no longer, and may leave now."""
    silent = Letter.objects.held_back_for_now(now)
    for found in in_chunks(silent):
        free, known = _free(found, now)
        refused = refusals(free, known, now)
        silent.filter(pk__in=[letter.pk for letter in free if letter.pk not in refused]).plan_again()


def _free(letters: Sequence[Letter], now: datetime) -> tuple[list[Letter], Mapping[int, Reader]]:
    """Those of these letters whose readers want letters at this moment, and the readers."""
    known = readers(letter.recipient_id for letter in letters)
    here = [letter for letter in letters if letter.recipient_id in known]  # others were erased meanwhile
    return [x for x in here if known[x.recipient_id].is_open(now, is_critical=x.is_critical)], known


def _plan_one(kind: Kind, now: datetime) -> None:
    try:
        for letters in kind.plan(Asked.of_all(now)):
            Letter.objects.write(letters)
    except Exception:  # one kind that cannot be planned must not keep the others
        log.exception("a kind of letter could not be planned", extra={"kind": kind.key})
