"""One road of a checkout, read as a whole: its topics, their stages, and all that was odd."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from accounts.sentences import Sentence
from accounts.sentences import sentence as _
from authoring import yaml_text
from authoring.folder import MAX_BYTES
from authoring.roadmapsh import graph, names, placing, topics
from authoring.roadmapsh.graph import Graph
from authoring.roadmapsh.layouts import Found, Source
from authoring.roadmapsh.links import ToRoad
from authoring.roadmapsh.placing import Placed, StagePlan
from authoring.roadmapsh.report import Kind, Note
from authoring.roadmapsh.topics import Parsed

_WITH_ID = re.compile(r"(?P<slug>[^/@]*)@(?P<id>[A-Za-z0-9_-]+)(?:\.md)+")
_NUMBER = re.compile(r"^\d+[-_ ]*")
_INDEX = {"index", "readme"}


@dataclass(frozen=True, slots=True)
class SourceTopic:
    """A topic by its id there; `role` is what its links are worth."""

    id: str
    title: str
    parsed: Parsed
    file: str
    role: str = "core"


@dataclass
class SourceRoad:
    """A road as its files there say it; `stages` hold each of the topics once."""

    slug: str
    title: str = ""
    summary: str = ""
    topics: dict[str, SourceTopic] = field(default_factory=dict)
    stages: list[StagePlan] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    def roads(self) -> Iterator[tuple[ToRoad, SourceTopic]]:
        """The other roads that its topics point at, each with the first topic that does."""
        seen = {self.slug}
        for plan in self.stages:
            for placed in plan.topics:
                topic = self.topics[placed.id]
                for road in topic.parsed.roads:
                    if road.slug not in seen:
                        seen.add(road.slug)
                        yield road, topic


def read(source: Source, found: Found, drawing: bytes | None = None, drawing_name: str = "") -> SourceRoad:
    """The road; `drawing` is a graph file given apart, which counts instead of one beside the topics."""
    reader = _Reader(source, found)
    return reader.road(drawing, drawing_name)


class _Reader:
    def __init__(self, source: Source, found: Found) -> None:
        self.source = source
        self.found = found
        self.so_far = SourceRoad(found.slug)

    def road(self, drawing: bytes | None, drawing_name: str) -> SourceRoad:
        road = self.so_far
        drawn = self._graph(drawing, drawing_name)
        if self.found.layout in ("A", "0"):
            self._numbered()
        else:
            self._with_ids(drawn)
            titles = {topic.id: topic.title for topic in road.topics.values()}
            plans = placing.by_graph(drawn, titles) if drawn else [placing.unsorted(titles)]
            road.stages = [plan for plan in plans if plan.topics]
        front = self._front_matter()
        written = front.get("briefTitle") or front.get("title") or (drawn.title if drawn else "")
        road.title = written or names.words(self.found.slug)
        road.summary = front.get("briefDescription") or front.get("description") or ""
        if drawn and not road.summary:
            road.summary = drawn.description
        return road

    # Files

    def _read(self, local: str) -> bytes | None:
        file = self.found.root + local
        try:
            data = self.source.read(file)
        except OSError:
            self._note("text", local, _("The file can't be read; it was left out."))
            return None
        if len(data) > MAX_BYTES:
            self._note("text", local, _("The file is larger than 2 MB; it was left out."))
            return None
        return data

    def _graph(self, drawing: bytes | None, name: str) -> Graph | None:
        if drawing is None:
            beside = (f"{self.found.slug}.json", "graph.json")
            local = next((file for file in beside if file in self.found.names), None)
            drawing, name = (self._read(local), self.found.root + local) if local else (None, "")
        if drawing is None:
            return None
        drawn, notes = graph.read(drawing, name)
        self.so_far.notes += notes
        return drawn

    def _front_matter(self) -> dict[str, str]:
        local = f"{self.found.slug}.md"
        data = self._read(local) if local in self.found.names else None
        if data is None:
            return {}
        marked, _body = yaml_text.read_front_matter(data.decode("utf-8-sig", "replace"), local)
        fields = marked.data if isinstance(marked.data, dict) else {}
        return {name: " ".join(value.split()) for name, value in fields.items() if isinstance(value, str)}

    def _content(self) -> Iterator[str]:
        """Files that may be topics, by their path below `content/`."""
        for local in self.found.names:
            if local.startswith("content/"):
                if local.endswith(".md"):
                    yield local.removeprefix("content/")
                else:
                    self._note("stray", local, _("This is no Markdown; it was left out."))

    def _note(self, kind: Kind, local: str, what: Sentence) -> None:
        self.so_far.notes.append(Note(kind, self.found.root + local, None, what))

    def _parsed(self, rest: str) -> Parsed | None:
        local = f"content/{rest}"
        data = self._read(local)
        return None if data is None else topics.parse(data, self.found.root + local)

    # Layouts B and C: an id in each name

    def _with_ids(self, drawn: Graph | None) -> None:
        files: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for rest in self._content():
            found = _WITH_ID.fullmatch(rest.rpartition("/")[2])
            if found:
                files[found["id"]].append((found["slug"], rest))
            else:
                self._note(
                    "no_id", f"content/{rest}", _("The name has no id, so it could not be found again.")
                )
        slugs = {slug for same in files.values() for slug, _rest in same}
        for node_id, same in sorted(files.items()):
            self._topic_with_id(node_id, same, drawn, slugs)

    def _topic_with_id(
        self, node_id: str, same: list[tuple[str, str]], drawn: Graph | None, slugs: set[str]
    ) -> None:
        parsed = {rest: found for _slug, rest in same if (found := self._parsed(rest))}
        if not parsed:
            return
        node = drawn.nodes.get(node_id) if drawn else None
        label = node.label if node else ""
        rest, slug = self._chosen([(slug, rest) for slug, rest in same if rest in parsed], parsed, label)
        self.so_far.notes += parsed[rest].notes
        role = graph.ROLES.get(node.legend, "core") if node else "core"
        title = self._title(label, slug, parsed[rest].title, slugs, rest)
        self._add(SourceTopic(node_id, title, parsed[rest], self.found.root + f"content/{rest}", role))

    def _chosen(self, same: list[tuple[str, str]], parsed: dict[str, Parsed], label: str) -> tuple[str, str]:
        """Of several files with one id: the one named as in the graph, else by its own heading, else the newest."""
        by_label = [rest for slug, rest in same if label and slug == names.slugify(label)]
        by_heading = [rest for slug, rest in same if slug and slug == names.slugify(parsed[rest].title)]
        newest = sorted(same, key=lambda pair: (-self._changed_at(pair[1]), pair[1]))
        chosen = (by_label or by_heading or [newest[0][1]])[0]
        for _slug, rest in same:
            if rest != chosen:
                what = _("“%(other)s” has the same id; this file was left out.", other=chosen)
                self._note("two_files", f"content/{rest}", what)
        return chosen, next(slug for slug, rest in same if rest == chosen)

    def _changed_at(self, rest: str) -> float:
        try:
            return self.source.changed_at(f"{self.found.root}content/{rest}")
        except OSError:
            return 0.0

    def _title(self, label: str, slug: str, heading: str, slugs: set[str], rest: str) -> str:
        """The label in the graph, else the heading, unless there is none or it is another topic's."""
        wanted = names.slugify(heading)
        if label:
            return label
        if not heading:
            self._note(
                "title", f"content/{rest}", _("There is no heading; the title is made of the file's name.")
            )
        elif wanted != slug and wanted in slugs:
            what = _("The heading “%(heading)s” is another topic's; the title is made of the file's name.")
            self._note("title", f"content/{rest}", what.filled(heading=heading[:120]))
        else:
            if wanted != slug and slug:
                what = _("The heading “%(heading)s” differs from the file's name. It was taken as the title.")
                self._note("title", f"content/{rest}", what.filled(heading=heading[:120]))
            return heading
        return names.words(slug) or heading or "Untitled"

    def _add(self, topic: SourceTopic) -> None:
        self.so_far.topics[topic.id] = topic

    # Layouts A and 0: numbers in each name

    def _numbered(self) -> None:
        groups: dict[str, list[str]] = defaultdict(list)
        for rest in sorted(self._content(), key=_by_number):
            group = rest.partition("/")[0] if "/" in rest else ""
            if rest.rpartition("/")[2].removesuffix(".md") in _INDEX and not group:
                self._note("stray", f"content/{rest}", _("This is an index, no topic; it was left out."))
            else:
                groups[group].append(rest)
        for group, files in groups.items():
            self._group(group, files)

    def _group(self, group: str, files: list[str]) -> None:
        """A folder is a stage; its index is the first of its topics."""
        placed: list[Placed] = []
        title = names.words(_NUMBER.sub("", group))
        for rest in files:
            topic_id = _path_id(rest)
            parsed = self._parsed(rest)
            if parsed is None:
                continue
            if topic_id in self.so_far.topics:
                self._note(
                    "two_files", f"content/{rest}", _("Another file has the same name but for its number.")
                )
                continue
            self.so_far.notes += parsed.notes
            heading = parsed.title or names.words(topic_id.rpartition(":")[2]) or "Untitled"
            if not parsed.title:
                what = _("There is no heading; the title is made of the file's name.")
                self._note("title", f"content/{rest}", what)
            if topic_id == _path_id(group):
                title = heading
            self._add(SourceTopic(topic_id, heading, parsed, f"{self.found.root}content/{rest}"))
            placed.append(Placed(topic_id, "number" if group else "unsorted"))
        key = names.part_key(f"stage:{_path_id(group)}") if group else names.UNSORTED
        if key in {plan.key for plan in self.so_far.stages}:
            key = names.part_key(f"stage:{group}")
        if placed:
            self.so_far.stages.append(StagePlan(key, title or "Unsorted", tuple(placed)))


def _path_id(rest: str) -> str:
    """`group:topic`, without numbers, as the files of that time name topics."""
    parts = [_NUMBER.sub("", part) or part for part in rest.removesuffix(".md").split("/")]
    if len(parts) > 1 and parts[-1].lower() in _INDEX:
        parts.pop()
    return ":".join(parts)


def _by_number(rest: str) -> tuple[tuple[int, str], ...]:
    """Indices first, then by number, then by name."""
    return tuple(_place(part) for part in rest.removesuffix(".md").split("/"))


def _place(part: str) -> tuple[int, str]:
    if part.lower() in _INDEX:
        return -1, ""
    number = re.match(r"\d{1,9}", part)
    return (int(number[0]) if number else 1_000_000_000), part
