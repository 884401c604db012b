"""Keeps the processes of the house running: private servers, web, worker and beat. What dies is started again.

Children are started from the main thread (lms.child says why) and end with this process, however it ends.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Protocol

from lms import child
from lms.embedded import ServiceError, Services
from lms.private_servers import PrivateServer

Say = Callable[[str], None]

PAUSES = (0.3, 1.0, 3.0, 10.0, 30.0)  # seconds before the next start of what keeps dying
LONG_LIFE = 60.0  # seconds after which a death counts as the first again
STOP_LIMIT = 9.0  # seconds that web, worker and beat have to finish what they do
LOOK_EVERY = 0.2  # seconds


class Startable(Protocol):
    name: str

    def start(self) -> None: ...

    def is_alive(self) -> bool: ...


class Program:
    """web, worker or beat: a child that runs Waymark's code in the role of that name."""

    def __init__(self, name: str, command: Sequence[str | Path], *, prefixed: bool) -> None:
        self.name = name
        self.command = command
        self.prefixed = prefixed
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._end_group()
        environment = {**os.environ, "WAYMARK_ROLE": self.name, "PYTHONUNBUFFERED": "1"}
        output = subprocess.PIPE if self.prefixed else None
        self.process = child.start(self.command, output=output, env=environment)
        if self.process.stdout:
            threading.Thread(target=_relay, args=(self.name, self.process.stdout), daemon=True).start()

    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def ask_to_stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()

    def end_before(self, deadline: float) -> None:
        """Wait for the end that was asked for; from `deadline` (monotonic seconds) on, force it."""
        if self.process:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(max(0.0, deadline - time.monotonic()))
            self._end_group()
            self.process.wait()

    def _end_group(self) -> None:
        """Kill what is left of the child and its own children, which may still hold the port."""
        if self.process:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)


class KeptServer:
    """A private server, seen as something to keep running."""

    def __init__(self, services: Services, server: PrivateServer) -> None:
        self.name = server.name
        self._services = services
        self._server = server

    def start(self) -> None:
        self._services.start(self._server)

    def is_alive(self) -> bool:
        return self._server.is_alive()


class Watch:
    """Looks after one thing: starts it again when it is dead, the later the more often it died."""

    def __init__(self, kept: Startable, say: Say) -> None:
        self.kept = kept
        self.say = say
        self.deaths = 0
        self._started_at = time.monotonic()
        self._start_again_at: float | None = None

    def look(self, now: float) -> None:
        """`now` in monotonic seconds."""
        if self._start_again_at is None:
            if not self.kept.is_alive():
                self._note_death(now)
        elif now >= self._start_again_at:
            self._start_again()

    def _note_death(self, now: float) -> None:
        self.deaths = 1 if now - self._started_at > LONG_LIFE else self.deaths + 1
        pause = PAUSES[min(self.deaths, len(PAUSES)) - 1]
        self._start_again_at = now + pause
        self.say(f"{self.kept.name} has ended by itself; it starts again in {pause:g} s.")

    def _start_again(self) -> None:
        try:
            self.kept.start()
        except (ServiceError, OSError) as trouble:
            self.say(f"{self.kept.name}: {trouble}")
        self._started_at = time.monotonic()
        self._start_again_at = None


class Supervisor:
    """Web, worker and beat on top of servers that run already; `run` returns when this process is interrupted."""

    def __init__(self, programs: Sequence[Program], services: Services, say: Say) -> None:
        self.programs = programs
        servers: list[Startable] = [KeptServer(services, server) for server in services.servers]
        self.watches = [Watch(kept, say) for kept in (*servers, *programs)]

    def start(self) -> None:
        for program in self.programs:
            program.start()

    def await_answer(self, answers: Callable[[], bool], patience: float) -> bool:
        """True once `answers()`; False after `patience` seconds or when the first program, the web, keeps dying."""
        web = next(watch for watch in self.watches if watch.kept is self.programs[0])
        until = time.monotonic() + patience
        while not answers():
            if web.deaths > 2 or time.monotonic() > until:
                return False
            self.look()
        return True

    def run(self) -> None:
        while True:
            self.look()

    def look(self) -> None:
        for watch in self.watches:
            watch.look(time.monotonic())
        time.sleep(LOOK_EVERY)

    def stop(self) -> None:
        deadline = time.monotonic() + STOP_LIMIT
        for program in self.programs:
            program.ask_to_stop()
        for program in self.programs:
            program.end_before(deadline)


def _relay(name: str, lines: IO[bytes]) -> None:
    """Put the name before each line that says something.

    It reads on when nobody listens any more, since a full pipe would stop the child.
    """
    with lines:
        for line in filter(bytes.strip, lines):
            with contextlib.suppress(OSError, ValueError):
                sys.stdout.write(f"{name:<6} | {line.decode(errors='replace')}")
                sys.stdout.flush()
