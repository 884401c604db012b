"""Which URL names are used, and which there are: a wrong name must not wait for the first reader of a page."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from django.urls import URLResolver, get_resolver

_IN_PAGE = re.compile(r"""\{%\s*url\s+["']([\w:-]+)["']""")
_ASKING = {"reverse", "reverse_lazy", "redirect", "resolve_url"}


def named_on_page(page: str) -> Iterator[str]:
    yield from _IN_PAGE.findall(page)


def named_in_code(source: str) -> Iterator[str]:
    """First arguments of reverse and its kin, where they are names and not paths."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        asked = getattr(node.func, "attr", getattr(node.func, "id", ""))
        first = node.args[0]
        name = first.value if isinstance(first, ast.Constant) else None
        if asked in _ASKING and isinstance(name, str) and "/" not in name:
            yield name


def existing() -> set[str]:
    """Every URL name with its namespaces, as in `progress:today`."""
    return set(_below(get_resolver(), ""))


def _below(resolver: URLResolver, prefix: str) -> Iterator[str]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            yield from _below(pattern, inner)
        elif pattern.name:
            yield f"{prefix}{pattern.name}"
