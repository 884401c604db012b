"""How the database does what an act asks of it: the nodes of its plans, by EXPLAIN."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

Node = dict[str, Any]  # of a plan as EXPLAIN writes it in JSON


def planned_for(act: Callable[[], object]) -> Iterator[Node]:
    """Nodes of the plans of all that the act asks the database; what it writes is undone first."""
    with transaction.atomic():
        with CaptureQueriesContext(connection) as asked:
            act()
        transaction.set_rollback(True)
    for query in asked.captured_queries:
        if query["sql"].lstrip().startswith(("SELECT", "UPDATE", "INSERT", "WITH")):
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN (FORMAT JSON) {query['sql'].replace('%', '%%')}")
                (found,) = cursor.fetchone()
            yield from _nodes((json.loads(found) if isinstance(found, str) else found)[0]["Plan"])


def read_whole(nodes: list[Node], tables: set[str]) -> set[str]:
    """Those of these tables that are read from end to end."""
    return {node["Relation Name"] for node in nodes if node["Node Type"] == "Seq Scan"} & tables


def indexes_of(nodes: list[Node]) -> set[str]:
    return {node["Index Name"] for node in nodes if "Index Name" in node}


def _nodes(plan: Node) -> Iterator[Node]:
    yield plan
    for part in plan.get("Plans", []):
        yield from _nodes(part)
