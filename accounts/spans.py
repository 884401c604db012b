"""Spans of time as people type them at a command line."""

import re
from datetime import timedelta

_PART = re.compile(r"(\d+)([dhms])")
_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}


def span(text: str) -> timedelta:
    """Read `3d`, `36h`, `1d12h` or `-2h30m`; raise ValueError for anything else."""
    body = text.strip().removeprefix("-")
    parts = _PART.findall(body)
    if not parts or "".join(f"{count}{unit}" for count, unit in parts) != body:
        raise ValueError(f"{text!r} is not a span of time like 3d, 36h or -2h30m.")
    length = sum((timedelta(**{_UNITS[unit]: int(count)}) for count, unit in parts), timedelta())
    return -length if text.strip().startswith("-") else length
