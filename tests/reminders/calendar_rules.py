"""Our own rule list for calendar files (RFC 5545), which knows no library: what a strict program would stumble over."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

OCTETS = 75
TEXTS = {
    *("SUMMARY", "DESCRIPTION", "NAME", "PRODID", "UID"),
    *("X-WR-CALNAME", "X-WR-CALDESC", "X-WR-TIMEZONE"),
}
MOMENTS = {"DTSTAMP", "LAST-MODIFIED", "DTSTART", "DTEND"}
INTERVALS = {"REFRESH-INTERVAL", "X-PUBLISHED-TTL"}
IN_UTC = {"DTSTAMP", "LAST-MODIFIED"}
_LINE = re.compile(r'([A-Za-z0-9-]+)((?:;[A-Za-z0-9-]+=(?:"[^"]*"|[^";:,]*))*):(.*)', re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f]")
_BARE = re.compile(r"(?<!\\)(?:\\\\)*[;,]")
_STRAY = re.compile(r"\\(?![\\;,nN])")


class Said(NamedTuple):
    """One property of the file, as it stands there."""

    name: str
    params: dict[str, str]
    value: str


def faults(data: bytes) -> list[str]:
    """What breaks a rule, in words; nothing for a sound file."""
    return list(_faults(data))


def _faults(data: bytes) -> Iterator[str]:
    yield from _wire(data)
    said = [_said(line) for line in _unfolded(data)]
    if None in said:
        yield "a line is no property"
        return
    lines = [line for line in said if line]
    yield from _nesting(lines)
    zones = {line.value for line in lines if line.name == "TZID"}
    events = list(_parts(lines, "VEVENT"))
    yield from _head(lines)
    yield from (f"UID {uid} twice" for uid, count in Counter(_uids(events)).items() if count > 1)
    for event in events:
        yield from _event(event, zones)
    for line in lines:
        yield from _text(line)
        if line.name in INTERVALS and not re.fullmatch(r"P(?:\d+D)?(?:T(?:\d+[HMS])+)?", line.value):
            yield f"{line.name} is no duration"


def _wire(data: bytes) -> Iterator[str]:
    if not data.endswith(b"\r\n"):
        yield "no CRLF at the end"
    if re.search(rb"\r(?!\n)|(?<!\r)\n", data):
        yield "a line does not end with CRLF"
    for line in data.split(b"\r\n"):
        if len(line) > OCTETS:
            yield f"{len(line)} octets in a line"
        try:
            line.decode()
        except UnicodeDecodeError:
            yield "a line is no UTF-8"


def _unfolded(data: bytes) -> list[str]:
    lines = re.sub(rb"\r?\n[ \t]", b"", data).decode(errors="replace").replace("\r\n", "\n").split("\n")
    return lines[:-1] if not lines[-1] else lines


def _said(line: str) -> Said | None:
    match = _LINE.fullmatch(line)
    if match is None:
        return None
    params = dict(part.split("=", 1) for part in match[2].split(";") if part)
    return Said(match[1].upper(), params, match[3])


def _nesting(lines: list[Said]) -> Iterator[str]:
    opened: list[str] = []
    for line in lines:
        if line.name == "BEGIN":
            opened.append(line.value)
        elif line.name == "END":
            if not opened or opened.pop() != line.value:
                yield f"END:{line.value} without its BEGIN"
        elif not opened:
            yield f"{line.name} stands outside"
    if opened:
        yield f"{opened} do not end"


def _parts(lines: list[Said], kind: str) -> Iterator[list[Said]]:
    part: list[Said] | None = None
    for line in lines:
        if line[0::2] == ("BEGIN", kind):
            part = []
        elif line[0::2] == ("END", kind) and part is not None:
            yield part
            part = None
        elif part is not None:
            part.append(line)


def _uids(events: list[list[Said]]) -> list[str]:
    return [line.value for event in events for line in event if line.name == "UID"]


def _head(lines: list[Said]) -> Iterator[str]:
    inner = next((at for at, line in enumerate(lines) if line[0::2] == ("BEGIN", "VEVENT")), len(lines))
    names = Counter(line.name for line in lines[:inner])
    yield from (f"{names[name]} {name}" for name in ("PRODID", "VERSION") if names[name] != 1)
    yield from (f"VERSION {line.value}" for line in lines if line.name == "VERSION" and line.value != "2.0")


def _event(event: list[Said], zones: set[str]) -> Iterator[str]:
    names = Counter(line.name for line in event)
    once = ("UID", "DTSTAMP", "DTSTART", "SUMMARY", "SEQUENCE", "STATUS")
    yield from (f"{names[name]} {name}" for name in once if names[name] != 1)
    by_name = {line.name: line for line in event}
    for name in MOMENTS & by_name.keys():
        yield from _moment(by_name[name], zones)
    start, end = by_name.get("DTSTART"), by_name.get("DTEND")
    if start and end and (start.params != end.params or start.value >= end.value):
        yield "DTEND is not after DTSTART"
    if "SEQUENCE" in by_name and not by_name["SEQUENCE"].value.isdecimal():
        yield "SEQUENCE is no number"
    if "STATUS" in by_name and by_name["STATUS"].value not in {"TENTATIVE", "CONFIRMED", "CANCELLED"}:
        yield "no such STATUS"
    if "URL" in by_name and not re.fullmatch(r"https?://\S+", by_name["URL"].value):
        yield "URL is no address"


def _moment(line: Said, zones: set[str]) -> Iterator[str]:
    if line.params.get("VALUE") == "DATE" and line.name not in IN_UTC:
        wanted = r"\d{8}"
    elif "TZID" in line.params and line.name not in IN_UTC:
        wanted = r"\d{8}T\d{6}"
        if line.params["TZID"] not in zones:
            yield f"{line.params['TZID']} is not defined"
    else:
        wanted = r"\d{8}T\d{6}Z"  # else it would float: another instant on each clock
    if not re.fullmatch(wanted, line.value):
        yield f"{line.name} says {line.value}"


def _text(line: Said) -> Iterator[str]:
    if _CONTROL.search(line.value):
        yield f"{line.name} holds a control character"
    if line.name in TEXTS:
        if _BARE.search(line.value):
            yield f"{line.name} holds a bare comma or semicolon"
        if _STRAY.search(line.value.replace("\\\\", "")):
            yield f"{line.name} holds a stray backslash"
