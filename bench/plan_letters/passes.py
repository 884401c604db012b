"""Planning passes over all kinds, what they took and planned, as JSON: three in a row and one over one connection."""

from __future__ import annotations

import json
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import django

django.setup()

from django.db import connection

from reminders.emails.planning import plan, plan_in_turn
from reminders.kinds import KINDS, Asked, Kind
from reminders.models import KindState, Letter


def main(now: datetime) -> None:
    _forget_earlier_passes()
    seconds: dict[str, float] = {}
    for kind in KINDS.values():
        _watch(kind, seconds)
    cold = _pass(plan_in_turn, now, seconds)  # PostgreSQL was started a moment ago and has read nothing
    _forget_earlier_passes()
    first = _pass(plan_in_turn, now, seconds)
    KindState.objects.all().delete()
    again = _pass(plan_in_turn, now, seconds)
    _forget_earlier_passes()
    print(json.dumps([cold, first, again, _pass(plan, now, seconds)]))


def _forget_earlier_passes() -> None:
    """The ledger holds sent letters only, and the wishes that the house was filled with."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM reminders_letter WHERE state = 'planned'")
        cursor.execute("DELETE FROM reminders_letterwishes WHERE secret NOT LIKE 'bench-%'")
        cursor.execute("DELETE FROM reminders_kindstate")
        cursor.execute("VACUUM ANALYZE reminders_letter, reminders_letterwishes")


def _watch(kind: Kind, seconds: dict[str, float]) -> None:
    """Have the kind’s planning timed, with the writing of its letters."""
    unwatched = kind.plan

    def watched(asked: Asked) -> Iterator[list[Letter]]:
        began = time.monotonic()
        yield from unwatched(asked)
        seconds[kind.key] = time.monotonic() - began

    kind.plan = watched  # type: ignore[method-assign]  # a stop watch round it


def _pass(act: Callable[[datetime], None], now: datetime, seconds: dict[str, float]) -> dict[str, Any]:
    seconds.clear()
    began, cpu, before = time.monotonic(), time.process_time(), _planned()
    act(now)
    return {
        "seconds": time.monotonic() - began,
        "cpu_seconds": time.process_time() - cpu,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "letters": _planned() - before,
        "seconds_of": dict(seconds),
    }


def _planned() -> Counter[str]:
    return Counter(Letter.objects.planned().values_list("kind", flat=True))


if __name__ == "__main__":
    main(datetime.fromisoformat(sys.argv[1]))
