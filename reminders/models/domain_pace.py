from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, models
from django.utils.translation import gettext_lazy as _

MINUTE = timedelta(minutes=1)
LONGEST = 254  # letters of a domain; one more tells what can't wait from the rest

# Whether what is booked holds: its last minute is not past, and the clock was not set back since.
_HOLDS = "pace.minute >= %(this)s AND coalesce(pace.booked_at, %(this)s) <= %(now)s + interval '1 minute'"
# How many letters stand in the minute behind whose last the ones wanted are put.
_BEFORE = f"CASE WHEN {_HOLDS} THEN least(pace.used, %(most)s) ELSE 0 END"
# One statement for a whole chunk: it puts what is wanted behind the last that was booked, or into this minute when
# that holds no longer. `excluded.granted` is how many are wanted.
_BOOK = f"""
INSERT INTO reminders_domainpace AS pace (domain, minute, used, granted, booked_at)
SELECT domain, %(this)s + (wanted - 1) / %(most)s * interval '1 minute', (wanted - 1) %% %(most)s + 1, wanted, %(now)s
  FROM unnest(%(domains)s::text[], %(wanted)s::int[]) AS asked (domain, wanted)
 ORDER BY domain
ON CONFLICT (domain) DO UPDATE
   SET minute = (CASE WHEN {_HOLDS} THEN pace.minute ELSE %(this)s END)
              + ({_BEFORE} + excluded.granted - 1) / %(most)s * interval '1 minute',
       used = ({_BEFORE} + excluded.granted - 1) %% %(most)s + 1,
       granted = excluded.granted,
       booked_at = excluded.booked_at
RETURNING domain, minute, used
"""  # noqa: S608  # constants


class DomainPaceQuerySet(models.QuerySet["DomainPace"]):
    def book(self, wanted: Mapping[str, int], now: datetime) -> dict[str, list[datetime]]:
        """In which minutes so many letters may go to each domain, the first one first, counted over all hosts.

        What is booked is used up, whether a letter leaves then or not.
        """
        this, most = minute_of(now), settings.LETTERS_PER_DOMAIN_PER_MINUTE
        if not most or not wanted:
            return {domain: [this] * count for domain, count in wanted.items()}
        values = {
            "this": this,
            "now": now,
            "most": most,
            "domains": [*wanted.keys()],
            "wanted": [*wanted.values()],
        }
        with connection.cursor() as cursor:
            cursor.execute(_BOOK, values)  # type: ignore[arg-type]  # psycopg takes times and lists
            rows = cursor.fetchall()
        return {domain: _booked(last, used, wanted[domain], most) for domain, last, used in rows}


class DomainPace(models.Model):
    """Until when letters to one mail domain are booked: `used` of those that may go in `minute`, all of minutes before.

    Letters that can't wait are booked apart, under the domain with a mark before it. A minute that is past leaves
    nothing behind: what nobody sent in it is booked anew. What was booked by a clock that went ahead, as `booked_at`
    tells once it was set back, counts no longer.
    """

    domain = models.CharField(_("domain"), max_length=255, primary_key=True)
    minute = models.DateTimeField(_("minute"))
    used = models.PositiveIntegerField(_("granted in this minute"))
    granted = models.PositiveIntegerField(_("granted to whoever asked last"))
    booked_at = models.DateTimeField(_("booked last"), null=True, editable=False)

    objects = DomainPaceQuerySet.as_manager()

    class Meta:
        verbose_name = _("pace of a domain")
        verbose_name_plural = _("paces of domains")

    def __str__(self) -> str:
        return self.domain


def minute_of(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def _booked(last: datetime, used: int, count: int, most: int) -> list[datetime]:
    """The minutes of the last `count` of those booked, when `used` of them are in the `last` minute."""
    return [last + (used - 1 - back) // most * MINUTE for back in reversed(range(count))]


def domain_of(address: str) -> str:
    """What counts as one mail domain: what stands after the last @, in lower case."""
    return address.rpartition("@")[2].strip().lower()[:LONGEST]
