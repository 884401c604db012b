"""HTML of other houses as Markdown of ours, and the other way round.

Reading and writing agree: what `markdown` gives, `html` writes so that `markdown` gives it again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from lxml import etree

from accounts.sentences import Sentence
from accounts.sentences import sentence as _
from authoring.exchange import html_tags as tags
from authoring.exchange import markdown_signs as signs
from authoring.exchange.markdown_out import html, is_address, normal_address
from roadmap.document import CONTROL

__all__ = ["LONGEST", "Prose", "file_lost", "html", "markdown"]

LONGEST = 200_000  # characters of HTML, pictures in it not counted
_LONGEST_CHECKED = 20_000  # characters of Markdown: no field of a question takes more
_DEEPEST = 40
_NO_SIZES: Mapping[str, int] = MappingProxyType({})
_EMBEDDED = re.compile(
    r"(data:[a-z0-9.+/-]{1,60})(?:;[a-z0-9=.-]{1,60}){0,3},([A-Za-z0-9+/=%_.\s-]{40,})", re.IGNORECASE
)

_LANGUAGE = re.compile(r"(?:^|\s)(?:language|lang|brush:)-?\s*([a-z0-9+#]{1,20})", re.IGNORECASE)
_TOO_LONG = _("A text that is too long for a question")


@dataclass(frozen=True, slots=True)
class Prose:
    """A text as Markdown, and what of the HTML is not in it."""

    text: str
    lost: tuple[Sentence, ...] = ()


def markdown(fragment: str, sizes: Mapping[str, int] = _NO_SIZES, *, is_line: bool = False) -> Prose:
    """A piece of HTML as Markdown; `sizes` are the bytes of the files that come with it, by name.

    With `is_line` it is one paragraph, as answers to choose from are shown: blocks in it become lines.

    A text that is longer than any question can hold is lost whole.
    """
    if signs.is_plain(fragment):
        return Prose(" ".join(fragment.split()))
    if len(text := _EMBEDDED.sub(_measured, fragment)) > LONGEST:
        return Prose("", (_TOO_LONG,))
    reader = _Reader(sizes, is_line=is_line)
    said = reader.read(text)
    if len(said) > _LONGEST_CHECKED:
        return Prose("", (_TOO_LONG, *reader.lost))
    if _Reader({}, is_line=is_line).read(html(said)) == said:
        return Prose(said, tuple(reader.lost))
    return _without_emphasis(text, reader)


def cost(fragment: str) -> int:
    """How many characters of a piece have to be worked on; none of plain words."""
    return 0 if signs.is_plain(fragment) else len(_EMBEDDED.sub(_measured, fragment))


def _without_emphasis(text: str, reader: _Reader) -> Prose:
    """Emphasis that Markdown can't show where it stands (in the middle of a word, say) is given up, nothing else."""
    plain = _Reader(reader.sizes, keeps_emphasis=False, is_line=reader.is_line)
    said = plain.read(text)
    plain.lose(_("Emphasis, which can’t be shown where it stands"))
    for _turn in range(3):
        again = _Reader({}, is_line=reader.is_line).read(html(said))
        if again == said:
            break
        said = again
    return Prose(said, tuple(plain.lost))


def _measured(found: re.Match[str]) -> str:
    """A picture that stands in the text itself, without its bytes."""
    return f"{found[1]},{len(found[2]) * 3 // 4}"


@dataclass
class _Reader:
    """One walk over a piece of HTML."""

    sizes: Mapping[str, int]
    keeps_emphasis: bool = True
    is_line: bool = False
    lost: list[Sentence] = field(default_factory=list)

    def read(self, fragment: str) -> str:
        parser = etree.HTMLParser(
            remove_comments=True, remove_pis=True, no_network=True, huge_tree=False, recover=True
        )
        text = CONTROL.sub("", fragment.translate(signs.UNMARKED))
        try:
            root = etree.fromstring(f"<html><body>{text}</body></html>", parser)
        except (etree.XMLSyntaxError, ValueError):
            root = None
        if root is None:
            return signs.paragraph([signs.Raw(text)])
        return signs.paragraph(self._phrases(root, 0)) if self.is_line else _stacked(self._blocks(root, 0))

    def lose(self, what: Sentence) -> None:
        if what not in self.lost:
            self.lost.append(what)

    # Blocks

    def _blocks(self, element: etree._Element, depth: int) -> Iterator[str]:
        """The blocks of an element; phrases between them are paragraphs."""
        if depth > _DEEPEST:
            self.lose(_("Markup that goes too deep"))
            yield from signs.paragraphs([signs.Raw(tags.text(element))])
            return
        run: list[signs.Piece] = [signs.Raw(element.text or "")]
        for child in element:
            tag = tags.name(child)
            if tag in tags.BLOCKS:
                yield from signs.paragraphs(run)
                yield from self._block(tag, child, depth + 1)
                run = []
            elif tag not in tags.CODE and any(tags.name(inner) in tags.BLOCKS for inner in child.iter()):
                yield from signs.paragraphs(run)
                yield from self._blocks(child, depth + 1)
                run = []
            else:
                run += self._phrase(tag, child, depth + 1)
            run.append(signs.Raw(child.tail or ""))
        yield from signs.paragraphs(run)

    def _block(self, tag: str, element: etree._Element, depth: int) -> Iterator[str]:
        match tag:
            case "ul" | "ol":
                yield self._list(element, depth, is_numbered=tag == "ol")
            case "pre":
                yield _fenced(element)
            case "blockquote":
                yield signs.indented(_stacked(self._blocks(element, depth)), "> ", "> ")
            case "table":
                yield from self._table(element, depth)
            case "hr":
                yield "***"
            case "h1" | "h2" | "h3" | "h4" | "h5" | "h6":
                words = signs.one_line(signs.paragraph(self._phrases(element, depth)))
                yield f"{'#' * max(int(tag[1]), 2)} {signs.closed(words)}" if words else ""
            case _:
                yield from self._blocks(element, depth)

    def _list(self, element: etree._Element, depth: int, *, is_numbered: bool) -> str:
        number = _whole_number(element.get("start"), 1)
        items = []
        for item in element:
            inner = _stacked(self._blocks(item, depth + 1), is_item=True)
            if not inner:
                continue
            mark = f"{number}. " if is_numbered else "- "
            items.append(signs.indented(inner, mark, " " * len(mark)))
            number += 1
        is_loose = any("\n\n" in item for item in items)
        return ("\n\n" if is_loose else "\n").join(items)

    def _table(self, element: etree._Element, depth: int) -> Iterator[str]:
        for caption in element.iter("caption"):
            yield from signs.paragraphs(self._phrases(caption, depth))
        rows = [row for row in element.iter("tr") if tags.table_of(row) is element]
        cells = [[cell for cell in row if tags.name(cell) in ("td", "th")] for row in rows]
        if any(
            cell.get("colspan", "1") != "1" or cell.get("rowspan", "1") != "1"
            for row in cells
            for cell in row
        ):
            self.lose(_("Cells of a table that were joined"))
        texts = [[signs.cell(signs.paragraph(self._phrases(cell, depth))) for cell in row] for row in cells]
        has_head = bool(cells) and all(tags.name(cell) == "th" for cell in cells[0])
        if has_head and not any(texts[0]):
            texts, has_head = texts[1:], False
        width = max((len(row) for row in texts), default=0)
        if not any(any(row) for row in texts):
            return
        head, body = (texts[0], texts[1:]) if has_head else ([""] * width, texts)
        lines = [head, ["---"] * width, *body]
        yield "\n".join("| " + " | ".join([*row, *[""] * (width - len(row))]) + " |" for row in lines)

    # Phrases

    def _phrases(self, element: etree._Element, depth: int) -> list[signs.Piece]:
        if depth > _DEEPEST:
            self.lose(_("Markup that goes too deep"))
            return [signs.Raw(tags.text(element))]
        pieces: list[signs.Piece] = [signs.Raw(element.text or "")]
        for child in element:
            tag = tags.name(child)
            edge: list[signs.Piece] = [signs.BREAK] if tag in tags.BLOCKS or tag == "tr" else []
            if tag in ("ul", "ol", "table"):
                self.lose(_("The layout of a list or table within a line"))
            if tag in ("td", "th"):
                edge = [signs.Raw(" ")]
            pieces += [*edge, *self._phrase(tag, child, depth + 1), *edge, signs.Raw(child.tail or "")]
        return pieces

    def _phrase(self, tag: str, element: etree._Element, depth: int) -> list[signs.Piece]:
        if tag in tags.PICTURES or tag in tags.MEDIA:
            return [signs.Raw(self._picture(tag, element))]
        if tag in tags.CODE or tag == "pre":
            code = "".join(tags.lines(element))
            if "\n " in code.strip():
                self.lose(_("The indents of code within a line"))
            return signs.code(code)
        if tag == "br":
            return [signs.BREAK]
        if tag == "a":
            return self._link(element, depth)
        if tag in ("sub", "sup"):
            return [signs.Raw(self._shifted(tags.text(element), is_raised=tag == "sup"))]
        if tag in tags.NAMED:
            self.lose(tags.NAMED[tag])
        return [] if tag in tags.UNSEEN or not tag else self._emphasised(tag, self._phrases(element, depth))

    def _emphasised(self, tag: str, pieces: list[signs.Piece]) -> list[signs.Piece]:
        if tag in tags.STRONG + tags.EMPHASIS + tags.STRUCK and self.keeps_emphasis:
            mark = "**" if tag in tags.STRONG else "*" if tag in tags.EMPHASIS else "~~"
            return [signs.Wrapped(mark, tuple(pieces))]
        return pieces

    def _link(self, element: etree._Element, depth: int) -> list[signs.Piece]:
        words = self._phrases(element, depth)
        address = normal_address(element.get("href") or "")
        if not is_address(address):
            if address and not address.startswith("#"):
                self.lose(_("The link to %(address)s, which leads nowhere from here", address=address[:200]))
            return words
        return [signs.Linked(address, tuple(words))]

    def _picture(self, tag: str, element: etree._Element) -> str:
        """What stands for a picture or a recording: its description, or its name."""
        source = next(
            (each.get(which) for each in element.iter() for which in ("src", "data") if each.get(which)), ""
        )
        name, size = _named(source or "", self.sizes)
        alt = " ".join((element.get("alt") or element.get("title") or "").split())
        self.lose(file_lost(name, size))
        return f"[{'picture' if tag in tags.PICTURES else 'media'}: {alt or name or 'untitled'}]"

    def _shifted(self, text: str, *, is_raised: bool) -> str:
        words = " ".join(text.split())
        shifted = signs.shifted(words, is_raised=is_raised)
        if shifted is None:
            self.lose(_("Raised or lowered signs, which are written x^(ab) and x_(ab)"))
            return f"{'^' if is_raised else '_'}({words})"
        return shifted


def file_lost(name: str, size: int) -> Sentence:
    """That a picture or another file is not carried; its name or size where they are known."""
    if name and size:
        return _("The file %(name)s (%(size)s bytes)", name=name, size=size)
    if name:
        return _("The file %(name)s", name=name)
    return _("A picture in the text (%(size)s bytes)", size=size) if size else _("A drawing in the text")


def _stacked(blocks: Iterator[str], *, is_item: bool = False) -> str:
    """Blocks under each other. Two lists in a row are kept apart by another mark; one in an item follows its words."""
    text = last = ""
    for block in blocks:
        if block.strip():
            last = signs.told_apart(block, last)
            is_close = is_item and signs.may_follow(last, text)
            text += ("\n" if is_close else "\n\n" if text else "") + last
    return text


def _fenced(element: etree._Element) -> str:
    """Code as it stands, with the name of its language where a class tells it."""
    code = "".join(tags.lines(element)).replace("\u00a0", " ").replace("\r", "").strip("\n")
    if not code.strip():
        return ""
    classes = " ".join(
        each.get("class") or "" for each in element.iter() if tags.name(each) in ("pre", "code")
    )
    named = _LANGUAGE.search(classes)
    fence = signs.fence(code)
    return f"{fence}{named[1].lower() if named else ''}\n{code}\n{fence}"


def _named(source: str, sizes: Mapping[str, int]) -> tuple[str, int]:
    """The name of a file that a text shows, and its size; 0 where it is not known."""
    if source.startswith("data:"):
        return "", _whole_number(source.rpartition(",")[2][:12], 0)
    name = source.partition("?")[0].rstrip("/").rpartition("/")[2][:120]
    return name, sizes.get(name, 0) or sizes.get(source, 0)


def _whole_number(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 9 else otherwise
