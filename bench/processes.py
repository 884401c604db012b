"""CPU time of process trees, read from /proc, and the servers that the bench starts."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping
from pathlib import Path

from lms import child

TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(roots: Iterable[int]) -> float:
    """User and system seconds of these processes, of all that descend from them, and of their ended children."""
    stats = _all_stats()
    return sum(_ticks(stats[pid]) for pid in _family(roots, stats)) / TICKS


def memory_megabytes(root: int) -> list[float]:
    """Resident megabytes of each descendant of `root`."""
    stats = _all_stats()
    page = os.sysconf("SC_PAGE_SIZE")
    return [int(stats[pid][21]) * page / 1e6 for pid in _family([root], stats) if pid != root]


def children(parent: int) -> list[int]:
    """The processes that `parent` started and that still run."""
    return [pid for pid, fields in _all_stats().items() if int(fields[1]) == parent]


def _all_stats() -> dict[int, list[str]]:
    """The fields of /proc/PID/stat after the name: index 0 is the state, 1 the parent."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            found[int(path.parent.name)] = path.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


def _family(roots: Iterable[int], stats: Mapping[int, list[str]]) -> set[int]:
    children: dict[int, list[int]] = {}
    for pid, fields in stats.items():
        children.setdefault(int(fields[1]), []).append(pid)
    family, left = set(), [pid for pid in roots if pid in stats]
    while left:
        pid = left.pop()
        family.add(pid)
        left += children.get(pid, [])
    return family


def _ticks(fields: list[str]) -> int:
    return sum(map(int, fields[11:15]))  # utime, stime, and both of children that ended


def serve(wsgi: str, port: int, environment: Mapping[str, str], log: Path) -> subprocess.Popen[bytes]:
    """Two gunicorn workers with four threads each, as in production."""
    process = child.start(
        [
            *(sys.executable, "-m", "gunicorn", f"{wsgi}:application", "--bind", f"127.0.0.1:{port}"),
            *("--worker-class", "gthread", "--workers", "2", "--threads", "4", "--keep-alive", "30"),
            *("--log-level", "warning"),
        ],
        output=log.open("wb"),
        env={**os.environ, **environment},
    )
    _await_answer(process, port, log)
    return process


def run(module: str, environment: Mapping[str, str], *arguments: str, quiet: bool = False) -> str:
    """Run a module of the bench in its own process; its last line of output."""
    answer = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        env={**os.environ, **environment},
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL if quiet else None,
        text=True,
    )
    return answer.stdout.strip().splitlines()[-1]


def stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait(15)


def _await_answer(process: subprocess.Popen[bytes], port: int, log: Path, patience: float = 40) -> None:
    until = time.monotonic() + patience
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2).close()
        except urllib.error.HTTPError:
            return
        except OSError as trouble:
            if process.poll() is not None or time.monotonic() > until:
                raise SystemExit(f"A web server does not start:\n{log.read_text()}") from trouble
            time.sleep(0.1)
        else:
            return
