from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import connection, models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from quizzes.memory import DEFAULTS, USUAL_RETENTION, DailyCap, Rhythm

_RHYTHM = """
SELECT (SELECT retention_percent FROM quizzes_cardsettings WHERE person_id = %(person)s),
       (SELECT parameters::text FROM quizzes_cardparameters WHERE person_id = %(person)s
         ORDER BY fitted_at DESC, id DESC LIMIT 1)
"""


class CardSettingsManager(models.Manager["CardSettings"]):
    def of(self, person: User) -> CardSettings:
        """The person's settings; the usual ones, not saved, while she never changed any."""
        return self.filter(person=person).first() or CardSettings(person=person)

    def change(self, person: User, **said: Any) -> CardSettings:
        """Settings by the names of their fields."""
        return self.update_or_create(person=person, defaults=said)[0]

    def rhythm(self, person: User) -> Rhythm:
        """How this person's cards come back: her own parameters if she has some. One query."""
        with connection.cursor() as cursor:
            cursor.execute(_RHYTHM, {"person": person.pk})
            percent, parameters = cursor.fetchone()
        own = tuple(map(float, parameters.strip("[]").split(","))) if _is_given(parameters) else DEFAULTS
        return Rhythm(own, percent / 100 if percent else USUAL_RETENTION)


def _is_given(parameters: str | None) -> bool:
    return parameters not in {None, "null", "[]"}


class CardSettings(models.Model):
    """How one person wants to review: so many cards a day, so long at a time; whoever has no row has the defaults."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="card_settings")
    cards_a_day = models.PositiveSmallIntegerField(
        _("Cards a day, at most"), default=20, validators=[MinValueValidator(1), MaxValueValidator(200)]
    )
    new_a_day = models.PositiveSmallIntegerField(
        _("New ones among them, at most"), default=10, validators=[MaxValueValidator(200)]
    )
    minutes = models.PositiveSmallIntegerField(
        _("Minutes of a session"), default=10, validators=[MinValueValidator(1), MaxValueValidator(120)]
    )
    retention_percent = models.PositiveSmallIntegerField(
        _("How much you want to remember, in percent"),
        default=round(100 * USUAL_RETENTION),
        validators=[MinValueValidator(70), MaxValueValidator(97)],
        help_text=_("The more, the sooner cards come back: 90 is a good measure."),
    )
    uses_keys = models.BooleanField(
        _("Keys 1 to 4, Space, U and E"), default=True, help_text=_("Only on the pages of cards.")
    )

    objects = CardSettingsManager()

    class Meta:
        verbose_name = _("settings of review cards")
        verbose_name_plural = _("settings of review cards")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(retention_percent__range=(70, 97)), name="retention_is_70_to_97_percent"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.cards_a_day}"

    @property
    def cap(self) -> DailyCap:
        return DailyCap(self.cards_a_day, self.new_a_day)
