"""The days ahead of one person, each with the letters that would be sent or not: what her page and the desk's show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils.formats import date_format, time_format
from django.utils.translation import gettext, ngettext

from accounts.models import User
from reminders.emails.foreseen import DAYS, Foreseen, Outlook, foreseen
from reminders.kinds import Kind
from reminders.models.reader import Reader, readers
from reminders.models.wishes import ALL_KINDS
from reminders.windows import is_on_pause


@dataclass(frozen=True, slots=True)
class Line:
    """One letter on the page, its day and time by the person's clocks."""

    day: date
    time: str
    letter: Foreseen


@dataclass(frozen=True, slots=True)
class Day:
    """A day with its letters, or some days in a row on which none comes, for the same reason."""

    first: date
    last: date
    lines: Sequence[Line]
    quiet: str = ""
    is_today: bool = False


@dataclass(frozen=True, slots=True)
class Ahead:
    """Two weeks of one person's letters, worked out at a moment; those of the `unknown` kinds could not be."""

    reader: Reader
    worked_out_at: datetime
    count: int
    days: Sequence[Day]
    unknown: Sequence[Kind]

    @property
    def is_all_off(self) -> bool:
        """Whether she switched off all letters, so that there is nothing to be told day by day."""
        return self.reader.wishes.is_stopped(ALL_KINDS)

    @property
    def headline(self) -> str:
        if self.is_all_off:
            return gettext("No letters: all are switched off")
        return self._counted() % {"count": self.count, "day": date_format(self.days[-1].last, "j F")}

    @property
    def gap(self) -> str:
        """What is missing here since it could not be worked out."""
        said = ngettext(
            "Letters of the kind %(kinds)s could not be worked out. They are missing below and may come all the same.",
            "Letters of the kinds %(kinds)s could not be worked out. They are missing below and may come all the same.",
            len(self.unknown),
        )
        return said % {"kinds": ", ".join(f"“{kind.name}”" for kind in self.unknown)} if self.unknown else ""

    @property
    def rules(self) -> list[tuple[str, str]]:
        """What the person wants, as labels and values."""
        wishes = self.reader.wishes
        return [
            (gettext("At most"), gettext("one a day, %(count)d a week") % {"count": wishes.most_per_week}),
            (gettext("Quiet hours"), _hours(wishes.quiet_from, wishes.quiet_until)),
            (gettext("Time zone"), self.reader.person.time_zone),
            (gettext("Paused"), _paused(self.reader, self.days[0].first)),
        ]

    def _counted(self) -> str:
        """How many come by a day; where some are unknown, no more is promised than is known."""
        if not self.count:
            return gettext("None known until %(day)s") if self.unknown else gettext("No letter until %(day)s")
        if self.unknown:
            return ngettext(
                "%(count)d letter by %(day)s, maybe more",
                "%(count)d letters by %(day)s, maybe more",
                self.count,
            )
        return ngettext(
            "%(count)d letter by %(day)s, at most", "%(count)d letters by %(day)s, at most", self.count
        )


def ahead(person: User, now: datetime) -> Ahead:
    """What the code that sends would send in the days from today on, if nothing changes. Writes nothing."""
    reader = readers([person.pk])[person.pk]
    outlook = Outlook() if reader.wishes.is_stopped(ALL_KINDS) else foreseen(person, now)
    today = reader.today(now)
    lines = [_line(one, person) for one in outlook.letters]
    last = max([today + timedelta(days=DAYS - 1), *(line.day for line in lines)])
    days = list(_together(_days(reader, lines, today, last)))
    count = sum(one.is_sent and not one.carried_in for one in outlook.letters)
    return Ahead(reader, now, count, days, outlook.unknown)


def _line(one: Foreseen, person: User) -> Line:
    at = one.at.astimezone(person.zone)
    return Line(at.date(), date_format(at, "H:i"), one)


def _days(reader: Reader, lines: Sequence[Line], today: date, last: date) -> Iterator[Day]:
    for number in range((last - today).days + 1):
        day = today + timedelta(days=number)
        mine = [line for line in lines if line.day == day]
        yield Day(day, day, mine, "" if mine else _quiet(reader, day), is_today=not number)


def _together(days: Iterator[Day]) -> Iterator[Day]:
    """Days without letters, after today, as one; what is the reason of one must be that of all."""
    waiting: Day | None = None
    for day in days:
        if waiting and waiting.quiet == day.quiet:
            waiting = Day(waiting.first, day.last, [], day.quiet)
            continue
        if waiting:
            yield waiting
        waiting = day if day.quiet and not day.is_today else None
        if not waiting:
            yield day
    if waiting:
        yield waiting


def _quiet(reader: Reader, day: date) -> str:
    """Why no letter comes on a day on which nothing falls."""
    snoozed = reader.wishes.snoozed_until
    if is_on_pause(reader.wanted, day):
        return gettext("You are on pause.")
    if snoozed and day < snoozed:
        return gettext("You want nothing before %(day)s.") % {"day": date_format(snoozed, "j F")}
    if day.isoweekday() not in reader.wanted.weekdays:
        return gettext("You want no letters on this weekday.")
    return gettext("Nothing is due.")


def _hours(begin: time, end: time) -> str:
    if begin == end:
        return gettext("none")
    return f"{time_format(begin, 'H:i')}–{time_format(end, 'H:i')}"


def _paused(reader: Reader, today: date) -> str:
    ends = [pause.ends_on for pause in reader.pauses if pause.starts_on <= today < pause.ends_on]
    if not ends:
        return gettext("no")
    return gettext("until %(day)s") % {"day": date_format(max(ends), "j F")}
