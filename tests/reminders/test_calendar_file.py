"""Calendar files: sound by our rules, and read back by two libraries that have nothing in common."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import icalendar
import pytest
import vobject
from hypothesis import given, settings
from hypothesis import strategies as st

from reminders.calendar import AHEAD, BACK, MOST_ENTRIES, Entry, within, written
from tests.reminders.calendar_rules import faults

TODAY = date(2026, 11, 24)
MADE = datetime(2026, 11, 1, 8, 30, tzinfo=UTC)
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
ZONES = (
    *("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca"),
    *("Asia/Kathmandu", "America/Havana", "Pacific/Apia"),
)
LINK = "https://waymark.example/roads/trail/"
HARD = (
    *("Rocks, and; maps", r"C:\New \n \\ \; \,", 'He said “no”, then "yes": 100 %', "é" * 90, "🏔" * 60),
    *(
        "a" * 61 + "é",
        "line\none",
        "  spaces \t between  ",
        "",
        "bell \x07 and \u2028 line",
        "BEGIN:VEVENT",
        "\\",
    ),
)


def entry(name: str = "a", due: date = TODAY, title: str = "Rocks", changes: int = 0) -> Entry:
    return Entry(name, due, title, f"About {title}\nSecond line", LINK, MADE, changes)


def file_of(*entries: Entry, zone: str = "UTC", now: datetime = NOW) -> bytes:
    named = {"title": "Waymark", "about": "What is due, and when", "house": "waymark.example"}
    return written(entries, zone=zone, now=now, **named)


def by_icalendar(data: bytes) -> dict[str, tuple[Any, str, str]]:
    events = icalendar.Calendar.from_ical(data).walk("VEVENT")
    return {
        str(event["uid"]): (event["dtstart"].dt, str(event["summary"]), str(event["description"]))
        for event in events
    }


def by_vobject(data: bytes) -> dict[str, tuple[Any, str, str]]:
    events = vobject.readOne(data.decode()).contents.get("vevent", [])
    return {
        event.uid.value: (event.dtstart.value, event.summary.value, event.description.value)
        for event in events
    }


READERS = (by_icalendar, by_vobject)


def transitions(zone: ZoneInfo, first: datetime, days: int) -> Iterator[datetime]:
    """Hours after which the clocks of a zone differ otherwise from UTC."""
    for hour in range(days * 24):
        at = first + timedelta(hours=hour)
        if at.astimezone(zone).utcoffset() != (at + timedelta(hours=1)).astimezone(zone).utcoffset():
            yield at


def test_a_file_in_full():
    data = file_of(
        entry("stage-due-7-base", title="Base, rocks is due", changes=2),
        entry("quiz-3", datetime(2026, 11, 25, 22, 30, tzinfo=ZoneInfo("Asia/Kathmandu")), "Quiz closes"),
        zone="Asia/Kathmandu",
    )

    assert data.decode().replace("\r\n", "\n") == (
        """BEGIN:VCALENDAR
PRODID:-//Waymark//Calendar feed//EN
VERSION:2.0
CALSCALE:GREGORIAN
METHOD:PUBLISH
NAME:Waymark
X-WR-CALNAME:Waymark
DESCRIPTION:What is due\\, and when
X-WR-CALDESC:What is due\\, and when
X-WR-TIMEZONE:Asia/Kathmandu
REFRESH-INTERVAL;VALUE=DURATION:PT6H
X-PUBLISHED-TTL:PT6H
BEGIN:VEVENT
UID:stage-due-7-base@waymark.example
DTSTAMP:20261124T000000Z
SEQUENCE:2519002
DTSTART;VALUE=DATE:20261124
DTEND;VALUE=DATE:20261125
SUMMARY:Base\\, rocks is due
DESCRIPTION:About Base\\, rocks is due\\nSecond line\\nhttps://waymark.exampl
 e/roads/trail/
URL:https://waymark.example/roads/trail/
STATUS:CONFIRMED
TRANSP:TRANSPARENT
CLASS:PRIVATE
END:VEVENT
BEGIN:VEVENT
UID:quiz-3@waymark.example
DTSTAMP:20261124T000000Z
SEQUENCE:2519000
DTSTART:20261125T164500Z
SUMMARY:Quiz closes
DESCRIPTION:About Quiz closes\\nSecond line\\nhttps://waymark.example/roads/
 trail/
URL:https://waymark.example/roads/trail/
STATUS:CONFIRMED
TRANSP:TRANSPARENT
CLASS:PRIVATE
END:VEVENT
END:VCALENDAR
"""
    )


def test_each_day_and_each_change_is_a_later_revision_and_none_says_that_it_stayed_as_it_was():
    def revision(now: datetime, changes: int, changed_at: datetime) -> tuple[int, str]:
        data = file_of(Entry("a", TODAY, "Rocks", "", LINK, changed_at, changes), now=now).decode()
        return int(data.partition("SEQUENCE:")[2].split()[0]), data.partition("DTSTAMP:")[2].split()[0]

    told = [
        revision(NOW, 0, MADE),
        revision(NOW, 1, NOW),  # changed this day
        revision(NOW + timedelta(days=1), 0, MADE),  # a day later, by what pauses make of it
        revision(NOW + timedelta(days=2), 5000, NOW),
        revision(NOW + timedelta(days=3), 5000, NOW),
    ]

    assert told == sorted(set(told))
    assert sorted({stamp for _, stamp in told}) == [stamp for _, stamp in told]
    assert b"LAST-MODIFIED" not in file_of(entry())


def test_an_empty_calendar_is_sound():
    assert not faults(file_of())
    assert by_icalendar(file_of()) == by_vobject(file_of()) == {}


@pytest.mark.parametrize("title", HARD, ids=range(len(HARD)))
@pytest.mark.parametrize("read", READERS)
def test_titles_come_back_as_one_line_of_the_same_words(title, read):
    data = file_of(entry(title=title))

    assert not faults(data)
    [(_, summary, text)] = read(data).values()
    wanted = " ".join(title.replace("\x07", " ").replace("\u2028", " ").split())
    assert summary == wanted
    assert text.splitlines()[-2:] == ["Second line", LINK]


@given(
    st.lists(
        st.tuples(
            st.text(max_size=120),
            st.dates(date(2000, 1, 1), date(2099, 1, 1))
            | st.datetimes(datetime(2000, 1, 1), datetime(2099, 1, 1)),  # noqa: DTZ001  # its zone is drawn as well
            st.sampled_from(sorted(available_timezones())),
        ),
        max_size=4,
    )
)
@settings(max_examples=60, deadline=None)
def test_whatever_is_due_wherever_is_read_back_at_its_instant_or_day(drawn):
    due = [
        when.replace(microsecond=0, tzinfo=ZoneInfo(zone)) if isinstance(when, datetime) else when
        for _, when, zone in drawn
    ]
    data = file_of(*(entry(str(n), due[n], title) for n, (title, *_) in enumerate(drawn)))

    assert not faults(data)
    for read in READERS:
        found = read(data)
        assert [found[f"{n}@waymark.example"][0] for n in range(len(drawn))] == due


@pytest.mark.parametrize("name", ZONES)
def test_instants_around_each_change_of_the_clocks_are_shown_as_its_zone_shows_them(name):
    zone = ZoneInfo(name)
    moments = [
        change + timedelta(minutes=minutes)
        for change in transitions(zone, datetime(2026, 1, 1, tzinfo=UTC), 800)
        for minutes in (-90, -30, -1, 0, 1, 30, 45, 90)
    ] or [datetime(2026, 3, 29, 1, minute, tzinfo=UTC) for minute in (0, 15, 45)]
    data = file_of(*(entry(str(n), at.astimezone(zone)) for n, at in enumerate(moments)), zone=name)

    assert not faults(data)
    for read in READERS:
        found = read(data)
        for n, at in enumerate(moments):
            shown = found[f"{n}@waymark.example"][0]
            assert isinstance(shown, datetime)
            assert shown.astimezone(zone).replace(tzinfo=None) == at.astimezone(zone).replace(tzinfo=None)
            assert shown == at


@pytest.mark.parametrize("name", ZONES)
def test_a_day_has_no_zone_and_an_instant_belongs_to_the_day_of_its_reader(name):
    zone = ZoneInfo(name)
    late = datetime(2026, 11, 24, 23, 59, tzinfo=zone)

    assert entry(due=late.astimezone(UTC)).day(zone) == TODAY
    assert f"DTSTART;VALUE=DATE:{TODAY:%Y%m%d}\r\n".encode() in file_of(entry(), zone=name)


def test_equal_entries_give_equal_bytes():
    assert file_of(entry(), entry("b")) == file_of(entry(), entry("b"))


def test_a_month_back_and_four_hundred_days_ahead_are_shown():
    days = [TODAY - BACK - timedelta(1), TODAY - BACK, TODAY + AHEAD, TODAY + AHEAD + timedelta(1)]

    near = within([entry(str(day), day) for day in days], TODAY, UTC)

    assert [one.due for one in near] == days[1:3]


def test_of_too_many_the_farthest_are_left_out():
    many = [entry(f"{n:05}", TODAY + timedelta(days=n % 400)) for n in range(MOST_ENTRIES + 1)]

    near = within(reversed(many), TODAY, UTC)

    assert len(near) == MOST_ENTRIES
    assert near == sorted(many, key=lambda one: (one.due, one.name))[:MOST_ENTRIES]


def test_whole_days_come_before_instants_of_the_same_day():
    noon = datetime(2026, 11, 24, 12, tzinfo=UTC)

    assert [e.name for e in within([entry("b", noon), entry("a", noon), entry("z")], TODAY, UTC)] == [
        "z",
        "a",
        "b",
    ]


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        (b"\r\n", b"\n", "CRLF"),
        (b"SUMMARY:Rocks", b"SUMMARY:" + b"Rocks" * 20, "octets"),
        (b"SUMMARY:Rocks", b"SUMMARY:Rocks\xc3", "UTF-8"),
        (b"SUMMARY:Rocks", b"SUMMARY:Rocks, maps", "bare"),
        (b"SUMMARY:Rocks", b"SUMMARY:Rocks\\x", "stray"),
        (b"SUMMARY:Rocks", b"SUMMARY:Rocks\x07", "control"),
        (b"SUMMARY:Rocks", b"SUMMARY", "no property"),
        (b"VERSION:2.0\r\n", b"", "0 VERSION"),
        (b"VERSION:2.0", b"VERSION:1.0", "VERSION 1.0"),
        (b"PRODID:-//Waymark//Calendar feed//EN\r\n", b"", "0 PRODID"),
        (b"UID:b@", b"UID:a@", "twice"),
        (b"DTSTAMP:20261124T000000Z\r\n", b"", "0 DTSTAMP"),
        (b"DTSTAMP:20261124T000000Z", b"DTSTAMP:20261124T000000", "DTSTAMP says"),
        (b"DTSTART:20261124T090000Z", b"DTSTART:20261124T090000", "DTSTART says"),
        (b"DTSTART:20261124T090000Z", b"DTSTART;TZID=Europe/Berlin:20261124T090000", "not defined"),
        (b"DTEND;VALUE=DATE:20261125", b"DTEND;VALUE=DATE:20261124", "not after"),
        (b"STATUS:CONFIRMED", b"STATUS:DUE", "STATUS"),
        (b"SEQUENCE:2519000", b"SEQUENCE:x", "SEQUENCE"),
        (b"X-PUBLISHED-TTL:PT6H", b"X-PUBLISHED-TTL:6:00:00", "duration"),
        (b"URL:https:", b"URL:", "address"),
        (b"END:VEVENT\r\nEND:VCALENDAR", b"END:VCALENDAR", "BEGIN"),
    ],
)
def test_our_rules_find_what_is_wrong(right, wrong, said):
    data = file_of(entry("a"), entry("b", datetime(2026, 11, 24, 9, tzinfo=UTC)))
    assert not faults(data)
    assert right in data

    assert said in " | ".join(faults(data.replace(right, wrong)))
