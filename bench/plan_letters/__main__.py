"""Fills private houses with enrollments, lets all kinds of letters be planned twice in each, and prints what it took.

The planner works in a process of its own. CPU is its own and that of PostgreSQL, read from /proc. Houses are kept below
`--var`, since a million enrollments take minutes to write, and used again; each run forgets what the last one planned.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import shutil
from pathlib import Path
from typing import Any

from bench import processes
from bench.report import machine
from lms.embedded import Services

GOAL = 30.0  # seconds for a pass over a million


def main() -> None:
    options = _options()
    print(f"{machine()}; load {os.getloadavg()[0]:.0f}\n", flush=True)
    for people in options.people:
        print(_measured(people, options.var / str(people), explain=options.explain), flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench-letters", description=__doc__)
    parser.add_argument("people", type=int, nargs="*", default=[100_000, 1_000_000], help="enrollments")
    parser.add_argument(
        "--var", type=Path, default=Path("var/bench-letters"), help="where houses are kept (several GB)"
    )
    parser.add_argument("--explain", action="store_true", help="also say how PostgreSQL finds them")
    return parser.parse_args()


def _measured(people: int, var: Path, *, explain: bool) -> str:
    filled = var / "filled"
    if not filled.exists():  # half-filled, or not at all
        shutil.rmtree(var, ignore_errors=True)
    var.mkdir(parents=True, exist_ok=True)
    services = Services(var.resolve())
    with services.used():
        environment = _environment(var, services)
        if not filled.exists():
            filled.write_text(processes.run("bench.plan_letters.prepare", environment, str(people)))
        postgres = _postmaster(var)
        before = processes.cpu_seconds([postgres])
        passes = json.loads(processes.run("bench.plan_letters.passes", environment, filled.read_text()))
        report = _report(people, passes, processes.cpu_seconds([postgres]) - before)
        if not explain:
            return report
        plans = json.loads(processes.run("bench.plan_letters.explain", environment, filled.read_text()))
        return f"{report}\n```\n{plans}\n```\n"


def _environment(var: Path, services: Services) -> dict[str, str]:
    return {
        "DJANGO_SETTINGS_MODULE": "lms.settings",
        "WAYMARK_ENV": "production",
        "WAYMARK_ROLE": "worker",
        "WAYMARK_VAR": str(var.resolve()),
        "WAYMARK_SECRET_KEY": secrets.token_urlsafe(64),
        "WAYMARK_SITE_URL": "https://bench.example.org",
        "WAYMARK_EMAIL_URL": "smtp://127.0.0.1:1",  # nothing is sent
        "DATABASE_URL": services.database_url,
        "REDIS_URL": services.redis_url,
    }


def _postmaster(var: Path) -> int:
    return int((var / "postgres" / "data" / "postmaster.pid").read_text().split()[0])


def _report(people: int, passes: list[dict[str, Any]], postgres: float) -> str:
    cold, first, again, alone = passes
    verdict = "<" if first["seconds"] < GOAL else "**over**"
    said = (
        f"{people:,} enrollments: {sum(first['letters'].values()):,} letters planned in {first['seconds']:.1f} s"
        f" ({verdict} {GOAL:.0f} s); just after a start {cold['seconds']:.1f} s;"
        f" again, {sum(again['letters'].values()):,} letters in {again['seconds']:.1f} s;"
        f" over one connection, {sum(alone['letters'].values()):,} letters in {alone['seconds']:.1f} s.\n"
        f"CPU of the planner {first['cpu_seconds']:.1f}, {again['cpu_seconds']:.1f} and {alone['cpu_seconds']:.1f} s,"
        f" PostgreSQL {postgres:.1f} s for all four; at most {alone['megabytes']:.0f} MB resident.\n"
    )
    rows = (
        f"| {key} | {alone['letters'].get(key, 0):,} | {took:.2f} | {again['seconds_of'][key]:.2f} |"
        for key, took in sorted(alone["seconds_of"].items())
    )
    return "\n".join(
        [
            said,
            "| kind | letters | seconds, over one connection | again, beside others |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    )


if __name__ == "__main__":
    main()
