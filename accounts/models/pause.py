from __future__ import annotations

from datetime import date
from typing import Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models.user import User


class PauseQuerySet(models.QuerySet["Pause"]):
    def of(self, person: User) -> Self:
        return self.filter(person=person)

    def covering(self, day: date) -> Self:
        return self.filter(starts_on__lte=day, ends_on__gt=day)

    def overlapping(self, starts_on: date, ends_on: date) -> Self:
        return self.filter(starts_on__lt=ends_on, ends_on__gt=starts_on)


class PauseManager(models.Manager.from_queryset(PauseQuerySet)):  # type: ignore[misc]  # django-stubs types the base as a value
    @transaction.atomic
    def declare(self, person: User, starts_on: date, ends_on: date) -> Pause:
        """Write a pause [starts_on, ends_on) of the person's calendar; raise ValidationError on overlap."""
        User.objects.get_queryset().select_for_update().get(pk=person.pk)
        if starts_on >= ends_on:
            raise ValidationError({"ends_on": _("A pause ends after the day it starts.")})
        if self.of(person).overlapping(starts_on, ends_on).exists():
            raise ValidationError(_("You have a pause in these days already."))
        return self.create(person=person, starts_on=starts_on, ends_on=ends_on)  # type: ignore[no-any-return]  # as above


class Pause(models.Model):
    """Days of one person's calendar, from starts_on up to but without ends_on, in which nothing is expected of her."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="pauses")
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("back on"))

    objects = PauseManager()

    class Meta:
        verbose_name = _("pause")
        verbose_name_plural = _("pauses")
        ordering = ("starts_on",)
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_on__gt=models.F("starts_on")), name="pause_ends_after_it_starts"
            ),
            models.UniqueConstraint(fields=["person", "starts_on"], name="one_pause_starts_on_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.starts_on} – {self.ends_on}"

    def end(self, on: date) -> None:
        """Cut the pause short: the person is back on `on`; a pause that has not begun is taken back."""
        if on <= self.starts_on:
            self.delete()
        elif on < self.ends_on:
            self.ends_on = on
            self.save(update_fields=["ends_on"])
