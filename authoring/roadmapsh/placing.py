"""Topics into stages. A drawing does not say what belongs to what, so each topic stands where it does for a reason.

A line to a topic says so; the rest is read off the drawing: boxes that touch, a frame around them, the nearest topic.
Of these a fifth is wrong, which is why each is shown before anything is written.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from accounts.sentences import Sentence
from accounts.sentences import sentence as _
from authoring.roadmapsh import names
from authoring.roadmapsh.graph import Graph, Node

How = Literal["number", "spine", "edge", "heading", "touching", "section", "nearest", "unsorted"]

BECAUSE: dict[How, Sentence] = {
    "number": _("its number says so"),
    "spine": _("it is a topic of its own"),
    "edge": _("a line joins it to “%(to)s”"),
    "heading": _("it stands below this heading"),
    "touching": _("its box touches one of “%(to)s”"),
    "section": _("it stands in one frame with “%(to)s”"),
    "nearest": _("“%(to)s” is the nearest topic"),
    "unsorted": _("nothing says where it belongs"),
}
_CERTAIN = {"number", "spine", "edge"}
_GAP = 12.0


@dataclass(frozen=True, slots=True)
class Placed:
    """A topic by its id there, why it stands in its stage, and the title of the topic that brought it there."""

    id: str
    how: How
    to: str = ""

    @property
    def is_certain(self) -> bool:
        return self.how in _CERTAIN

    def because(self) -> Sentence:
        said = BECAUSE[self.how]
        return said.filled(to=self.to) if "%(to)s" in said.text else said


@dataclass(frozen=True, slots=True)
class StagePlan:
    key: str
    title: str
    topics: tuple[Placed, ...]


def unsorted(titles: Mapping[str, str]) -> StagePlan:
    """One stage of topics that nothing is known about, by title."""
    by_title = sorted(titles, key=lambda topic: (titles[topic].casefold(), topic))
    return StagePlan(names.UNSORTED, "Unsorted", tuple(Placed(topic, "unsorted") for topic in by_title))


def by_graph(graph: Graph, titles: Mapping[str, str]) -> list[StagePlan]:
    """The stages of a drawing; topics that are not drawn come last, unsorted. Stages without topics are left out."""
    placer = _Placer(graph, titles)
    plans = placer.stages()
    drawn = {placed.id for plan in plans for placed in plan.topics}
    if rest := {topic: title for topic, title in titles.items() if topic not in drawn}:
        plans.append(unsorted(rest))
    return plans


class _Placer:
    def __init__(self, graph: Graph, titles: Mapping[str, str]) -> None:
        self.graph = graph
        self.titles = titles
        drawn = [node for topic, node in graph.nodes.items() if topic in titles]
        self.spine = self._spine([node for node in drawn if node.type == "topic"])
        self.others = sorted((node for node in drawn if node.type != "topic"), key=_from_top)
        self.parents: dict[str, tuple[Node, How]] = {}

    def stages(self) -> list[StagePlan]:
        self._by_edge()
        self._by_touch()
        self._by_section()
        self._by_distance()
        return self._below_headings() or self._along_the_spine()

    # Whom each belongs to, surest first

    def _by_edge(self) -> None:
        """From the spine outwards, along any line."""
        joined: dict[str, list[str]] = defaultdict(list)
        for edge in self.graph.edges:
            joined[edge.source].append(edge.target)
            joined[edge.target].append(edge.source)
        known = {node.id: node for node in self.others}
        front = [(node.id, node) for node in self.spine]
        while front:
            here, parent = front.pop(0)
            for other in sorted(joined[here]):
                if other in known and other not in self.parents:
                    self.parents[other] = parent, "edge"
                    front.append((other, parent))

    def _by_touch(self) -> None:
        """Boxes that touch belong together: those without a line go with the nearest that has one, or is a topic."""
        for group in _touching([*self.spine, *self.others]):
            self._join(group, "touching")

    def _by_section(self) -> None:
        sections = [node for node in self.graph.nodes.values() if node.type == "section"]
        for section in sorted(sections, key=lambda node: (node.width * node.height, node.id)):
            self._join([node for node in (*self.spine, *self.others) if section.holds(node)], "section")

    def _by_distance(self) -> None:
        for node in self.others:
            if self.spine and node.id not in self.parents:
                self.parents[node.id] = min(self.spine, key=node.distance), "nearest"

    def _join(self, group: Sequence[Node], how: How) -> None:
        homes = [(node, self._home(node)) for node in group]
        settled = [(node, home) for node, home in homes if home]
        if not settled:
            return
        for node, home in homes:
            if home is None:
                near = min(settled, key=lambda pair: node.distance(pair[0]))  # called at once
                self.parents[node.id] = near[1], how

    def _home(self, node: Node) -> Node | None:
        if node.type == "topic":
            return node
        return self.parents[node.id][0] if node.id in self.parents else None

    # Stages

    def _below_headings(self) -> list[StagePlan]:
        headings = self.graph.headings()
        if not headings:
            return []
        below: dict[str, list[Placed]] = defaultdict(list)
        for topic in self.spine:
            heading = _above(headings, topic)
            below[heading.id] += [Placed(topic.id, "heading"), *self._with(topic)]
        for node in self.others:
            if node.id not in self.parents:
                below[_above(headings, node).id].append(Placed(node.id, "heading"))
        return [_plan(heading, below[heading.id]) for heading in headings if below[heading.id]]

    def _along_the_spine(self) -> list[StagePlan]:
        return [_plan(topic, [Placed(topic.id, "spine"), *self._with(topic)]) for topic in self.spine]

    def _with(self, topic: Node) -> Iterable[Placed]:
        """What belongs to a topic, from top to bottom."""
        for node in self.others:
            home = self.parents.get(node.id)
            if home and home[0] is topic:
                yield Placed(node.id, home[1], self.titles[topic.id])

    def _spine(self, topics: list[Node]) -> list[Node]:
        """Topics in the order of the solid lines; where these say nothing, or run in a circle, from top to bottom."""
        known = {node.id: node for node in topics}
        follows: dict[str, set[str]] = defaultdict(set)
        waits: dict[str, int] = dict.fromkeys(known, 0)
        for edge in self.graph.edges:
            is_new = edge.target not in follows[edge.source] and edge.source != edge.target
            if edge.is_solid and edge.source in known and edge.target in known and is_new:
                follows[edge.source].add(edge.target)
                waits[edge.target] += 1
        ready = [(_from_top(node), node.id) for node in topics if not waits[node.id]]
        heapq.heapify(ready)
        order: list[Node] = []
        left = dict(sorted(known.items(), key=lambda item: _from_top(item[1])))
        while left:
            here = heapq.heappop(ready)[1] if ready else next(iter(left))
            if here not in left:
                continue
            order.append(left.pop(here))
            for other in follows[here]:
                waits[other] -= 1
                if not waits[other] and other in left:
                    heapq.heappush(ready, (_from_top(known[other]), other))
        return order


def _from_top(node: Node) -> tuple[float, float, str]:
    return node.y, node.x, node.id


def _above(headings: Sequence[Node], node: Node) -> Node:
    """The lowest heading that does not stand below the node; the first when all do."""
    return next((heading for heading in reversed(headings) if heading.y <= node.center[1]), headings[0])


def _plan(node: Node, topics: Iterable[Placed]) -> StagePlan:
    return StagePlan(names.part_key(node.id), node.label, tuple(topics))


def _touching(nodes: Sequence[Node]) -> list[list[Node]]:
    """Groups of boxes that touch, one after another."""
    ordered = sorted(nodes, key=_from_top)
    home = list(range(len(ordered)))

    def top(number: int) -> int:
        while home[number] != number:
            home[number] = home[home[number]]
            number = home[number]
        return number

    for one, node in enumerate(ordered):
        for other in range(one + 1, len(ordered)):
            if ordered[other].y > node.y + node.height + _GAP:
                break
            if node.touches(ordered[other], _GAP):
                home[top(other)] = top(one)
    groups: dict[int, list[Node]] = defaultdict(list)
    for number, node in enumerate(ordered):
        groups[top(number)].append(node)
    return [group for group in groups.values() if len(group) > 1]
