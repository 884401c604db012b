"""Questions as rows of a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from string import ascii_uppercase
from typing import Any

from accounts.sentences import sentence as _
from authoring.exchange.gift.answers import tidy
from authoring.exchange.questions import Carried, Left, Writing
from authoring.exchange.sound import fault_of, left_out, said_for_all

_UNHELD = {
    "numeric": ("relative_tolerance", "significant_figures", "unit", "units", "formula"),
    "short_text": ("case_sensitive", "ignore_accents", "pattern"),
    "long_text": ("min_words", "max_words"),
    "ordering": ("credit",),
}
# Some spreadsheets take the wide signs of East Asian keyboards for the same.
WORKED_OUT = "=+@\t\r-'\uff1d\uff0b\uff0d\uff20"
_NO_PLACE = _("A table has no column for “%(field)s”; the question is written without it.")


def write(questions: Sequence[Carried]) -> Writing:
    """The questions as CSV that spreadsheets open; what a row can't hold is in `left`."""
    rows: list[dict[str, str]] = []
    left: list[Left] = []
    for question in questions:
        if question.type not in _HELD:
            left.append(Left(question.place, question.name, _("A table can’t hold questions of this type.")))
        elif fault := fault_of(question):
            left.append(left_out(question, fault))
        elif any("->" in prompt["text"] for prompt in question.body.get("prompts", ())):
            what = _("A prompt has the sign ->, which parts it from its choice in a table.")
            left.append(Left(question.place, question.name, what))
        else:
            rows.append(_row(question))
            left += _unheld(question)
    width = max((sum(name.startswith("option ") for name in row) for row in rows), default=4)
    names = ["key", "type", "stem", *(f"option {place}" for place in range(1, width + 1)), *_BEHIND]
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(names)
    writer.writerows([[_cell(row.get(name, "")) for name in names] for row in rows])
    said = said_for_all(list(questions), points=True, difficulty=True)
    return Writing(out.getvalue().encode("utf-8-sig"), (*left, *said))


_BEHIND = ("right", "explanation", "feedback", "topic", "tags", "points", "difficulty")


def _row(question: Carried) -> dict[str, str]:
    body = question.body
    around = {
        "key": question.key or question.name,
        "type": question.type,
        "stem": body["stem"],
        "explanation": str(body.get("explanation") or ""),
        "topic": question.category[-1] if question.category else "",
        "tags": "|".join(question.tags),
        "points": "" if question.points is None else f"{question.points:g}",
        "difficulty": "" if question.difficulty is None else str(question.difficulty),
    }
    return around | _HELD[question.type](body)


def _options(texts: Sequence[str]) -> dict[str, str]:
    return {f"option {place}": text for place, text in enumerate(texts, 1)}


def _choice(body: Mapping[str, Any]) -> dict[str, str]:
    said = [option.get("feedback") or "" for option in body["options"]]
    right = [
        letter for letter, option in zip(ascii_uppercase, body["options"], strict=False) if option["right"]
    ]
    return {
        **_options([option["text"] for option in body["options"]]),
        "right": "|".join(right),
        "feedback": _joined(said) if any(said) else "",
    }


def _numeric(body: Mapping[str, Any]) -> dict[str, str]:
    near = body.get("tolerance") or 0
    return {"right": f"{tidy(float(body['answer']))}" + (f":{tidy(float(near))}" if near else "")}


def _matching(body: Mapping[str, Any]) -> dict[str, str]:
    texts = {choice["key"]: choice["text"] for choice in body["choices"]}
    used = {prompt["match"] for prompt in body["prompts"]}
    pairs = [f"{prompt['text']} -> {texts[prompt['match']]}" for prompt in body["prompts"]]
    return _options([*pairs, *(f" -> {text}" for key, text in texts.items() if key not in used)])


_HELD: dict[str, Callable[[Mapping[str, Any]], dict[str, str]]] = {
    "single": _choice,
    "multiple": _choice,
    "true_false": lambda body: {"right": "true" if body["answer"] else "false"},
    "numeric": _numeric,
    "short_text": lambda body: {"right": _joined(body["answers"])},
    "ordering": lambda body: _options([item["text"] for item in body["items"]]),
    "matching": _matching,
    "long_text": lambda body: {"right": str(body.get("guide") or "")},
}


def _unheld(question: Carried) -> list[Left]:
    return [
        Left(question.place, question.name, _NO_PLACE.filled(field=field), is_whole=False)
        for field in _UNHELD.get(question.type, ())
        if question.body.get(field) not in (None, False, "", (), [], "pairs")
    ]


def _joined(texts: Sequence[str]) -> str:
    return "|".join(text.replace("|", "\\|") for text in texts)


def _cell(text: str) -> str:
    """A quote before what a spreadsheet would take for a formula to be worked out; reading takes it off."""
    is_number = text.lstrip("-").replace(".", "", 1).replace(":", "", 1).isdigit()
    return f"'{text}" if text[:1] in WORKED_OUT and text and not is_number else text
