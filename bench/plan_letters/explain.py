"""How PostgreSQL finds what is to be planned and sent: plans of each kind’s longest statement and of a sender’s."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import django

django.setup()

from django.db import connection, transaction

from reminders import caps
from reminders.kinds import KINDS, Asked, Kind
from reminders.models import Letter

Asking = tuple[str, Any]  # a statement and its values
Node = dict[str, Any]
SILENT = {
    "Result",
    "Hash",
    "Materialize",
    "Limit",
    "Subquery Scan",
    "Sort",
    "Incremental Sort",
    "Append",
    "Memoize",
}


def main(now: datetime) -> None:
    parts = [_longest(key, _asked(partial(_plan, kind, now))) for key, kind in sorted(KINDS.items())]
    for name, act in _sender(now).items():
        parts += [_part(name, _explained(asking)) for asking in _asked(act)]
    print(json.dumps("\n\n".join(parts)))


def _plan(kind: Kind, now: datetime) -> None:
    for _letters in kind.plan(Asked.of_all(now)):
        pass


def _sender(now: datetime) -> dict[str, Callable[[], object]]:
    """What a sender asks of the ledger for a chunk: a day later, when what was planned is due."""
    due = list(Letter.objects.due(now + timedelta(days=1))[:100])
    people = {letter.recipient_id for letter in due}
    return {
        "sweep": lambda: Letter.objects.sweep(now + timedelta(days=1)),
        "claim": lambda: Letter.objects.claim(now + timedelta(days=1)),
        "newer letters": lambda: list(Letter.objects.rivals(due, now + timedelta(days=1))),
        "caps": lambda: Letter.objects.counted(people, now - caps.KNOWN_FOR),
    }


def _longest(name: str, asked: list[Asking]) -> str:
    return _part(
        name, max((_explained(asking) for asking in asked), key=lambda found: found["Execution Time"])
    )


def _asked(act: Callable[[], object]) -> list[Asking]:
    """What the act asks, each statement once, with its first values; what it writes is undone."""
    seen: dict[str, Any] = {}

    def watch(execute: Any, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if sql.lstrip().startswith(("SELECT", "WITH", "UPDATE")):
            seen.setdefault(sql, params)
        return execute(sql, params, many, context)

    with transaction.atomic(), connection.execute_wrapper(watch):
        act()
        transaction.set_rollback(True)
    return list(seen.items())


def _explained(asking: Asking) -> dict[str, Any]:
    sql, params = asking
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, FORMAT JSON) {sql}", params)
        (said,) = cursor.fetchone()
        transaction.set_rollback(True)
    found: dict[str, Any] = (json.loads(said) if isinstance(said, str) else said)[0]
    return found


def _part(name: str, found: dict[str, Any]) -> str:
    plan = found["Plan"]
    pages = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
    head = f"{name}: {found['Execution Time']:,.1f} ms, {pages:,} pages, {plan['Actual Rows']:,.0f} rows"
    return "\n".join([head, *_lines(plan, 1)])


def _lines(node: Node, depth: int) -> Iterator[str]:
    """The nodes that read or join, a line each: what, by which index, rows and how often."""
    below = depth
    if node["Node Type"] not in SILENT:
        below += 1
        yield "  " * depth + _line(node)
    for part in node.get("Plans", []):
        yield from _lines(part, below)


def _line(node: Node) -> str:
    where = node.get("Index Name") or node.get("Relation Name") or node.get("CTE Name") or ""
    if node.get("Index Name") and node.get("Relation Name"):
        where = f"{node['Relation Name']} by {where}"
    join = f" {node['Join Type']}" if node.get("Join Type") not in {None, "Inner"} else ""
    times = f" x {node['Actual Loops']:,}" if node["Actual Loops"] != 1 else ""
    never = "never" if not node["Actual Loops"] else f"{node['Actual Rows']:,.0f}{times}"
    return " ".join(filter(None, [f"{node['Node Type']}{join}", where, f"({never})"]))


if __name__ == "__main__":
    main(datetime.fromisoformat(sys.argv[1]))
