"""HTML of other houses as Markdown of this one: a walk over the tree that lxml makes of it, however broken it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from lxml import etree, html

from accounts.sentences import Sentence
from accounts.sentences import sentence as _

_BLOCKS = {
    *(
        "p",
        "div",
        "section",
        "article",
        "header",
        "footer",
        "main",
        "figure",
        "figcaption",
        "center",
        "body",
        "html",
    ),
    *(
        "ul",
        "ol",
        "pre",
        "blockquote",
        "table",
        "hr",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "dl",
        "dt",
        "dd",
        "li",
    ),
    *("form", "fieldset", "address", "aside", "nav"),
}
_DROPPED = {"script", "style", "head", "template", "noscript", "title"}
_LOST = {
    "img": _("A picture, which texts here can't show"),
    "svg": _("A drawing, which texts here can't show"),
    "audio": _("A sound, which texts here can't play"),
    "video": _("A film, which texts here can't play"),
    "iframe": _("A page inside the page"),
    "object": _("An embedded object"),
    "embed": _("An embedded object"),
    "math": _("A formula in MathML; its words are kept"),
    "input": _("A field in the text"),
    "script": _("A script, which is never run"),
}
_SIGNS = {"b": "**", "strong": "**", "i": "*", "em": "*", "cite": "*", "s": "~~", "del": "~~", "strike": "~~"}
_RAISED = dict(zip("0123456789+-=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ", strict=True))
_LOWERED = dict(zip("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎", strict=True))
_BLANKS = re.compile(r"[ \t\n]+")
_EDGES = re.compile(r"\A(\s*)(.*?)(\s*)\Z", re.DOTALL)
_DEEPEST = 60


class Hypertext:
    """One conversion: `lost` collects what Markdown can't show. `escaped` makes the signs of a text plain."""

    def __init__(self, escaped: Callable[[str], str]) -> None:
        self.escaped = escaped
        self.lost: list[Sentence] = []

    def markdown(self, text: str) -> str:
        if not text.strip():
            return ""
        parser = html.HTMLParser(remove_comments=True, remove_pis=True, no_network=True)
        try:
            tree = html.document_fromstring(f"<div>{text}</div>", parser=parser)
        except (etree.ParserError, etree.XMLSyntaxError, ValueError):
            return self.escaped(text)
        return "\n\n".join(block for block in self._blocks(tree, 0) if block.strip())

    # Blocks

    def _blocks(self, element: html.HtmlElement, depth: int) -> Iterator[str]:
        """The blocks in an element; the phrases between them are paragraphs of their own."""
        if depth > _DEEPEST:
            yield self.escaped(str(element.text_content()))
            return
        phrases = [self._words(element.text)]
        for child in element:
            if child.tag in _BLOCKS:
                yield _joined(phrases)
                phrases = []
                yield from self._block(child, depth + 1)
            else:
                phrases.append(self._phrase(child, depth + 1))
            phrases.append(self._words(child.tail))
        yield _joined(phrases)

    def _block(self, element: html.HtmlElement, depth: int) -> Iterator[str]:
        match element.tag:
            case "pre":
                code = str(element.text_content()).strip("\n")
                fence = "```" if "```" not in code else "~~~~~"
                yield f"{fence}\n{code}\n{fence}"
            case "ul" | "ol":
                yield self._list(element, depth)
            case "blockquote":
                yield _indented("\n\n".join(filter(str.strip, self._blocks(element, depth))), "> ", "> ")
            case "table":
                yield self._table(element, depth)
            case "hr":
                yield "---"
            case "h1" | "h2" | "h3" | "h4" | "h5" | "h6":
                words = self._inner(element, depth).replace("\n", " ").strip()
                yield f"{'#' * int(element.tag[1])} {words}" if words else ""
            case _:
                yield from self._blocks(element, depth)

    def _list(self, element: html.HtmlElement, depth: int) -> str:
        items = []
        for number, item in enumerate(element.iterchildren("li"), 1):
            mark = f"{number}. " if element.tag == "ol" else "- "
            inner = "\n\n".join(filter(str.strip, self._blocks(item, depth)))
            items.append(_indented(inner, mark, " " * len(mark)))
        return "\n".join(items)

    def _table(self, element: html.HtmlElement, depth: int) -> str:
        rows = [
            [
                self._inner(cell, depth).replace("\n", " ").replace("|", "\\|").strip()
                for cell in row.iter("td", "th")
            ]
            for row in element.iter("tr")
        ]
        width = max(map(len, rows), default=0)
        if not width:
            return self._words(str(element.text_content())).strip()
        lines = [f"| {' | '.join([*row, *[''] * (width - len(row))])} |" for row in rows]
        return "\n".join([lines[0], f"|{' --- |' * width}", *lines[1:]])

    # Phrases

    def _inner(self, element: html.HtmlElement, depth: int) -> str:
        if depth > _DEEPEST:
            return self.escaped(str(element.text_content()))
        pieces = [self._words(element.text)]
        for child in element:
            pieces += [self._phrase(child, depth + 1), self._words(child.tail)]
        return "".join(pieces)

    def _phrase(self, element: html.HtmlElement, depth: int) -> str:
        tag = element.tag if isinstance(element.tag, str) else ""
        if tag in _LOST:
            self._lose(_LOST[tag], element.get("src") or element.get("data") or "")
        if tag in _DROPPED or not tag:
            return ""
        if tag in _SIGNS:
            return _wrapped(self._inner(element, depth), _SIGNS[tag])
        match tag:
            case "br":
                return "\\\n"
            case "img" | "code" | "tt" | "kbd" | "samp":
                words = _BLANKS.sub(" ", str(element.text_content()))
                return self._words(element.get("alt")) if tag == "img" else _code(words)
            case "a":
                return self._link(element, depth)
        inner = self._inner(element, depth)
        return _shifted(inner, raised=tag == "sup") if tag in ("sup", "sub") else inner

    def _link(self, element: html.HtmlElement, depth: int) -> str:
        words, address = self._inner(element, depth), (element.get("href") or "").strip()
        if not re.match(r"(?:https?://|mailto:)[^\s<>()\\]+\Z", address):
            if address:
                self._lose(_("A link that leads nowhere from here"), address)
            return words
        return f"[{words.strip() or address}]({address})"

    def _words(self, text: str | None) -> str:
        return self.escaped(_BLANKS.sub(" ", text)) if text else ""

    def _lose(self, what: Sentence, name: str) -> None:
        said = _("%(what)s: %(name)s", what=what, name=name[:80]) if name else what
        if said not in self.lost:
            self.lost.append(said)


def _joined(phrases: list[str]) -> str:
    """One paragraph: no blanks round its breaks, none at its ends."""
    lines = "".join(phrases).split("\\\n")
    return "\\\n".join(_BLANKS.sub(" ", line).strip() for line in lines).strip("\\\n ")


def _indented(text: str, first: str, others: str) -> str:
    lines = text.split("\n")
    return "\n".join([first + lines[0], *(others + line if line else others.rstrip() for line in lines[1:])])


def _wrapped(text: str, sign: str) -> str:
    """Words between signs, blanks outside: `a<b> b </b>` is `a **b** `."""
    before, words, after = _EDGES.fullmatch(text).groups() if sign else ("", "", "")  # type: ignore[union-attr]  # fits all
    return f"{before}{sign}{words}{sign}{after}" if words else text


def _code(text: str) -> str:
    if not text.strip():
        return text
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def _shifted(text: str, *, raised: bool) -> str:
    """Digits have signs of their own above and below the line; else it is written x^(ab)."""
    signs = _RAISED if raised else _LOWERED
    if text and all(sign in signs for sign in text):
        return "".join(signs[sign] for sign in text)
    return f"{'^' if raised else '_'}({text})" if text.strip() else text
