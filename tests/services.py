"""A pytest plugin, given with `-p` in pyproject.toml: one private PostgreSQL and Valkey for the whole test run.

It has to be a plugin, since Django's settings are read before any conftest. The process that the developer started owns
the servers; the workers of pytest-xdist inherit the URLs, each takes Redis databases of its own, and each gets a copy
of one migrated template database instead of migrating itself.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest

HOUSE = Path(__file__).resolve().parent.parent
TEMPLATE = "waymark_template"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, object, object]:
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker:
        _take_own_redis(int(worker.removeprefix("gw")) + 1)
    elif "--help" not in sys.argv and "--version" not in sys.argv:
        _start_servers(early_config)
    return (yield)


def _start_servers(config: pytest.Config) -> None:
    from lms.embedded import Services  # noqa: PLC0415  # brings in the package, which reads the environment

    for name in [name for name in os.environ if name.startswith("WAYMARK_")]:
        del os.environ[name]
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # else each of many processes compiles all of Waymark
    var = Path(tempfile.mkdtemp(prefix="waymark-tests-"))
    services = Services(var, careful=False)
    running = contextlib.ExitStack()
    running.callback(shutil.rmtree, var, ignore_errors=True)
    running.enter_context(services.owned())
    config.add_cleanup(running.close)
    os.environ |= {
        "WAYMARK_ENV": "test",
        "WAYMARK_VAR": str(var),
        "DATABASE_URL": services.database_url,
        "REDIS_URL": services.redis_url,
        "WAYMARK_SECRET_KEY": "only-for-tests-" * 5,
        "WAYMARK_LETTERS_PLANNERS": "1",  # a second connection sees nothing of what a test writes, and may wait for it
        "DJANGO_ALLOW_ASYNC_UNSAFE": "1",  # Playwright keeps an event loop in the main thread
    }


def _take_own_redis(number: int) -> None:
    address, _, _ = os.environ["REDIS_URL"].partition("?")
    os.environ["REDIS_URL"] = f"{address}?db={2 * number}"


def migrate_template_once(var: Path, database_url: str) -> None:
    """Let there be one migrated database, whoever asks first."""
    with (var / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = var / "template.done"
        if not done.exists():
            _migrate_template(database_url)
            done.touch()


def _migrate_template(database_url: str) -> None:
    """From the dump of an earlier run with the same migrations and libraries, or by migrating, which takes long."""
    import psycopg  # noqa: PLC0415  # as above

    from lms import dumps  # noqa: PLC0415

    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {TEMPLATE}")
    template_url = database_url.replace("/waymark?", f"/{TEMPLATE}?")
    kept = HOUSE / ".pytest_cache" / f"migrated-{_migrations()}.dump"
    if kept.exists():
        dumps.read(template_url, kept)
        return
    subprocess.run(
        [sys.executable, HOUSE / "manage.py", "migrate", "--verbosity=0"],
        env={**os.environ, "DATABASE_URL": template_url},
        check=True,
    )
    kept.parent.mkdir(exist_ok=True)
    with contextlib.suppress(dumps.DumpError):  # a developer's own PostgreSQL may come without its programs
        dumps.write(template_url, kept)


def _migrations() -> str:
    """What the migrated database depends on, in a few letters."""
    files = [*sorted(HOUSE.glob("*/migrations/*.py")), HOUSE / "requirements.lock"]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]
