from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Self
from uuid import uuid4

from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

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
    OUT_OF_HOURS = "out_of_hours", _("waits for the next hour that suits the person")
    UNREACHABLE = "unreachable", _("the mail server cannot be reached")
    LOST = "lost", _("the connection broke while it was being sent")
    UNREADABLE = "unreadable", _("it could not be written; the log says why")
    LEASE_OVER = "lease_over", _("whoever was sending it did not finish")


class LetterQuerySet(models.QuerySet["Letter"]):
    def of(self, person: User) -> Self:
        return self.filter(recipient=person)

    def of_kinds(self, kinds: Iterable[str]) -> Self:
        return self.filter(kind__in=list(kinds))

    def planned(self) -> Self:
        return self.filter(state=LetterState.PLANNED)

    def due(self, now: datetime) -> Self:
        """Planned letters whose time has come, the longest due first."""
        return self.planned().filter(due_at__lte=now).order_by("due_at", "id")

    def write(self, letters: Iterable[Letter]) -> None:
        """Write planned letters; those of an occurrence that was written before are left out."""
        self.bulk_create(letters, ignore_conflicts=True)

    @transaction.atomic
    def claim(self, now: datetime, limit: int = 50) -> list[Letter]:
        """Take up to `limit` due letters that nobody else is taking, for as long as the lease runs."""
        rows = self.due(now).select_for_update(skip_locked=True).values_list("pk", flat=True)[:limit]
        chosen, token = list(rows), uuid4()
        self.filter(pk__in=chosen).update(
            state=LetterState.SENDING, lease_token=token, lease_until=now + LEASE, tries=F("tries") + 1
        )
        return list(self.filter(lease_token=token).order_by("due_at", "id"))

    def sweep(self, now: datetime) -> int:
        """Free letters whose sender did not finish; those tried too often have failed. How many were swept."""
        stuck = self.filter(state=LetterState.SENDING, lease_until__lte=now)
        given_up = stuck.filter(tries__gte=MOST_TRIES).update(
            state=LetterState.FAILED, reason=Reason.LEASE_OVER, **_NO_LEASE
        )
        return given_up + stuck.update(state=LetterState.PLANNED, reason=Reason.LEASE_OVER, **_NO_LEASE)

    def hold_back(self, reason: Reason) -> int:
        """Decide that letters which are planned, or claimed by the caller, are not sent."""
        return self.update(state=LetterState.HELD_BACK, reason=reason, **_NO_LEASE)

    def let_go(self, *, reason: str, due_at: datetime) -> int:
        """Put claimed letters back that nobody tried to send; it does not count as a try."""
        return self.update(
            state=LetterState.PLANNED, reason=reason, due_at=due_at, tries=F("tries") - 1, **_NO_LEASE
        )

    def claimed_as(self, letters: Iterable[Letter]) -> Self:
        """The rows of these claimed letters that are still theirs who claimed them."""
        rows = list(letters)
        tokens = {letter.lease_token for letter in rows}
        return self.filter(
            pk__in=[letter.pk for letter in rows], state=LetterState.SENDING, lease_token__in=tokens
        )

    def rivals(self, letters: Iterable[Letter], now: datetime) -> Self:
        """Due or sent letters of the same people and kinds that were planned later, the latest first.

        The latest says what the others would have said. The ids tell the order, since a due time may be put off.
        """
        rows = list(letters)
        said = Q(state=LetterState.SENT) | Q(
            state__in=[LetterState.PLANNED, LetterState.SENDING], due_at__lte=now
        )
        return self.filter(
            said,
            recipient__in={letter.recipient_id for letter in rows},
            kind__in={letter.kind for letter in rows},
            pk__gte=min(letter.pk for letter in rows),
        ).order_by("-id")


# Thousands of letters in a row are marked so, one at a time.
_SENT = """
UPDATE reminders_letter SET state = %s, sent_at = %s, reason = '', lease_token = NULL, lease_until = NULL
 WHERE id = %s AND lease_token = %s
"""
_NO_LEASE: Mapping[str, None] = {"lease_token": None, "lease_until": None}


class Letter(models.Model):
    """One reminder for one person about one occurrence (“submission-812/version-3”), sent at most once.

    `id` is a UUIDv7 and makes the Message-ID. `facts` holds what the letter is about, as keys and ids.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="letters", verbose_name=_("recipient")
    )
    kind = models.CharField(_("kind"), max_length=32)
    occurrence = models.CharField(_("occurrence"), max_length=120)
    facts = models.JSONField(default=dict)
    planned_at = models.DateTimeField(_("planned at"))
    due_at = models.DateTimeField(_("due at"))
    expires_at = models.DateTimeField(_("useless after"))
    state = models.CharField(
        _("state"), max_length=12, choices=LetterState.choices, default=LetterState.PLANNED
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    lease_token = models.UUIDField(null=True, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0, editable=False)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)

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
            models.Index(fields=["recipient", "-due_at"], name="letters_of_a_person"),
            models.Index(fields=["-due_at", "id"], name="letters_newest_first"),
            models.Index(fields=["state", "-due_at", "id"], name="letters_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.occurrence}"

    # Acts of whoever has claimed it; each does nothing once the lease has passed to somebody else

    def mark_sent(self, now: datetime) -> bool:
        """The mail server took it: this is written in a commit of its own, at once."""
        with connection.cursor() as cursor:
            cursor.execute(_SENT, [LetterState.SENT, now, self.pk, self.lease_token])
            return bool(cursor.rowcount)

    def try_later(self, answer: str, now: datetime) -> bool:
        """The mail server says “not now”: wait longer each time, give up after the last try."""
        wait = wait_after(self.tries)
        if wait is None:
            return self.give_up(answer)
        return self._finish(state=LetterState.PLANNED, due_at=now + wait, reason=answer[:200])

    def lose(self, now: datetime) -> bool:
        """Nobody knows whether the server took it: try once more, under the same Message-ID, then never again."""
        if self.reason == Reason.LOST:
            return self.give_up(Reason.LOST)
        return self.try_later(Reason.LOST, now)

    def give_up(self, answer: str) -> bool:
        """The mail server says “never”, or it was tried too often."""
        return self._finish(state=LetterState.FAILED, reason=answer[:200])

    def postpone(self, until: datetime | None) -> bool:
        """Wait for an hour that suits the person; hold it back when that is too late or never comes."""
        if until is None or until >= self.expires_at:
            return self._finish(state=LetterState.HELD_BACK, reason=Reason.TOO_LATE)
        self.tries -= 1
        return self._finish(
            state=LetterState.PLANNED, due_at=until, reason=Reason.OUT_OF_HOURS, tries=self.tries
        )

    # Questions

    @property
    def why(self) -> str:
        """The reason in words; what a mail server said is shown as it said it."""
        return str(Reason(self.reason).label) if self.reason in Reason.values else self.reason

    def message_id(self, host: str) -> str:
        return f"<{self.id}@{host}>"

    # Helpers

    def _finish(self, **fields: object) -> bool:
        """Write the outcome if the letter is still ours; whether it was."""
        mine = Letter.objects.filter(pk=self.pk, lease_token=self.lease_token)
        return bool(mine.update(**{**_NO_LEASE, **fields}))


def unreachable(letters: Iterable[Letter], now: datetime) -> int:
    """The mail server could not be reached: put the claimed letters back for a minute; nobody's try is counted."""
    return Letter.objects.claimed_as(letters).let_go(reason=Reason.UNREACHABLE, due_at=now + UNREACHABLE)
