"""Markdown and code of authors and learners as safe HTML. Nothing that was typed reaches a page without passing here.

No Django: the functions return text, which templates mark as safe where they print it.
"""

from __future__ import annotations

from functools import lru_cache
from html import escape
from typing import Any

import nh3
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.footnote import footnote_plugin
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Keyword, Name, Number, Operator, String, _TokenType
from pygments.util import ClassNotFound

_TAGS = {
    *("p", "br", "hr", "em", "strong", "s", "sub", "sup", "code", "pre", "blockquote", "a", "span", "div"),
    *("h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "section"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
_ATTRIBUTES = {
    "a": {"href", "title", "class", "id"},
    "div": {"class", "tabindex"},
    "pre": {"class", "tabindex"},
    "span": {"class"},
    "ol": {"start", "class"},
    "li": {"id", "class"},
    "section": {"class"},
    "sup": {"class"},
    "hr": {"class"},
}
_COLOURS: list[tuple[_TokenType, str]] = [
    (Comment, "c"),
    (String, "s"),
    (Number, "n"),
    (Keyword, "k"),
    (Operator.Word, "k"),
    (Name.Builtin, "n"),
]
_LONGEST_LINKED = 10_000  # characters; finding bare addresses takes the square of the length
_KEPT = 2048  # texts whose HTML this process remembers


@lru_cache(_KEPT)
def html(text: str) -> str:
    """A Markdown text as blocks. Raw HTML in it is shown, never obeyed; headings start at level 2.

    `$x^2$` and `$$…$$` are formulas: their TeX is kept, in elements of the class `math`.

    In a text of over 10,000 characters only addresses in <…> and [words](address) become links.
    """
    return _clean((_markdown if len(text) <= _LONGEST_LINKED else _unlinking).render(text))


@lru_cache(_KEPT)
def inline(text: str) -> str:
    """One line of Markdown as phrases, for legends, options and table cells."""
    return _clean(_markdown.renderInline(text))


@lru_cache(_KEPT)
def code(source: str, language: str = "") -> str:
    """The inside of a <code> element, coloured where the language is known."""
    try:
        lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return escape(source)
    return "".join(_coloured(_css_class(kind), word) for kind, word in lexer.get_tokens(source))


def _clean(markup: str) -> str:
    return nh3.clean(
        markup,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer",
    )


def _coloured(css: str, word: str) -> str:
    return f'<span class="{css}">{escape(word)}</span>' if css else escape(word)


def _css_class(kind: _TokenType) -> str:
    """One of the four colours that css/review.css has for code, or none."""
    return next((css for family, css in _COLOURS if kind[: len(family)] == family), "")


def _block(source: str, language: str, _attributes: str) -> str:
    return f'<pre class="code" tabindex="0"><code>{code(source, language)}</code></pre>'


def _formula(self: Any, tokens: Any, at: int, _options: Any, _env: Any) -> str:
    """A formula on lines of its own: its TeX, which js/math.js typesets; wide ones are scrolled by keyboard too."""
    return f'<div class="math block" tabindex="0">{escape(tokens[at].content.strip())}</div>\n'


def _open_table(self: Any, tokens: Any, at: int, options: Any, env: Any) -> str:
    """A table in a box of its own, which a wide one is scrolled in, by keyboard too."""
    return f'<div class="wide" tabindex="0">{self.renderToken(tokens, at, options, env)}'


def _close_table(self: Any, tokens: Any, at: int, options: Any, env: Any) -> str:
    return f"{self.renderToken(tokens, at, options, env)}</div>\n"


def _table_head(self: Any, tokens: Any, at: int, options: Any, env: Any) -> str:
    """The empty corner of a table heads nothing: it is a plain cell."""
    words = tokens[at + 1] if tokens[at].nesting == 1 else tokens[at - 1]
    if not words.content:
        tokens[at].tag = "td"
    return str(self.renderToken(tokens, at, options, env))


def _lower_heading(self: Any, tokens: Any, at: int, options: Any, env: Any) -> str:
    """A page has one heading of level 1, and it is not an author's."""
    if tokens[at].tag == "h1":
        tokens[at].tag = "h2"
    return str(self.renderToken(tokens, at, options, env))


def _parser(*rules: str) -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "linkify": True, "highlight": _block})
    parser.enable(["table", "strikethrough", *rules]).use(footnote_plugin)
    parser.use(
        dollarmath_plugin, allow_labels=False, allow_space=False, allow_digits=False, allow_blank_lines=False
    )
    parser.add_render_rule("math_block", _formula)
    if parser.linkify:  # only whole addresses are links: `train.py` looks like one in Paraguay
        parser.linkify.set({"fuzzy_link": False, "fuzzy_email": False})
    parser.add_render_rule("heading_open", _lower_heading)
    parser.add_render_rule("heading_close", _lower_heading)
    parser.add_render_rule("table_open", _open_table)
    parser.add_render_rule("table_close", _close_table)
    parser.add_render_rule("th_open", _table_head)
    parser.add_render_rule("th_close", _table_head)
    return parser


_markdown, _unlinking = _parser("linkify"), _parser()
