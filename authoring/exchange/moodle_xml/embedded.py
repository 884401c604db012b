"""The small language of gaps in a Moodle text: {2:SHORTANSWER:=right#said~%50%half~wrong}."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from authoring.exchange.moodle_xml.item import MOST_ANSWERS

_OPENS = re.compile(r"\{(\d{0,4}):([A-Z_]{2,20}):")
_CLOSES = re.compile(r"(?:\\.|[^\\}])*\}", re.DOTALL)
_WEIGHT = re.compile(r"%(-?\d{1,3}(?:[.,]\d{1,9})?)%")
_ESCAPED = re.compile(r"\\([}#~/\"\\=%])")
_KINDS = {
    "SHORTANSWER": "text",
    "SA": "text",
    "MW": "text",
    "SHORTANSWER_C": "case",
    "SAC": "case",
    "MWC": "case",
    "NUMERICAL": "number",
    "NM": "number",
    "MULTIRESPONSE": "several",
    **{f"MULTIRESPONSE_{way}": "several" for way in ("H", "S", "HS", "VS")},
    **{f"MR{way}": "several" for way in ("", "H", "V", "S", "HS", "VS")},
    "MULTICHOICE": "choice",
    **{f"MULTICHOICE_{way}": "choice" for way in ("V", "H", "S", "VS", "HS")},
    **{f"MC{way}": "choice" for way in ("", "V", "H", "S", "VS", "HS")},
}


@dataclass(frozen=True, slots=True)
class Said:
    """One answer of a gap; its text and what is said to it are HTML."""

    text: str
    weight: float
    feedback: str


@dataclass(frozen=True, slots=True)
class Embedded:
    """One gap as it stands in a text, from `start` to `end`; `kind` is text, case, number, choice or several."""

    start: int
    end: int
    points: int
    kind: str
    answers: tuple[Said, ...]


def gaps(text: str) -> Iterator[Embedded]:
    """The gaps of a text from left to right; what only looks like one stays text."""
    at = 0
    while opened := _OPENS.search(text, at):
        at = opened.end()
        closed = _CLOSES.match(text, at)
        if not closed:
            return
        if kind := _KINDS.get(opened[2]):
            answers = tuple(map(_said, _split(closed[0][:-1], "~")[: MOST_ANSWERS + 1]))
            at = closed.end()
            yield Embedded(opened.start(), at, int(opened[1] or 1), kind, answers)


def written(points: int, kind: str, answers: Sequence[Said]) -> str:
    """A gap as a text holds it."""
    said = "~".join(_written(answer) for answer in answers)
    return f"{{{points}:{kind}:{said}}}"


def _said(text: str) -> Said:
    answer, *feedback = _split(text.strip(), "#")
    weight = 0.0
    if answer.startswith("="):
        answer, weight = answer[1:], 100.0
    elif found := _WEIGHT.match(answer):
        answer, weight = answer[found.end() :], float(found[1].replace(",", "."))
    return Said(_unescaped(answer).strip(), weight, _unescaped("#".join(feedback)).strip())


def _split(text: str, sign: str) -> list[str]:
    """The parts between signs that no backslash takes away."""
    parts, start = [], 0
    for found in re.finditer(r"\\.|" + re.escape(sign), text, re.DOTALL):
        if found[0] == sign:
            parts.append(text[start : found.start()])
            start = found.end()
    return [*parts, text[start:]]


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(r"\1", text)


def _written(answer: Said) -> str:
    weight = "=" if answer.weight == 100 else f"%{answer.weight:g}%" if answer.weight else ""
    said = f"#{_escaped(answer.feedback)}" if answer.feedback else ""
    return f"{weight}{_escaped(answer.text)}{said}"


def _escaped(text: str) -> str:
    """Backslashes too, or one before a sign would take it for itself; a first = or % is no weight."""
    plain = re.sub(r"[\\}#~]", r"\\\g<0>", text)
    return f"\\{plain}" if plain.startswith(("=", "%")) else plain
