"""One round of the post: plan what is due, free what got stuck, claim, ask once more, send, mark."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from accounts import clock
from reminders.emails.drawing import mail
from reminders.emails.post import Outcome, Post, UnreachableError
from reminders.models import Letter
from reminders.models.kinds import KINDS, Matter
from reminders.models.letter import LetterState, Reason, unreachable
from reminders.models.reader import Reader, readers
from reminders.patience import LEASE

log = logging.getLogger(__name__)

LONGEST_ROUND = 200.0  # seconds, below the soft limit of a Celery task
MARGIN = 30.0  # seconds of the lease that are left when the rest of a chunk is given back


@dataclass
class Tally:
    """What became of the letters of one round."""

    sent: int = 0
    held_back: int = 0
    put_off: int = 0
    failed: int = 0

    def __str__(self) -> str:
        return f"{self.sent} sent, {self.held_back} held back, {self.put_off} put off, {self.failed} failed"


def send_reminders(longest: float = LONGEST_ROUND) -> Tally:
    """Do all that is due now, for at most about `longest` seconds. May run any number of times side by side."""
    until, tally = time.monotonic() + longest, Tally()
    plan(clock.database_now())
    try:
        while time.monotonic() < until and _send_chunk(tally):
            pass
    except UnreachableError as trouble:
        log.warning("the mail server cannot be reached: %s", trouble)
    log.info("letters: %s", tally)
    return tally


def plan(now: datetime) -> None:
    """Write into the ledger what is to be sent; what stands there already stays as it is."""
    for kind in KINDS.values():
        for letters in kind.plan(now):
            Letter.objects.write(letters)


def _send_chunk(tally: Tally) -> bool:
    """Claim and settle one chunk; whether there was any."""
    now = clock.database_now()
    if swept := Letter.objects.sweep(now):
        log.warning("%d letters were not finished by whoever was sending them", swept)
    ends = time.monotonic() + LEASE.total_seconds() - MARGIN
    claimed = Letter.objects.claim(now)
    if claimed:
        ready = _recheck(claimed, now, tally)
        _send(ready, now, ends, tally)
    return bool(claimed)


def _recheck(claimed: Sequence[Letter], now: datetime, tally: Tally) -> list[Matter]:
    """Hold back what is no longer true, put off what comes at a bad hour; what is left is ready to be written."""
    rivals = list(Letter.objects.rivals(claimed, now))
    known = readers({letter.recipient_id for letter in claimed})
    refused = refusals([*claimed, *_unsent(rivals, claimed)], known, now)
    refused |= _superseded([x for x in claimed if x.pk not in refused], rivals, refused)
    for reason in set(refused.values()):
        mine = [letter for letter in claimed if refused.get(letter.pk) == reason]
        tally.held_back += Letter.objects.claimed_as(mine).hold_back(reason)
    ready = [letter for letter in claimed if letter.pk not in refused]
    on_time = [letter for letter in ready if _is_open_hour(letter, known[letter.recipient_id], now, tally)]
    return _matters(on_time, known, now)


def refusals(letters: Sequence[Letter], known: Mapping[int, Reader], now: datetime) -> dict[UUID, Reason]:
    """Why some of these letters are not to be sent at `now`."""
    refused: dict[UUID, Reason] = {}
    for letter in letters:
        if letter.kind not in KINDS:
            refused[letter.pk] = Reason.UNKNOWN_KIND
        elif reason := known[letter.recipient_id].refusal(letter.kind):
            refused[letter.pk] = reason
        elif letter.expires_at <= now:
            refused[letter.pk] = Reason.TOO_LATE
    for kind in KINDS.values():
        if mine := [x for x in letters if x.kind == kind.key and x.pk not in refused]:
            refused |= kind.refusals(mine, known, now)
    return refused


def _unsent(rivals: Iterable[Letter], claimed: Iterable[Letter]) -> list[Letter]:
    """Rivals in whose place somebody else might be about to send: they too must still be true to count."""
    mine = {letter.pk for letter in claimed}
    return [rival for rival in rivals if rival.pk not in mine and rival.state != LetterState.SENT]


def _superseded(
    letters: Iterable[Letter], rivals: Sequence[Letter], refused: Mapping[UUID, Reason]
) -> dict[UUID, Reason]:
    """Letters than which a newer one of the same kind was, or is about to be, sent to the same person."""
    newest: dict[tuple[int, str], Letter] = {}
    for rival in rivals:  # the one planned last comes first
        if rival.pk not in refused:
            newest.setdefault((rival.recipient_id, rival.kind), rival)
    found = ((letter, newest.get((letter.recipient_id, letter.kind), letter)) for letter in letters)
    return {letter.pk: Reason.SUPERSEDED for letter, rival in found if rival.pk > letter.pk}


def _is_open_hour(letter: Letter, reader: Reader, now: datetime, tally: Tally) -> bool:
    """Whether the reader wants mail at this hour; if not, the letter waits. Wishes may have changed since the plan."""
    opens = reader.next_open(now)
    if opens == now:
        return True
    tally.put_off += letter.postpone(opens)
    return False


def _matters(letters: Sequence[Letter], known: Mapping[int, Reader], now: datetime) -> list[Matter]:
    """What the letters are about, in the order they are due."""
    found: dict[UUID, Matter] = {}
    for kind in KINDS.values():
        if mine := [letter for letter in letters if letter.kind == kind.key]:
            found |= kind.matters(mine, known, now)
    return [found[letter.pk] for letter in letters if letter.pk in found]


def _send(ready: Sequence[Matter], now: datetime, ends: float, tally: Tally) -> None:
    """Send over one connection, until the lease nears its end; what nobody tried to send is given back."""
    left, began = list(ready), time.monotonic()
    try:
        with Post() as post:
            while left and time.monotonic() < ends:
                _send_one(left[0], post, now + timedelta(seconds=time.monotonic() - began), tally)
                left.pop(0)
    except UnreachableError:
        tally.put_off += unreachable([matter.letter for matter in left], now)
        raise
    Letter.objects.claimed_as([matter.letter for matter in left]).let_go(reason="", due_at=now)


def _send_one(matter: Matter, post: Post, now: datetime, tally: Tally) -> None:
    letter = matter.letter
    try:
        message = mail(matter, post.connection)
    except Exception:  # one letter that cannot be written must not keep the others
        log.exception("letter could not be written", extra={"letter": str(letter.pk)})
        tally.failed += letter.give_up(Reason.UNREADABLE)
        return
    answer = post.send(message)
    if answer.outcome == Outcome.TAKEN:
        tally.sent += letter.mark_sent(now)
        return
    log.warning("letter not taken", extra={"letter": str(letter.pk), "answer": answer.said})
    if answer.outcome == Outcome.NEVER:
        tally.failed += letter.give_up(answer.said)
    elif answer.outcome == Outcome.LOST:
        tally.put_off += letter.lose(now)
    else:
        tally.put_off += letter.try_later(answer.said, now)
