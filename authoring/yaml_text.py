"""Reads YAML that strangers wrote: plain data, the line of each part, and every fault instead of the first.

Only what a road needs is read: texts, numbers, true, false, null, lists and mappings. Anchors, aliases, tags and
several documents in a file are refused, depth and length are bounded, so a small file can't grow large in memory.
Words such as yes, no and on stay texts, and dates do too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from accounts.sentences import Sentence
from accounts.sentences import sentence as _
from authoring.faults import Fault, FilePlace, Loc
from roadmap.document import CONTROL

MAX_DEPTH = 20
MAX_PARTS = 200_000

INTEGER = re.compile(r"[-+]?[0-9]{1,18}")
NUMBER = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]{1,3})?")
_WORDS: dict[str, bool | None] = {"": None, "~": None, "null": None, "true": True, "false": False}
# The reader in C is ten times faster; the other one stands in where PyYAML was built without it.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass
class Marked:
    """Data read from one file, with the line (counted from 1) on which each part of it begins."""

    data: Any = None
    lines: dict[Loc, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


def read(text: str, file: str, *, first_line: int = 1) -> Marked:
    """The data of a YAML text; `first_line` is the line of the file on which the text begins."""
    reader = _Reader(file, first_line)
    try:
        reader.read(text)
    except yaml.YAMLError as error:
        reader.refuse_syntax(error)
    except _Refused:
        reader.marked.data = None
    return reader.marked


def read_front_matter(text: str, file: str) -> tuple[Marked, str]:
    """The data between the two lines of three hyphens at a file's top, and the Markdown below them."""
    head, body, body_line = _split(text)
    if head is None:
        place = FilePlace(file, file, {(): 1})
        remedy = _("Begin the file with a line ---, the fields, and a second line ---.")
        return Marked(faults=[place.fault((), _("The fields at the top are missing."), remedy)]), ""
    marked = read(head, file, first_line=2)
    marked.lines[("body",)] = body_line
    return marked, body.strip()


def _split(text: str) -> tuple[str | None, str, int]:
    lines = text.split("\n")
    if lines[0].rstrip() != "---":
        return None, "", 1
    for number, line in enumerate(lines[1:], 1):
        if line.rstrip() == "---":
            return "\n".join(lines[1:number]), "\n".join(lines[number + 1 :]), number + 2
    return None, "", 1


class _Refused(Exception):  # noqa: N818  # not an error of ours: the file is given up, its fault is noted
    pass


class _Reader:
    def __init__(self, file: str, first_line: int) -> None:
        self.marked = Marked()
        self.file = file
        self.first_line = first_line
        self.parts = 0

    def read(self, text: str) -> None:
        events = yaml.parse(text, Loader=_LOADER)
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                self._refuse_second(event)
                self.marked.data = self._value(next(events), events, ())

    def refuse_syntax(self, error: yaml.YAMLError) -> None:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or _("it holds a character that YAML does not allow")
        line = mark.line + self.first_line if mark else self.first_line
        self.marked.data = None
        self._note(
            (),
            line,
            _("This is not valid YAML: %(problem)s.", problem=problem),
            _("Check indentation, colons and quotes on this line and the one above."),
        )

    def _value(self, event: yaml.Event, events: Iterator[yaml.Event], loc: Loc) -> Any:
        self.marked.lines.setdefault(loc, self._line(event))
        self._refuse_dangers(event, loc)
        match event:
            case yaml.ScalarEvent():
                self._refuse_control(event, loc)
                return self._scalar(event)
            case yaml.SequenceStartEvent():
                return self._list(events, loc)
            case _:
                return self._mapping(events, loc)

    def _scalar(self, event: yaml.ScalarEvent) -> Any:
        text = event.value
        is_plain = event.implicit[0] and not event.style
        if not is_plain:
            return text
        if text in _WORDS:
            return _WORDS[text]
        if INTEGER.fullmatch(text):
            return int(text)
        return float(text) if NUMBER.fullmatch(text) else text

    def _list(self, events: Iterator[yaml.Event], loc: Loc) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            items.append(self._value(event, events, (*loc, len(items))))
        return items

    def _mapping(self, events: Iterator[yaml.Event], loc: Loc) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            key = self._key(event, loc)
            if key in found:
                self._note_twice(key, event, loc)
                self._value(next(events), events, (*loc, key, "again"))
                continue
            self.marked.lines[(*loc, key)] = self._line(event)
            found[key] = self._value(next(events), events, (*loc, key))
        return found

    def _key(self, event: yaml.Event, loc: Loc) -> str:
        self._refuse_dangers(event, loc)
        if isinstance(event, yaml.ScalarEvent):
            self._refuse_control(event, loc)
            return str(event.value)
        self._give_up(
            event, loc, _("A list or mapping stands where a name belongs."), _("Write a plain name.")
        )
        raise _Refused

    def _note_twice(self, key: str, event: yaml.Event, loc: Loc) -> None:
        first = self.marked.lines.get((*loc, key))
        self._note(
            loc,
            self._line(event),
            _(
                "“%(key)s” stands here a second time; the first is on line %(line)s.",
                key=key,
                line=first or 0,
            ),
            _("Keep one of the two."),
        )

    def _refuse_dangers(self, event: yaml.Event, loc: Loc) -> None:
        self.parts += 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            self._give_up(
                event,
                loc,
                _("Anchors (&) and aliases (*) are not read."),
                _("Write the text out, or quote it."),
            )
        if getattr(event, "tag", None):
            self._give_up(event, loc, _("Tags (!) are not read."), _("Leave the tag out, or quote the text."))
        if len(loc) > MAX_DEPTH or self.parts > MAX_PARTS:
            self._give_up(
                event, loc, _("This is nested too deeply or too long."), _("Make it flatter or shorter.")
            )

    def _refuse_control(self, event: yaml.ScalarEvent, loc: Loc) -> None:
        """A character that the file can't hold is not written as an escape either."""
        if CONTROL.search(event.value):
            self._note(loc, self._line(event), _("A control character stands here."), _("Remove it."))

    def _refuse_second(self, event: yaml.Event) -> None:
        if self.parts:
            self._give_up(event, (), _("A second document begins here."), _("Take the line --- out."))

    def _give_up(self, event: yaml.Event, loc: Loc, what: Sentence, remedy: Sentence) -> None:
        self._note(loc, self._line(event), what, remedy)
        raise _Refused

    def _note(self, loc: Loc, line: int, what: Sentence, remedy: Sentence) -> None:
        place = FilePlace(self.file, self.file, {loc: line})
        self.marked.faults.append(place.fault(loc, what, remedy))

    def _line(self, event: yaml.Event) -> int:
        mark = event.start_mark
        return mark.line + self.first_line if mark else self.first_line
