from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import IntEnum

from django.db import connection, models
from django.db.models import F, Q, Value
from django.db.models.functions import Concat, Right
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

REMEMBERED = 20
WELL, FAILED = "+", "-"
LONGEST_OPEN = timedelta(minutes=15)
PROBE = timedelta(minutes=2)  # as long as whoever sends the one letter may hold it
LETTERS = "letters"
_ADDRESS = re.compile(r"[^\s<>@]+@[^\s<>@]+")


class Room(IntEnum):
    """How many letters may be sent now."""

    NONE = 0
    ONE = 1
    ALL = 2


class BreakerQuerySet(models.QuerySet["Breaker"]):
    def of(self, stream: str = LETTERS) -> Breaker:
        return self.get_or_create(stream=stream)[0]


# Only who finds it closed, or its time over, opens it: senders that see the same trouble at once open it once. It is
# over, too, when it would last longer than it ever does: then the clock was set back since.
_OPEN = """
UPDATE reminders_breaker
   SET openings = openings + 1, probing_until = NULL, recent = '', answer = %(answer)s, opened_at = %(now)s,
       open_until = %(now)s + least(%(longest)s, make_interval(mins => (2 ^ least(openings, 10))::int))
 WHERE stream = %(stream)s
   AND (open_until IS NULL OR open_until <= %(now)s OR open_until > %(now)s::timestamptz + %(longest)s)
"""


class Breaker(models.Model):
    """Whether one stream of mail may go on. While it is open letters wait, and waiting uses up no try of theirs.

    Those that made it open were tried, each once, and so is the one that is tried in vain when its time is over.
    `recent` holds how the last tries fared, a sign each. `openings` counts how often it opened without a letter taken
    in between; each time it stays open twice as long. Once `open_until` is over, one sender tries one letter: who wins
    the row until `probing_until`. `answer` is what the server said.
    """

    stream = models.CharField(_("stream"), max_length=16, primary_key=True)
    recent = models.CharField(max_length=REMEMBERED, blank=True, default="", editable=False)
    openings = models.PositiveIntegerField(_("openings in a row"), default=0)
    opened_at = models.DateTimeField(_("opened at"), null=True, blank=True)
    open_until = models.DateTimeField(_("open until"), null=True, blank=True)
    probing_until = models.DateTimeField(null=True, blank=True, editable=False)
    answer = models.CharField(_("what the mail server said"), max_length=300, blank=True, default="")

    objects = BreakerQuerySet.as_manager()

    class Meta:
        verbose_name = _("breaker")
        verbose_name_plural = _("breakers")

    def __str__(self) -> str:
        return self.said

    # Acts

    def admit(self, now: datetime) -> Room:
        """How many letters whoever asks may send; ONE is said to one sender, who then closes, opens or gives back."""
        if self.open_until is None:
            return Room.ALL
        if now < self.open_until <= now + LONGEST_OPEN:
            return Room.NONE
        is_over = _is_over("open_until", now, LONGEST_OPEN)
        free = Q(probing_until=None) | _is_over("probing_until", now, PROBE)
        mine = Breaker.objects.filter(is_over, free, pk=self.pk)
        return Room.ONE if mine.update(probing_until=now + PROBE) else Room.NONE

    def open(self, answer: str, now: datetime) -> bool:
        """Let letters wait: 1, 2, 4 … 15 minutes. Whether it was this call that opened it."""
        nobodys = _ADDRESS.sub("…@…", answer)[:300]  # nothing about a person stays here
        values = {"stream": self.pk, "answer": nobodys, "now": now, "longest": LONGEST_OPEN}
        with connection.cursor() as cursor:
            cursor.execute(_OPEN, values)  # type: ignore[arg-type]  # psycopg takes times and spans
            opened = bool(cursor.rowcount)
        self.refresh_from_db()
        return opened

    def close(self) -> None:
        """The server took a letter: all may go again."""
        self._change(openings=0, open_until=None, probing_until=None, recent="", answer="")

    def give_back(self) -> None:
        """There was no letter to try it with: somebody else may."""
        self._change(probing_until=None)

    def note(self, signs: Sequence[str], answer: str, now: datetime) -> None:
        """Remember how tries fared, the newest last; open when most of the last twenty failed."""
        if not signs or self.open_until is not None:
            return
        fresh = "".join(signs)[-REMEMBERED:]
        Breaker.objects.filter(pk=self.pk).update(recent=Right(Concat(F("recent"), Value(fresh)), REMEMBERED))
        self.refresh_from_db()
        if is_failing(self.recent):
            self.open(answer, now)

    # Questions

    @property
    def is_closed(self) -> bool:
        return self.open_until is None

    @property
    def said(self) -> str:
        """Its state as a sentence, times in UTC."""
        if self.open_until is None:
            return gettext("Letters go out.")
        until = f"{date_format(self.open_until, 'H:i')} UTC"
        return gettext("Letters wait until %(until)s, then one is tried: %(answer)s") % {
            "until": until,
            "answer": self.answer,
        }

    # Helpers

    def _change(self, **fields: object) -> None:
        Breaker.objects.filter(pk=self.pk).update(**fields)
        self.refresh_from_db()


def _is_over(field: str, now: datetime, longest: timedelta) -> Q:
    """Whether this moment is past, or further ahead than it can be: the clock was set back since it was written."""
    return Q((f"{field}__lte", now)) | Q((f"{field}__gt", now + longest))


def is_failing(recent: str) -> bool:
    """Whether more than half of twenty tries failed; fewer tries must hold as many failures."""
    return recent[-REMEMBERED:].count(FAILED) > REMEMBERED // 2
