from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import reduce
from itertools import groupby
from operator import or_
from typing import Any, Self
from uuid import uuid4

from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Coalesce, Greatest, Least
from django.utils.translation import gettext_lazy as _
from psycopg.types.json import Jsonb

from accounts.models import User
from reminders.patience import LEASE, MOST_TRIES, UNREACHABLE, wait_after


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
    WISHES_CHANGED = "wishes_changed", _("the person now wants another number of quiet days")
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


A_DAY = timedelta(days=1)
USEFUL_AGAIN = timedelta(days=1)  # so long at least a letter may still be sent that somebody puts in again
# There is nowhere to send it: it is read in the inbox.
WITHOUT_ADDRESS = frozenset({Reason.UNCONFIRMED, Reason.SUPPRESSED})
# These say nothing of one letter alone: whatever others of its kind are about, they are not sent either.
OF_ALL_ALIKE = WITHOUT_ADDRESS | {Reason.SUSPENDED, Reason.STOPPED, Reason.UNKNOWN_KIND, Reason.KIND_OFF}


class LetterQuerySet(models.QuerySet["Letter"]):
    def of(self, person: User) -> Self:
        return self.filter(recipient=person)

    def of_kinds(self, kinds: Iterable[str]) -> Self:
        return self.filter(kind__in=list(kinds))

    def planned(self) -> Self:
        return self.filter(state=LetterState.PLANNED)

    def retractable(self) -> Self:
        """Those that can still be kept from being sent: planned, or claimed and their end not yet handed over."""
        return self.filter(state__in=[LetterState.PLANNED, LetterState.SENDING], handed_at=None)

    def due(self, now: datetime) -> Self:
        """Planned letters whose time has come, the longest due first."""
        return self.planned().filter(due_at__lte=now).order_by("due_at", "id")

    def write(self, letters: Iterable[Letter]) -> None:
        """Write planned letters; those of an occurrence that was written before are left out."""
        self.bulk_create(letters, ignore_conflicts=True)

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
        given_up = handed.filter(is_in_doubt=True).update(
            state=LetterState.FAILED,
            reason=Reason.LOST,
            shown_at=Case(When(~Q(said={}), then=Value(now)), default="shown_at"),
            **_NO_LEASE,
        )
        again = handed.update(state=LetterState.PLANNED, reason=Reason.LOST, is_in_doubt=True, **_NO_LEASE)
        given_up += suspects.filter(tries__gte=MOST_TRIES).update(
            state=LetterState.FAILED, reason=Reason.LEASE_OVER, **_NO_LEASE
        )
        again += suspects.update(state=LetterState.PLANNED, reason=Reason.LEASE_OVER, **_NO_LEASE)
        return given_up + again + stuck.let_go(reason=Reason.LEASE_OVER, due_at=F("due_at"))

    def hold_back(self, reason: Reason) -> int:
        """Decide that letters which are planned, or claimed by the caller, are not sent."""
        return self.update(state=LetterState.HELD_BACK, reason=reason, **_NO_LEASE)

    def let_go(self, *, reason: str, due_at: datetime | F) -> int:
        """Put claimed letters back that nobody tried to send; it does not count as a try."""
        return self.update(
            state=LetterState.PLANNED, reason=reason, due_at=due_at, tries=F("tries") - 1, **_NO_LEASE
        )

    def part(self, now: datetime) -> int:
        """Put claimed letters back that were to leave together and can't: it is asked anew what becomes of each."""
        self.filter(is_in_doubt=False).update(carrier=None)
        return self.let_go(reason="", due_at=now)

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
            **_NO_LEASE,
        )

    def reconsider(self) -> int:
        """Ask anew about letters that wait for an hour, for a day with room or until a pause is over.

        What their reader wants has changed; one that was tried waits all the same.
        """
        were_asked = [Reason.OUT_OF_HOURS, Reason.CAPPED]
        unknown = Case(When(reason__in=were_asked, then="planned_at"), default="due_at")
        waiting = self.planned().filter(reason__in=["", *were_asked])
        return waiting.update(due_at=Least("due_at", Coalesce("not_before", unknown)))

    def waiting_long(self, now: datetime) -> Self:
        """Those that had something to say before, and wait for more than a day still for their reader's sake."""
        waiting = self.planned().filter(reason__in=["", Reason.OUT_OF_HOURS])
        return waiting.filter(not_before__lte=now, due_at__gt=now + A_DAY)

    def speak_again(self, unsent: Iterable[Letter], now: datetime) -> int:
        """Plan once more what these were to say with what they were about, and don't, since they are not sent."""
        older = [Q(recipient=x.recipient_id, kind=x.kind, pk__lt=x.pk) for x in unsent]
        if not older:
            return 0
        silent = self.filter(state=LetterState.HELD_BACK, reason=Reason.SUPERSEDED, expires_at__gt=now)
        return silent.filter(reduce(or_, older)).update(state=LetterState.PLANNED, reason="")

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


# Thousands of letters in a row are marked so, one at a time: a letter, with those that travel in it.
_HANDED = """
UPDATE reminders_letter
   SET handed_at = %(now)s, carrier_id = CASE WHEN id = %(lead)s THEN NULL ELSE %(lead)s END,
       said = CASE WHEN id = %(lead)s AND is_in_doubt THEN %(said)s ELSE said END
 WHERE id = ANY(%(all)s) AND lease_token = %(token)s
"""
_SENT = """
UPDATE reminders_letter
   SET state = 'sent', sent_at = %(now)s, reason = '', lease_token = NULL, lease_until = NULL, handed_at = NULL,
       is_in_doubt = false,
       carrier_id = CASE WHEN id = %(lead)s THEN NULL ELSE %(lead)s END,
       shown_at = CASE WHEN id = %(lead)s THEN %(now)s END,
       said = CASE WHEN id = %(lead)s THEN %(said)s ELSE said END
 WHERE id = ANY(%(all)s) AND lease_token = %(token)s
"""
# Locks the wishes of people with due letters whom nobody writes to at this moment, and passes by those locked already.
_PEOPLE = """
SELECT w.person_id, l.reason = 'lease_over' AND l.tries > 0
  FROM reminders_letter l JOIN reminders_letterwishes w ON w.person_id = l.recipient_id
 WHERE l.state = 'planned' AND l.due_at <= %(now)s {lane}
   AND NOT EXISTS (SELECT FROM reminders_letter s WHERE s.recipient_id = l.recipient_id AND s.state = 'sending')
 ORDER BY l.due_at, l.id LIMIT %(most)s FOR UPDATE OF w SKIP LOCKED
"""
_NO_LEASE: Mapping[str, Any] = {"lease_token": None, "lease_until": None, "handed_at": None}


class Letter(models.Model):
    """One reminder for one person about one occurrence (“submission-812/version-3”), sent at most once.

    `id` is a UUIDv7 and makes the Message-ID. `facts` holds what the letter is about, as keys and ids; `said` holds the
    words that were sent, for the inbox. `not_before` is when there was something to say first, whatever her hours are;
    `due_at` is the hour that suits her. A letter with a `carrier` went out as a part of that one. `handed_at` is set
    while its end is being handed to the mail server, `is_in_doubt` once nobody knows whether a copy has arrived.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        db_index=False,  # the constraint below begins with it
        related_name="letters",
        verbose_name=_("recipient"),
    )
    kind = models.CharField(_("kind"), max_length=32)
    occurrence = models.CharField(_("occurrence"), max_length=120)
    facts = models.JSONField(default=dict)
    planned_at = models.DateTimeField(_("planned at"))
    not_before = models.DateTimeField(null=True, blank=True, editable=False)
    due_at = models.DateTimeField(_("due at"))
    expires_at = models.DateTimeField(_("useless after"))
    state = models.CharField(
        _("state"), max_length=12, choices=LetterState.choices, default=LetterState.PLANNED
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    lease_token = models.UUIDField(null=True, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0, editable=False)
    is_critical = models.BooleanField(_("comes at once"), default=False, db_default=False)
    handed_at = models.DateTimeField(null=True, blank=True, editable=False)
    is_in_doubt = models.BooleanField(_("may have arrived"), default=False, db_default=False)
    carrier = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        db_index=False,
        related_name="carried",
        verbose_name=_("went out with"),
    )
    said = models.JSONField(_("words"), default=dict, db_default={}, blank=True)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    shown_at = models.DateTimeField(_("in the inbox since"), null=True, blank=True)
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)
    bounced_at = models.DateTimeField(_("came back at"), null=True, blank=True)
    unwanted_at = models.DateTimeField(_("called unwanted at"), null=True, blank=True)

    objects = LetterQuerySet.as_manager()

    class Meta:
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        ordering = ("-due_at", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["recipient", "kind", "occurrence"], name="one_letter_per_person_kind_and_occurrence"
            )
        ]
        indexes = [
            models.Index(
                fields=["due_at", "id"], condition=models.Q(state="planned"), name="planned_letters_by_due"
            ),
            models.Index(
                fields=["lease_until"],
                condition=models.Q(state="sending"),
                name="letters_being_sent_by_lease",
            ),
            models.Index(
                fields=["lease_token"],
                condition=models.Q(lease_token__isnull=False),
                name="letters_being_sent_by_token",
            ),
            models.Index(
                fields=["due_at", "id"],
                condition=models.Q(state="planned", is_critical=True),
                name="critical_letters_by_due",
            ),
            models.Index(
                fields=["recipient"], condition=models.Q(state="sending"), name="letters_being_sent_by_person"
            ),
            models.Index(
                fields=["recipient", "-shown_at", "-id"],
                condition=models.Q(shown_at__isnull=False),
                name="letters_in_inboxes",
            ),
            models.Index(
                fields=["due_at"],
                condition=models.Q(kind="quiet", facts__contains={"is_last": True}),
                name="last_quiet_letters_by_due",
            ),
            models.Index(
                fields=["carrier"], condition=models.Q(carrier__isnull=False), name="letters_in_others"
            ),
            models.Index(fields=["recipient", "-due_at"], name="letters_of_a_person"),
            models.Index(fields=["-due_at", "id"], name="letters_newest_first"),
            models.Index(fields=["state", "-due_at", "id"], name="letters_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.occurrence}"

    # Acts of whoever has claimed it; each does nothing once the lease has passed to somebody else

    def mark_handed(self, now: datetime, said: Mapping[str, object], carried: Sequence[Letter] = ()) -> bool:
        """Its end is about to go to the mail server: from here until the outcome is written nobody knows.

        No when any of them is no longer the caller's, so that what was stopped travels in nothing. At the last try the
        words are kept, since nobody may be left to do that afterwards.
        """
        return self._written(_HANDED, carried, now=now, said=Jsonb(said))

    def mark_sent(self, now: datetime, said: Mapping[str, object], carried: Sequence[Letter] = ()) -> bool:
        """The mail server took it, with those it carried: this is written in a commit of its own, at once."""
        return self._written(_SENT, carried, now=now, said=Jsonb(said))

    def try_later(self, answer: str, now: datetime, said: Mapping[str, object]) -> bool:
        """The mail server says “not now”: wait longer each time, give up after the last try."""
        wait = wait_after(self.tries)
        if wait is None:
            return self.give_up(answer, now, said)
        return self._finish(state=LetterState.PLANNED, due_at=now + wait, reason=answer[:200])

    def lose(self, now: datetime, said: Mapping[str, object]) -> bool:
        """Nobody knows whether the server took it: try once more, under the same Message-ID, then never again."""
        wait = wait_after(self.tries)
        if self.is_in_doubt or wait is None:
            return self.give_up(Reason.LOST, now, said)
        return self._finish(
            state=LetterState.PLANNED, due_at=now + wait, reason=Reason.LOST, is_in_doubt=True
        )

    def give_up(self, answer: str, now: datetime, said: Mapping[str, object]) -> bool:
        """The mail server says “never”, or it was tried too often: it is read in the inbox."""
        return self._finish(state=LetterState.FAILED, reason=answer[:200], said=dict(said), shown_at=now)

    def postpone(self, until: datetime | None, reason: Reason = Reason.OUT_OF_HOURS) -> bool:
        """Wait for a time that suits the person; hold it back when that is too late or never comes."""
        if until is None or until >= self.expires_at:
            never = Reason.TOO_MANY if reason == Reason.CAPPED else Reason.TOO_LATE
            return self._finish(state=LetterState.HELD_BACK, reason=never)
        self.tries -= 1
        return self._finish(state=LetterState.PLANNED, due_at=until, reason=reason, tries=self.tries)

    def refuse(self, reason: Reason) -> bool:
        """Decide that it is not sent."""
        return self._finish(state=LetterState.HELD_BACK, reason=reason)

    def show_only(self, reason: Reason, said: Mapping[str, object], now: datetime) -> bool:
        """Hold it back as mail, since there is no address that works, and show it in the inbox."""
        return self._finish(state=LetterState.HELD_BACK, reason=reason, said=dict(said), shown_at=now)

    def mark_read(self, now: datetime) -> None:
        """The person has opened it here; the first time counts."""
        Letter.objects.filter(pk=self.pk, read_at=None).update(read_at=now)

    def mark_unread(self) -> None:
        """The person wants to find it again."""
        Letter.objects.filter(pk=self.pk).update(read_at=None)

    def come_back(self, now: datetime) -> bool:
        """A mail server reported that it could not be delivered; whether this is the first such report."""
        return bool(Letter.objects.filter(pk=self.pk, bounced_at=None).update(bounced_at=now))

    def call_unwanted(self, now: datetime) -> bool:
        """Its reader reported it, or left by it, at her mail provider; whether this is the first we hear of it."""
        return bool(Letter.objects.filter(pk=self.pk, unwanted_at=None).update(unwanted_at=now))

    # Questions

    def says_too(self, older: Letter) -> bool:
        """Whether this letter says what an older one of its kind and reader has to say.

        Each says all that there is to be said when it leaves: one that left before has not said what came up later.
        """
        said_at = self.sent_at or self.shown_at
        was_early = said_at and older.not_before and said_at < older.not_before
        return self.pk > older.pk and not was_early

    @property
    def why(self) -> str:
        """The reason in words; what a mail server said is shown as it said it."""
        return str(Reason(self.reason).label) if self.reason in Reason.values else self.reason

    def message_id(self, host: str) -> str:
        return f"<{self.id}@{host}>"

    # Helpers

    def _written(self, sql: str, carried: Sequence[Letter], **values: Any) -> bool:
        """Whether all of them were still ours."""
        ids = [self.pk, *(letter.pk for letter in carried)]
        with connection.cursor() as cursor:
            cursor.execute(sql, {"lead": self.pk, "all": ids, "token": self.lease_token, **values})
            written: int = cursor.rowcount
        return written == len(ids)

    def _finish(self, **fields: Any) -> bool:
        """Write the outcome if the letter is still ours; whether it was."""
        mine = Letter.objects.filter(pk=self.pk, lease_token=self.lease_token)
        return bool(mine.update(**_NO_LEASE, **fields))


def unreachable(letters: Iterable[Letter], now: datetime) -> int:
    """The mail server could not be reached: put the claimed letters back for a minute; nobody's try is counted."""
    return Letter.objects.claimed_as(letters).let_go(reason=Reason.UNREACHABLE, due_at=now + UNREACHABLE)


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
