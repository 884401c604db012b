"""Which text format a file is of, by what is in it; its name decides only where the text does not."""

from __future__ import annotations

import re

_LOOKED_AT = 200_000  # characters
_ANSWER = re.compile(r"^[ \t]*ANSWER[ \t]*:[ \t]*(?:[A-Za-z][ \t,;]*){0,20}$", re.MULTILINE | re.IGNORECASE)
_KEY = re.compile(r"^(?:questions\s*:|(?:-\s+)?(?:\{\s*)?(?:key|type|stem)\s*:\s)", re.MULTILINE)
_STEM = re.compile(r"(?:^\s*(?:-\s+)?|[{,]\s*)stem\s*:", re.MULTILINE)


def is_yaml(name: str, text: str) -> bool:
    beginning = text[:_LOOKED_AT]
    return name.endswith((".yaml", ".yml")) or bool(_KEY.search(beginning) and _STEM.search(beginning))


def is_table(name: str, text: str) -> bool:
    """The first line names columns, among them the stem."""
    first = re.sub(r"\Asep=.\s*\n", "", text[:20_000], flags=re.IGNORECASE).partition("\n")[0]
    names = {cell.strip().strip('"').lower() for cell in re.split(r"[,;\t]", first)}
    known = bool(names & {"stem", "question"}) and len(names) > 1
    return known or name.endswith((".csv", ".tsv"))


def is_aiken(name: str, text: str) -> bool:
    return bool(_ANSWER.search(text[:_LOOKED_AT])) or name.endswith(".aiken")


def is_gift(name: str, text: str) -> bool:
    return name.endswith(".gift") or bool("{" in text and "}" in text) or "::" in text
