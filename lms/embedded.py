"""The private PostgreSQL and Valkey below `var/`, where DATABASE_URL or REDIS_URL is not set: who owns, who uses them.

One process of a checkout owns them, as their parent: `manage.py up`, or a command that found none running. Others use
the running ones. Two locks say so, which the kernel lets go when their holders are gone, however they went:

- `owner.lock` is held by the owner *and*, inherited, by the servers. When it is free, no server of ours is left.
- `users.lock` is shared by all who use them. A command that owns them waits for it before it stops them.

No Django here: lms.settings asks for the URLs, and the tests start servers before settings are read.
"""

import contextlib
import fcntl
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from lms.private_servers import PrivatePostgres, PrivateServer, PrivateValkey, ServiceError, usable_identity

__all__ = ["ServiceError", "Services"]

START_LIMIT = 60.0  # seconds


class Services:
    """The private servers of one `var` directory; `postgres` and `valkey` say which are wanted."""

    def __init__(
        self, var: Path, *, postgres: bool = True, valkey: bool = True, careful: bool = True
    ) -> None:
        self.var = var
        self.postgres = PrivatePostgres(var, careful=careful) if postgres else None
        self.valkey = PrivateValkey(var) if valkey else None
        self.servers: list[PrivateServer] = [server for server in (self.postgres, self.valkey) if server]
        self._ownership: tuple[int, ...] = ()

    @property
    def database_url(self) -> str:
        return self.postgres.url() if self.postgres else ""

    @property
    def redis_url(self) -> str:
        return self.valkey.url() if self.valkey else ""

    @contextlib.contextmanager
    def owned(self, say: Callable[[str], None] = print) -> Iterator[None]:
        """Run the servers as this process's own; wait up to START_LIMIT seconds for a command that has them."""
        if not self.servers:
            yield
            return
        self._own_before(time.monotonic() + START_LIMIT, say)
        try:
            self._start_all()
            yield
        finally:
            self._stop_all()

    @contextlib.contextmanager
    def used(self, say: Callable[[str], None] = print) -> Iterator[None]:
        """Use the running servers, or start them for as long as this and other commands need them."""
        if not self.servers:
            yield
        elif self._find_or_own_before(time.monotonic() + START_LIMIT):
            with self._use():
                yield
        else:
            try:
                self._start_all()
                yield
                self._await_other_users(say)
            finally:
                self._stop_all()

    def start(self, server: PrivateServer) -> None:
        """Start a server of ours; also again, after it died."""
        server.start(usable_identity(self.var), self._ownership, START_LIMIT)

    def are_ready(self) -> bool:
        return all(server.is_ready() for server in self.servers)

    def owner(self) -> str:
        """The process that has the servers now, as in `process 123, manage.py up`; empty when nobody has."""
        if not self.servers or not (self._locks / "owner.lock").exists():
            return ""
        descriptor = self._open("owner.lock")
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return _owner(self._locks / "owner.lock")
        finally:
            os.close(descriptor)
        return ""

    def _start_all(self) -> None:
        for server in self.servers:
            server.forget_predecessor()
            self.start(server)

    def _stop_all(self) -> None:
        for server in reversed(self.servers):
            server.stop()
        for descriptor in self._ownership:
            os.close(descriptor)
        self._ownership = ()

    def _own_before(self, deadline: float, say: Callable[[str], None]) -> None:
        told = False
        while not self._try_to_own():
            owner = _owner(self._locks / "owner.lock")
            if owner.endswith(" up") or time.monotonic() > deadline:
                raise ServiceError(
                    f"The private database in {self.var} is in use by {owner or 'a server'}. End that first."
                )
            if owner and not told:
                say(f"Waiting for {owner}, which uses the private database in {self.var} …")
                told = True
            time.sleep(0.1)

    def _find_or_own_before(self, deadline: float) -> bool:
        """True when somebody's servers answer; False when this process now owns them and has to start them."""
        while not self._try_to_own():
            if self.are_ready():
                return True
            if time.monotonic() > deadline:
                raise ServiceError(
                    f"The private database in {self.var} does not answer; see {self.var}/postgres/log."
                )
            time.sleep(0.1)
        return False

    def _try_to_own(self) -> bool:
        descriptor = self._open("owner.lock")
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()} {' '.join(_command())}".encode())
        self._ownership = (descriptor,)
        return True

    @contextlib.contextmanager
    def _use(self) -> Iterator[None]:
        descriptor = self._open("users.lock")
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH)
            yield
        finally:
            os.close(descriptor)

    def _await_other_users(self, say: Callable[[str], None]) -> None:
        descriptor = self._open("users.lock")
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Done. Another command still uses the private database started here; waiting for it …")
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        finally:
            os.close(descriptor)

    def _open(self, name: str) -> int:
        self._locks.mkdir(mode=0o700, parents=True, exist_ok=True)
        return os.open(self._locks / name, os.O_RDWR | os.O_CREAT, 0o600)

    @property
    def _locks(self) -> Path:
        return self.var / "locks"


def _command() -> list[str]:
    return [Path(sys.argv[0]).name, *sys.argv[1:2]]


def _owner(lock: Path) -> str:
    """The living process that wrote its name into the lock, as in `process 123, manage.py up`; else empty."""
    pid, _, command = lock.read_text().partition(" ")
    try:
        os.kill(int(pid), 0)
    except (ValueError, ProcessLookupError):
        return ""
    except PermissionError:
        pass
    return f"process {pid}, {command}"
