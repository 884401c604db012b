"""Questions of a Moodle file whose answers are given: to choose among, to match, to put in order."""

from __future__ import annotations

import math
from typing import Any

from accounts.sentences import sentence as _
from authoring.exchange import drafting
from authoring.exchange.drafting import CannotBeCarriedError
from authoring.exchange.keys import letter
from authoring.exchange.moodle_xml.item import FULL, Item, Weighed, as_html, child, inner, number, plain
from authoring.exchange.questions import Carried


def multichoice(item: Item) -> Carried:
    answers = item.answers()
    is_single = item.flag("single") is not False
    right = _right_one(item, answers) if is_single else _right_ones(item, answers)
    body = {
        "stem": item.stem(),
        "options": drafting.options(
            [""] * len(answers),
            [item.phrase(answer.text) for answer in answers],
            right,
            [answer.feedback for answer in answers],
        ),
        "explanation": item.explanation(),
    }
    return item.carried("single" if is_single else "multiple", body)


def truefalse(item: Item) -> Carried:
    answers = item.answers()
    said = {plain(answer.text).lower(): answer for answer in answers}
    if set(said) != {"true", "false"} or (said["true"].fraction == FULL) is (said["false"].fraction == FULL):
        raise CannotBeCarriedError(_("It does not say whether true or false is right."))
    is_true = said["true"].fraction == FULL
    right, wrong = said["true" if is_true else "false"], said["false" if is_true else "true"]
    item.lose_unless(wrong.fraction == 0, _("What a wrong answer earns or costs"))
    explanation = item.explanation(right.feedback)
    item.lose_feedback([wrong.feedback, right.feedback if explanation != right.feedback else ""])
    return item.carried("true_false", {"stem": item.stem(), "answer": is_true, "explanation": explanation})


def matching(item: Item) -> Carried:
    """Prompts with their matches; a match without a prompt is a further choice."""
    choices: dict[str, str] = {}
    prompts: list[dict[str, str]] = []
    for pair in item.children("subquestion"):
        prompt = item.phrase(as_html(inner(pair), pair.get("format") or "moodle_auto_format"))
        answer = child(pair, "answer")
        format_ = (answer.get("format") if answer is not None else "") or "html"
        text = item.phrase(as_html(inner(answer), format_)) if answer is not None else ""
        if text:
            key = choices.setdefault(text, str(len(choices) + 1))
        if prompt and text:
            prompts.append({"key": letter(len(prompts)), "text": prompt, "match": key})
    body = {
        "stem": item.stem(),
        "prompts": prompts,
        "choices": [{"key": key, "text": text} for text, key in choices.items()],
        "explanation": item.explanation(),
    }
    return item.carried("matching", body)


def ordering(item: Item) -> Carried:
    """The weight of an answer is its place; where they say no order, they stand in it."""
    answers = item.answers()
    if len({answer.fraction for answer in answers}) == len(answers):
        answers.sort(key=lambda answer: answer.fraction)
    graded = item.word("gradingtype").upper()
    body: dict[str, Any] = {
        "stem": item.stem(),
        "items": [
            {"key": letter(place), "text": item.phrase(answer.text)} for place, answer in enumerate(answers)
        ],
        "explanation": item.explanation(),
    }
    if graded in ("ALL_OR_NOTHING", "-1"):
        body["credit"] = "all"
    elif graded not in ("RELATIVE_NEXT_EXCLUDE_LAST", "1", ""):
        item.lose(_("How a partly right order counts; here every right neighbour does"))
    count = number(item.word("selectcount")) or 0
    is_drawn = item.word("selecttype").upper() not in ("ALL", "0", "") and 0 < count < len(answers)
    item.lose_unless(not is_drawn, _("That only some of its items are shown"))
    item.lose_feedback([answer.feedback for answer in answers])
    return item.carried("ordering", body)


def _right_one(item: Item, answers: list[Weighed]) -> list[bool]:
    right = [answer.fraction == FULL for answer in answers]
    if sum(right) != 1:
        raise CannotBeCarriedError(
            _("One of its answers should be worth 100 %%; %(count)s are.", count=sum(right))
        )
    item.lose_unless(
        not any(0 < answer.fraction < FULL for answer in answers), _("That an answer is partly right")
    )
    item.lose_unless(all(answer.fraction >= 0 for answer in answers), _("That a wrong answer costs points"))
    return right


def _right_ones(item: Item, answers: list[Weighed]) -> list[bool]:
    """Here each right option is worth the same, and a wrong one takes that back."""
    right = [answer.fraction > 0 for answer in answers]
    if not any(right):
        raise CannotBeCarriedError(drafting.NOT_TOLD)
    share = FULL / sum(right)
    gains = [answer.fraction for answer in answers if answer.fraction > 0]
    costs = [-answer.fraction for answer in answers if answer.fraction <= 0]
    item.lose_unless(
        _are(gains, share),
        _("That its right answers are worth different shares; here all are worth the same"),
    )
    item.lose_unless(_are(costs, share), _("What its wrong answers cost; here each takes a right one back"))
    return right


def _are(weights: list[float], share: float) -> bool:
    return all(math.isclose(weight, share, abs_tol=0.01) for weight in weights)
