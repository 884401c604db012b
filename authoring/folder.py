"""Reads a road's folder, from a disk or out of a zip: every fault names its file and line.

On a disk nothing outside the folder is read and no link is followed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from accounts.sentences import NOTHING, Sentence
from accounts.sentences import sentence as _
from authoring import yaml_text
from authoring.checked import Checked, Part, RawQuiz, RawRoad, RawStage, check
from authoring.faults import ROAD, Fault, FilePlace, Loc, Severity, named
from authoring.yaml_text import Marked
from roadmap.document import CONTROL
from roadmap.keys import is_key

MAX_BYTES = 2 * 1024 * 1024
MAX_FILES = 5_000
MAX_PARTS = (
    500_000  # texts, numbers, lists and mappings of all files together: ten times the longest road we know
)
MAX_FAULTS = 500


def read_folder(root: Path) -> Checked:
    """The road of a folder, checked; all that is wrong with it is in `faults`."""
    place = FilePlace(_("folder"), str(root))
    if not root.is_dir():
        fault = place.fault((), _("This is not a folder."), _("Name the folder that holds road.yaml."))
        return Checked(None, [fault])
    disk = _Disk(root)
    return _read(disk, disk.faults)


def read_files(files: Mapping[str, bytes], faults: Sequence[Fault] = ()) -> Checked:
    """The road of files in memory, by their path in the folder; `faults` were found on the way here."""
    return _read(_Memory(files), list(faults))


def _read(source: _Source, faults: list[Fault]) -> Checked:
    reader = _Reader(source, faults)
    raw = reader.road()
    checked = check(raw, faults)
    if len(checked.faults) <= MAX_FAULTS:
        return checked
    worst_first = sorted(checked.faults, key=lambda fault: not fault.stops)
    return replace(checked, faults=worst_first[:MAX_FAULTS])


class _Source(Protocol):
    """Where the files come from; `read` gives at most MAX_BYTES and one more, or raises OSError."""

    names: frozenset[str]

    def read(self, file: str) -> bytes: ...


class _Reader:
    def __init__(self, source: _Source, faults: list[Fault]) -> None:
        self.source = source
        self.faults = faults
        self.files = source.names
        self.opened: set[str] = set()
        self.parts = 0

    def road(self) -> RawRoad:
        road = self._yaml("road.yaml", ROAD, "")
        raw = RawRoad(road, faq=self._entries("faq.yaml", "question"))
        raw.resources = self._entries("resources.yaml", "resource")
        raw.stages = [self._stage(key) for key in self._listed(road, "stages")]
        if "questions.yaml" in self.files:
            raw.bank = self._entries("questions.yaml", "question")
        if "placement.yaml" in self.files:
            raw.placement = self._quiz("placement.yaml", _("quiz for placement"))
        self._refuse_unlisted()
        return raw

    def _stage(self, key: str) -> RawStage:
        at = f"stages/{key}"
        stage = self._yaml(f"{at}/stage.yaml", named("stage", key), key)
        topics = [self._markdown(f"{at}/topics", topic, "topic") for topic in self._listed(stage, "topics")]
        tasks = [self._markdown(f"{at}/evidence", task, "task") for task in self._listed(stage, "evidence")]
        name = _("quiz of “%(stage)s”", stage=key)
        quiz = self._quiz(f"{at}/quiz.yaml", name) if f"{at}/quiz.yaml" in self.files else None
        return RawStage(stage, topics, tasks, quiz)

    def _quiz(self, file: str, name: Sentence) -> RawQuiz:
        marked = self._marked(file)
        place = FilePlace(name, file, marked.lines)
        if not isinstance(marked.data, dict):
            return RawQuiz(Part(None, place, is_unread=bool(marked.faults)), [])
        questions = marked.data.pop("questions", [])
        return RawQuiz(Part(marked.data, place), self._items(questions, place, "question", ("questions",)))

    def _entries(self, file: str, name: str) -> list[Part]:
        marked = self._marked(file)
        place = FilePlace(file, file, marked.lines)
        if marked.data is None:
            return []
        return self._items(marked.data, place, name, ())

    def _items(self, items: Any, place: FilePlace, name: str, base: Loc) -> list[Part]:
        if not isinstance(items, list):
            fault = place.fault(base, _("A list belongs here."), _("Begin each entry with “- key: …”."))
            self.faults.append(fault)
            return []
        return [
            Part(
                item, FilePlace(named(name, _key_of(item, number)), place.file, place.lines, (*base, number))
            )
            for number, item in enumerate(items)
        ]

    def _yaml(self, file: str, name: Sentence, key: str) -> Part:
        marked = self._marked(file)
        return self._part(marked, FilePlace(name, file, marked.lines), key)

    def _markdown(self, folder: str, key: str, name: str) -> Part:
        file = f"{folder}/{key}.md"
        text = self._text(file)
        if text is None:
            return Part(None, FilePlace(named(name, key), file), key, is_unread=True)
        marked, body = yaml_text.read_front_matter(text, file)
        self._count(marked)
        place = FilePlace(named(name, key), file, marked.lines)
        if isinstance(marked.data, dict):
            if "body" in marked.data:
                fault = place.fault(
                    ("body",), _("“body” stands among the fields."), _("Write the text below them.")
                )
                self.faults.append(fault)
            marked.data["body"] = body
        return self._part(marked, place, key)

    def _part(self, marked: Marked, place: FilePlace, key: str) -> Part:
        """The part of a file that is named by its key, be it the file or its folder."""
        found = marked.data.get("key", key) if isinstance(marked.data, dict) else key
        if key and isinstance(found, str) and found != key:
            what = _("The key is “%(found)s”, but file or folder is named “%(key)s”.", found=found, key=key)
            self.faults.append(place.fault(("key",), what, _("Name both the same.")))
        return Part(marked.data, place, key, is_unread=marked.data is None and bool(marked.faults))

    def _listed(self, part: Part, field: str) -> list[str]:
        """The keys in a list of a part that may have other faults; what is no key is complained of elsewhere."""
        keys = part.data.get(field) if isinstance(part.data, dict) else None
        found = (
            [key for key in keys if isinstance(key, str) and is_key(key)] if isinstance(keys, list) else []
        )
        first: dict[str, int] = {}
        for number, key in enumerate(found):
            if first.setdefault(key, number) != number:
                what = _("“%(key)s” is listed twice.", key=key)
                self.faults.append(part.place.fault((field, number), what, _("Keep one of the two.")))
        return list(first)[: MAX_FILES + 1]  # of so many, one has no file

    def _marked(self, file: str) -> Marked:
        text = self._text(file)
        if text is None:
            return Marked(faults=self.faults[-1:])
        marked = yaml_text.read(text, file)
        self._count(marked)
        return marked

    def _count(self, marked: Marked) -> None:
        self.faults += marked.faults
        self.parts += len(marked.lines)

    def _text(self, file: str) -> str | None:
        """The file's text with plain line ends; None with a fault noted when it is missing or not a sound text."""
        self.opened.add(file)
        if file not in self.files:
            self._note(file, _("The file is missing."), _("Write it, or take its key out of the list."))
            return None
        if self.parts > MAX_PARTS:
            self._note(file, _("The files before this one hold more than a road has."), _("Shorten them."))
            return None
        data = self._bytes(file)
        if data is None:
            return None
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            self._note(file, _("This is not UTF-8."), _("Save the file as UTF-8."), line)
            return None
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        if found := CONTROL.search(text):
            line = text.count("\n", 0, found.start()) + 1
            self._note(file, _("A control character stands here."), _("Remove it."), line)
            return None
        return text

    def _bytes(self, file: str) -> bytes | None:
        try:
            data = self.source.read(file)
        except OSError as error:
            what = _("The file can't be read: %(reason)s.", reason=error.strerror or "")
            self._note(file, what, _("Let it be readable."))
            return None
        if len(data) > MAX_BYTES:
            self._note(file, _("The file is larger than 2 MB."), _("Split or shorten it."))
            return None
        return data

    def _refuse_unlisted(self) -> None:
        for file in sorted(self.files - self.opened):
            if _is_of_the_format(file):
                remedy = _("List its key in stage.yaml or road.yaml, or delete it.")
                self._note(file, _("The file is there, but not listed."), remedy)
            else:
                what = _("The file is not part of a road and is left out.")
                self._note(file, what, NOTHING, severity="warns")

    def _note(
        self,
        file: str,
        what: Sentence,
        remedy: Sentence,
        line: int | None = None,
        *,
        severity: Severity = "stops",
    ) -> None:
        self.faults.append(_of_file(file, what, remedy, line, severity=severity))


class _Memory:
    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = files
        self.names = frozenset(files)

    def read(self, file: str) -> bytes:
        return self.files[file]


class _Disk:
    """Plain files below a folder, hidden ones left out; links are refused, not followed."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.faults: list[Fault] = []
        self.names = frozenset(self._walk())

    def read(self, file: str) -> bytes:
        descriptor = os.open(self.root / file, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
        with os.fdopen(descriptor, "rb") as stream:
            return stream.read(MAX_BYTES + 1)

    def _walk(self) -> Iterator[str]:
        count = 0
        for folder, folders, files in os.walk(self.root):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted([*folders, *files]):
                path = Path(folder, name)
                file = path.relative_to(self.root).as_posix()
                if path.is_symlink():
                    self.faults.append(_of_file(file, _("This is a link."), _("Put the file itself here.")))
                elif name in files and not name.startswith(".") and path.is_file():
                    count += 1
                    yield file
            if count > MAX_FILES:
                what = _("There are more than %(most)s files.", most=MAX_FILES)
                self.faults.append(_of_file(".", what, _("Name the folder of one road.")))
                return


def _of_file(
    file: str, what: Sentence, remedy: Sentence, line: int | None = None, *, severity: Severity = "stops"
) -> Fault:
    return FilePlace(file, file, {(): line} if line else {}).fault((), what, remedy, severity=severity)


def _is_of_the_format(file: str) -> bool:
    parts = file.split("/")
    if parts[0] != "stages" or len(parts) < 3:
        return False
    return parts[2:] in (["stage.yaml"], ["quiz.yaml"]) or (
        len(parts) == 4 and parts[2] in ("topics", "evidence") and file.endswith(".md")
    )


def _key_of(item: Any, number: int) -> str:
    key = item.get("key") if isinstance(item, dict) else None
    return key if isinstance(key, str) else str(number + 1)
