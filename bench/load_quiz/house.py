"""The product as it runs: servers, web, worker and beat for the time of one measurement; a look into its database."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from bench import processes
from bench.load_quiz.judge import HandedIn, Saved
from bench.scenes import HOST
from lms import child, probe
from lms.embedded import Services

STATIC = Path("var/load-quiz-static").absolute()  # kept, since `up` collects only what changed
PATIENCE = 180.0  # seconds until the web answers


class House:
    """A running Waymark with `data` about its learners, as prepare.py wrote it."""

    def __init__(self, var: Path, services: Services, learners: int) -> None:
        self._services = services
        self.port = _free_port()
        self._log = var / "up.log"
        environment = _environment(var, services, self.port)
        self.data: dict[str, Any] = json.loads(
            processes.run("bench.load_quiz.prepare", environment, str(learners))
        )
        self._up = child.start(
            [sys.executable, "manage.py", "up"],
            output=self._log.open("wb"),
            env={**os.environ, **environment},
        )
        self._await_web()
        self._database = psycopg.connect(services.database_url, autocommit=True)
        self._database.execute("VACUUM ANALYZE")  # as autovacuum would have done since people came

    def stop(self) -> None:
        processes.stop(self._up)

    # What is done to it

    def kill_a_worker(self, number: int) -> bool:
        """SIGKILL to one of the web's workers, in turns; False when none was there."""
        workers = self.workers()
        if not workers:
            return False
        os.kill(workers[number % len(workers)], signal.SIGKILL)
        return True

    def workers(self) -> list[int]:
        """The processes that serve pages: children of the child of `up` whose role is the web."""
        web = [pid for pid in processes.children(self._up.pid) if _role(pid) == "web"]
        return [worker for pid in web for worker in sorted(processes.children(pid))]

    # What is seen of it

    def cpu_seconds(self) -> float:
        """Of all its processes, PostgreSQL and Valkey with them; what killed workers used is among them."""
        servers = [server.process.pid for server in self._services.servers if server.process]
        return processes.cpu_seconds([self._up.pid, *servers])

    def attempts(self) -> list[tuple[int, int, list[dict[str, Any]]]]:
        """(person, attempt, paper) of all attempts."""
        return self._database.execute("SELECT person_id, id, paper FROM quizzes_attempt").fetchall()

    def answers(self) -> list[Saved]:
        rows = self._database.execute(
            "SELECT attempt_id, slot, epoch, sequence, client_id::text, value FROM quizzes_answer WHERE NOT is_late"
        )
        return [Saved(*row) for row in rows]

    def handed_in(self) -> list[HandedIn]:
        rows = self._database.execute(
            "SELECT attempt.id, attempt.points, receipt, count(grading.id), max(grading.points)"
            "  FROM quizzes_attempt attempt LEFT JOIN quizzes_grading grading ON grading.attempt_id = attempt.id"
            " WHERE finished_at IS NOT NULL GROUP BY attempt.id"
        )
        return [HandedIn(*row) for row in rows]

    def last_words(self) -> str:
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-20:])

    def _await_web(self) -> None:
        until = time.monotonic() + PATIENCE
        while not probe.answers(self.port, HOST):
            if self._up.poll() is not None or time.monotonic() > until:
                raise SystemExit(f"Waymark does not start:\n{self.last_words()}")
            time.sleep(0.2)


@contextmanager
def running(learners: int) -> Iterator[House]:
    """A house of its own below a temporary folder, which is removed afterwards."""
    var = Path(tempfile.mkdtemp(prefix="waymark-load-"))
    services = Services(var)
    try:
        with services.owned():
            house = House(var, services, learners)
            try:
                yield house
            finally:
                house.stop()
    finally:
        shutil.rmtree(var, ignore_errors=True)


def _environment(var: Path, services: Services, port: int) -> dict[str, str]:
    return {
        "DJANGO_SETTINGS_MODULE": "lms.settings",
        "WAYMARK_ENV": "production",
        "WAYMARK_VAR": str(var),
        "WAYMARK_STATIC_ROOT": str(STATIC),
        "WAYMARK_PORT": str(port),
        "WAYMARK_SECRET_KEY": secrets.token_urlsafe(64),
        "WAYMARK_SITE_URL": f"https://{HOST}",
        "WAYMARK_EMAIL_URL": "dummy://",  # its letters go to nobody
        "WAYMARK_LOG_LEVEL": "INFO",  # a line a request, as in production
        "DATABASE_URL": services.database_url,
        "REDIS_URL": services.redis_url,
    }


def _role(pid: int) -> str:
    try:
        said = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return ""
    return next((line[13:].decode() for line in said if line.startswith(b"WAYMARK_ROLE=")), "")


def _free_port() -> int:
    with socket.socket() as probing:
        probing.bind(("127.0.0.1", 0))
        return int(probing.getsockname()[1])
