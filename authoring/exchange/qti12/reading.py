"""Files of QTI 1.2 and their packages: finds the items and what they stand in."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from accounts.sentences import sentence as _
from authoring.exchange import packages, xml_text
from authoring.exchange.drafting import MOST_QUESTIONS, CannotBeCarriedError, Drafting, Gathering
from authoring.exchange.qti12.building import Builder
from authoring.exchange.qti12.conditions import NotUnderstoodError, number, rules
from authoring.exchange.qti12.item import item, metadata, words
from authoring.exchange.qti12.kinds import points
from authoring.exchange.questions import Left, Reading, UnreadableError

_BOXES = ("assessment", "objectbank", "section")
_ROOT = "questestinterop"
_NO_NAMES = ("root_section", "root section")


def fits(data: bytes) -> bool:
    """Whether a file or package is of this format, by what is in it."""
    return packages.holds(data, _ROOT)


def read(data: bytes) -> Reading:
    """The questions of a QTI 1.2 file or package. Raises UnreadableError."""
    gathering = Gathering()
    if packages.is_zip(data):
        _read_package(packages.unpacked(data), gathering)
    else:
        root = _plain(xml_text.tree(data))
        if not _is_ours(root):
            raise UnreadableError(_("This is no QTI 1.2: its questions would stand in “questestinterop”."))
        _read_items(root, "", gathering)
    if not gathering.questions and not gathering.left:
        raise UnreadableError(_("There are no questions in it."))
    return gathering.reading()


def _read_package(package: packages.Package, gathering: Gathering) -> None:
    """Every text of the package that is of this format; Canvas keeps a second file beside each, which is not."""
    found = False
    for path, data in package.texts():
        if not packages.holds(data, _ROOT):
            continue
        try:
            root = _plain(xml_text.tree(data))
        except UnreadableError as broken:
            raise UnreadableError(broken.what, f"{path} {broken.place}".strip()) from broken
        if _is_ours(root):
            found = True
            _read_items(root, path, gathering)
    if not found:
        raise UnreadableError(_("The package holds no file of QTI 1.2."))


def _plain(root: etree._Element) -> etree._Element:
    """The tree with its names in lower case and without namespaces; what is not, is not told apart in the wild."""
    for element in root.iter(etree.Element):
        element.tag = xml_text.name(element).lower()
        for name in [name for name in element.attrib if name != name.lower()]:
            element.set(str(name).lower(), element.attrib.pop(name))
    return root


def _is_ours(root: etree._Element) -> bool:
    return next(root.iter(_ROOT), None) is not None


def _read_items(root: etree._Element, path: str, gathering: Gathering) -> None:
    items, banks = list(root.iter("item")), list(root.iter("sourcebank_ref", "itemref"))
    if len(gathering.questions) + len(gathering.left) + len(items) + len(banks) > MOST_QUESTIONS:
        raise UnreadableError(
            _("There are more than %(most)s questions in it; split it.", most=MOST_QUESTIONS), path
        )
    boxes: dict[etree._Element | None, tuple[str, ...]] = {}
    for element in items:
        parent = element.getparent()
        if parent not in boxes:
            boxes[parent] = tuple(_category(element))
        _read_item(element, f"{path} {xml_text.place(element)}".strip(), boxes[parent], gathering)
    for bank in banks:
        what = _("It draws questions from a bank that is not in the file: %(bank)s.", bank=words(bank)[:80])
        gathering.left.append(Left(f"{path} {xml_text.place(bank)}".strip(), "", what))


def _read_item(element: etree._Element, place: str, category: tuple[str, ...], gathering: Gathering) -> None:
    parsed = item(element)
    drafting = Drafting(
        place,
        parsed.title or parsed.ident,
        category,
        points=number(points(parsed.says)),
        budget=gathering.budget,
    )
    try:
        gathering.questions.append(Builder(parsed, rules(element), drafting).built())
        gathering.left += drafting.left
    except (CannotBeCarriedError, NotUnderstoodError) as refused:
        gathering.left.append(drafting.dropped(refused.what))


def _category(element: etree._Element) -> Iterator[str]:
    """The names of what an item stands in, from the top."""
    boxes = [box for box in element.iterancestors() if box.tag in _BOXES]
    for box in reversed(boxes):
        name = box.get("title", "").strip() or _bank(box)
        if name and name.casefold() not in _NO_NAMES:
            yield name


def _bank(box: etree._Element) -> str:
    """Canvas says the name of a bank in its metadata."""
    said = (
        value
        for meta in box.iterchildren("qtimetadata")
        for label, value in metadata(meta)
        if label == "bank_title"
    )
    return next(said, "")
