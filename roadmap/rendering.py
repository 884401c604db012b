"""Markdown and code of authors and learners as safe HTML. Nothing that was typed reaches a page without passing here."""

from __future__ import annotations

from functools import lru_cache

import nh3
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from mdit_py_plugins.footnote import footnote_plugin
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Keyword, Number, Operator, String, Token, _TokenType
from pygments.util import ClassNotFound

_TAGS = {
    *("p", "br", "hr", "em", "strong", "s", "sub", "sup", "code", "pre", "blockquote", "a", "span", "div"),
    *("h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "section"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
_ATTRIBUTES = {
    "a": {"href", "title", "class", "id"},
    "pre": {"class", "tabindex"},
    "span": {"class"},
    "ol": {"start", "class"},
    "li": {"id", "class"},
    "section": {"class"},
    "sup": {"class"},
    "hr": {"class"},
}
_KEPT = 2048  # texts whose HTML this process remembers


@lru_cache(_KEPT)
def html(text: str) -> SafeString:
    """A Markdown text as blocks. Raw HTML in it is shown, never obeyed; headings start at level 2."""
    return _clean(_markdown.render(text))


@lru_cache(_KEPT)
def inline(text: str) -> SafeString:
    """One line of Markdown as phrases, for legends, options and table cells."""
    return _clean(_markdown.renderInline(text))


@lru_cache(_KEPT)
def code(source: str, language: str = "") -> SafeString:
    """The inside of a <code> element, coloured where the language is known."""
    try:
        lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return escape(source)
    pieces = [(_css_class(kind), word) for kind, word in lexer.get_tokens(source)]
    return format_html_join("", "{}", ((_coloured(css, word),) for css, word in pieces))


def _clean(markup: str) -> SafeString:
    kept = nh3.clean(
        markup,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer",
    )
    return mark_safe(kept)  # noqa: S308  # nh3 let through the listed tags and nothing else


def _coloured(css: str, word: str) -> SafeString:
    return format_html('<span class="{}">{}</span>', css, word) if css else escape(word)


def _css_class(kind: _TokenType) -> str:
    """One of the four colours that css/review.css has for code, or none."""
    for family, css in (
        (Comment, "c"),
        (String, "s"),
        (Number, "n"),
        (Keyword, "k"),
        (Operator.Word, "k"),
        (Token.Name.Builtin, "n"),
    ):
        if kind in family:
            return css
    return ""


def _block(source: str, language: str, _attributes: str) -> str:
    return f'<pre class="code" tabindex="0"><code>{code(source, language)}</code></pre>'


_markdown = (
    MarkdownIt("commonmark", {"html": False, "linkify": True, "highlight": _block})
    .enable(["table", "strikethrough", "linkify"])
    .use(footnote_plugin)
)
_HEADINGS = {"h1": "h2"}


def _lower_heading(self, tokens, at, options, env):  # type: ignore[no-untyped-def]  # markdown-it's own shape
    tokens[at].tag = _HEADINGS.get(tokens[at].tag, tokens[at].tag)
    return self.renderToken(tokens, at, options, env)


_markdown.add_render_rule("heading_open", _lower_heading)
_markdown.add_render_rule("heading_close", _lower_heading)
