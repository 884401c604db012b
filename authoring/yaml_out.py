"""Writes YAML that is pleasant to read and to compare: equal data gives equal bytes, and yaml_text reads it back.

Long texts are folded, texts of several lines stand as they are, short lists on one line. Keys keep their order.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

from authoring.yaml_text import INTEGER, NUMBER

WIDTH = 110
SHORT = 90


def dump(data: Any) -> str:
    """The YAML text of texts, numbers, booleans, None, lists and mappings."""
    text: str = yaml.dump(
        data, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=WIDTH, default_flow_style=False
    )
    return text


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: _Dumper, text: str) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=_style(text))


def _style(text: str) -> str | None:
    """Whether a text stands line by line (|), folded (>) or on one line; one that begins with a blank is quoted."""
    if text[:1].isspace():
        return None
    if "\n" in text:
        return "|"
    return ">" if len(text) > SHORT and "  " not in text else None


def _list(dumper: _Dumper, items: list[Any] | tuple[Any, ...]) -> yaml.Node:
    is_short = all(_is_small(item) for item in items) and sum(len(str(item)) + 2 for item in items) < SHORT
    return dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=is_short)


def _is_small(item: Any) -> bool:
    return not isinstance(item, dict | list | tuple) and not (isinstance(item, str) and "\n" in item)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(list, _list)
_Dumper.add_representer(tuple, _list)
# A text that our reader, or the one of PyYAML, would take for something else is written in quotes.
_Dumper.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile(rf"^(?:{INTEGER.pattern})$"), list("-+0123456789")
)
_Dumper.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(rf"^(?:{NUMBER.pattern})$"), list("-+.0123456789")
)
