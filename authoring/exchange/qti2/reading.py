"""Items of QTI 2 and their packages: finds the items, their weights and the sections of the test they stand in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lxml import etree

from accounts.sentences import sentence as _
from authoring.exchange import packages, xml_text
from authoring.exchange.drafting import MOST_QUESTIONS, CannotBeCarriedError, Drafting, Gathering
from authoring.exchange.qti2.building import Builder
from authoring.exchange.qti2.item import number, words
from authoring.exchange.qti2.marks import TOOL
from authoring.exchange.qti2.values import NotUnderstoodError
from authoring.exchange.questions import Reading, UnreadableError
from roadmap.keys import is_key

_NAMES = ("assessmentItem", "assessmentTest")


@dataclass
class Around:
    """What a package says of an item beside the item itself."""

    category: tuple[str, ...] = ()
    points: float | None = None
    tags: tuple[str, ...] = ()


@dataclass
class Contents:
    """The trees of a package by path, in the order in which it lists them."""

    items: dict[str, etree._Element] = field(default_factory=dict)
    tests: dict[str, etree._Element] = field(default_factory=dict)
    tags: dict[str, tuple[str, ...]] = field(default_factory=dict)


def fits(data: bytes) -> bool:
    """Whether a file is of this format; a package that is nothing else is tried as one, so that it is told why not."""
    return packages.is_zip(data) or packages.holds(data, *_NAMES)


def read(data: bytes) -> Reading:
    """The questions of a QTI 2 item or package. Raises UnreadableError."""
    gathering = Gathering()
    if packages.is_zip(data):
        _read_package(packages.unpacked(data), gathering)
    else:
        root = _plain(xml_text.tree(data))
        found = list(_items(root))
        if not found:
            raise UnreadableError(_("This is no QTI 2: a question would be an “assessmentItem”."))
        for item in found:
            _read_item(item, "" if len(found) == 1 else xml_text.place(item), Around(), gathering)
    return gathering.reading()


def _items(root: etree._Element) -> Iterator[etree._Element]:
    """The item of a file; some tools write several into one."""
    yield from root.iter("assessmentItem")


def _read_package(package: packages.Package, gathering: Gathering) -> None:
    contents = _contents(package)
    if not contents.items:
        raise UnreadableError(_("The package holds no item of QTI 2."))
    if len(contents.items) > MOST_QUESTIONS:
        raise UnreadableError(
            _("There are more than %(most)s questions in it; split it.", most=MOST_QUESTIONS)
        )
    around = _around(package, contents)
    in_tests = [path for path in around if path in contents.items]
    for path in dict.fromkeys([*in_tests, *contents.items]):
        said = around.get(path, Around())
        said.tags = contents.tags.get(path, ())
        for item in _items(contents.items[path]):
            _read_item(item, path, said, gathering)


def _contents(package: packages.Package) -> Contents:
    contents = Contents()
    listed = dict(_listed(package, contents))
    for path in dict.fromkeys([*listed, *(path for path, _data in package.texts())]):
        data = package.files[path]
        is_xml = path in listed or path.lower().endswith((".xml", ".qti"))
        if not is_xml or not packages.holds(data, *_NAMES):
            continue
        try:
            root = _plain(xml_text.tree(data))
        except UnreadableError as broken:
            raise UnreadableError(broken.what, f"{path} {broken.place}".strip()) from broken
        if root.tag == "assessmentTest":
            contents.tests[path] = root
        elif next(_items(root), None) is not None:
            contents.items[path] = root
    return contents


def _listed(package: packages.Package, contents: Contents) -> Iterator[tuple[str, None]]:
    """The files in the order of the manifest, and the keywords it gives them."""
    if not package.manifest:
        return
    try:
        manifest = _plain(xml_text.tree(package.files[package.manifest]))
    except UnreadableError as broken:
        raise UnreadableError(broken.what, f"{package.manifest} {broken.place}".strip()) from broken
    for resource in manifest.iter("resource"):
        path = package.at(resource.get("href", ""))
        if path:
            found = (
                words(text)
                for keyword in resource.iter("keyword")
                for text in keyword.iter("langstring", "string")
            )
            contents.tags[path] = tuple(dict.fromkeys(tag for tag in found if is_key(tag)))
            yield path, None


def _around(package: packages.Package, contents: Contents) -> Mapping[str, Around]:
    """The section and weight of each item that a test names, in the order of the tests."""
    around: dict[str, Around] = {}
    for path, test in contents.tests.items():
        for reference in test.iter("assessmentItemRef"):
            item = package.at(reference.get("href", ""), beside=path)
            if item and item not in around:
                weight = next((number(one.get("value")) for one in reference.iterchildren("weight")), None)
                around[item] = Around(tuple(_category(reference)), weight)
    return around


def _category(reference: etree._Element) -> Iterator[str]:
    """The titles of the sections, from the top; a section of the name of the test before it is said once."""
    above = list(reference.iterancestors("assessmentSection", "assessmentTest"))
    last = ""
    for one in reversed(above):
        title = one.get("title", "").strip()
        is_seen = one.get("visible", "true") != "false" and not (
            one.tag == "assessmentTest" and one.get("toolName") == TOOL
        )
        if title and title != last and is_seen:
            yield title
            last = title


def _plain(root: etree._Element) -> etree._Element:
    """The tree with its names without namespaces."""
    for element in root.iter(etree.Element):
        element.tag = xml_text.name(element)
    return root


def _read_item(item: etree._Element, place: str, around: Around, gathering: Gathering) -> None:
    identifier = item.get("identifier", "")
    drafting = Drafting(
        place or identifier or xml_text.place(item),
        item.get("title", "").strip() or identifier,
        around.category,
        around.tags,
        around.points,
        key=identifier.removeprefix("_") if is_key(identifier.removeprefix("_")) else "",
        budget=gathering.budget,
    )
    try:
        gathering.questions.append(Builder(item, drafting).built())
        gathering.left += drafting.left
    except (CannotBeCarriedError, NotUnderstoodError) as refused:
        gathering.left.append(drafting.dropped(refused.what))
