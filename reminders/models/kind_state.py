from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Max, Q, Value, When
from django.utils.translation import gettext_lazy as _

from accounts.models import User

ALL = "*"
OUTAGE = timedelta(hours=1)  # when a kind is planned so much later than it should be, all workers were away
SILENCE = timedelta(
    minutes=15
)  # when nobody has planned anything for so long, or in three rounds, no worker runs
LONGEST_CATCHING_UP = timedelta(minutes=5)  # for so long the post waits for a planner, who may have died


class KindStateQuerySet(models.QuerySet["KindState"]):
    def off(self) -> Self:
        return self.filter(off_since__isnull=False)

    def off_kinds(self) -> frozenset[str]:
        """The kinds that are off for everybody; "*" stands for all of them."""
        return frozenset(self.off().values_list("kind", flat=True))

    def of(self, kind: str) -> KindState:
        """The row of this kind, which is made when it is first needed."""
        return self.get_or_create(kind=kind)[0]

    def claim_planning(self, kind: str, every: timedelta, now: datetime) -> bool:
        """Whether the caller is to plan this kind now: of any number of planners one is told so in each `every`.

        A planner that dies loses little: kinds plan a day ahead, and the next one finds what is missing. After an
        outage the kind counts as catching up until `caught_up` is called.
        """
        waits = Q(planned_at=None) | Q(planned_at__lte=now - every) | Q(planned_at__gt=now)
        was_away = When(planned_at__lt=now - every - OUTAGE, then=Value(now))
        turn: dict[str, Any] = {
            "planned_at": now,
            "catching_up_since": Case(was_away, default=F("catching_up_since")),
        }
        if self.filter(waits, kind=kind).update(**turn):
            return True
        return bool(
            not self.filter(kind=kind).exists()
            and self.bulk_create([KindState(kind=kind)], ignore_conflicts=True)
            and self.filter(waits, kind=kind).update(**turn)
        )

    def planning(self, now: datetime) -> Planning:
        return Planning(self.aggregate(last=Max("planned_at"))["last"], now)

    def caught_up(self, kind: str) -> None:
        """What came due in an outage is planned, or could not be."""
        self.filter(kind=kind, catching_up_since__isnull=False).update(catching_up_since=None)

    def catching_up(self, now: datetime) -> Self:
        """Kinds whose newer letters are just being planned after an outage: older ones must not leave before them."""
        return self.filter(catching_up_since__gt=now - LONGEST_CATCHING_UP)


@dataclass(frozen=True, slots=True)
class Planning:
    """When letters were planned last, whatever kind; None is never. Seen at `now`: the one sign of life of workers."""

    last_at: datetime | None
    now: datetime

    @property
    def minutes(self) -> int:
        """So long ago; no less than none."""
        return max(0, (self.now - self.last_at) // timedelta(minutes=1)) if self.last_at else 0

    @property
    def is_silent(self) -> bool:
        patience = max(SILENCE, 3 * timedelta(seconds=settings.LETTERS_EVERY))
        return self.last_at is None or self.now - self.last_at > patience


class KindState(models.Model):
    """One row per kind of letter, "*" for all: when it was planned last, and whether somebody switched it off.

    Off means that its letters are planned and decided, and not sent. `catching_up_since` is set while it is planned for
    the first time after an outage.
    """

    kind = models.CharField(_("kind"), max_length=32, primary_key=True)
    planned_at = models.DateTimeField(_("planned at"), null=True, blank=True)
    catching_up_since = models.DateTimeField(null=True, blank=True, editable=False)
    off_since = models.DateTimeField(_("off since"), null=True, blank=True)
    off_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("switched off by"),
    )
    off_reason = models.CharField(_("reason"), max_length=200, blank=True)

    objects = KindStateQuerySet.as_manager()

    class Meta:
        verbose_name = _("kind of letter")
        verbose_name_plural = _("kinds of letters")

    def __str__(self) -> str:
        return self.kind

    @property
    def is_off(self) -> bool:
        return self.off_since is not None

    def switch_off(self, by: User, reason: str, now: datetime) -> None:
        """Send no letters of this kind to anybody until it is switched on; saying it again changes nothing."""
        if not self.is_off:
            self.off_since, self.off_by, self.off_reason = now, by, reason
            self.save(update_fields=["off_since", "off_by", "off_reason"])

    def switch_on(self) -> None:
        """Send its letters again, those that were held back meanwhile not."""
        self.off_since, self.off_by, self.off_reason = None, None, ""
        self.save(update_fields=["off_since", "off_by", "off_reason"])
