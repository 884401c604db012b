"""`make bench`: starts the product as in production beside the floor, drives both in interleaved rounds, prints tables.

Both use one private PostgreSQL and one Valkey, made for this run below a temporary directory and removed after it, and
the same web server with the same flags. CPU is read from /proc for the web processes, PostgreSQL and Valkey together;
the load client is a process of its own and does not count. Only loopback is driven, and a run ends by itself.
"""

from __future__ import annotations

import argparse
import json
import secrets
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench import processes
from bench.letters import measure_letters
from bench.load import Request, drive
from bench.report import Figures, floor_table, machine, table
from bench.scenes import HOST, REFERENCE, SCENES, floor_requests
from lms.embedded import Services

FLOOR_BLOCK = 80  # requests of a block: enough CPU for /proc's hundredths of a second
BLOCK = 60
WAKING = 40  # requests enough for each thread of a site to have had one


def main() -> None:
    options = _options()
    var = Path(tempfile.mkdtemp(prefix="waymark-bench-"))
    services = Services(var)
    try:
        with services.owned(), _sites(var, services, options) as (floor, product):
            rounds = 2 if options.quick else options.rounds
            floors, figures = _measure(services, floor, product, rounds)
            letters = measure_letters(services, floor.environment, product.environment)
        _print(options, floors, figures, letters)
    finally:
        shutil.rmtree(var, ignore_errors=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument(
        "--learners", type=int, default=1000, help="learners in the generated data (default 1000)"
    )
    parser.add_argument("--rounds", type=int, default=5, help="interleaved rounds (default 5)")
    parser.add_argument("--quick", action="store_true", help="two rounds, for a short look")
    return parser.parse_args()


class Site:
    """One running web site: its environment, port, process and what prepare.py said of it."""

    def __init__(
        self, wsgi: str, environment: dict[str, str], prepare: str, var: Path, *arguments: str
    ) -> None:
        self.environment = environment
        self.data: dict[str, Any] = json.loads(processes.run(prepare, environment, *arguments, quiet=True))
        self.port = _free_port()
        self.process = processes.serve(wsgi, self.port, environment, var / f"{wsgi}.log")
        self.served: dict[str, int] = {}

    def start_of(self, name: str, count: int) -> int:
        """Where the next block of a scene begins, so that no act is repeated."""
        start = self.served.get(name, 0)
        self.served[name] = start + count
        return start


@contextmanager
def _sites(var: Path, services: Services, options: argparse.Namespace) -> Iterator[tuple[Site, Site]]:
    floor = Site("bench.floor.wsgi", _floor_environment(services), "bench.floor.prepare", var)
    try:
        rounds = 2 if options.quick else options.rounds
        product = Site(
            "lms.wsgi",
            _product_environment(var, services),
            "bench.prepare",
            var,
            str(options.learners),
            str((rounds + 1) * BLOCK),
        )
        try:
            yield floor, product
        finally:
            processes.stop(product.process)
    finally:
        processes.stop(floor.process)


def _floor_environment(services: Services) -> dict[str, str]:
    assert services.postgres is not None
    return {
        "DJANGO_SETTINGS_MODULE": "bench.floor.settings",
        "DATABASE_URL": services.postgres.url("postgres"),  # beside the product's, on the same server
        "REDIS_URL": services.redis_url.replace("db=0", "db=4"),
        "FLOOR_SMTP_PORT": str(_free_port()),
    }


def _product_environment(var: Path, services: Services) -> dict[str, str]:
    return {
        "DJANGO_SETTINGS_MODULE": "lms.settings",
        "WAYMARK_ENV": "production",
        "WAYMARK_ROLE": "web",
        "WAYMARK_VAR": str(var),
        "WAYMARK_SECRET_KEY": secrets.token_urlsafe(64),
        "WAYMARK_SITE_URL": f"https://{HOST}",
        "WAYMARK_EMAIL_URL": f"smtp://127.0.0.1:{_free_port()}",
        "WAYMARK_LETTERS_PER_DOMAIN_PER_MINUTE": "0",  # all readers live at one domain here
        "WAYMARK_LOG_LEVEL": "INFO",  # as in production: a line a request
        "DATABASE_URL": services.database_url,
        "REDIS_URL": services.redis_url,
    }


def _measure(
    services: Services, floor: Site, product: Site, rounds: int
) -> tuple[dict[str, Figures], dict[str, Figures]]:
    floors = {name: Figures() for name in REFERENCE}
    figures = {scene.name: Figures(queries=product.data["queries"].get(scene.name)) for scene in SCENES}
    for number in range(rounds + 1):
        keep = number > 0  # the first round warms processes, caches and connections
        _wake(floor, floor_requests("cached-signed-in", floor.data["sessions"], 0, WAKING))
        for name in REFERENCE:
            start = floor.start_of(name, FLOOR_BLOCK)
            requests = floor_requests(name, floor.data["sessions"], start, FLOOR_BLOCK)
            _block(services, floor, requests, floors[name] if keep else Figures())
        _wake(product, [Request("/readyz", headers={"Host": HOST, "X-Forwarded-Proto": "https"})] * WAKING)
        for scene in SCENES:
            requests = scene.requests(product.data, product.start_of(scene.name, BLOCK), BLOCK)
            _block(services, product, requests, figures[scene.name] if keep else Figures())
        print(f"round {number} of {rounds} done", flush=True)
    return floors, figures


def _wake(site: Site, requests: list[Request]) -> None:
    """Not counted: on a busy machine a site may have waited for longer than connections are kept, and each thread
    opens its own anew, which would be the first scene's."""
    drive(site.port, requests)


def _block(services: Services, site: Site, requests: list[Request], into: Figures) -> None:
    roots = [site.process.pid, *(server.process.pid for server in services.servers if server.process)]
    before = processes.cpu_seconds(roots)
    drove = drive(site.port, requests)
    into.cpu_ms.append(1000 * (processes.cpu_seconds(roots) - before) / len(requests))
    into.seconds += drove.seconds
    into.bytes = drove.bytes


def _print(
    options: argparse.Namespace, floors: dict[str, Figures], figures: dict[str, Figures], letters: str
) -> None:
    rows = [
        (
            scene.name,
            figures[scene.name],
            [(goal, figures[scene.name].cpu / floors[goal.floor].cpu) for goal in scene.goals],
        )
        for scene in SCENES
    ]
    print(f"\n{machine()}; {options.learners} learners, four requests at a time.\n")
    print(table(rows), "\n", letters, "\n", floor_table(floors), sep="\n")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    main()
