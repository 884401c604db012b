from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from quizzes.models.quiz import Quiz
from quizzes.paper import Allowance

if TYPE_CHECKING:
    from quizzes.models.attempt import Attempt

LONGEST_MINUTES, MOST_ATTEMPTS = 10_080, 1000


class Given(NamedTuple):
    """What came of giving: the row, and the attempts under way that have more time because of it."""

    row: Accommodation
    extended: list[Attempt]


class AccommodationQuerySet(models.QuerySet["Accommodation"]):
    def of(self, person: User) -> Self:
        return self.filter(person=person)

    def at(self, quiz: Quiz) -> Self:
        """Those that hold for this quiz: its own, and those for all quizzes."""
        return self.filter(models.Q(quiz=quiz) | models.Q(quiz=None))

    def current(self) -> Self:
        return self.filter(ended_at=None)

    def allowance(self, person: User, quiz: Quiz) -> Allowance:
        """What the person has beyond everybody at this quiz: of several accommodations the greatest of each kind."""
        return together(self.of(person).at(quiz).current())

    @transaction.atomic
    def give(self, row: Accommodation, *, by: User | None, now: datetime) -> Given:
        """Write down what a person is given (`row` is not saved yet), and give it to her attempts under way as well.

        Of all that she has the greatest of each kind counts; no attempt ever ends earlier because of it.
        """
        person = User.objects.get_queryset().select_for_update(no_key=True).get(pk=row.person_id)
        row.given_by, row.given_at = by, now
        row.save(force_insert=True)
        running = person.attempts.open().exclude(deadline_at=None).order_by("pk")
        if row.quiz_id is not None:
            running = running.filter(quiz=row.quiz_id)
        attempts = list(running.select_related("person", "quiz__current_version", "quiz_version"))
        return Given(
            row, [attempt for attempt in attempts if attempt.keep_up(by=by, reason=row.note, now=now)]
        )


class Accommodation(models.Model):
    """What one person is given beyond everybody, at one quiz or at all (`quiz` empty): time, attempts.

    It is ended, never deleted. It is shown to the person and to those who mentor her, to nobody else.
    """

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="accommodations", verbose_name=_("person")
    )
    quiz = models.ForeignKey(
        Quiz, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("quiz")
    )
    time_factor = models.DecimalField(
        _("time, times"),
        max_digits=4,
        decimal_places=2,
        default=Decimal(1),
        validators=[MinValueValidator(Decimal(1)), MaxValueValidator(Decimal(10))],
    )
    extra_minutes = models.PositiveIntegerField(
        _("minutes more"), default=0, validators=[MaxValueValidator(LONGEST_MINUTES)]
    )
    extra_attempts = models.PositiveSmallIntegerField(
        _("attempts more"), default=0, validators=[MaxValueValidator(MOST_ATTEMPTS)]
    )
    note = models.CharField(_("note"), max_length=300, blank=True)
    given_at = models.DateTimeField()
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = AccommodationQuerySet.as_manager()

    class Meta:
        verbose_name = _("accommodation")
        verbose_name_plural = _("accommodations")
        ordering = ("-given_at", "-id")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(time_factor__gte=1), name="an_accommodation_never_takes_time_away"
            )
        ]
        indexes = [
            models.Index(
                fields=["person", "quiz"],
                condition=models.Q(ended_at=None),
                name="accommodations_that_hold",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.time_factor}"

    def words(self) -> str:
        """What it gives: 1.5 times the time, 10 minutes more, 1 attempt more."""
        factor = f"{self.time_factor.normalize():f}"
        minutes = ngettext("%(n)d minute more", "%(n)d minutes more", self.extra_minutes)
        attempts = ngettext("%(n)d attempt more", "%(n)d attempts more", self.extra_attempts)
        parts = [
            gettext("%(factor)s times the time") % {"factor": factor} if self.time_factor > 1 else "",
            minutes % {"n": self.extra_minutes} if self.extra_minutes else "",
            attempts % {"n": self.extra_attempts} if self.extra_attempts else "",
        ]
        return ", ".join(filter(None, parts))

    def allowance(self) -> Allowance:
        """The same as marking and deadlines read it."""
        return Allowance(Fraction(self.time_factor), self.extra_minutes, self.extra_attempts)

    @property
    def is_current(self) -> bool:
        return self.ended_at is None

    def end(self, *, by: User | None, now: datetime) -> None:
        """It holds no longer; attempts under way keep the time they were given. One that ended stays as it is."""
        if self.is_current:
            self.ended_at, self.ended_by = now, by
            self.save(update_fields=["ended_at", "ended_by"])


def together(given: Iterable[Accommodation]) -> Allowance:
    """Several accommodations as one: the greatest of each kind."""
    allowances = [Allowance(), *(row.allowance() for row in given)]
    return Allowance(
        max(one.time_factor for one in allowances),
        max(one.extra_minutes for one in allowances),
        max(one.extra_attempts for one in allowances),
    )
