"""The clock inside each worker: a round of letters about every minute, though Redis is gone and no beat runs.

lms/celery.py names `Tick` as a step of the worker, by name, since no model may be imported that early. It starts after
the pool, whose processes are forked without it, and before the consumer, which may wait for Redis for long. It runs
beside whatever beats send: planning is claimed by kind and letters by person, so a round more is a few small queries.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from celery import bootsteps
from django.conf import settings
from django.db import connection

from reminders import emails

log = logging.getLogger(__name__)

FIRST_AFTER = 5.0  # seconds: a worker that cannot stay up for a minute sends all the same
AT_A_TIME = 1.0  # seconds after which a round is over, and the next follows at once when letters are left
SOON = 2.0  # seconds: while another worker plans the newest letters after an outage
PATIENCE = (
    5.0  # seconds that the end of a worker waits for the letters being sent; `manage.py up` gives it nine
)


class Tick(bootsteps.StartStopStep):
    """The clock as a part of the worker's main process, whatever its pool is."""

    requires = ("celery.worker.components:Pool",)
    obj: Clock

    def create(self, _worker: object) -> Clock:  # type: ignore[override]  # Celery's stubs know only steps that make nothing
        return Clock(send_some, settings.LETTERS_EVERY)

    def close(self, _worker: object) -> None:
        """The worker is told to end: no round begins, while the tasks of the pool are waited for."""
        self.obj.ask_to_end()


def send_some() -> float | None:
    """A short round, so that who has to end need not wait for all letters.

    After how many seconds another is wanted; None when the usual time will do.
    """
    tally = emails.send_reminders(AT_A_TIME)
    if tally.is_cut_short:
        return 0.0
    return SOON if tally.awaits_plan else None


class Clock:
    """Calls `act` in a thread of its own, again after as many seconds as it answers, or `every` when it names none."""

    def __init__(self, act: Callable[[], float | None], every: float) -> None:
        self._act, self._every = act, every
        self._is_over = threading.Event()
        # a daemon, since a mail server that hangs must not keep the worker from ending
        self._thread = threading.Thread(target=self._run, name="waymark-tick", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def ask_to_end(self) -> None:
        """Begin nothing any more."""
        self._is_over.set()

    def stop(self) -> None:
        """End; wait a little for what is under way. What is not finished then is rows whose lease runs out."""
        self.ask_to_end()
        if self._thread.is_alive():
            self._thread.join(PATIENCE)

    def _run(self) -> None:
        wait = min(FIRST_AFTER, self._every)
        while not self._is_over.wait(wait):
            wanted = self._round()
            wait = self._every if wanted is None else min(wanted, self._every)

    def _round(self) -> float | None:
        """One round on a connection of its own, which nobody keeps open between rounds."""
        try:
            return self._act()
        except Exception:  # the clock goes on, whatever broke
            log.exception("a round of letters broke off; the next one begins in %g s", self._every)
            return None
        finally:
            _hang_up()


def _hang_up() -> None:
    try:
        connection.close()
    except Exception:  # it was broken already
        log.exception("the connection of a round could not be closed")
