"""Which roads a checkout holds, told by its paths alone, and in which of the four layouts each is."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal, Protocol

from authoring.folder import MAX_BYTES

Layout = Literal["0", "A", "B", "C"]

_CONTENT = re.compile(r"(?P<root>(?:.*/)?)content/(?P<rest>.+)", re.DOTALL)
_OF_MANY = re.compile(r"(?:.*/)?roadmaps/[^/]+/", re.DOTALL)
_BESIDE = re.compile(r"(?:.*/)?[^/]+\.(?:json|md)", re.DOTALL)
_NUMBERED = re.compile(r"\d{2,3}-[^/]")
_PASSED_OVER = {"node_modules", "__MACOSX"}


class Source(Protocol):
    """The files of a checkout by path, and the name of the folder that was given; `read` may raise OSError."""

    name: str

    @property
    def names(self) -> Iterable[str]: ...

    def read(self, name: str) -> bytes: ...

    def changed_at(self, name: str) -> float: ...


@dataclass(frozen=True, slots=True)
class Found:
    """One road of a checkout: the folder it lies in (`roadmaps/<slug>/`, or nothing) and its files below that."""

    slug: str
    layout: Layout
    root: str
    names: tuple[str, ...]


def roads(source: Source) -> list[Found]:
    """The roads of a checkout, of its folder of roads, or the one of `roadmaps/<slug>`; by slug."""
    below: dict[str, list[str]] = defaultdict(list)
    beside: dict[str, list[str]] = defaultdict(list)
    for name in sorted(source.names):
        if found := _CONTENT.fullmatch(name):
            below[found["root"]].append(name)
        elif _BESIDE.fullmatch(name):
            beside[name[: name.rfind("/") + 1]].append(name)
    among_many = [root for root in below if _OF_MANY.fullmatch(root)]
    roots = among_many or [root for root in below if root.count("/") <= 1]
    found_roads = [_found(root, [*below[root], *beside[root]], source.name) for root in roots]
    return sorted((road for road in found_roads if road.slug), key=lambda road: (road.slug, road.root))


def _found(root: str, names: list[str], name: str) -> Found:
    folder = PurePosixPath(root).name or name
    local = tuple(file.removeprefix(root) for file in names)
    layout = _layout(root, folder, local)
    slug = re.sub(r"^\d+-", "", folder) if layout == "0" else folder
    return Found(slug, layout, root, local)


def _layout(root: str, folder: str, names: tuple[str, ...]) -> Layout:
    inside = [name.removeprefix("content/") for name in names if name.startswith("content/")]
    if "content/roadmaps/" in root or {"meta.json", "content-paths.json"} & set(names):
        return "0"
    if any(map(_NUMBERED.match, inside)) and not any("@" in name for name in inside):
        return "A"
    has_frame = {f"{folder}.json", f"{folder}.md"} & set(names)
    return "B" if has_frame or "src/data/roadmaps/" in root else "C"


class Memory:
    """A checkout out of a zip."""

    def __init__(self, files: Mapping[str, bytes], name: str = "") -> None:
        self.files = files
        self.name = name

    @property
    def names(self) -> Iterable[str]:
        return self.files

    def read(self, name: str) -> bytes:
        return self.files[name]

    def changed_at(self, name: str) -> float:
        return 0.0


class Disk:
    """A checkout in a folder; hidden folders and links are passed over."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.name = root.resolve().name
        self._names = sorted(self._walk())

    @property
    def names(self) -> Iterable[str]:
        return self._names

    def read(self, name: str) -> bytes:
        with (self.root / name).open("rb") as file:
            return file.read(MAX_BYTES + 1)

    def changed_at(self, name: str) -> float:
        return (self.root / name).stat().st_mtime

    def _walk(self) -> Iterable[str]:
        for folder, folders, files in os.walk(self.root):
            folders[:] = [name for name in folders if not name.startswith(".") and name not in _PASSED_OVER]
            for file in files:
                path = Path(folder) / file
                if not file.startswith(".") and not path.is_symlink():
                    yield path.relative_to(self.root).as_posix()
