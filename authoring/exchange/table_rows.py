"""A row of a table as a question of its type; the cell that can't be one is named."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from accounts.sentences import Sentence
from accounts.sentences import sentence as _
from authoring.exchange.gift.answers import number
from authoring.exchange.keys import letters
from authoring.exchange.questions import Carried

Body = dict[str, Any]
_BAR = re.compile(r"(?<!\\)\|")
_TRUTHS = {"true": True, "t": True, "yes": True, "false": False, "f": False, "no": False}


class CellError(Exception):
    """A cell that can't be read; `column` names it."""

    def __init__(self, column: str, what: Sentence) -> None:
        super().__init__(str(what))
        self.column = column
        self.what = what


def question(place: str, name: str, row: Mapping[str, str], options: Sequence[str]) -> Carried:
    """The question of a row; raises CellError."""
    if not row.get("stem"):
        raise CellError("stem", _("It is empty: what is asked?"))
    type_ = _type(row, options)
    body: Body = {"stem": row["stem"]} | _WAYS[type_](row, options)
    if explanation := row.get("explanation"):
        body["explanation"] = explanation
    return Carried(
        place,
        name,
        type_,
        body,
        (row["topic"],) if row.get("topic") else (),
        tuple(part for part in re.split(r"\s*[|,;]\s*", row.get("tags", "")) if part),
        _points(row.get("points", "")),
        _difficulty(row.get("difficulty", "")),
        row.get("key", ""),
    )


def parts(cell: str) -> list[str]:
    """The values of a cell with several."""
    return [part.replace("\\|", "|").strip() for part in _BAR.split(cell)]


def _type(row: Mapping[str, str], options: Sequence[str]) -> str:
    """What the row says it is; else what its cells look like."""
    said = row.get("type", "").lower().replace("-", "_").replace(" ", "_")
    if said:
        if said not in _WAYS:
            known = ", ".join(_WAYS)
            raise CellError(
                "type", _("“%(type)s” is none that a table can hold: %(known)s.", type=said[:40], known=known)
            )
        return said
    right = row.get("right", "")
    if any(options):
        return "multiple" if len([part for part in _named(right) if part]) > 1 else "single"
    if right.lower() in _TRUTHS:
        return "true_false"
    return "short_text" if right else "long_text"


def _choice(row: Mapping[str, str], options: Sequence[str]) -> Body:
    filled = [(place, text) for place, text in enumerate(options) if text]
    if len(filled) < 2:
        raise CellError("option 1", _("Options are missing: there are at least two."))
    right = {_place(said, options) for said in _named(row.get("right", ""))}
    if not right:
        raise CellError("right", _("It is empty: which option is right?"))
    said = parts(row.get("feedback", ""))
    return {
        "options": [
            {"key": key, "text": text, "right": place in right}
            | ({"feedback": said[place]} if place < len(said) and said[place] else {})
            for key, (place, text) in zip(letters(len(filled)), filled, strict=True)
        ]
    }


def _single(row: Mapping[str, str], options: Sequence[str]) -> Body:
    body = _choice(row, options)
    if sum(option["right"] for option in body["options"]) > 1:
        raise CellError("right", _("It names several options, but one is right where the type is “single”."))
    return body


def _named(cell: str) -> list[str]:
    """The options that a cell names: A|C, A,C, A C, 1|3, or the words of an option."""
    if re.fullmatch(r"(?:[A-Za-z]|\d{1,2})(?:\s*[,;|\s]\s*(?:[A-Za-z]|\d{1,2})){0,30}", cell):
        return re.split(r"[,;|\s]+", cell)
    return [part for part in parts(cell) if part]


def _place(said: str, options: Sequence[str]) -> int:
    """A letter is always a place; a number is one too, or the text of an option, but never both."""
    if re.fullmatch(r"[A-Za-z]", said):
        place = ord(said.lower()) - ord("a")
    else:
        numbered = int(said) - 1 if re.fullmatch(r"\d{1,2}", said) else -1
        worded = list(options).index(said) if said in options else -1
        if min(numbered, worded) >= 0 and numbered != worded and numbered < len(options):
            what = _(
                "“%(said)s” is one option’s place and another one’s text. Write a letter: A, B, C.", said=said
            )
            raise CellError("right", what)
        place = worded if worded >= 0 else numbered
    if not 0 <= place < len(options) or not options[place]:
        raise CellError("right", _("“%(said)s” is none of the options.", said=said[:40]))
    return place


def _true_false(row: Mapping[str, str], _options: Sequence[str]) -> Body:
    right = row.get("right", "").lower()
    if right not in _TRUTHS:
        raise CellError("right", _("Write true or false."))
    return {"answer": _TRUTHS[right]} | _explained(row)


def _numeric(row: Mapping[str, str], _options: Sequence[str]) -> Body:
    found = number(row.get("right", ""))
    if found is None:
        raise CellError("right", _("Write a number: 3, with what is near enough 3:0.5, or 1..5."))
    return found.body() | _explained(row)


def _short_text(row: Mapping[str, str], _options: Sequence[str]) -> Body:
    answers = [part for part in parts(row.get("right", "")) if part]
    if not answers:
        raise CellError("right", _("It is empty: write what counts, parted by |."))
    return {"answers": answers} | _explained(row)


def _ordering(_row: Mapping[str, str], options: Sequence[str]) -> Body:
    items = [text for text in options if text]
    if len(items) < 2:
        raise CellError("option 1", _("Write the items in the right order, at least two."))
    return {
        "items": [{"key": key, "text": text} for key, text in zip(letters(len(items)), items, strict=True)]
    }


def _matching(_row: Mapping[str, str], options: Sequence[str]) -> Body:
    keys_of: dict[str, str] = {}
    prompts: list[dict[str, str]] = []
    for place, cell in enumerate(options, 1):
        if not cell:
            continue
        prompt, arrow, choice = (part.strip() for part in cell.partition("->"))
        if not arrow or not choice:
            raise CellError(f"option {place}", _("Write a pair: prompt -> choice."))
        key = keys_of.setdefault(choice, f"c{len(keys_of) + 1}")
        if prompt:
            prompts.append({"key": f"p{len(prompts) + 1}", "text": prompt, "match": key})
    return {"prompts": prompts, "choices": [{"key": key, "text": text} for text, key in keys_of.items()]}


def _long_text(row: Mapping[str, str], _options: Sequence[str]) -> Body:
    return {"guide": row.get("right", "")} | _explained(row)


def _explained(row: Mapping[str, str]) -> Body:
    """Feedback where answers have none of their own: it explains, unless an explanation is there."""
    said = row.get("feedback", "")
    if said and row.get("explanation"):
        raise CellError(
            "feedback", _("This type has no place for it beside the explanation; put both there.")
        )
    return {"explanation": said} if said else {}


def _points(cell: str) -> float | None:
    if not cell:
        return None
    found = number(cell)
    if found is None or found.tolerance or not 0 < found.answer <= 32_767 or not math.isfinite(found.answer):
        raise CellError("points", _("Write a number above 0."))
    return found.answer


def _difficulty(cell: str) -> int | None:
    if not cell:
        return None
    if cell not in ("1", "2", "3", "4", "5"):
        raise CellError("difficulty", _("Write a number from 1 to 5."))
    return int(cell)


_WAYS: dict[str, Callable[[Mapping[str, str], Sequence[str]], Body]] = {
    "single": _single,
    "multiple": _choice,
    "true_false": _true_false,
    "numeric": _numeric,
    "short_text": _short_text,
    "ordering": _ordering,
    "matching": _matching,
    "long_text": _long_text,
}
