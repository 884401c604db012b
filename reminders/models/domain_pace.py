from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.conf import settings
from django.db import connection, models
from django.utils.translation import gettext_lazy as _

# One statement for a whole chunk. `granted` says how many the last asker got, which is all that RETURNING can see.
_ASK = """
INSERT INTO reminders_domainpace AS pace (domain, minute, used, granted)
SELECT domain, date_trunc('minute', %(now)s::timestamptz), least(wanted, %(most)s), least(wanted, %(most)s)
  FROM unnest(%(domains)s::text[], %(wanted)s::int[]) AS asked (domain, wanted)
 ORDER BY domain
ON CONFLICT (domain) DO UPDATE
   SET minute = greatest(pace.minute, excluded.minute),
       used = CASE WHEN pace.minute >= excluded.minute THEN least(%(most)s, pace.used + excluded.used)
                   ELSE excluded.used END,
       granted = CASE WHEN pace.minute >= excluded.minute
                      THEN greatest(0, least(%(most)s - pace.used, excluded.used)) ELSE excluded.used END
RETURNING domain, granted
"""


class DomainPaceQuerySet(models.QuerySet["DomainPace"]):
    def ask(self, wanted: Mapping[str, int], now: datetime) -> dict[str, int]:
        """How many letters of those wanted may go to each domain in this minute, counted over all hosts."""
        most: int = settings.LETTERS_PER_DOMAIN_PER_MINUTE
        if not most or not wanted:
            return dict(wanted)
        values = {
            "now": now,
            "most": most,
            "domains": [*wanted.keys()],
            "wanted": [*wanted.values()],
        }
        with connection.cursor() as cursor:
            cursor.execute(_ASK, values)  # type: ignore[arg-type]  # psycopg takes times and lists
            return dict(cursor.fetchall())


class DomainPace(models.Model):
    """How many letters may still go to one mail domain in one minute: what `used` counts was granted in `minute`."""

    domain = models.CharField(_("domain"), max_length=255, primary_key=True)
    minute = models.DateTimeField(_("minute"))
    used = models.PositiveIntegerField(_("granted in this minute"))
    granted = models.PositiveIntegerField(_("granted to whoever asked last"))

    objects = DomainPaceQuerySet.as_manager()

    class Meta:
        verbose_name = _("pace of a domain")
        verbose_name_plural = _("paces of domains")

    def __str__(self) -> str:
        return self.domain


def domain_of(address: str) -> str:
    """What counts as one mail domain: what stands after the last @, in lower case."""
    return address.rpartition("@")[2].strip().lower()[:255]
