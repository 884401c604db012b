"""Which elements of HTML are what, and what is asked of one."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from accounts.sentences import sentence as _

BLOCKS = frozenset(
    [
        *("html", "body", "p", "div", "section", "article"),
        *("header", "footer", "main", "aside", "nav", "center"),
        *("figure", "figcaption", "address", "form", "fieldset", "details", "summary", "blockquote", "pre"),
        *("ul", "ol", "li", "dl", "dt", "dd", "table", "hr", "h1", "h2", "h3", "h4", "h5", "h6"),
    ]
)
UNSEEN = frozenset(
    ["script", "style", "head", "title", "template", "noscript", "meta", "link", "param", "track"]
)
PICTURES = frozenset(["img", "svg", "canvas"])
MEDIA = frozenset(["audio", "video", "iframe", "object", "embed", "applet"])
NAMED = {
    **dict.fromkeys(("input", "select", "textarea", "button"), _("A field in the text")),
    "math": _("A formula in MathML, of which only the signs are kept"),
    "script": _("A script, which is never run"),
}
STRONG, EMPHASIS, STRUCK = ("strong", "b"), ("em", "i", "cite", "var", "dfn"), ("s", "del", "strike")
CODE = ("code", "tt", "kbd", "samp")


def name(element: etree._Element) -> str:
    return str(element.tag).lower()


def text(element: etree._Element) -> str:
    return "".join(map(str, element.itertext()))


def table_of(row: etree._Element) -> etree._Element | None:
    """The table of a row; tables in cells have rows of their own."""
    return next(row.iterancestors("table"), None)


def lines(element: etree._Element) -> Iterator[str]:
    """The text in an element, line breaks as such."""
    for event, each in etree.iterwalk(element, events=("start", "end")):
        if event == "start":
            yield "\n" if name(each) == "br" else each.text or ""
        elif each is not element:
            yield each.tail or ""
