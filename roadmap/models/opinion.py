from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Avg, Count, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from roadmap.models.link_check import LinkCheck
from roadmap.models.resource import Resource

FEWEST_RATINGS = 5  # below it, an average says more about one person than about the resource
LOW_AVERAGE = 2.5
AN_HOUR = timedelta(hours=1)
REPORTS_AN_HOUR, RATINGS_AN_HOUR = 20, 60


class TooManyError(Exception):
    """A person says more in an hour than people do."""


@dataclass(frozen=True, slots=True)
class Average:
    """Stars of a resource over all who rated it."""

    stars: float
    count: int


class Reason(models.TextChoices):
    DEAD = "dead", _("It does not open")
    WRONG = "wrong", _("It shows something else")
    GUARDED = "guarded", _("It now asks for money or an account")
    OUTDATED = "outdated", _("It is out of date")
    OTHER = "other", _("Something else")


class LinkReportQuerySet(models.QuerySet["LinkReport"]):
    def of(self, person: User) -> Self:
        return self.filter(person=person)

    def open(self) -> Self:
        """Reports that no author has dealt with."""
        return self.filter(settled_at=None)

    @transaction.atomic
    def report(
        self, person: User, resource: Resource, *, reason: str, note: str, now: datetime
    ) -> LinkReport:
        """Say that something is wrong with a link; a second report of the same person replaces her first."""
        if self.of(person).filter(reported_at__gt=now - AN_HOUR).count() >= REPORTS_AN_HOUR:
            raise TooManyError
        said = {"reason": reason, "note": note, "reported_at": now, "settled_at": None}
        report, _new = self.update_or_create(person=person, resource=resource, defaults=said)
        if not LinkCheck.objects.filter(resource=resource).exists():
            LinkCheck.objects.begin([resource], now)
        return report

    def settle(self, now: datetime) -> int:
        """An author has dealt with these."""
        return self.open().update(settled_at=now)


class LinkReport(models.Model):
    """What one person says is wrong with the link of one resource, until an author has dealt with it."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="link_reports")
    resource = models.ForeignKey(Resource, models.PROTECT, related_name="link_reports")
    reason = models.CharField(_("what is wrong"), max_length=12, choices=Reason.choices)
    note = models.CharField(_("in your words"), max_length=300, blank=True)
    reported_at = models.DateTimeField(_("reported at"))
    settled_at = models.DateTimeField(_("dealt with at"), null=True, blank=True)

    objects = LinkReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        constraints = [
            models.UniqueConstraint(
                fields=["person", "resource"], name="a_person_reports_a_link_once_at_a_time"
            )
        ]
        indexes = [
            models.Index(
                fields=["resource", "reported_at"],
                condition=Q(settled_at=None),
                name="open_reports_of_a_resource",
            ),
            models.Index(fields=["person", "reported_at"], name="reports_of_a_person"),
        ]

    def __str__(self) -> str:
        return f"{self.resource}: {self.get_reason_display()}"


class ResourceRatingQuerySet(models.QuerySet["ResourceRating"]):
    def of(self, person: User) -> Self:
        return self.filter(person=person)

    @transaction.atomic
    def rate(
        self, person: User, resource: Resource, *, stars: int, note: str, now: datetime
    ) -> ResourceRating:
        """Say how good a resource is; saying it again replaces what was said."""
        if self.of(person).filter(rated_at__gt=now - AN_HOUR).count() >= RATINGS_AN_HOUR:
            raise TooManyError
        said = {"stars": stars, "note": note, "rated_at": now}
        rating, _new = self.update_or_create(person=person, resource=resource, defaults=said)
        if not LinkCheck.objects.filter(resource=resource).exists():
            LinkCheck.objects.begin([resource], now)
        return rating

    def averages(self, resources: Iterable[int]) -> dict[int, Average]:
        """The averages that may be shown, by the resource's id: one query over an index alone."""
        rows = (
            self.filter(resource__in=list(resources))
            .values("resource_id")
            .annotate(stars_mean=Avg("stars"), people=Count("pk"))
            .filter(people__gte=FEWEST_RATINGS)
        )
        return {
            row["resource_id"]: Average(round(float(row["stars_mean"]), 1), row["people"]) for row in rows
        }


class ResourceRating(models.Model):
    """How good one person finds one resource: one to five stars."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="resource_ratings")
    resource = models.ForeignKey(Resource, models.PROTECT, related_name="ratings")
    stars = models.PositiveSmallIntegerField(_("stars"))
    note = models.CharField(_("in your words"), max_length=300, blank=True)
    rated_at = models.DateTimeField(_("rated at"))

    objects = ResourceRatingQuerySet.as_manager()

    class Meta:
        verbose_name = _("rating")
        verbose_name_plural = _("ratings")
        constraints = [
            models.UniqueConstraint(fields=["person", "resource"], name="a_person_rates_a_resource_once"),
            models.CheckConstraint(
                condition=Q(stars__gte=1, stars__lte=5), name="a_rating_has_one_to_five_stars"
            ),
        ]
        indexes = [
            models.Index(fields=["resource", "stars"], name="stars_of_a_resource"),
            models.Index(fields=["person", "rated_at"], name="ratings_of_a_person"),
        ]

    def __str__(self) -> str:
        return f"{self.resource}: {self.stars}"
