"""Runs the whole house on this machine: private servers, web, worker and beat."""

import contextlib
import errno
import logging
import signal
import socket
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from accounts import clock
from lms import first_run, probe, static
from lms.embedded import ServiceError
from lms.supervisor import Program, Supervisor

log = logging.getLogger("waymark.up")

PATIENCE = 90.0  # seconds until the web process must have answered


class Command(BaseCommand):
    help = "Run Waymark here, with everything it needs, until Ctrl-C."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        self._refuse_second_start()
        with contextlib.suppress(KeyboardInterrupt), _interruptible():
            try:
                with settings.EMBEDDED.owned(say=self._say):
                    self._prepare()
                    self._run()
            except ServiceError as trouble:
                raise CommandError(str(trouble)) from trouble
        self._say("Waymark has stopped. Everything is kept.")

    def _refuse_second_start(self) -> None:
        owner = settings.EMBEDDED.owner()
        if owner.endswith(" up"):
            raise CommandError(
                f"Waymark runs already from this folder ({owner}), with its data in {settings.VAR}."
                " Stop that one with Ctrl-C, or give this one WAYMARK_VAR and WAYMARK_PORT of its own."
            )
        if trouble := _trouble_with_port(settings.BIND, settings.PORT):
            raise CommandError(
                f"{trouble} Choose another port with WAYMARK_PORT, as in: WAYMARK_PORT=8001 make run"
            )

    def _prepare(self) -> None:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            self._say("Bringing the database up to date …")
            call_command("migrate", verbosity=0, interactive=False)
            call_command("rebuild_search", missing=True, stdout=StringIO())
        if settings.CLOCK_OFFSET:
            call_command("clock", "--from-environment", stdout=self.stdout)
        if static.is_collection_due():
            self._say("Collecting static files …")
            static.collect()
        if first_run.road_is_due():
            self._say("Publishing the roads in content/ …")
            first_run.publish_built_in_roads()
        connection.close()

    def _run(self) -> None:
        supervisor = Supervisor(_programs(), settings.EMBEDDED, self._say)
        try:
            supervisor.start()
            if not supervisor.await_answer(_web_answers, PATIENCE):
                raise CommandError("The web process does not answer; its own lines above say why.")
            self._say(self._greeting())
            supervisor.run()
        finally:
            with _undisturbed():
                self._say("Stopping …")
                supervisor.stop()

    def _greeting(self) -> str:
        lines = [f"\nWaymark runs on {settings.SITE_URL}\n"]
        if first_run.is_due():
            lines += ["  Sign in as (said this once only):"]
            lines += [
                f"    {person.role:<8} {person.email:<22} password {person.password}"
                for person in first_run.create_people(clock.now())
            ]
        elif settings.IN_DEVELOPMENT:
            lines += ["  Sign in as before. Forgot a password? Let yourself be mailed a code at sign-in."]
        if settings.SHOW_MAILBOX:
            lines += [f"  Mail lands at {settings.SITE_URL}/dev/mail/ and goes to nobody."]
        lines += [f"  Data is kept in {settings.VAR}", "  Stop with Ctrl-C.\n"]
        connection.close()
        return "\n".join(lines)

    def _say(self, sentence: str) -> None:
        if settings.LOG_JSON:
            log.info(" ".join(sentence.split()))
            return
        with contextlib.suppress(OSError):  # nobody listens any more
            self.stdout.write(sentence)
            self.stdout.flush()


def _programs() -> list[Program]:
    python = [sys.executable, "-m"]
    celery = [*python, "celery", "--quiet", "--app", "lms"]
    beat = settings.VAR / "beat"
    beat.mkdir(exist_ok=True)
    commands: dict[str, list[str | Path]] = {
        "web": [*python, "gunicorn", "--config", "python:lms.web", "lms.wsgi"],
        "worker": [
            *(*celery, "worker", "--concurrency", str(settings.TASK_WORKERS)),
            *("--without-gossip", "--without-mingle"),
        ],
        "beat": [*celery, "beat", "--schedule", beat / "schedule", "--pidfile", ""],
    }
    return [Program(name, command, prefixed=not settings.IN_PRODUCTION) for name, command in commands.items()]


def _web_answers() -> bool:
    return probe.answers(settings.PORT, settings.SITE_HOST)


def _trouble_with_port(host: str, port: int) -> str:
    """Why nothing can listen there, in one sentence; empty when something can."""
    with contextlib.suppress(OSError), socket.create_connection(("localhost", port), timeout=1):
        return f"Port {port} is in use by another program."
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind((host, port))
        except OSError as trouble:
            if trouble.errno == errno.EADDRINUSE:
                return f"Port {port} is in use by another program."
            return f"Port {port} at {host} (WAYMARK_BIND) cannot be used: {trouble.strerror}."
        except OverflowError:
            return f"{port} is no port: they go from 1 to 65535."
    return ""


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """SIGTERM and a closed terminal interrupt just as Ctrl-C does; under nohup a terminal may close."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.default_int_handler)
    yield


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """A second Ctrl-C does not cut the stop short, which has a limit of its own."""
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    yield
