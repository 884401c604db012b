"""XML that strangers wrote, as a tree: no document type, no entity, nothing fetched or included, all sizes bounded.

What stands in such files as HTML becomes Markdown by `authoring.exchange.html_text`.
"""

from __future__ import annotations

import codecs
import io
import re
from typing import Any

from lxml import etree

from accounts.sentences import sentence as _
from authoring.exchange.questions import UnreadableError

MAX_BYTES = 16 * 1024 * 1024
MAX_ELEMENTS = 100_000
MAX_DEPTH = 100

_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WIDE = ((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))  # without a mark, told by the first sign
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}?\sencoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_SKIPPED = re.compile(r"\s+|<!--.*?-->|<\?.*?\?>", re.DOTALL)  # what may stand before a document type
_DECLARATION = re.compile(r"^\s*<\?xml\b[^>]{0,400}\?>")
# Python knows codecs that are no encodings of files, some of them slow: only these are tried.
_ENCODINGS = frozenset(
    [
        *(f"iso8859-{part}" for part in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 16)),
        *(
            f"cp{page}"
            for page in (437, 850, 852, 932, 949, 1250, 1251, 1252, 1253, 1254, 1255, 1256, 1257, 1258)
        ),
        *(
            "ascii",
            "koi8-r",
            "koi8-u",
            "mac-roman",
            "shift_jis",
            "euc_jp",
            "euc_kr",
            "gb2312",
            "gbk",
            "gb18030",
        ),
        *("big5", "utf-8"),
    ]
)


def tree(data: bytes) -> etree._Element:
    """The root of an XML file, without comments and instructions.

    Raises UnreadableError, where it can with the line: for broken XML, and for what only a hostile file has.
    """
    if len(data) > MAX_BYTES:
        size = MAX_BYTES // 1024 // 1024
        raise UnreadableError(_("This file is larger than %(size)s MB; split it.", size=size))
    text = _without_doctype(decoded(data))
    if not text.strip():
        raise UnreadableError(_("This file is empty."))
    try:
        return _parsed(text.encode())
    except etree.XMLSyntaxError as error:
        line = error.lineno
        raise UnreadableError(
            _(
                "This is not valid XML: %(problem)s. Export the file anew, or mend this line.",
                problem=_problem(error),
            ),
            place_of_line(line or 1),
        ) from error


def decoded(data: bytes) -> str:
    """The text of a file, whatever it says of its encoding.

    A byte order mark decides; then whether it is UTF-8, for a file that reads as UTF-8 is hardly ever anything else;
    then what it declares; a file that declares something wrong is read as Windows-1252.
    """
    for mark, encoding in _BOMS + _WIDE:
        if data.startswith(mark):
            return _strictly(data, encoding).removeprefix("\ufeff")
    declared = _declared(data)
    for encoding in (*declared[1:], "utf-8", *declared[:1], "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableError(_("The letters of this file can’t be read. Save it as UTF-8."))


def name(element: etree._Element) -> str:
    """The name of an element without its namespace."""
    return etree.QName(element).localname


def place(element: etree._Element) -> str:
    """Where an element stands in its file."""
    line: Any = element.sourceline  # the stubs say "…"
    return place_of_line(line or 1)


def place_of_line(line: int) -> str:
    return f"line {line}"


def _declared(data: bytes) -> list[str]:
    """The declared encoding, if any; twice when it must be tried before UTF-8, as all that is many bytes a letter."""
    found = _DECLARED.match(data[:1000])
    try:
        encoding = codecs.lookup(found[1].decode()).name if found else ""
    except LookupError:
        return []
    if encoding not in _ENCODINGS:
        return []
    return [encoding] if encoding.startswith(("iso8859", "cp1", "ascii", "utf")) else [encoding, encoding]


def _strictly(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnreadableError(
            _("This file begins as %(encoding)s, but is not. Save it as UTF-8.", encoding=encoding)
        ) from error


def _without_doctype(text: str) -> str:
    """The text with its declaration and its document type blanked, line by line; one that declares is refused."""
    text = _DECLARATION.sub(_blank, text, count=1)
    at = 0
    while skipped := _SKIPPED.match(text, at):
        at = skipped.end()
    if not text.startswith("<!DOCTYPE", at):
        return text
    end = text.find(">", at)
    if end < 0 or "[" in text[at:end]:
        raise UnreadableError(
            _("This file has a document type of its own (<!DOCTYPE … [), which is never read. Take it out."),
            place_of_line(text.count("\n", 0, at) + 1),
        )
    return text[:at] + "\n" * text.count("\n", at, end) + text[end + 1 :]


def _blank(found: re.Match[str]) -> str:
    return "\n" * found[0].count("\n")


def _parsed(data: bytes) -> etree._Element:
    """Element by element, so that a file which goes too deep or has too many is given up on the way."""
    events = etree.iterparse(
        io.BytesIO(data),
        events=("start", "end"),
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    depth = count = 0
    for event, element in events:
        depth += 1 if event == "start" else -1
        count += event == "start"
        if depth > MAX_DEPTH or count > MAX_ELEMENTS:
            raise UnreadableError(
                _("Nothing that was exported goes this deep or has so many parts. Split the file."),
                place(element),
            )
    root: etree._Element = events.root
    return root


def _problem(error: etree.XMLSyntaxError) -> str:
    """The parser's own words, in English, without the place."""
    words = str(error.msg).partition(", try XML_PARSE_HUGE")[0]
    return re.sub(r",? ?\(?(?:<string>, )?line \d+, column \d+.*", "", words, flags=re.DOTALL).strip()[:200]
