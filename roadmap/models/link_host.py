from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

from django.db import models, transaction
from django.db.models import OuterRef, Subquery, Value
from django.db.models.functions import Greatest, Least
from django.utils.translation import gettext_lazy as _

LEASE = timedelta(minutes=3)  # longer than one link may take
PAUSE = timedelta(seconds=10)  # between two questions to the same host, whoever asks


class LinkHostQuerySet(models.QuerySet["LinkHost"]):
    def due(self, now: datetime) -> Self:
        """Hosts that may be asked and have something to be asked for, the longest due first."""
        return self.filter(next_at__lte=now).order_by("next_at", "id")

    @transaction.atomic
    def claim(self, now: datetime, limit: int) -> list[int]:
        """Take up to `limit` hosts that nobody else is asking; whoever does not come back frees them by the lease."""
        hosts = list(
            self.due(now)
            .select_for_update(skip_locked=True, no_key=True)
            .values_list("pk", flat=True)[:limit]
        )
        self.filter(pk__in=hosts).update(next_at=now + LEASE)
        return hosts

    def expect(self, now: datetime) -> None:
        """There is something new to ask: soon, but not while somebody else may be asking."""
        self.update(next_at=Least("next_at", now + LEASE))

    def rest(self, until: datetime) -> None:
        """Give claimed hosts back: they rest until then, and until one of their links is due (or none ever is)."""
        links = LinkHost.objects.filter(pk=OuterRef("pk"), checks__isnull=False).order_by(
            "checks__next_check_at"
        )
        at = Greatest("checks__next_check_at", Value(until, models.DateTimeField()))
        self.update(next_at=Subquery(links.values(at=at)[:1]))


class LinkHost(models.Model):
    """One server that resources lie on: when the next question may go there. At most one is under way at a time."""

    name = models.CharField(_("host"), max_length=255, unique=True)
    next_at = models.DateTimeField(_("may be asked at"), null=True, blank=True)

    objects = LinkHostQuerySet.as_manager()

    class Meta:
        verbose_name = _("host")
        verbose_name_plural = _("hosts")
        indexes = [models.Index(fields=["next_at", "id"], name="hosts_by_their_next_question")]

    def __str__(self) -> str:
        return self.name
