"""One item of QTI 1.2: what it says of itself, what it shows, where it is answered, and its comments."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import escape, unescape

from lxml import etree

_TEXTS = ("mattext", "mat_formattedtext", "matemtext")
_MEDIA = {"matimage": "img", "mataudio": "audio", "matvideo": "video"}
_RESPONSES = {
    "response_lid": "lid",
    "response_str": "str",
    "response_num": "num",
    "response_grp": "grp",
    "response_xy": "xy",
}
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_TWICE = re.compile(
    r"\s*&lt;(p|div|span|h[1-6]|ul|ol|pre|table|strong|em)\b.*&lt;/\1&gt;\s*", re.DOTALL | re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Label:
    """One of the things to choose from, its text as HTML."""

    ident: str
    html: str


@dataclass(frozen=True, slots=True)
class Response:
    """A place to answer in: `kind` is lid (from a list), str, num, grp or xy."""

    ident: str
    kind: str
    cardinality: str
    html: str
    labels: tuple[Label, ...] = ()
    render: str = ""
    fibtype: str = ""
    rows: int = 1


@dataclass(frozen=True, slots=True)
class Item:
    """An item taken apart. `parts` are what it shows, HTML, and its responses, in order."""

    ident: str
    title: str
    says: Mapping[str, str]
    parts: tuple[str | Response, ...]
    matches: tuple[str, ...]  # HTML; only Blackboard keeps what is matched apart
    comments: Mapping[str, str] = field(default_factory=dict)  # HTML by name
    solutions: frozenset[str] = frozenset()  # names of those comments that show a solution
    hints: int = 0

    @property
    def responses(self) -> list[Response]:
        return [part for part in self.parts if isinstance(part, Response)]

    @property
    def html(self) -> str:
        """What is shown outside the responses."""
        return "".join(part for part in self.parts if isinstance(part, str))


def item(element: etree._Element) -> Item:
    """An item from its element, whose names have no namespace and no capitals."""
    shown = next(element.iter("presentation"), None)
    parts = [] if shown is None else list(_parts(shown))
    matches = [] if shown is None else list(_matches(shown))
    return Item(
        ident=element.get("ident", ""),
        title=element.get("title", "").strip(),
        says=_says(element),
        parts=tuple(parts),
        matches=tuple(matches),
        comments=_comments(element),
        solutions=frozenset(
            box.get("ident", "")
            for box in element.iter("itemfeedback")
            if next(box.iter("solution"), None) is not None
        ),
        hints=sum(1 for _hint in element.iter("hint")),
    )


def _says(element: etree._Element) -> dict[str, str]:
    """The fields of its metadata, by their lower-case names."""
    says: dict[str, str] = {}
    for box in element.iterchildren("itemmetadata", "qtimetadata"):
        for label, value in metadata(box):
            says.setdefault(label.casefold(), value)
        for child in box:
            if str(child.tag).startswith(("qmd_", "bbmd_")):
                says.setdefault(str(child.tag), words(child))
    return says


def metadata(box: etree._Element) -> Iterator[tuple[str, str]]:
    """The fields of some metadata and what they say."""
    for entry in box.iter("qtimetadatafield"):
        label, value = entry.find("fieldlabel"), entry.find("fieldentry")
        if label is not None and value is not None:
            yield words(label), words(value)


def words(element: etree._Element) -> str:
    """All text in an element."""
    return "".join(map(str, element.itertext())).strip()


def _parts(element: etree._Element) -> Iterator[str | Response]:
    for child in element:
        name = str(child.tag)
        if name == "material":
            yield material(child)
        elif name in _RESPONSES:
            yield _response(child, _RESPONSES[name])
        elif child.get("class", "") == "RIGHT_MATCH_BLOCK":
            continue
        elif name.startswith("flow") or name == "presentation":
            yield from _parts(child)


def _matches(shown: etree._Element) -> Iterator[str]:
    for block in shown.iter("flow"):
        if block.get("class", "") == "RIGHT_MATCH_BLOCK":
            for child in block.iterchildren("flow"):
                yield "".join(material(found) for found in child.iter("material"))


def _response(element: etree._Element, kind: str) -> Response:
    render = next((child for child in element.iter() if str(child.tag).startswith("render_")), None)
    shown = [found for found in element.iter("material") if not _is_inside(found, element)]
    fib = None if render is None or render.tag != "render_fib" else render
    to_choose = () if render is None or fib is not None else render.iter("response_label")
    rows = "" if fib is None else fib.get("rows", "")
    return Response(
        ident=element.get("ident", ""),
        kind=kind,
        cardinality=element.get("rcardinality", "").casefold(),
        html="".join(material(found) for found in shown),
        labels=tuple(_label(label) for label in to_choose),
        render="" if render is None else str(render.tag).removeprefix("render_"),
        fibtype="" if fib is None else fib.get("fibtype", "").casefold(),
        rows=int(rows) if rows.isascii() and rows.isdecimal() and len(rows) < 5 else 1,
    )


def _is_inside(element: etree._Element, box: etree._Element) -> bool:
    """Whether a material belongs to a label and not to the response itself."""
    for above in element.iterancestors():
        if above is box:
            return False
        if above.tag == "response_label":
            return True
    return False


def _label(element: etree._Element) -> Label:
    shown = "".join(material(found) for found in element.iter("material"))
    loose = "" if shown else "".join(text_html(found) for found in element.iter(*_TEXTS))
    return Label(element.get("ident", ""), shown or loose)


def _comments(element: etree._Element) -> dict[str, str]:
    """The HTML of its comments by their names; empty ones are none, hints are none either."""
    comments: dict[str, str] = {}
    for box in element.iter("itemfeedback"):
        html = "".join(material(found) for found in box.iter("material") if not _is_hint(found))
        if _TAG.sub("", html).strip() or "<img" in html:
            comments.setdefault(box.get("ident", ""), html)
    return comments


def _is_hint(element: etree._Element) -> bool:
    return any(above.tag == "hint" for above in element.iterancestors())


def material(element: etree._Element) -> str:
    """What a material shows, as HTML."""
    return "".join(_shown(child) for child in element.iter())


def _shown(element: etree._Element) -> str:
    name = str(element.tag)
    if name in _TEXTS:
        return text_html(element)
    if name in _MEDIA:
        uri = element.get("uri") or element.get("label") or name
        return (
            f'<{_MEDIA[name]} src="{escape(uri)}" alt="{escape(element.get("label", ""))}"></{_MEDIA[name]}>'
        )
    return "<br>" if name == "matbreak" else ""


def text_html(element: etree._Element) -> str:
    """A text as HTML, whatever it says it is: typed as HTML inside XML, as elements, or escaped once too often."""
    said = (element.get("texttype") or element.get("type") or "").casefold()
    if len(element):
        inner = "".join(etree.tostring(child, encoding="unicode") for child in element)
        return f"<p>{escape(element.text or '', quote=False)}{inner}</p>"
    text = element.text or ""
    if said in ("text/plain", "plain", "plain_text"):
        return _of_plain(text)
    if not _TAG.search(text) and _TWICE.fullmatch(text):
        text = unescape(text)
    if "html" in said or _TAG.search(text):
        return text
    return _of_plain(text)


def _of_plain(text: str) -> str:
    paragraphs = (escape(part.strip(), quote=False) for part in re.split(r"\n\s*\n", text) if part.strip())
    return "".join(f"<p>{part.replace(chr(10), '<br>')}</p>" for part in paragraphs)
