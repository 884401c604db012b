"""What letters leave from: real workers and beats on a real PostgreSQL and Valkey, for the time of one trial."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg
from redis import Redis

from bench import processes
from bench.chaos_reminders import certificate
from bench.chaos_reminders.judge import Row, Taken
from bench.chaos_reminders.sink import Sink
from bench.chaos_reminders.wire import Wire
from lms import child, places
from lms.embedded import Services

SITE = "waymark.example.org"
PATIENCE = 60.0  # seconds until a worker must be ready
_SUCCEEDED = re.compile(r"\[([0-9a-f-]{36})\] succeeded")


class Worker:
    """One Celery worker, or beat, with all its processes."""

    def __init__(self, command: list[str], environment: dict[str, str], log: Path) -> None:
        self._command, self._environment, self.log = command, environment, log
        self.process: subprocess.Popen[bytes] | None = None
        self._read, self._done = 0, set[str]()

    @property
    def pid(self) -> int:
        assert self.process
        return self.process.pid

    def start(self) -> None:
        """Begin, or begin again after a kill: what is left of its processes goes first, as with the supervisor."""
        self.end()
        with self.log.open("ab") as output:
            self.process = child.start(self._command, output=output, env={**os.environ, **self._environment})

    def await_ready(self) -> None:
        self.await_word("ready.")

    def await_word(self, word: str) -> None:
        """Until its log has this word."""
        until = time.monotonic() + PATIENCE
        while word not in self.said():
            if time.monotonic() > until or not self.is_alive():
                raise RuntimeError(f"A worker never says {word!r}:\n{self.said()[-3000:]}")
            time.sleep(0.1)

    def family(self) -> list[int]:
        return [self.pid, *processes.children(self.pid)]

    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def ask_to_end(self) -> None:
        if self.process and self.is_alive():
            self.process.terminate()

    def stop(self, patience: float = 40) -> None:
        """Ask it to end; when it does not, force it."""
        self.ask_to_end()
        if self.process:
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(patience)
        self.end()

    def end(self) -> None:
        """Kill what there is of it."""
        if self.process:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def said(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def has_done(self, task: str) -> bool:
        """Whether the log says that the task of this id has come to its end."""
        with self.log.open("rb") as log:
            log.seek(self._read)
            fresh = log.read()
        whole = fresh[: fresh.rfind(b"\n") + 1]
        self._read += len(whole)
        self._done.update(_SUCCEEDED.findall(whole.decode(errors="replace")))
        return task in self._done


class House:
    """PostgreSQL with people in it, Valkey, a mail server, and the workers a scene asks for; use it with `with`."""

    def __init__(
        self, var: Path, database_url: str, services: Services, sink: Sink, *, planted: str = ""
    ) -> None:
        self.var, self.services, self.sink = var, services, sink
        assert services.valkey
        self.valkey = services.valkey
        self.wire = Wire(var / "wire.sock", self.valkey.socket)
        self.database_url = database_url
        self.workers: list[Worker] = []
        self._planted = planted
        self._database = psycopg.connect(database_url, autocommit=True)

    def __enter__(self) -> Self:
        self.wire.start()
        self.sink.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end_workers()
        self.sink.stop()
        self.wire.stop()
        self._database.close()

    # Workers

    def worker(self, name: str, *, children: int = 2, every: float = 1.0, ready: bool = True) -> Worker:
        """Start a worker whose own clock ticks `every` so many seconds."""
        command = [
            *(sys.executable, "-m", "celery", "-A", "lms", "worker", "--hostname", f"{name}@chaos"),
            *("--concurrency", str(children), "--loglevel", "INFO", "--without-gossip", "--without-mingle"),
        ]
        if self._planted:
            command += ["--include", "bench.chaos_reminders.faults"]
        started = self._start(name, command, self.environment("worker", every))
        if ready:
            started.await_ready()
        return started

    def beat(self, name: str, *, every: float) -> Worker:
        command = [
            *(sys.executable, "-m", "celery", "-A", "lms", "beat"),
            *("--schedule", str(self.var / f"{name}.schedule"), "--pidfile", ""),
        ]
        return self._start(name, command, self.environment("beat", every))

    def end_workers(self) -> None:
        """Kill them all. The scene is over, and the next one plays on a later day."""
        for worker in self.workers:
            worker.end()
        self.workers.clear()

    def environment(self, role: str, every: float) -> dict[str, str]:
        return {
            "DJANGO_SETTINGS_MODULE": "lms.settings",
            "WAYMARK_ENV": "test",
            "WAYMARK_ROLE": role,
            "WAYMARK_VAR": str(self.var),
            "WAYMARK_SECRET_KEY": "only-for-chaos-" * 5,
            "WAYMARK_SITE_URL": f"http://{SITE}",
            "WAYMARK_EMAIL_URL": self.sink.url,
            "WAYMARK_LETTERS_PER_DOMAIN_PER_MINUTE": "0",  # all live at one domain here
            "WAYMARK_LETTERS_EVERY_SECONDS": str(every),
            "WAYMARK_LOG_JSON": "1",
            "WAYMARK_LOG_LEVEL": "INFO",
            "CELERY_SKIP_CHECKS": "1",  # the trial starts many
            "DATABASE_URL": self.database_url,
            "REDIS_URL": places.socket_redis_url(self.wire.front, self.valkey.password),
            "SSL_CERT_FILE": str(self.var / certificate.NAME),
            "CHAOS_PLANTED": self._planted,
        }

    def _start(self, name: str, command: list[str], environment: dict[str, str]) -> Worker:
        started = Worker(command, environment, self.var / f"{name}.log")
        started.start()
        self.workers.append(started)
        return started

    def sender(self, port: int) -> int | None:
        """The process of ours that talks to the mail server from this port; None when it has gone."""
        inode = _inode(port, self.sink.port)
        family = [pid for worker in self.workers if worker.is_alive() for pid in worker.family()]
        return next((pid for pid in family if inode and inode in _sockets(pid)), None)

    # Redis

    def queue(self) -> Redis:
        """A connection of our own, past the wire."""
        return Redis(
            unix_socket_path=str(self.valkey.socket), password=self.valkey.password, socket_timeout=2
        )

    def kill_redis(self) -> None:
        assert self.valkey.process
        self.valkey.process.kill()
        self.valkey.process.wait()

    def start_redis(self) -> None:
        self.services.start(self.valkey)

    @contextmanager
    def without_redis(self) -> Iterator[None]:
        """It is gone for so long, and comes back however that ends."""
        self.kill_redis()
        try:
            yield
        finally:
            self.start_redis()

    def forget_tasks(self) -> None:
        """Flush Redis: every task that waits is lost."""
        with self.queue() as queue:
            queue.flushall()

    # What the ledger says, and the time it goes by

    def rows(self, batch: str) -> list[Row]:
        found = self._database.execute(
            "SELECT coalesce(carrier_id, letter.id)::text, email, kind, occurrence, state, reason, letter.id::text"
            "  FROM reminders_letter letter JOIN accounts_user person ON person.id = recipient_id"
            " WHERE email LIKE %s",
            [f"{batch}-%"],
        )
        return [Row(f"<{row[0]}@{SITE}>", *row[1:]) for row in found]

    def taken(self, batch: str) -> list[Taken]:
        return [
            Taken(copy.message_id, copy.recipient)
            for copy in list(self.sink.copies)
            if copy.recipient.startswith(f"{batch}-")
        ]

    def states(self, batch: str) -> dict[str, int]:
        """How many letters are in each state."""
        return dict(
            self._database.execute(
                "SELECT state, count(*) FROM reminders_letter letter"
                "  JOIN accounts_user person ON person.id = recipient_id WHERE email LIKE %s GROUP BY state",
                [f"{batch}-%"],
            ).fetchall()
        )

    def retire(self, batch: str) -> None:
        """Nobody writes to these people any more."""
        self._database.execute(
            "UPDATE accounts_user SET is_active = false WHERE email LIKE %s", [f"{batch}-%"]
        )

    def now(self) -> datetime:
        ((offset,),) = self._database.execute(
            'SELECT "offset" FROM accounts_clockoffset WHERE id = 1'
        ).fetchall()
        ahead: timedelta = offset
        return datetime.now(UTC) + ahead

    def set_clock(self, moment: datetime) -> None:
        """Let it be `moment`. Only while nobody is sending, or leases would run out under their hands."""
        self._database.execute(
            'INSERT INTO accounts_clockoffset (id, "offset") VALUES (1, %s)'
            ' ON CONFLICT (id) DO UPDATE SET "offset" = excluded."offset"',
            [moment - datetime.now(UTC)],
        )

    def pass_time(self, ahead: timedelta) -> None:
        self.set_clock(self.now() + ahead)

    def last_words(self) -> str:
        logs = sorted(self.var.glob("*.log"))
        return "\n".join(line for log in logs for line in log.read_text(errors="replace").splitlines()[-8:])


def _inode(port: int, server: int) -> str:
    """The kernel's number of the client's end of a connection on this machine."""
    ends = (f"0100007F:{port:04X}", f"0100007F:{server:04X}")
    lines: Iterable[str] = Path("/proc/net/tcp").read_text().splitlines()[1:]
    return next((fields[9] for fields in map(str.split, lines) if (fields[1], fields[2]) == ends), "")


def _sockets(pid: int) -> set[str]:
    found = set()
    try:
        for entry in os.scandir(f"/proc/{pid}/fd"):
            try:
                found.add(str(Path(entry.path).readlink()).removeprefix("socket:[").rstrip("]"))
            except OSError:
                continue
    except OSError:
        return set()
    return found
