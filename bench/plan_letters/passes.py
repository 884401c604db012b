"""Planning passes over all kinds, what they took and planned, as JSON: three in a row and one by two planners."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import django

django.setup()

from django.db import connection

from reminders.emails.planning import plan, plan_in_turn
from reminders.kinds import KINDS, Asked, Kind
from reminders.models import Letter


class _Planner(subprocess.Popen[str]):
    """A planner in a process of its own."""

    def is_ready(self) -> None:
        assert self.stdout and self.stdout.readline() == "ready\n"  # noqa: PT018  # its first line

    def begin(self) -> None:
        assert self.stdin  # it was asked for
        self.stdin.write("go\n")
        self.stdin.flush()


def main(now: datetime) -> None:
    _forget_earlier_passes()
    seconds: dict[str, float] = {}
    for kind in KINDS.values():
        _watch(kind, seconds)
    cold = _pass(now, seconds)  # PostgreSQL was started a moment ago and has read nothing
    _forget_earlier_passes()
    first, second = _pass(now, seconds), _pass(now, seconds)
    _forget_earlier_passes()
    print(json.dumps([cold, first, second, _pass_of_two(now)]))


def take_turns(now: datetime) -> None:
    """What each of many planners does: waits for the sign, then plans the kinds that nobody else has taken."""
    connection.ensure_connection()
    print("ready", flush=True)
    sys.stdin.readline()
    plan_in_turn(now)


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


def _pass(now: datetime, seconds: dict[str, float]) -> dict[str, Any]:
    seconds.clear()
    began, cpu, before = time.monotonic(), time.process_time(), _planned()
    plan(now)
    return {
        "seconds": time.monotonic() - began,
        "cpu_seconds": time.process_time() - cpu,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "letters": _planned() - before,
        "seconds_of": dict(seconds),
    }


def _pass_of_two(now: datetime) -> dict[str, Any]:
    """One pass by two planners who share the kinds, as two workers do whose rounds meet."""
    command = [sys.executable, "-m", "bench.plan_letters.passes", now.isoformat(), "turns"]
    two = [_Planner(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _one in range(2)]
    for planner in two:
        planner.is_ready()
    began = time.monotonic()
    for planner in two:
        planner.begin()
    if any(planner.wait() for planner in two):
        raise SystemExit("A planner failed; its lines above say why.")
    return {"seconds": time.monotonic() - began, "letters": _planned()}


def _planned() -> Counter[str]:
    return Counter(Letter.objects.planned().values_list("kind", flat=True))


if __name__ == "__main__":
    moment, *how = sys.argv[1:]
    (take_turns if how else main)(datetime.fromisoformat(moment))
