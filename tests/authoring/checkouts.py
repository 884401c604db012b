"""Checkouts of roadmap.sh as tests need them: topics of our own about bees, in the layouts of its repository."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

from authoring.roadmapsh import layouts, reading
from authoring.roadmapsh.layouts import Memory
from authoring.roadmapsh.reading import SourceRoad

LEAD_IN = "Visit the following resources to learn more:"


def node_id(name: str) -> str:
    """An id as theirs look: 21 characters, the same for the same name."""
    return (name + "-" + "aB3_xYz9Qw0LmN5pR7tUv")[:21]


def topic(title: str, *links: str, text: str = "Bees need it.", lead_in: str = LEAD_IN) -> bytes:
    """A file as their sync writes it: no newline at its end."""
    parts = [f"# {title}", text]
    if links:
        parts += [lead_in, "\n".join(f"- {link}" for link in links)]
    return "\n\n".join(parts).encode()


def link(title: str, kind: str = "article") -> str:
    return f"[@{kind}@{title}](https://bees.example/{title.replace(' ', '-').lower()})"


def layout_c(slug: str = "bees", **topics: bytes) -> dict[str, bytes]:
    """`name=bytes` each; the id is made of the name."""
    return {f"roadmaps/{slug}/content/{name}@{node_id(name)}.md": data for name, data in topics.items()}


def three_topics(slug: str = "bees") -> dict[str, bytes]:
    return layout_c(
        slug,
        hive=topic("Hive", link("Build a hive"), link("Hives at a glance", "video")),
        queen=topic("Queen", link("Find the queen", "book")),
        smoke=topic("Smoke", link("Calm smoke", "official")),
    )


def node(
    name: str, kind: str = "subtopic", *, x: float = 0, y: float = 0, legend: str = "", label: str = ""
) -> dict[str, Any]:
    data = {"label": label or name.capitalize(), **({"legend": {"label": legend}} if legend else {})}
    box = {"width": 100, "height": 40, "position": {"x": x, "y": y}}
    return {"id": node_id(name), "type": kind, "data": data, **box}


def edge(one: str, other: str, style: str = "dashed") -> dict[str, Any]:
    return {
        "id": f"{one}-{other}",
        "source": node_id(one),
        "target": node_id(other),
        "data": {"edgeStyle": style},
    }


def graph(nodes: list[dict[str, Any]], edges: list[dict[str, Any]] = []) -> bytes:  # noqa: B006  # never changed
    return json.dumps({"nodes": nodes, "edges": edges}).encode()


def read(files: dict[str, bytes], drawing: bytes | None = None) -> SourceRoad:
    """The one road of a checkout."""
    source = Memory(files)
    (found,) = layouts.roads(source)
    return reading.read(source, found, drawing, "graph.json")


def noted(road: SourceRoad) -> list[tuple[str, str, int | None]]:
    """What was odd: kind, file name, line."""
    return [(note.kind, Path(note.file).name, note.line) for note in road.notes]


def titles(road: SourceRoad) -> dict[str, list[str]]:
    """Titles of topics by title of stage."""
    return {plan.title: [road.topics[placed.id].title for placed in plan.topics] for plan in road.stages}


def write(files: dict[str, bytes], to: Path) -> Path:
    for name, data in files.items():
        path = to / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return to


def packed(files: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return stream.getvalue()
