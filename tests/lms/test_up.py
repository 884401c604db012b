"""`manage.py up` as a process of its own: what it says, serves, survives and leaves behind."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode

import psycopg
import pytest

from lms.embedded import Services
from tests.house.files import HOUSE

pytestmark = pytest.mark.xdist_group("up")  # one worker keeps the house for all of these

UP = [sys.executable, "manage.py", "up"]
LONG = "a-folder-whose-name-makes-the-path-of-a-socket-too-long-for-the-kernel-" * 2


class RunningHouse:
    """One `manage.py up`, its output in a file."""

    def __init__(self, var: Path, port: int) -> None:
        self.var, self.port = var, port
        self.log = var.with_name(f"{var.name[:20]}.log")
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                UP, cwd=HOUSE, env=environment(var, port), stdout=output, stderr=output
            )
        self.await_true(lambda: "Stop with Ctrl-C" in self.said, 120)

    @property
    def said(self) -> str:
        return self.log.read_text()

    def await_true(self, question, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not question():
            assert time.monotonic() < until, f"Not within {seconds} s. It said:\n{self.said}"
            assert question.__name__ == "is_gone" or self.process.poll() is None, f"It ended:\n{self.said}"
            time.sleep(0.05)

    def status(self, path: str) -> int:
        return status(f"http://127.0.0.1:{self.port}{path}")

    def family(self) -> dict[int, str]:
        """Every process below it: number and command line."""
        found: dict[int, str] = {}
        listed = subprocess.run(
            ["ps", "-wweo", "pid=,ppid=,args="], capture_output=True, text=True, check=True
        )
        rows = [line.split(maxsplit=2) for line in listed.stdout.splitlines()]
        parents = {self.process.pid}
        while parents:
            children = {int(pid): args for pid, parent, args in rows if int(parent) in parents}
            found |= children
            parents = set(children)
        return found

    def one(self, words: str) -> int:
        """The child of that command line."""
        return next(pid for pid, args in sorted(self.family().items()) if words in args)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(20)


def environment(var: Path, port: int, **more: str) -> dict[str, str]:
    """As in a developer's shell: none of what the test run itself set."""
    clean = {
        k: v
        for k, v in os.environ.items()
        if not k.startswith(("WAYMARK_", "DJANGO_", "DATABASE_", "REDIS_"))
    }
    return {**clean, "WAYMARK_ENV": "development", "WAYMARK_VAR": str(var), "WAYMARK_PORT": str(port), **more}


def status(address: str) -> int:
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310  # our own address
            return int(answer.status)
    except urllib.error.HTTPError as refusal:
        return refusal.code
    except OSError:
        return 0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def people(var: Path) -> list[str]:
    with psycopg.connect(Services(var).database_url) as connection:
        return [row[0] for row in connection.execute("SELECT email FROM accounts_user ORDER BY email")]


def signs_in(port: int, email: str, password: str) -> bool:
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    login = f"http://127.0.0.1:{port}/accounts/login/"
    page = browser.open(login).read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert token
    form = {"csrfmiddlewaretoken": token[1], "login": email, "password": password}
    answer = browser.open(urllib.request.Request(login, urlencode(form).encode(), {"Referer": login}))
    return "/accounts/login/" not in answer.url


def refused(var: Path, port: int, **more: str) -> str:
    ended = subprocess.run(
        UP,
        cwd=HOUSE,
        env=environment(var, port, **more),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert "Traceback" not in ended.stderr
    return ended.stderr


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("up") / LONG


@pytest.fixture(scope="module")
def first(var):
    """The first start of a house, stopped after the module's tests."""
    house = RunningHouse(var, free_port())
    yield house
    house.stop()


@pytest.fixture(scope="module")
def second(var, first):
    """The next start in the same folder, after a clean stop."""
    first.stop()
    house = RunningHouse(var, free_port())
    yield house
    house.stop()


def test_the_first_start_says_where_it_runs_and_how_to_sign_in(first, var):
    assert f"Waymark runs on http://localhost:{first.port}" in first.said
    assert "/dev/mail/" in first.said
    signs = re.findall(r"(\w+@example\.org) +password (\S+)", first.said)
    assert [email for email, _ in signs] == ["learner@example.org", "mentor@example.org", "admin@example.org"]
    assert all(signs_in(first.port, email, password) for email, password in signs)
    assert not signs_in(first.port, signs[0][0], signs[1][1])
    assert people(var) == sorted(email for email, _ in signs)


@pytest.mark.parametrize("path", ["/", "/healthz", "/readyz", "/dev/mail/", "/static/css/base.css"])
def test_it_serves(first, path):
    assert first.status(path) == 200


def test_web_worker_and_beat_run(first):
    lines = " ".join(first.family().values())
    assert all(
        words in lines
        for words in ("gunicorn", "celery --quiet --app lms worker", "lms beat", "valkey", "postgres")
    )


def test_a_second_start_in_the_same_folder_is_refused(first, var):
    said = refused(var, free_port())
    assert "runs already from this folder" in said
    assert str(first.process.pid) in said


def test_a_busy_port_is_named_and_nothing_is_started(first, tmp_path):
    said = refused(tmp_path / "other", first.port)
    assert f"Port {first.port} is in use" in said
    assert "WAYMARK_PORT" in said
    assert not (tmp_path / "other" / "postgres" / "data").exists()


@pytest.mark.parametrize("port", ["0x1F", "70000"])
def test_a_port_that_is_none_is_named(tmp_path, port):
    assert "port" in refused(tmp_path, 1, WAYMARK_PORT=port).lower()


def test_production_refuses_weak_settings_by_name(tmp_path):
    said = refused(tmp_path, free_port(), WAYMARK_ENV="production", WAYMARK_SECRET_KEY="short")
    assert all(name in said for name in ("WAYMARK_SECRET_KEY", "WAYMARK_SITE_URL", "WAYMARK_EMAIL_URL"))


def test_a_folder_of_somebody_else_is_named(tmp_path):
    (tmp_path / "file").touch()
    assert "WAYMARK_VAR" in refused(tmp_path / "file" / "var", free_port())


def test_sigterm_ends_everything(first):
    family = first.family()
    began = time.monotonic()

    assert first.stop() == 0

    assert time.monotonic() - began < 15
    assert "Everything is kept" in first.said
    assert len(family) >= 6
    assert not [pid for pid in family if is_alive(pid)]


@pytest.mark.long
def test_the_next_start_keeps_everybody_and_tells_no_password(second, var):
    assert people(var) == ["admin@example.org", "learner@example.org", "mentor@example.org"]
    assert "Sign in as before" in second.said
    assert not re.search(r"@example\.org +password", second.said)


@pytest.mark.long
@pytest.mark.parametrize("words", ["bin/postgres -D", "valkey-server", "gunicorn", "lms worker", "lms beat"])
def test_what_is_killed_is_started_again(second, words):
    killed = second.one(words)
    os.kill(killed, signal.SIGKILL)

    def is_back() -> bool:
        return any(words in args and pid != killed and is_alive(pid) for pid, args in second.family().items())

    second.await_true(is_back, 30)
    second.await_true(lambda: second.status("/readyz") == 200, 30)
    assert "has ended by itself" in second.said


@pytest.mark.long
def test_no_orphan_is_left_when_the_launcher_is_killed(second):
    family = second.family()
    second.process.kill()
    second.process.wait()

    def is_gone() -> bool:
        return not [pid for pid in family if is_alive(pid)]

    second.await_true(is_gone, 20)


@pytest.mark.long
def test_a_start_after_a_kill_keeps_everybody_and_ctrl_c_ends_it(second, var):
    second.process.kill()
    second.process.wait()
    third = RunningHouse(var, free_port())
    assert people(var) == ["admin@example.org", "learner@example.org", "mentor@example.org"]
    assert third.stop(signal.SIGINT) == 0
