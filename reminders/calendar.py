"""A calendar as the file that calendar programs subscribe to (RFC 5545, names of RFC 7986): entries in, bytes out.

Days are days of the reader's own calendar and bear no zone; instants stand in UTC. So the file holds no definition of a
time zone that could be wrong, old or unknown to a program: each shows instants by the clocks of whoever looks. Equal
entries give equal bytes all day. Each day's file is a newer revision, and no entry says when it was changed last: a
pause moves days and nobody notes when, and programs pass over what is said not to have changed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from icalendar import Calendar, Event, vDuration, vText

from roadmap.document import CONTROL

BACK = timedelta(days=30)
AHEAD = timedelta(days=400)
MOST_ENTRIES = 1000
LONGEST_TITLE = 250  # characters
LOOK_AGAIN = timedelta(hours=6)
CHANGES_A_DAY = 1000  # as many revisions of an entry are told from each other before the next day's begin
_DAY = timedelta(days=1)
_FIRST_DAY = date(2020, 1, 1)  # revisions are counted from here; no file is older


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that is due: on a whole day (a date), or at an instant (a datetime that knows its zone).

    `name` tells it from all others for good, whatever else changes; `changed_at` and `changes` say when it was changed
    last and how often, as far as the facts it was made of tell.
    """

    name: str
    due: date | datetime
    title: str
    text: str
    link: str
    changed_at: datetime
    changes: int = 0

    def day(self, zone: tzinfo) -> date:
        """The day on the calendar of that zone."""
        return self.due.astimezone(zone).date() if isinstance(self.due, datetime) else self.due


def within(entries: Iterable[Entry], today: date, zone: tzinfo) -> list[Entry]:
    """Entries from 30 days back to 400 ahead in order; of more than a thousand the earliest."""
    near = [entry for entry in entries if today - BACK <= entry.day(zone) <= today + AHEAD]
    return sorted(near, key=lambda entry: (entry.day(zone), _clock(entry), entry.name))[:MOST_ENTRIES]


def written(
    entries: Iterable[Entry], *, title: str, about: str, zone: str, house: str, now: datetime
) -> bytes:
    """The file of these entries; `zone` is the IANA name of the reader's zone, names are unique on the host `house`."""
    on = now.astimezone(UTC).date()
    calendar = Calendar()
    calendar.add("prodid", "-//Waymark//Calendar feed//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    for name in ("name", "x-wr-calname"):  # the standard's, and what programs read
        calendar.add(name, _Text(_line(title)))
    for name in ("description", "x-wr-caldesc"):
        calendar.add(name, _Text(_line(about)))
    calendar.add("x-wr-timezone", _Text(zone))
    calendar.add("refresh-interval", LOOK_AGAIN, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vDuration(LOOK_AGAIN))
    for entry in entries:
        calendar.add_component(_event(entry, house, on))
    data: bytes = calendar.to_ical(sorted=False)
    return data


def _clock(entry: Entry) -> datetime:
    """Orders what is due on one day: whole days first, then instants as they come."""
    return entry.due.astimezone(UTC) if isinstance(entry.due, datetime) else datetime.min.replace(tzinfo=UTC)


def _event(entry: Entry, house: str, on: date) -> Event:
    event = Event()
    event.add("uid", f"{entry.name}@{house}")
    since = max(entry.changed_at.astimezone(UTC), datetime.combine(on, time(), UTC))
    event.add("dtstamp", since.replace(microsecond=0))
    event.add("sequence", (on - _FIRST_DAY).days * CHANGES_A_DAY + min(entry.changes, CHANGES_A_DAY - 1))
    if isinstance(entry.due, datetime):
        event.add(
            "dtstart", entry.due.astimezone(UTC).replace(microsecond=0)
        )  # without an end: a point in time
    else:
        event.add("dtstart", entry.due)
        event.add("dtend", entry.due + _DAY)
    event.add("summary", _Text(_line(entry.title)[:LONGEST_TITLE]))
    event.add("description", _Text(_lines(f"{entry.text}\n{entry.link}")))  # not every program shows `url`
    event.add("url", entry.link)
    event.add("status", "CONFIRMED")
    event.add("transp", "TRANSPARENT")  # being due takes no time of the day
    event.add("class", "PRIVATE")
    return event


class _Text(vText):
    """Text escaped as RFC 5545, 3.3.11 has it; the library takes a backslash before an N for the end of a line."""

    def to_ical(self) -> bytes:
        escaped = str(self).replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")
        return escaped.encode()


def _line(text: str) -> str:
    """One line without control characters, which the format has no way to write."""
    return " ".join(CONTROL.sub(" ", text).split())


def _lines(text: str) -> str:
    return "\n".join(map(_line, text.splitlines()))
