from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import signing
from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from reminders.answers import Place, judged
from reminders.bounces import Fate, Notice
from reminders.models.letter import Letter, LetterState
from reminders.models.wishes import ALL_KINDS, LetterWishes

MOST_REFUSALS = 3
BETWEEN_ASKING = timedelta(minutes=10)
_FINAL = 550  # a report speaks of a failure only when nobody tries any longer
LINK_HOLDS = timedelta(days=3)
_signer = signing.TimestampSigner(salt="reminders.suppression", sep=".")


class Why(models.TextChoices):
    BOUNCED = "bounced", _("mail to it came back")
    COMPLAINED = "complained", _("a letter was reported as unwanted")


class Taken(StrEnum):
    """What became of a notice."""

    NOT_OURS = "not about a letter of this house"
    OTHER_ADDRESS = "about an address that the letter did not go to"
    NOTED = "noted at the letter"
    SUPPRESSED = "no more letters to this address"


class SuppressionQuerySet(models.QuerySet["Suppression"]):
    def standing(self) -> Self:
        return self.filter(since__isnull=False)

    @transaction.atomic
    def suppress(
        self, address: str, why: Why, said: str, now: datetime, person: User | None = None
    ) -> Suppression:
        """Send no letters to this address from now on; the first reason stays until it is lifted.

        Only a complaint outranks mail that came back: a link that shows that the address works says nothing of it.
        """
        row = self._locked(address, person, now)
        if row.since is None or (row.why, why) == (Why.BOUNCED, Why.COMPLAINED):
            row.since, row.why, row.said = now, why, said[:300]
            row.save(update_fields=["since", "why", "said"])
        return row

    @transaction.atomic
    def refuse(
        self,
        address: str,
        said: str,
        now: datetime,
        person: User | None,
        *,
        is_gone: bool,
        sent_at: datetime | None = None,
    ) -> bool:
        """A mail server refused a letter for this address' sake; whether the address is suppressed now.

        `sent_at` is when that letter had left, where the refusal is a report that came later. Of who was erased since
        nothing is written down.
        """
        row = self._locked(address, person, now)
        if person and not _is_here(person):
            self.filter(pk=row.pk, person=person.pk).delete()
            return False
        row.count_refusal(said, sent_at or now)
        if is_gone or row.refusals >= MOST_REFUSALS:
            self.suppress(address, Why.BOUNCED, said, now, person)
            return True
        return False

    @transaction.atomic
    def take(self, notice: Notice, now: datetime) -> Taken:
        """Believe a report as far as it speaks of a letter of ours, and of an address that this letter went to."""
        named = notice.letter(settings.SITE_HOST)
        letter = Letter.objects.select_related("recipient").filter(pk=named).first() if named else None
        if letter is None or letter.state in {LetterState.PLANNED, LetterState.HELD_BACK}:
            return Taken.NOT_OURS
        person = letter.recipient
        address = next((name for name in notice.recipients if name.lower() in _addresses(person)), None)
        if address is None:
            return Taken.OTHER_ADDRESS
        return self._believe(notice, letter, address, now)

    def with_token(self, token: str) -> Suppression | None:
        """Which row a confirmation link is about; None when it is broken, old, done, or nobody's by now."""
        try:
            said = _signer.unsign(token, max_age=LINK_HOLDS)
        except signing.BadSignature:
            return None
        row = self.standing().filter(pk=said.partition("-")[0]).first()
        people = User.objects.get_queryset()
        knows = row and row.told == said and people.filter(email__iexact=row.address).exists()
        return row if knows else None

    # Helpers

    def _locked(self, address: str, person: User | None, now: datetime) -> Suppression:
        """The row of this address, made where it is missing, for as long as the transaction lasts."""
        whose = person or User.objects.get_queryset().filter(email__iexact=address).first()
        row = Suppression(address=address.lower(), person=whose, first_seen_at=now)
        self.bulk_create([row], ignore_conflicts=True)
        return self.select_for_update(of=("self",)).get(address=address.lower())

    def _believe(self, notice: Notice, letter: Letter, address: str, now: datetime) -> Taken:
        if notice.fate in {Fate.COMPLAINED, Fate.STOPPED}:
            return self._stop(notice, letter, address, now)
        is_first = letter.come_back(now)
        if notice.is_about_us or not (is_first or notice.is_gone):
            return Taken.NOTED  # the same letter counts once, however often it is reported
        answer = judged(_FINAL, notice.said, Place.RECIPIENT)
        if not notice.is_gone and not answer.is_recipients:
            return Taken.NOTED
        if self._was_lifted_after(letter, address):
            return Taken.NOTED
        is_gone = notice.is_gone or answer.is_gone
        is_over = self.refuse(
            address, notice.said, now, letter.recipient, is_gone=is_gone, sent_at=letter.sent_at
        )
        return Taken.SUPPRESSED if is_over else Taken.NOTED

    def _stop(self, notice: Notice, letter: Letter, address: str, now: datetime) -> Taken:
        """She wants no more: once for each letter, since reports are read again and she may choose anew."""
        if not letter.call_unwanted(now):
            return Taken.NOTED
        LetterWishes.objects.of(letter.recipient).stop(ALL_KINDS)
        if notice.fate == Fate.STOPPED:
            return Taken.NOTED
        self.suppress(address, Why.COMPLAINED, notice.said, now, letter.recipient)
        return Taken.SUPPRESSED

    def _was_lifted_after(self, letter: Letter, address: str) -> bool:
        """Whether somebody vouched for the address since this letter left: then its fate says nothing new."""
        sent_at = letter.sent_at or letter.planned_at
        return self.filter(address=address.lower(), lifted_at__gt=sent_at).exists()


class Suppression(models.Model):
    """What we know of one address, in lower case, that mail servers refused: while `since` is set nothing goes there.

    `refusals` counts letters in a row that were refused for its sake, at once or by a report; three are enough, or one
    when there is no such mailbox. `refused_at` is when the last of them had left. That a letter was taken says little,
    since a relay takes all: the row ends with one that left in between and did not come back. Mail about the account
    (signing in, a new password) is sent all the same. `person` is who was written to.
    """

    address = models.CharField(_("address"), max_length=254, unique=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="suppressions",
        verbose_name=_("person"),
    )
    why = models.CharField(_("why"), max_length=12, choices=Why.choices, blank=True, default="")
    said = models.CharField(_("what the mail server said"), max_length=300, blank=True, default="")
    refusals = models.PositiveSmallIntegerField(_("refused in a row"), default=0)
    first_seen_at = models.DateTimeField(_("first seen"))
    refused_at = models.DateTimeField(_("refused last"), null=True, blank=True)
    since = models.DateTimeField(_("nothing is sent since"), null=True, blank=True)
    asked_at = models.DateTimeField(_("asked to confirm at"), null=True, blank=True)
    lifted_at = models.DateTimeField(_("lifted at"), null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("lifted by"),
    )
    lifted_because = models.CharField(_("lifted because"), max_length=300, blank=True, default="")

    objects = SuppressionQuerySet.as_manager()

    class Meta:
        verbose_name = _("suppressed address")
        verbose_name_plural = _("suppressed addresses")
        ordering = ("-since", "address")
        constraints = [
            models.CheckConstraint(
                condition=Q(address=Lower(F("address"))), name="a_suppressed_address_is_in_lower_case"
            ),
            models.CheckConstraint(
                condition=Q(since=None) | ~Q(why=""), name="who_is_suppressed_is_so_for_a_reason"
            ),
        ]
        indexes = [
            models.Index(
                fields=["-since", "address"], condition=Q(since__isnull=False), name="suppressed_newest_first"
            )
        ]

    def __str__(self) -> str:
        return self.address

    def count_refusal(self, said: str, sent_at: datetime) -> None:
        """One letter more that was refused; `sent_at` is when it left. Reports may come in any order."""
        before = self.refused_at or sent_at
        if self.person and _arrived_between(self.person, *sorted((before, sent_at))):
            self.refusals, self.said = 0, ""
        self.refusals, self.refused_at = self.refusals + 1, max(before, sent_at)
        self.said = self.said or said[:300]
        self.save(update_fields=["refusals", "refused_at", "said"])

    def lift(self, because: str, now: datetime, by: User | None = None) -> None:
        """Send letters there again; what was counted before no longer counts."""
        self.since, self.why, self.refusals = None, "", 0
        self.lifted_at, self.lifted_by, self.lifted_because = now, by, because[:300]
        self.save(update_fields=["since", "why", "refusals", "lifted_at", "lifted_by", "lifted_because"])

    def may_ask(self, now: datetime) -> bool:
        """Whether a letter that asks to confirm the address may go there now; writes down that it does."""
        waits = Q(asked_at=None) | Q(asked_at__lte=now - BETWEEN_ASKING)
        return bool(Suppression.objects.standing().filter(waits, pk=self.pk).update(asked_at=now))

    def token(self) -> str:
        """What the link carries that is mailed to this address: whoever opens it can read what is sent there.

        It names the row and not the address, which may hold any character and has no place in a log.
        """
        return _signer.sign(self.told)

    @property
    def told(self) -> str:
        """What a link says: this row, as suppressed then, so that it lifts nothing that came later."""
        return f"{self.pk}-{self.since.timestamp():.0f}" if self.since else ""


def _is_here(person: User) -> bool:
    """Whether this person was not erased, nor will be before the transaction ends."""
    return User.objects.get_queryset().filter(pk=person.pk).select_for_update(no_key=True).exists()


def _arrived_between(person: User, after: datetime, before: datetime) -> bool:
    """Whether a letter to this person left between these two moments and did not come back."""
    gone = Letter.objects.of(person).filter(state=LetterState.SENT, carrier=None, bounced_at=None)
    return gone.filter(sent_at__gt=after, sent_at__lt=before).exists()


def _addresses(person: User) -> set[str]:
    """The addresses at which a letter to this person may have arrived; not one that she only says is hers."""
    others = EmailAddress.objects.filter(user=person, verified=True).values_list("email", flat=True)
    return {person.email.lower(), *(address.lower() for address in others)}
