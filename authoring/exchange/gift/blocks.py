"""The blocks of a GIFT file: blank lines part them, comments are taken out, a category stands on a line of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from accounts.sentences import sentence as _
from authoring.exchange import categories
from authoring.exchange.gift.escapes import masked
from authoring.exchange.questions import UnreadableError

MOST_BLOCKS = 5000
_FURTHER = 40  # blocks that are looked at for a brace that closes
_CATEGORY = "$CATEGORY:"
_TAG = re.compile(r"\[tag:((?:[^\[\]\\]|\\.){1,200})\]")
_ID = re.compile(r"\[id:((?:[^\[\]\\]|\\.){1,200})\]")
_BACKSLASHED = re.compile(r"\\(.)")


@dataclass(slots=True)
class Block:
    """Lines without a blank one between them, escapes put away; `line` is where they begin."""

    line: int
    lines: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\n".join(self.lines).strip()

    def category(self) -> tuple[str, ...] | None:
        """Where the questions below belong, from the top; None when this is no such line."""
        if not self.lines or not self.lines[0].startswith(_CATEGORY):
            return None
        return categories.parts(self.lines[0].removeprefix(_CATEGORY))

    def tags(self) -> tuple[str, ...]:
        """As Moodle writes them into comments."""
        found = (_BACKSLASHED.sub(r"\1", tag).strip() for line in self.comments for tag in _TAG.findall(line))
        return tuple(dict.fromkeys(tag for tag in found if tag))

    def id(self) -> str:
        found = [_BACKSLASHED.sub(r"\1", one).strip() for line in self.comments for one in _ID.findall(line)]
        return found[0] if found else ""


def blocks(text: str) -> Iterator[Block]:
    """The blocks of a file; raises UnreadableError for more than it should have."""
    parts = list(_parts(text))
    at = 0
    while at < len(parts):
        end = _end(parts, at)
        block = parts[at]
        for other in parts[at + 1 : end]:
            block.lines += ["", *other.lines]
            block.comments += other.comments
        at = end
        yield block


def _parts(text: str) -> Iterator[Block]:
    block, count = Block(0), 0
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.strip()
        if line.startswith("//"):
            block.comments.append(line)
            continue
        begins_anew = not line or line.startswith(_CATEGORY)
        if begins_anew and (block.lines or not line):
            if block.lines or block.comments:
                count += 1
                yield block
            block = Block(0)
        if line:
            block.line = block.line or number
            block.lines.append(masked(line))
        if line.startswith(_CATEGORY):
            yield block
            block = Block(0)
        if count > MOST_BLOCKS:
            what = _("The file has more than %(most)s questions. Split it.", most=MOST_BLOCKS)
            raise UnreadableError(what, f"line {number}")
    if block.lines or block.comments:
        yield block


def _end(parts: list[Block], at: int) -> int:
    """Behind the block that closes the brace which this one leaves open: some write blank lines into answers."""
    text = parts[at].text
    if text.count("{") <= text.count("}"):
        return at + 1
    for further in range(at + 1, min(at + _FURTHER, len(parts))):
        text = parts[further].text
        opens, closes = text.find("{"), text.find("}")
        if text.startswith(("::", _CATEGORY)) or (opens != -1 and not 0 <= closes < opens):
            break
        if closes != -1:
            return further + 1
    return at + 1
