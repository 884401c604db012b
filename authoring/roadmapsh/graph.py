"""The drawing of a road: boxes with labels, and lines between them. What can't be read of it is passed over."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from accounts.sentences import ngettext
from accounts.sentences import sentence as _
from authoring.roadmapsh.report import Note

MOST_NODES = 2_000

# Words of a legend, and what they come to; the first that fits counts.
_LEGENDS = (
    ("alternative", ("alternative", "pick this or")),
    ("optional", ("optional", "anytime")),
    ("recommended", ("recommend",)),
    ("beginner", ("beginner", "start here")),
    ("intermediate", ("intermediate", "pick next")),
    ("advanced", ("advanced", "pick last")),
    ("order-free", ("order", "strict")),
)
# What a topic's links are worth by its legend: whoever passes the stage ticks what is core.
ROLES = {"alternative": "alternative", "optional": "deep_dive"}

_BOILERPLATE = re.compile(
    r"find the|interactive version|detailed version|also visit|keep learning|roadmap\.sh|https?://|visit the|"
    r"related roadmaps|continue learning|join the|community|sign up|click|have a look",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Node:
    id: str
    type: str
    label: str
    x: float = 0
    y: float = 0
    width: float = 0
    height: float = 0
    legend: str = ""

    @property
    def center(self) -> tuple[float, float]:
        return self.x + self.width / 2, self.y + self.height / 2

    def holds(self, other: Node) -> bool:
        x, y = other.center
        return self.x <= x <= self.x + self.width and self.y <= y <= self.y + self.height

    def touches(self, other: Node, gap: float) -> bool:
        return (
            self.x - gap <= other.x + other.width
            and other.x - gap <= self.x + self.width
            and self.y - gap <= other.y + other.height
            and other.y - gap <= self.y + self.height
        )

    def distance(self, other: Node) -> float:
        return math.dist(self.center, other.center)


@dataclass(frozen=True, slots=True)
class Edge:
    """A line; a solid one leads from topic to topic, a dashed one to what belongs to it."""

    source: str
    target: str
    is_solid: bool


@dataclass(frozen=True, slots=True)
class Graph:
    nodes: dict[str, Node]
    edges: tuple[Edge, ...]
    title: str = ""
    description: str = ""

    def headings(self) -> list[Node]:
        """Texts that stand above a group of topics, from top to bottom."""
        found = [node for node in self.nodes.values() if node.type == "paragraph" and _is_heading(node.label)]
        return sorted(found, key=lambda node: (node.y, node.x, node.id))


def read(data: bytes, file: str) -> tuple[Graph | None, list[Note]]:
    """The graph of a file of theirs, or of the document that their site answers with."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return None, [Note("graph", file, None, _("This is no JSON. The order was not read."))]
    if not isinstance(document, dict) or not isinstance(document.get("nodes"), list):
        return None, [Note("graph", file, None, _("There are no nodes in it. The order was not read."))]
    nodes = {node.id: node for node in _nodes(document["nodes"])}
    if len(nodes) > MOST_NODES:
        what = _("It has more than %(most)s nodes. The order was not read.", most=MOST_NODES)
        return None, [Note("graph", file, None, what)]
    edges, dangling = _edges(document.get("edges"), nodes)
    notes = []
    if dangling:
        what = ngettext("%(count)s line leads nowhere.", "%(count)s lines lead nowhere.", dangling)
        notes.append(Note("graph", file, None, what))
    title = document.get("title")
    if isinstance(title, dict):
        title = title.get("card") or title.get("page")
    return Graph(nodes, tuple(edges), _line(title), _line(document.get("description"))), notes


def _nodes(entries: list[Any]) -> Iterator[Node]:
    for entry in entries:
        if isinstance(entry, dict) and isinstance(entry.get("id"), str) and entry["id"]:
            data, position = _dict(entry.get("data")), _dict(entry.get("position"))
            measured, style = _dict(entry.get("measured")), _dict(entry.get("style"))
            yield Node(
                entry["id"],
                _line(entry.get("type")),
                _line(data.get("label")),
                _number(position.get("x")),
                _number(position.get("y")),
                _number(entry.get("width") or measured.get("width") or style.get("width")),
                _number(entry.get("height") or measured.get("height") or style.get("height")),
                legend(_line(_dict(data.get("legend")).get("label"))),
            )


def _edges(entries: Any, nodes: dict[str, Node]) -> tuple[list[Edge], int]:
    edges, dangling = [], 0
    for entry in entries if isinstance(entries, list) else []:
        source, target = _dict(entry).get("source"), _dict(entry).get("target")
        if isinstance(source, str) and isinstance(target, str) and source in nodes and target in nodes:
            style = _dict(entry.get("data")).get("edgeStyle")
            edges.append(Edge(source, target, style != "dashed"))
        else:
            dangling += 1
    return edges, dangling


def legend(label: str) -> str:
    """What the words of a legend come to, nothing when they are not known."""
    said = label.lower()
    return next((name for name, words in _LEGENDS if any(word in said for word in words)), "")


def _is_heading(label: str) -> bool:
    return 0 < len(label) <= 80 and not _BOILERPLATE.search(label)


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _line(value: Any) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""


def _number(value: Any) -> float:
    is_one = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e9
    return float(value) if is_one and math.isfinite(value) else 0.0
