from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import reduce
from itertools import groupby
from operator import or_
from typing import TYPE_CHECKING, Any, Self
from uuid import uuid4

from django.db import connection, models, transaction
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Coalesce, Greatest, Least
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from reminders.patience import LEASE, MOST_TRIES
from reminders.windows import DAY

if TYPE_CHECKING:
    from reminders.models.letter import Letter


class LetterState(models.TextChoices):
    PLANNED = "planned", _("planned")
    SENDING = "sending", _("being sent")
    SENT = "sent", _("sent")
    HELD_BACK = "held_back", _("held back")
    FAILED = "failed", _("failed")


class Reason(models.TextChoices):
    """Why a letter was not sent, or not yet. What a mail server said stands in the row in its own words."""

    SUSPENDED = "suspended", _("the account is switched off")
    UNCONFIRMED = "unconfirmed", _("the e-mail address is not confirmed")
    SUPPRESSED = "suppressed", _("mail to this address comes back")
    STOPPED = "stopped", _("letters of this kind are switched off by the person")
    WISHES_CHANGED = "wishes_changed", _("the person now wants it on another day")
    CAME_BACK = "came_back", _("she came back meanwhile")
    ON_PAUSE = "on_pause", _("on pause")
    NO_ROAD = "no_road", _("on no road that is unfinished")
    LEFT_ROAD = "left_road", _("has left the road")
    OPENED = "opened", _("the feedback was opened meanwhile")
    OVERTAKEN = "overtaken", _("a newer version was handed in")
    SUPERSEDED = "superseded", _("a newer letter of this kind says it all")
    TOO_LATE = "too_late", _("too late to be useful")
    UNKNOWN_KIND = "unknown_kind", _("a kind of letter that is no longer written")
    KIND_OFF = "kind_off", _("letters of this kind are switched off for everybody")
    DONE = "done", _("it was done meanwhile")
    ANSWERED = "answered", _("it was answered meanwhile")
    DATE_CHANGED = "date_changed", _("the date was changed meanwhile")
    NOT_MENTOR = "not_mentor", _("no longer mentors these people")
    NOTHING_TO_SAY = "nothing_to_say", _("there was nothing to say")
    CAPPED = "capped", _("waits, so that letters don’t become too many")
    TOO_MANY = "too_many", _("other letters filled the days until it was useless")
    OUT_OF_HOURS = "out_of_hours", _("waits for the next hour that suits the person")
    UNREACHABLE = "unreachable", _("the mail server cannot be reached")
    PACED = "paced", _("waits its turn: many letters go to this mail domain")
    LOST = "lost", _("nobody knows whether the mail server took it")
    UNREADABLE = "unreadable", _("it could not be written; the log says why")
    LEASE_OVER = "lease_over", _("whoever was sending it did not finish")


USEFUL_AGAIN = timedelta(days=1)  # so long at least a letter may still be sent that somebody puts in again
# There is nowhere to send it: it is read in the inbox.
WITHOUT_ADDRESS = frozenset({Reason.UNCONFIRMED, Reason.SUPPRESSED})
# What keeps a letter back for these may be over before it is useless: a pause is taken back, a date is as it was.
PASSING = (Reason.ON_PAUSE, Reason.DATE_CHANGED, Reason.TOO_LATE)
# These say nothing of one letter alone: whatever others of its kind are about, they are not sent either.
OF_ALL_ALIKE = WITHOUT_ADDRESS | {Reason.SUSPENDED, Reason.STOPPED, Reason.UNKNOWN_KIND, Reason.KIND_OFF}


class LetterQuerySet(models.QuerySet["Letter"]):
    def of(self, person: User) -> Self:
        return self.filter(recipient=person)

    def of_kinds(self, kinds: Iterable[str]) -> Self:
        return self.filter(kind__in=list(kinds))

    def of_weeks(self) -> Self:
        """Those that are named by a week of their reader's calendar."""
        return self.filter(occurrence__regex=r"^\d{4}-W\d{2}$")

    def planned(self) -> Self:
        return self.filter(state=LetterState.PLANNED)

    def retractable(self) -> Self:
        """Those that can still be kept from being sent: planned, or claimed and their end not yet handed over."""
        return self.filter(state__in=[LetterState.PLANNED, LetterState.SENDING], handed_at=None)

    def decided(self) -> Self:
        """Those of which it is known what became of them."""
        return self.exclude(state__in=[LetterState.PLANNED, LetterState.SENDING])

    def due(self, now: datetime) -> Self:
        """Planned letters whose time has come, the longest due first."""
        return self.planned().filter(due_at__lte=now).order_by("due_at", "id")

    def write(self, letters: Iterable[Letter]) -> None:
        """Write new letters; those of an occurrence that was written before are left out.

        They are told as one document, as whole days of a big house are: bulk_create takes three times as long.
        """
        fields = self.model._meta.concrete_fields  # noqa: SLF001  # Django's own way to a model's fields
        rows = [{field.column: getattr(letter, field.attname) for field in fields} for letter in letters]
        if not rows:
            return
        columns = ", ".join(str(field.column) for field in fields)
        with connection.cursor() as cursor:
            cursor.execute(_WRITE.format(columns=columns), [json.dumps(rows, default=str)])

    @transaction.atomic
    def claim(self, now: datetime, most: int = 100) -> list[Letter]:
        """Take all due letters of up to `most` people for as long as the lease runs; what can't wait comes first.

        While somebody has letters of a person nobody else takes any of hers, so that two senders never count her
        letters of a day beside each other: the lock on her wishes decides between them.
        """
        people = _lock_people(now, most, is_critical=True) or _lock_people(now, most, is_critical=False)
        token = uuid4()
        # a statement of its own: it sees what those did who held the locks before
        taken = self.filter(state=LetterState.SENDING, recipient__in=people).values("recipient")
        self.due(now).filter(recipient__in=people).exclude(recipient__in=taken).update(
            state=LetterState.SENDING, lease_token=token, lease_until=now + LEASE, tries=F("tries") + 1
        )
        return list(self.filter(lease_token=token).order_by("due_at", "id"))

    def sweep(self, now: datetime) -> int:
        """Free letters whose sender did not finish. How many were swept.

        Nobody tried those that had not reached the mail server. One that was just being handed over may have arrived:
        it is sent once more under the same Message-ID, then never again. Where none was, those whose turn it was may
        have ended their sender: that was a try, the last one too, and from then on they are claimed by themselves.
        """
        stuck = self.filter(state=LetterState.SENDING, lease_until__lte=now)
        if not stuck.exists():
            return 0
        handed = stuck.filter(handed_at__isnull=False)
        suspects = stuck.filter(pk__in=[letter.pk for letter in _whose_turn_it_was(stuck)])
        given_up = handed.filter(is_in_doubt=True).change(
            state=LetterState.FAILED,
            reason=Reason.LOST,
            shown_at=Case(When(~Q(said={}), then=Value(now)), default="shown_at"),
            **NO_LEASE,
        )
        again = handed.change(state=LetterState.PLANNED, reason=Reason.LOST, is_in_doubt=True, **NO_LEASE)
        given_up += suspects.filter(tries__gte=MOST_TRIES).change(
            state=LetterState.FAILED, reason=Reason.LEASE_OVER, **NO_LEASE
        )
        again += suspects.change(state=LetterState.PLANNED, reason=Reason.LEASE_OVER, **NO_LEASE)
        return given_up + again + stuck.let_go(reason=Reason.LEASE_OVER, due_at=F("due_at"))

    def hold_back(self, reason: Reason) -> int:
        """Decide that letters which are planned, or claimed by the caller, are not sent."""
        return self.change(state=LetterState.HELD_BACK, reason=reason, **NO_LEASE, **APART)

    def let_go(self, *, reason: str, due_at: datetime | F) -> int:
        """Put claimed letters back that nobody tried to send; it does not count as a try."""
        return self.change(
            state=LetterState.PLANNED, reason=reason, due_at=due_at, tries=F("tries") - 1, **NO_LEASE, **APART
        )

    def take_back(self) -> int:
        """Take these from senders who have not begun to hand them over: it is asked anew whether they are sent."""
        return self.filter(state=LetterState.SENDING, handed_at=None).let_go(reason="", due_at=F("due_at"))

    def forget(self) -> None:
        """Let it be as if these had not been planned, so that they may be anew, but for those that may have arrived."""
        self.take_back()
        self.planned().filter(is_in_doubt=False).delete()

    def counted(self, people: Iterable[int], since: datetime) -> dict[int, list[datetime]]:
        """When these people were last sent letters that count towards what they get at most, by person."""
        rows = self.filter(
            recipient__in=list(people), state=LetterState.SENT, is_critical=False, shown_at__gt=since
        )
        found: dict[int, list[datetime]] = {}
        for person, at in rows.values_list("recipient", "sent_at"):
            if at:
                found.setdefault(person, []).append(at)
        return found

    def in_inbox(self, person: User) -> Self:
        """What this person may read here: what was sent, and what had words and could not be, newest first."""
        return self.of(person).filter(shown_at__isnull=False).order_by("-shown_at", "-id")

    def unread(self) -> Self:
        return self.filter(read_at=None)

    def from_people(self) -> Self:
        """Sent letters that hand on what a person said."""
        return self.filter(said__has_key="quoted")

    def never_left(self) -> Self:
        """Held back or failed, and no copy can have arrived."""
        decided = [LetterState.HELD_BACK, LetterState.FAILED]
        return self.filter(state__in=decided, is_in_doubt=False, sent_at=None)

    def requeue(self, now: datetime) -> int:
        """Plan letters that never left once more, for now. How many.

        It is decided anew whether they are sent: what is done meanwhile, or not wanted, is held back again.
        """
        return self.never_left().update(
            state=LetterState.PLANNED,
            reason="",
            due_at=now,
            tries=0,
            carrier=None,
            expires_at=Greatest(F("expires_at"), Value(now + USEFUL_AGAIN, models.DateTimeField())),
            **NO_LEASE,
        )

    def reconsider(self) -> int:
        """Ask anew about letters that wait for an hour, for a day with room or until a pause is over.

        What their reader wants has changed; one that was tried waits all the same.
        """
        were_asked = [Reason.OUT_OF_HOURS, Reason.CAPPED]
        unknown = Case(When(reason__in=were_asked, then="planned_at"), default="due_at")
        waiting = self.planned().filter(reason__in=["", *were_asked])
        return waiting.change(due_at=Least("due_at", Coalesce("not_before", unknown)))

    def waiting_long(self, now: datetime) -> Self:
        """Those that had something to say before, and wait for more than a day still for their reader's sake."""
        waiting = self.planned().filter(reason__in=["", Reason.OUT_OF_HOURS])
        return waiting.filter(not_before__lte=now, due_at__gt=now + DAY)

    def held_back_for_now(self, now: datetime) -> Self:
        """Those held back for what may be over by now, which are not useless yet."""
        silent = self.filter(state=LetterState.HELD_BACK, reason__in=PASSING, expires_at__gt=now)
        return silent.filter(is_in_doubt=False)

    def plan_again(self) -> int:
        """Plan these anew, as they were."""
        return self.change(state=LetterState.PLANNED, reason="", tries=0)

    def speak_again(self, unsent: Iterable[Letter], now: datetime) -> int:
        """Plan once more what these were to say with what they were about, and don't, since they are not sent."""
        older = [Q(recipient=x.recipient_id, kind=x.kind, pk__lt=x.pk) for x in unsent]
        if not older:
            return 0
        silent = self.filter(state=LetterState.HELD_BACK, reason=Reason.SUPERSEDED, expires_at__gt=now)
        return silent.filter(reduce(or_, older)).change(state=LetterState.PLANNED, reason="")

    def claimed_as(self, letters: Iterable[Letter]) -> Self:
        """The rows of these claimed letters that are still theirs who claimed them."""
        rows = list(letters)
        tokens = {letter.lease_token for letter in rows}
        return self.filter(
            pk__in=[letter.pk for letter in rows], state=LetterState.SENDING, lease_token__in=tokens
        )

    def rivals(self, letters: Iterable[Letter], now: datetime) -> Self:
        """Letters of the same people and kinds that were planned later and are due, sent or shown, the latest first.

        They may say what the others would. The ids tell the order, since a due time may be put off.
        """
        rows = list(letters)
        said = (
            Q(state=LetterState.SENT)
            | Q(state=LetterState.HELD_BACK, shown_at__isnull=False)
            | Q(state__in=[LetterState.PLANNED, LetterState.SENDING], due_at__lte=now)
        )
        return self.filter(
            said,
            recipient__in={letter.recipient_id for letter in rows},
            kind__in={letter.kind for letter in rows},
            pk__gte=min(letter.pk for letter in rows),
        ).order_by("-id")

    def change(self, **fields: Any) -> int:
        """Write these fields of all of them, locked one after the other by their ids. How many.

        Whoever writes several letters in one statement takes them in this order: in the order of an index, another
        for each statement, two of them might wait for each other. Who claims has locked their readers instead.
        """
        with transaction.atomic():
            in_order = self.order_by("pk").select_for_update().values("pk")
            return self.filter(pk__in=in_order).update(**fields)


_WRITE = """
INSERT INTO reminders_letter ({columns})
SELECT {columns} FROM jsonb_populate_recordset(NULL::reminders_letter, %s::jsonb) ON CONFLICT DO NOTHING
"""
# Locks the wishes of people with due letters whom nobody writes to at this moment, and passes by those locked already.
_PEOPLE = """
SELECT w.person_id, l.reason = 'lease_over' AND l.tries > 0
  FROM reminders_letter l JOIN reminders_letterwishes w ON w.person_id = l.recipient_id
 WHERE l.state = 'planned' AND l.due_at <= %(now)s {lane}
   AND NOT EXISTS (SELECT FROM reminders_letter s WHERE s.recipient_id = l.recipient_id AND s.state = 'sending')
 ORDER BY l.due_at, l.id LIMIT %(most)s FOR UPDATE OF w SKIP LOCKED
"""
NO_LEASE: Mapping[str, Any] = {"lease_token": None, "lease_until": None, "handed_at": None}
# What may have arrived goes once more in the company in which it was handed; anything else stands by itself.
APART: Mapping[str, Any] = {
    "carrier": Case(When(is_in_doubt=True, then=F("carrier")), default=Value(None, models.UUIDField()))
}


def _whose_turn_it_was(stuck: LetterQuerySet) -> Iterator[Letter]:
    """Of claimed letters those to the first person of each sender, if none was being handed over."""
    rows = stuck.order_by("lease_token", "due_at", "id")
    for _token, mine in groupby(rows, key=lambda letter: letter.lease_token):
        letters = list(mine)
        if not any(letter.handed_at for letter in letters):
            yield from (x for x in letters if x.recipient_id == letters[0].recipient_id)


def _lock_people(now: datetime, most: int, *, is_critical: bool) -> list[int]:
    """Those whose turn it is; one whose letter may have ended its sender by herself, so that it takes nobody along."""
    lane = "AND l.is_critical" if is_critical else ""
    with connection.cursor() as cursor:
        cursor.execute(_PEOPLE.format(lane=lane), {"now": now, "most": most})
        found = cursor.fetchall()
    suspects = {person for person, is_suspect in found if is_suspect}
    if found and found[0][0] in suspects:
        return [found[0][0]]
    return list(dict.fromkeys(person for person, _is_suspect in found if person not in suspects))
