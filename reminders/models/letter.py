from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import connection, models
from django.db.models.fields.json import KeyTransform
from django.utils.translation import gettext_lazy as _
from psycopg.types.json import Jsonb

from reminders.models.letters import (
    APART,
    NO_LEASE,
    OF_ALL_ALIKE,
    PASSING,
    WITHOUT_ADDRESS,
    LetterQuerySet,
    LetterState,
    Reason,
)
from reminders.patience import LEASE, UNREACHABLE, wait_after

__all__ = [
    "OF_ALL_ALIKE",
    "WITHOUT_ADDRESS",
    "Letter",
    "LetterQuerySet",
    "LetterState",
    "Reason",
    "unreachable",
]


# A letter, with those that travel in it.
_HANDED = """
UPDATE reminders_letter
   SET handed_at = %(now)s,
       lease_until = CASE WHEN lease_until < %(soon)s THEN %(until)s ELSE lease_until END,  -- seldom: it has an index
       carrier_id = CASE WHEN id = %(lead)s THEN NULL ELSE %(lead)s END,
       said = CASE WHEN id = %(lead)s AND is_in_doubt THEN %(said)s ELSE said END
 WHERE id = ANY(%(all)s) AND lease_token = %(token)s {in_order}
"""
# What the letter that follows needs is written in the same commit: so each costs one, not two. Where somebody else has
# its rows it is passed by: what was sent is written all the same.
_SENT = """
WITH mine AS MATERIALIZED (
  SELECT id FROM reminders_letter WHERE id = ANY(%(mine)s) AND lease_token = %(token)s ORDER BY id FOR UPDATE),
after AS MATERIALIZED (
  SELECT id FROM reminders_letter WHERE id = ANY(%(following)s) AND lease_token = %(token)s FOR UPDATE SKIP LOCKED)
UPDATE reminders_letter l
   SET state = CASE WHEN x.follows THEN state ELSE 'sent' END,
       sent_at = CASE WHEN x.follows THEN sent_at ELSE %(now)s END,
       reason = CASE WHEN x.follows THEN reason ELSE '' END,
       lease_token = CASE WHEN x.follows THEN lease_token END,
       lease_until = CASE WHEN x.follows AND lease_until < %(soon)s THEN %(until)s WHEN x.follows THEN lease_until END,
       handed_at = CASE WHEN x.follows THEN %(now)s END,
       is_in_doubt = x.follows AND is_in_doubt,
       carrier_id = nullif(CASE WHEN x.follows THEN %(next)s ELSE %(lead)s END, l.id),
       shown_at = CASE WHEN l.id = %(lead)s THEN %(now)s WHEN x.follows THEN shown_at END,
       said = CASE WHEN l.id = %(lead)s THEN %(said)s ELSE said END
  FROM (SELECT id, false AS follows FROM mine UNION ALL SELECT id, true FROM after) x
 WHERE l.id = x.id AND lease_token = %(token)s
RETURNING x.follows
"""
# As LetterQuerySet.change() has it; one letter needs no order.
_IN_ORDER = """
   AND id IN (SELECT id FROM reminders_letter
               WHERE id = ANY(%(all)s) AND lease_token = %(token)s ORDER BY id FOR UPDATE)
"""


class Letter(models.Model):
    """One reminder for one person about one occurrence (“submission-812/version-3”), sent at most once.

    `id` is a UUIDv7 and makes the Message-ID. `facts` holds what the letter is about, as keys and ids; `said` holds the
    words that were sent, for the inbox, until one of the people is erased whom it names by their ids. `not_before` is
    when there was something to say first, whatever her hours are; `due_at` is the hour that suits her. A letter with a
    `carrier` went out as a part of that one. `handed_at` is set while its end is being handed to the mail server,
    `is_in_doubt` once nobody knows whether a copy has arrived.
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
            models.Index(
                fields=["expires_at"],
                condition=models.Q(state="held_back", reason__in=PASSING),
                name="letters_held_back_for_now",
            ),
            GinIndex(
                KeyTransform("names", "said"),
                condition=models.Q(said__has_key="names"),
                name="letters_that_name_people",
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

        No when any of them is no longer the caller's, so that what was stopped travels in nothing. A lease that
        is half over begins anew: a server may take its time to answer. At the last try the words are kept, since nobody
        may be left to do that afterwards.
        """
        ids = [self.pk, *(letter.pk for letter in carried)]
        sql = _HANDED.format(in_order=_IN_ORDER if carried else "")
        with connection.cursor() as cursor:
            cursor.execute(sql, {"lead": self.pk, "all": ids, **self._values(now, said)})
            written: int = cursor.rowcount
        return written == len(ids)

    def mark_sent(
        self,
        now: datetime,
        said: Mapping[str, object],
        carried: Sequence[Letter] = (),
        following: Sequence[Letter] = (),
    ) -> tuple[bool, bool]:
        """The mail server took it, with those it carried; those that follow at once are handed in the same commit.

        `following` is a letter with what it carries, none of them in doubt. Whether all of the first, and all of the
        second, were still the caller's. Where not all that follow were, it is to be asked again when their end goes to
        the mail server.
        """
        mine, after = [self.pk, *(letter.pk for letter in carried)], [letter.pk for letter in following]
        rows = {"lead": self.pk, "next": after[0] if after else None, "following": after, "mine": mine}
        with connection.cursor() as cursor:
            cursor.execute(_SENT, {**rows, **self._values(now, said)})
            written = [follows for (follows,) in cursor.fetchall()]
        return written.count(False) == len(mine), bool(after) and written.count(True) == len(after)

    def try_later(self, answer: str, now: datetime, said: Mapping[str, object]) -> bool:
        """The mail server says “not now”: wait longer each time, give up after the last try."""
        wait = wait_after(self.tries)
        if wait is None:
            return self.give_up(answer, now, said)
        return self._finish(state=LetterState.PLANNED, due_at=now + wait, reason=answer[:200], **APART)

    def lose(self, now: datetime, said: Mapping[str, object]) -> bool:
        """Nobody knows whether the server took it: try once more, under the same Message-ID, then never again."""
        wait = wait_after(self.tries)
        if self.is_in_doubt or wait is None:
            return self.give_up(Reason.LOST, now, said, is_in_doubt=True)
        return self._finish(
            state=LetterState.PLANNED, due_at=now + wait, reason=Reason.LOST, is_in_doubt=True
        )

    def give_up(self, answer: str, now: datetime, said: Mapping[str, object], **fields: bool) -> bool:
        """The mail server says “never”, or it was tried too often: it is read in the inbox."""
        words = {"reason": answer[:200], "said": dict(said)}
        return self._finish(state=LetterState.FAILED, shown_at=now, **words, **fields)

    def postpone(self, until: datetime | None, reason: Reason = Reason.OUT_OF_HOURS) -> bool:
        """Wait for a time that suits the person; hold it back when that is too late or never comes."""
        if until is None or until >= self.expires_at:
            never = Reason.TOO_MANY if reason == Reason.CAPPED else Reason.TOO_LATE
            return self._finish(state=LetterState.HELD_BACK, reason=never, **APART)
        self.tries -= 1
        return self._finish(state=LetterState.PLANNED, due_at=until, reason=reason, tries=self.tries, **APART)

    def refuse(self, reason: Reason) -> bool:
        """Decide that it is not sent."""
        return self._finish(state=LetterState.HELD_BACK, reason=reason, **APART)

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

    def _values(self, now: datetime, said: Mapping[str, object]) -> dict[str, Any]:
        times = {"now": now, "soon": now + LEASE / 2, "until": now + LEASE}
        return {**times, "token": self.lease_token, "said": Jsonb(said)}

    def _finish(self, **fields: Any) -> bool:
        """Write the outcome if the letter is still ours; whether it was."""
        mine = Letter.objects.filter(pk=self.pk, lease_token=self.lease_token)
        return bool(mine.update(**NO_LEASE, **fields))


def unreachable(letters: Iterable[Letter], now: datetime) -> int:
    """The mail server could not be reached: put the claimed letters back for a minute; nobody's try is counted."""
    return Letter.objects.claimed_as(letters).let_go(reason=Reason.UNREACHABLE, due_at=now + UNREACHABLE)
