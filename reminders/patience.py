"""How long a letter waits that could not be sent, and when it is given up: plain arithmetic."""

from __future__ import annotations

from datetime import timedelta

MOST_TRIES = 8
LEASE = timedelta(seconds=120)
UNREACHABLE = timedelta(minutes=1)
_MINUTES = (1, 5, 15, 60, 240)


def wait_after(tries: int) -> timedelta | None:
    """How long to wait after so many failed tries; None when it is time to give up."""
    if tries >= MOST_TRIES:
        return None
    return timedelta(minutes=_MINUTES[min(max(tries, 1), len(_MINUTES)) - 1])
