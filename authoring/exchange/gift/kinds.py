"""Which kind of question the braces hold, and its body. What a type of ours can't hold is said in `texts.left`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from accounts.sentences import Sentence
from accounts.sentences import sentence as _
from authoring.exchange import wildcards
from authoring.exchange.gift.answers import Answer, answers, is_spread_evenly, number, pairs
from authoring.exchange.gift.texts import Texts
from authoring.exchange.keys import letters
from authoring.exchange.questions import shortened

Body = dict[str, Any]
MOST_ANSWERS = 200
_TRUTHS = {"T": True, "TRUE": True, "F": False, "FALSE": False}


@dataclass(slots=True)
class Parts:
    """A question taken apart: `inside` is what stands in its braces, without the general feedback."""

    texts: Texts
    stem: str
    inside: str
    explanation: str
    refusal: Sentence = field(default_factory=lambda: Sentence(""))

    def left(self, what: Sentence) -> None:
        self.texts.left.append(what)

    def body(self, **more: Any) -> Body:
        said = {"explanation": self.explanation} if self.explanation else {}
        return {"stem": self.stem, **more, **said}

    def explain(self, feedbacks: Sequence[str], others: Sequence[str] = ()) -> None:
        """Feedback for which a type has no place: the first explains where nothing else does, and the rest is left."""
        said = [text for text in feedbacks if text]
        if said and not self.explanation:
            self.explanation = said.pop(0)
        for text in (*said, *filter(None, others)):
            self.left(_("Feedback that this type has no place for: “%(text)s”", text=shortened(text)))


def carried(parts: Parts) -> tuple[str, Body]:
    """Type and body; no type when nothing can be made of it, and then `refusal` says why."""
    if parts.inside.count("=") + parts.inside.count("~") > MOST_ANSWERS:
        parts.refusal = _("It has more than %(most)s answers.", most=MOST_ANSWERS)
        return "", {}
    return _of_kind(parts)


def _of_kind(parts: Parts) -> tuple[str, Body]:
    inside = parts.inside
    truth, _sign, feedback = inside.partition("#")
    if not inside:
        return "long_text", parts.body(guide="")
    if inside.startswith("#"):
        return _numeric(parts)
    if "~" in inside:
        return _choice(parts)
    if "=" in inside and "->" in inside:
        return "matching", _matching(parts)
    if truth.strip().upper() in _TRUTHS:
        return "true_false", _true_false(parts, _TRUTHS[truth.strip().upper()], feedback)
    return _short_text(parts)


def _choice(parts: Parts) -> tuple[str, Body]:
    found = [answer for answer in answers(parts.inside, bare=0) if answer.text]
    if not found:
        parts.refusal = _("None of its options has a text.")
        return "", {}
    is_single = "=" in parts.inside
    _say_weights(parts, found, is_single=is_single)
    is_right: Callable[[Answer], bool] = (
        (lambda one: one.is_right) if is_single else (lambda one: one.weight > 0)
    )
    options = [
        {"key": key, "text": parts.texts.markdown(answer.text), "right": is_right(answer)}
        | ({"feedback": said} if (said := parts.texts.markdown(answer.feedback)) else {})
        for key, answer in zip(letters(len(found)), found, strict=True)
    ]
    return "single" if is_single else "multiple", parts.body(options=options)


def _say_weights(parts: Parts, found: Sequence[Answer], *, is_single: bool) -> None:
    said = _weights(answer for answer in found if answer.weight and not (is_single and answer.is_right))
    if is_single and sum(answer.is_right for answer in found) > 1:
        parts.left(_("Several options earn everything; here one is right. Choose it before publishing."))
    if is_single and said:
        parts.left(_("Partly right options count as wrong here: %(weights)s.", weights=said))
    elif not is_single and not is_spread_evenly(found) and said:
        what = _(
            "Its weights are not kept: %(weights)s. Right ticks count alike here; a wrong one takes a right one back."
        )
        parts.left(what.filled(weights=said))


def _true_false(parts: Parts, truth: bool, feedback: str) -> Body:
    wrong, _sign, right = feedback.partition("#")
    parts.explain([parts.texts.markdown(right), parts.texts.markdown(wrong)])
    return parts.body(answer=truth)


def _short_text(parts: Parts) -> tuple[str, Body]:
    found = answers(parts.inside, bare=100)
    best = max((answer.weight for answer in found if answer.text), default=0)
    right, others = _parted(found, min(best, 99.98))
    rule = wildcards.rule([parts.texts.words(answer.text) for answer in right])
    if said := _weights(answer for answer in others if answer.text):
        parts.left(_("Answers that are partly right or wrong are left out: %(weights)s.", weights=said))
    if right and best < 99.98:
        parts.left(_("No answer earns everything; the best ones count as right here."))
    parts.explain(_feedback(parts, right), _feedback(parts, others))
    if rule.is_cut:
        parts.left(_("Answers with *, which are too many or too long for one pattern"))
    if not rule.answers:
        parts.refusal = _("It has no answer that can be typed.")
        return "", {}
    pattern = {"pattern": rule.pattern} if rule.pattern else {}
    return "short_text", parts.body(answers=list(rule.answers), **pattern)


def _parted(found: Sequence[Answer], least: float) -> tuple[list[Answer], list[Answer]]:
    """Those that weigh this at least, and the others."""
    right = [answer for answer in found if answer.text and answer.weight >= least > 0]
    return right, [answer for answer in found if not (answer.text and answer.weight >= least > 0)]


def _feedback(parts: Parts, found: Sequence[Answer]) -> list[str]:
    return [parts.texts.markdown(answer.feedback) for answer in found]


def _numeric(parts: Parts) -> tuple[str, Body]:
    found = answers(parts.inside[1:], bare=100)
    read = [(answer, number(answer.text)) for answer in found]
    right = [(answer, value) for answer, value in read if value is not None and answer.is_right]
    if not right:
        parts.refusal = _("None of its answers is a number that earns everything.")
        return "", {}
    first, rule = right[0]
    for answer, value in read:
        if answer is not first and answer.text:
            parts.left(_not_kept(parts, answer, is_number=value is not None))
    parts.explain(_feedback(parts, [first]), _feedback(parts, [one for one in found if one is not first]))
    return "numeric", parts.body(**rule.body())


def _not_kept(parts: Parts, answer: Answer, *, is_number: bool) -> Sentence:
    text = shortened(parts.texts.words(answer.text))
    if answer.is_right and is_number:
        return _("One number is right here; “%(text)s” is left out.", text=text)
    return _(
        "“%(text)s” (%(weight)s %%) is left out: a number is right here or not.",
        text=text,
        weight=f"{answer.weight:g}",
    )


def _matching(parts: Parts) -> Body:
    keys_of: dict[str, str] = {}
    prompts: list[dict[str, str]] = []
    for pair in pairs(parts.inside):
        if isinstance(pair, str):
            parts.left(
                _("“%(text)s” has no arrow, so it matches nothing.", text=shortened(parts.texts.words(pair)))
            )
            continue
        prompt, choice = parts.texts.markdown(pair[0]), parts.texts.markdown(pair[1])
        if not choice:
            parts.left(_("“%(text)s” matches nothing.", text=shortened(prompt)))
            continue
        key = keys_of.setdefault(choice, f"c{len(keys_of) + 1}")
        if prompt:
            prompts.append({"key": f"p{len(prompts) + 1}", "text": prompt, "match": key})
    choices = [{"key": key, "text": text} for text, key in keys_of.items()]
    return parts.body(prompts=prompts, choices=choices)


def _weights(found: Any) -> str:
    """Weights and texts for a sentence, the first few of them."""
    said = [f"{answer.weight:g} % {shortened(plain_words(answer.text))}" for answer in found]
    return ", ".join([*said[:6], *(["…"] if len(said) > 6 else [])])


def plain_words(text: str) -> str:
    return Texts().words(text)
