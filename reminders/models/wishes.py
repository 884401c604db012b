from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import date, time
from typing import Self

from django.conf import settings
from django.core import signing
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from reminders.models.letter import Letter, Reason

ALL_KINDS = "*"
FEWEST_QUIET_DAYS, MOST_QUIET_DAYS = 2, 60
WEEKDAYS = [
    (1, _("Monday")),
    (2, _("Tuesday")),
    (3, _("Wednesday")),
    (4, _("Thursday")),
    (5, _("Friday")),
    (6, _("Saturday")),
    (7, _("Sunday")),
]
MOST_PER_WEEK = [(count, str(count)) for count in range(1, 8)]
_signer = signing.Signer(salt="reminders.stop", sep=".")


def every_day() -> list[int]:
    return [1, 2, 3, 4, 5, 6, 7]


def new_secret() -> str:
    return secrets.token_urlsafe(24)


class LetterWishesQuerySet(models.QuerySet["LetterWishes"]):
    def of(self, person: User) -> LetterWishes:
        """The person's wishes; the row is made when it is first needed."""
        return self.select_related("person").get_or_create(person=person)[0]

    def of_all(self, people: Iterable[int]) -> dict[int, LetterWishes]:
        """The wishes of many people by their id, made where they are missing; none of who was erased meanwhile."""
        ids = set(people)
        found = self.in_bulk(ids)
        if missing := ids - found.keys():
            self._make(missing)
            found = self.in_bulk(ids)
        return found

    def with_token(self, token: str) -> tuple[LetterWishes, str] | None:
        """Whose letters a stop link is about, and which kind; None when it is broken, or was made invalid."""
        try:
            kind, _sep, secret = _signer.unsign(token).partition(".")
        except signing.BadSignature:
            return None
        found = self.filter(secret=secret).select_related("person").first()
        return (found, kind) if found else None

    def changing(self) -> Self:
        """Locked until the end of the transaction, so that two stops don't undo each other."""
        return self.select_for_update()

    @transaction.atomic
    def _make(self, people: set[int]) -> None:
        """Who is locked cannot be erased before her wishes are written, so that nobody else's are lost by that."""
        here = User.objects.get_queryset().filter(pk__in=people).order_by("pk").select_for_update(no_key=True)
        rows = [LetterWishes(person_id=pk) for pk in here.values_list("pk", flat=True)]
        self.bulk_create(rows, ignore_conflicts=True)


class LetterWishes(models.Model):
    """How one person wants her letters: which kinds, on which days, outside which hours; absent means the defaults.

    `weekdays` holds ISO numbers (1 = Monday). `stopped_kinds` holds kinds she switched off, "*" for all. Quiet hours
    may go over midnight; when both ends are the same there are none. No `quiet_days`: after her own rhythm.
    Until the day `snoozed_until` only what cannot wait is sent.
    """

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="letter_wishes"
    )
    stopped_kinds = models.JSONField(default=list, blank=True)
    weekdays = models.JSONField(_("weekdays"), default=every_day)
    quiet_from = models.TimeField(_("quiet hours from"), default=time(20), db_default=time(20))
    quiet_until = models.TimeField(_("quiet hours to"), default=time(8), db_default=time(8))
    digest_weekday = models.PositiveSmallIntegerField(
        _("day of the weekly letter"), choices=WEEKDAYS, default=1, db_default=1
    )
    most_per_week = models.PositiveSmallIntegerField(
        _("letters a week at most"), choices=MOST_PER_WEEK, default=3, db_default=3
    )
    snoozed_until = models.DateField(_("nothing before"), null=True, blank=True)
    quiet_days = models.PositiveSmallIntegerField(
        _("days of quiet before we write"),
        null=True,
        blank=True,
        validators=[MinValueValidator(FEWEST_QUIET_DAYS), MaxValueValidator(MOST_QUIET_DAYS)],
    )
    secret = models.CharField(max_length=64, unique=True, default=new_secret, editable=False)

    objects = LetterWishesQuerySet.as_manager()

    class Meta:
        verbose_name = _("letter wishes")
        verbose_name_plural = _("letter wishes")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(digest_weekday__range=(1, 7)), name="a_week_has_seven_days"
            ),
            models.CheckConstraint(
                condition=models.Q(most_per_week__range=(1, 7)), name="one_to_seven_letters_a_week"
            ),
            models.CheckConstraint(
                condition=models.Q(quiet_days__range=(FEWEST_QUIET_DAYS, MOST_QUIET_DAYS)),
                name="quiet_is_two_to_sixty_days",
            ),
            models.CheckConstraint(condition=~models.Q(weekdays=[]), name="letters_may_come_on_some_weekday"),
        ]

    def __str__(self) -> str:
        return str(self.person_id)

    # Acts

    @transaction.atomic
    def stop(self, *kinds: str) -> None:
        """No more letters of these kinds from now on, nor those that a sender has taken and not handed over.

        Saying it again changes nothing.
        """
        row = LetterWishes.objects.changing().get(pk=self.pk)
        self.stopped_kinds = row.stopped_kinds = sorted({*row.stopped_kinds, *kinds})
        row.save(update_fields=["stopped_kinds"])
        self._hold_back_stopped()

    @transaction.atomic
    def choose(self, *, stopped: Iterable[str], **wanted: object) -> None:
        """Take over what the settings page says, by the names of the fields; letters of stopped kinds stop at once.

        With another weekday for the weekly letters those that are planned are forgotten, to be planned for that day.
        """
        if wanted.get("digest_weekday", self.digest_weekday) != self.digest_weekday:
            Letter.objects.of(self.person).of_weeks().forget()
        self.stopped_kinds = sorted(stopped)
        for name, value in wanted.items():
            setattr(self, name, value)
        self.save(update_fields=["stopped_kinds", *wanted])
        self._hold_back_stopped()
        Letter.objects.of(self.person).reconsider()

    @transaction.atomic
    def snooze(self, until: date | None) -> None:
        """No letters that can wait before this local day; None ends it."""
        self.snoozed_until = until
        self.save(update_fields=["snoozed_until"])
        Letter.objects.of(self.person).reconsider()

    def renew_links(self) -> None:
        """Links of letters sent before open nothing from now on."""
        self.secret = new_secret()
        self.save(update_fields=["secret"])

    # Questions

    def is_stopped(self, kind: str) -> bool:
        return kind in self.stopped_kinds or ALL_KINDS in self.stopped_kinds

    def token(self, kind: str) -> str:
        """What the stop link of a letter of this kind carries: whoever has it may stop her letters or put them off.

        It signs nobody in, shows and changes nothing else, and holds until she makes links invalid: old letters last.
        """
        return _signer.sign(f"{kind}.{self.secret}")

    # Helpers

    def _hold_back_stopped(self) -> None:
        waiting = Letter.objects.filter(recipient=self.person_id).retractable()
        if ALL_KINDS not in self.stopped_kinds:
            waiting = waiting.of_kinds(self.stopped_kinds)
        waiting.hold_back(Reason.STOPPED)
