"""One round of the post: plan what is due, free what got stuck, claim, decide, send, mark."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import translation

from accounts import clock
from reminders.emails.deciding import Group, Verdicts, verdicts
from reminders.emails.drawing import mail
from reminders.emails.planning import plan_in_turn
from reminders.emails.post import Answer, Outcome, Post, UnreachableError
from reminders.emails.watch import Watch, has_booked, minutes_for
from reminders.kinds import KINDS, Matter
from reminders.models import KindState, Letter
from reminders.models.letter import OF_ALL_ALIKE, WITHOUT_ADDRESS, Reason, unreachable
from reminders.models.reader import Reader, readers
from reminders.patience import LEASE
from reminders.words import Content

log = logging.getLogger(__name__)

# Seconds: rounds may take all processes of a worker that do tasks, and what else waits should not wait for long.
# While letters are due the clock in each worker comes again at once.
LONGEST_ROUND = 20.0
SHORTEST_CHUNK = 10.0
_SAY_NOTHING_OF_ONE = OF_ALL_ALIKE | {Reason.SUPERSEDED}
MARGIN = 30.0  # seconds of the lease that are left when the rest of a chunk is given back


@dataclass
class Tally:
    """What became of the letters of one round, and why it ended with some left: for want of time or of a plan."""

    sent: int = 0
    held_back: int = 0
    put_off: int = 0
    failed: int = 0
    is_cut_short: bool = False
    awaits_plan: bool = False

    def __str__(self) -> str:
        return f"{self.sent} sent, {self.held_back} held back, {self.put_off} put off, {self.failed} failed"


@dataclass(frozen=True, slots=True)
class Written:
    """A letter with those it carries, the words for all of them together, and those of each by itself."""

    lead: Letter
    carried: tuple[Letter, ...]
    content: Content
    matter: Matter
    words: Mapping[Letter, Content]


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
    matters = _matters([*_letters(paced), *only_shown], known, now)
    _settle(claimed, found, matters, now, tally)
    _send(paced, matters, now, ends, watch=watch, tally=tally)


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
    content = _content(matters.get(letter.pk))
    return letter.show_only(why, content.kept(), now) if content else letter.refuse(why)


def _in_pace(
    groups: Sequence[Group], known: Mapping[int, Reader], now: datetime, tally: Tally
) -> list[Group]:
    """Those that may leave now; what is too much for one mail domain waits for a minute that it is sure of.

    That is no try. So many letters are claimed twice at most, and don't stand before those to other domains.
    """
    asking = [group for group in groups if not has_booked(_letters([group]), now)]
    minutes = minutes_for([(known[x.lead.recipient_id].person, x.lead.is_critical) for x in asking], now)
    late = {group.lead.pk: minute for group, minute in zip(asking, minutes, strict=True) if minute > now}
    for minute in sorted(set(late.values())):
        theirs = Letter.objects.claimed_as(_letters([x for x in groups if late.get(x.lead.pk) == minute]))
        tally.put_off += theirs.let_go(reason=Reason.PACED, due_at=minute)
    return [group for group in groups if group.lead.pk not in late]


def _send(
    groups: Sequence[Group],
    matters: Mapping[UUID, Matter],
    now: datetime,
    ends: float,
    *,
    watch: Watch,
    tally: Tally,
) -> None:
    """Send over one connection until `ends`; what nobody tried to send is given back."""
    left, began = list(groups), time.monotonic()
    try:
        with Post() as post:
            while left and watch.lets_go and time.monotonic() < ends:
                _send_one(left[0], matters, post, _after(now, began), watch=watch, tally=tally)
                left.pop(0)
    except UnreachableError as trouble:
        watch.open(str(trouble), now)
        tally.put_off += unreachable(_letters(left), now)
        raise
    Letter.objects.claimed_as(_letters(left)).let_go(reason="", due_at=now)


def _after(now: datetime, began: float) -> datetime:
    """What `now` has become since the monotonic clock showed `began`."""
    return now + timedelta(seconds=time.monotonic() - began)


def _letters(groups: Sequence[Group]) -> list[Letter]:
    return [letter for group in groups for letter in (group.lead, *group.carried)]


def _send_one(
    group: Group,
    matters: Mapping[UUID, Matter],
    post: Post,
    now: datetime,
    *,
    watch: Watch,
    tally: Tally,
) -> None:
    """Write and send one letter with what it carries."""
    written = _written(group, matters, now, tally)
    if written is None:
        return
    lead, carried = written.lead, written.carried
    try:
        message = mail(written.matter, written.content, post.connection)
    except Exception:  # one letter that cannot be written must not keep the others
        log.exception("letter could not be written", extra={"letter": str(lead.pk)})
        tally.failed += sum(x.give_up(Reason.UNREADABLE, now, y.kept()) for x, y in written.words.items())
        return
    kept, began = written.content.kept(), time.monotonic()
    answer = post.send(message, before_end=lambda: lead.mark_handed(_after(now, began), kept, carried))
    watch.saw(answer, lead, written.matter.reader.person, now)
    if answer.outcome == Outcome.TAKEN:
        tally.sent += lead.mark_sent(now, kept, carried)
    else:
        log.warning("letter not taken", extra={"letter": str(lead.pk), "answer": answer.said})
        _not_taken(written, answer, now, tally)


def _not_taken(written: Written, answer: Answer, now: datetime, tally: Tally) -> None:
    """Write what the answer means for each of these letters; one that is given up stands by itself in the inbox."""
    if answer.outcome == Outcome.NOT_OURS:  # one was stopped, say: the others are asked anew
        tally.put_off += Letter.objects.claimed_as(written.words).part(now)
        return
    for letter, content in written.words.items():
        said = content.kept()
        if answer.outcome == Outcome.NEVER:
            tally.failed += letter.give_up(answer.said, now, said)
        elif answer.outcome == Outcome.LOST:
            tally.put_off += letter.lose(now, said)
        else:
            tally.put_off += letter.try_later(answer.said, now, said)


def _written(group: Group, matters: Mapping[UUID, Matter], now: datetime, tally: Tally) -> Written | None:
    """The words of a letter and of those it carries; what has nothing to say any more is held back."""
    said = {letter: content for letter in _letters([group]) if (content := _content(matters.get(letter.pk)))}
    silent = [letter for letter in _letters([group]) if letter not in said]
    tally.held_back += sum(letter.refuse(Reason.NOTHING_TO_SAY) for letter in silent)
    Letter.objects.speak_again(silent, now)
    if not said:
        return None
    lead, *carried = said
    content = said[lead].carrying([said[letter] for letter in carried])
    return Written(lead, tuple(carried), content, matters[lead.pk], said)


def _content(matter: Matter | None) -> Content | None:
    """The letter in the reader's language; None when it has nothing to say or cannot be written."""
    if matter is None:
        return None
    try:
        with translation.override(matter.reader.person.language):
            return KINDS[matter.letter.kind].says(matter).naming(matter.named)
    except Exception:  # one letter that cannot be written must not keep the others
        log.exception("letter could not be written", extra={"letter": str(matter.letter.pk)})
        return None
