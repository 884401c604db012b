"""Many planners at the same moment: each plans every kind for everybody. Says how many letters each asked for.

They ask no leave to plan, as planners do that share a clock: only the ledger keeps letters from being planned twice.
They are copies of one process, so that they begin within the same millisecond.
"""

from __future__ import annotations

import json
import os
import sys

import django

django.setup()

from django.db import connection

from accounts import clock
from bench.chaos_reminders import faults  # plants what the trial asks for
from reminders.kinds import KINDS, Asked
from reminders.models import Letter


def main(planners: int) -> None:
    now = clock.database_now()
    connection.close()  # each has one of its own
    starting, started = os.pipe()
    answers = [_planner(now, starting, started) for _ in range(planners)]
    os.close(started)  # go: the last one who could write is gone
    print(json.dumps([int(os.fdopen(answer).read() or -1) for answer in answers]))


def _planner(now: object, starting: int, started: int) -> int:
    """Fork one; where its answer can be read."""
    answer, mine = os.pipe()
    if os.fork():
        os.close(mine)
        return answer
    os.close(started)
    connection.ensure_connection()  # or the first one is done before the last one is connected
    os.read(starting, 1)
    os.write(mine, str(_plan(now)).encode())
    os._exit(0)


def _plan(now: object) -> int:
    asked, count = Asked.of_all(now), 0
    for kind in KINDS.values():
        for letters in kind.plan(asked):
            Letter.objects.write(letters)
            count += len(letters)
    return count


if __name__ == "__main__":
    assert faults.FAULTS
    main(int(sys.argv[1]))
