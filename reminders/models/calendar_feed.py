from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User

READ_AGAIN = timedelta(days=1)


def new_secret() -> str:
    return secrets.token_urlsafe(32)


class CalendarFeedQuerySet(models.QuerySet["CalendarFeed"]):
    def of(self, person: User) -> CalendarFeed | None:
        """The person's feed, if she has one."""
        return self.filter(person=person).first()

    def with_secret(self, secret: str) -> CalendarFeed | None:
        """Whose calendar this address opens, knowing its person; None when it was revoked, or she is switched off."""
        return self.filter(secret=secret, person__is_active=True).select_related("person").first()

    def make(self, person: User, now: datetime) -> CalendarFeed:
        """The person's feed; one that is there stays as it is."""
        return self.get_or_create(person=person, defaults={"made_at": now})[0]

    def renew(self, person: User, now: datetime) -> CalendarFeed:
        """Give the person another address; the one before opens nothing from now on."""
        fresh = {"secret": new_secret(), "made_at": now, "last_read_at": None}
        return self.update_or_create(person=person, defaults=fresh)[0]

    def revoke(self, person: User) -> None:
        """The person's address opens nothing from now on; doing so twice changes nothing."""
        self.filter(person=person).delete()


class CalendarFeed(models.Model):
    """One person's secret address for calendar programs: the row is there while the address opens her calendar.

    The secret is kept as it is, because she copies the address again for each further program. It opens a list of what
    is due and nothing else. `last_read_at` is right to a day.
    """

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="calendar_feed"
    )
    secret = models.CharField(max_length=64, unique=True, default=new_secret, editable=False)
    made_at = models.DateTimeField()
    last_read_at = models.DateTimeField(null=True, blank=True)

    objects = CalendarFeedQuerySet.as_manager()

    class Meta:
        verbose_name = _("calendar feed")
        verbose_name_plural = _("calendar feeds")

    def __str__(self) -> str:
        return str(self.person_id)

    def note_read(self, now: datetime) -> None:
        """Remember that a program asked, at most once a day."""
        if self.last_read_at is None or self.last_read_at <= now - READ_AGAIN:
            unread = Q(last_read_at=None) | Q(last_read_at__lte=now - READ_AGAIN)
            CalendarFeed.objects.filter(unread, secret=self.secret).update(last_read_at=now)
