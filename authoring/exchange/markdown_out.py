"""Markdown of ours as HTML for other houses: what roadmap.rendering shows, without colours, formulas as `\\(…\\)`."""

from __future__ import annotations

from html import escape
from typing import Any

from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

_SCHEMES = ("http://", "https://", "mailto:")


def html(text: str) -> str:
    """A Markdown text as HTML; raw HTML in it stays text."""
    return str(_PARSER.render(text)).strip()


def normal_address(address: str) -> str:
    """An address as Markdown writes it, so that it is the same after any number of ways."""
    try:
        return _PARSER.normalizeLink(address.strip()).translate(_BRACKETS)
    except ValueError:
        return ""


def is_address(address: str) -> bool:
    """Whether it leads anywhere from a page of ours."""
    return address.lower().startswith(_SCHEMES) and _PARSER.validateLink(address) and len(address) <= 2000


_BRACKETS = {ord(sign): f"%{ord(sign):02X}" for sign in "()<>\\ `*_[]\"'"} | {ord("_"): "_", ord("*"): "%2A"}


def _inline(self: Any, tokens: Any, at: int, _options: Any, _env: Any) -> str:
    return f"\\({escape(tokens[at].content.strip(), quote=False)}\\)"


def _display(self: Any, tokens: Any, at: int, _options: Any, _env: Any) -> str:
    return f"<p>\\[{escape(tokens[at].content.strip(), quote=False)}\\]</p>\n"


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    parser.use(
        dollarmath_plugin, allow_labels=False, allow_space=False, allow_digits=False, allow_blank_lines=False
    )
    parser.add_render_rule("math_inline", _inline)
    parser.add_render_rule("math_block", _display)
    return parser


_PARSER = _parser()
