from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from accounts.sentences import Sentence
from accounts.sentences import sentence as _
from authoring.exchange import categories, wildcards
from authoring.exchange.gift.answers import tidy
from authoring.exchange.gift.escapes import escaped
from authoring.exchange.questions import Carried, Left, Writing
from authoring.exchange.sound import fault_of, left_out, said_for_all

_NO_PLACE = _("GIFT has no place for “%(field)s”; the question is written without it.")
_HELD_NOT = {
    "ordering": _("GIFT has no questions about an order."),
    "cloze": _("GIFT has no texts with several gaps of their own rules."),
    "code_output": _("GIFT has no questions about what code prints, line by line."),
}


def write(questions: Sequence[Carried]) -> Writing:
    """The questions as one GIFT file; what it can't hold is in `left`."""
    writer = _Writer()
    for question in questions:
        writer.put(question)
    return Writing("\n".join(writer.lines).encode(), (*writer.left, *said_for_all(list(questions))))


class _Writer:
    def __init__(self) -> None:
        self.lines: list[str] = []
        self.left: list[Left] = []
        self.category: tuple[str, ...] = ()

    def put(self, question: Carried) -> None:
        if question.type not in _WAYS:
            what = _HELD_NOT.get(question.type) or _("GIFT has no questions of this type.")
            self.left.append(Left(question.place, question.name, what))
        elif fault := fault_of(question):
            self.left.append(left_out(question, fault))
        elif refusal := _refusal(question):
            self.left.append(Left(question.place, question.name, refusal))
        else:
            self._write(question)

    def _write(self, question: Carried) -> None:
        if question.category != self.category:
            self.category = question.category
            self.lines += [f"$CATEGORY: {categories.path(question.category)}", ""]
        body, way_of = question.body, _WAYS[question.type]
        self.left += [
            Left(question.place, question.name, _NO_PLACE.filled(field=field), is_whole=False)
            for field in _UNHELD.get(question.type, ())
            if body.get(field) not in (None, False, "", (), []) and not _has_stars(field, body[field])
        ]
        marks = [f"[id:{_noted(question.key)}]"] if question.key else []
        marks += [f"[tag:{_noted(tag)}]" for tag in question.tags]
        if marks:
            self.lines.append(f"// {' '.join(marks)}")
        explanation = str(body.get("explanation") or "")
        general = f"####{_text(explanation)}" if explanation else ""
        stem = f"::{escaped(question.name)}::[markdown]{escaped(body['stem'])}"
        answers = list(way_of(body))
        lines = (
            [f"{stem} {{{''.join(answers)}{general}}}"]
            if len(answers) < 2
            else [
                f"{stem} {{",
                *(f"  {answer}" for answer in answers),
                *([f"  {general}"] if general else []),
                "}",
            ]
        )
        self.lines += [*lines, ""]


def _has_stars(field: str, value: Any) -> bool:
    """Whether it is a pattern that answers with stars say."""
    return field == "pattern" and bool(wildcards.answers(value))


def _refusal(question: Carried) -> Sentence | None:
    """What of the language stands in the way: an arrow has no escape."""
    arrow = _("It has the sign -> in an answer, which GIFT takes for a pair.")
    if question.type == "matching" and any("->" in prompt["text"] for prompt in question.body["prompts"]):
        return arrow
    if question.type == "short_text" and any("->" in answer for answer in question.body["answers"]):
        return arrow
    return None


def _single(body: Any) -> Iterator[str]:
    for option in body["options"]:
        yield f"{'=' if option['right'] else '~'}{_option(option)}"


def _multiple(body: Any) -> Iterator[str]:
    share = 100 / sum(bool(option["right"]) for option in body["options"])
    weight = f"{share:.5f}".rstrip("0").rstrip(".")
    for option in body["options"]:
        yield f"~%{'' if option['right'] else '-'}{weight}%{_option(option)}"


def _option(option: Any) -> str:
    feedback = option.get("feedback")
    return _text(option["text"]) + (f"#{_text(feedback)}" if feedback else "")


def _true_false(body: Any) -> Iterator[str]:
    yield "TRUE" if body["answer"] else "FALSE"


def _numeric(body: Any) -> Iterator[str]:
    """Allowances other than an absolute one are worked out."""
    near = body.get("tolerance") or 0
    if body.get("relative_tolerance"):
        near = max(near, abs(body["answer"]) * body["relative_tolerance"])
    yield f"#{_number(body['answer'])}" + (f":{_number(near)}" if near else "")


def _short_text(body: Any) -> Iterator[str]:
    for answer in [*map(wildcards.starless, body["answers"]), *wildcards.answers(body.get("pattern") or "")]:
        yield f"={_text(answer)}"


def _matching(body: Any) -> Iterator[str]:
    texts = {choice["key"]: choice["text"] for choice in body["choices"]}
    used = {prompt["match"] for prompt in body["prompts"]}
    for prompt in body["prompts"]:
        yield f"={_text(prompt['text'])} -> {_text(texts[prompt['match']])}"
    for key, text in texts.items():
        if key not in used:
            yield f"= -> {_text(text)}"


def _long_text(_body: Any) -> Iterator[str]:
    yield ""


_WAYS: dict[str, Callable[[Any], Iterator[str]]] = {
    "single": _single,
    "multiple": _multiple,
    "true_false": _true_false,
    "numeric": _numeric,
    "short_text": _short_text,
    "matching": _matching,
    "long_text": _long_text,
}
_UNHELD = {
    "numeric": ("relative_tolerance", "significant_figures", "unit", "units", "formula"),
    "short_text": ("case_sensitive", "ignore_accents", "pattern"),
    "long_text": ("guide", "min_words", "max_words"),
}


def _text(text: str) -> str:
    """A text as it is written; one that begins like a weight or a format says its format first."""
    return f"{'[markdown]' if text.lstrip()[:1] in ('%', '[') else ''}{escaped(text)}"


def _number(value: float) -> str:
    return str(tidy(float(value)))


def _noted(text: str) -> str:
    """As it stands in square brackets of a comment."""
    return " ".join(text.replace("\\", "\\\\").replace("]", "\\]").replace("[", "\\[").split())
