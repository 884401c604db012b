"""Questions of a Moodle file whose answers are typed: words, numbers, texts."""

from __future__ import annotations

from typing import Any

from accounts.sentences import sentence as _
from authoring.exchange import wildcards
from authoring.exchange.drafting import CannotBeCarriedError
from authoring.exchange.moodle_xml.item import FULL, Item, Weighed, child, number, plain, words
from authoring.exchange.questions import Carried
from authoring.exchange.xml_text import name as name_of

_PARTLY = _("That an answer is partly right")


def shortanswer(item: Item) -> Carried:
    answers = item.answers("plain_text")
    right = [answer for answer in answers if answer.fraction == FULL]
    body = {
        "stem": item.stem(),
        **texts(item, [plain(answer.text) for answer in right], is_case_told=item.flag("usecase") is True),
        "explanation": item.explanation(*(answer.feedback for answer in right[:1])),
    }
    _lose_others(item, answers, right, body["explanation"])
    return item.carried("short_text", body)


def texts(item: Item, answers: list[str], *, is_case_told: bool) -> dict[str, Any]:
    """The fields of a rule for texts; answers with stars become its pattern."""
    rule = wildcards.rule(answers)
    if not rule.answers:
        raise CannotBeCarriedError(_("No answer is worth 100 %, or any would be."))
    fields: dict[str, Any] = {"answers": list(rule.answers)}
    if is_case_told:
        fields["case_sensitive"] = True
    if rule.is_cut:
        item.lose(_("Answers with *, which are too many or too long for one pattern"))
    elif rule.pattern:
        fields["pattern"] = rule.pattern
    return fields


def numerical(item: Item) -> Carried:
    answers = item.answers("plain_text")
    right = [
        answer for answer in answers if answer.fraction == FULL and number(plain(answer.text)) is not None
    ]
    if not right:
        raise CannotBeCarriedError(_("No number in it is worth 100 %."))
    item.lose_unless(len(right) == 1, _("A second number that is right too"))
    body = {
        "stem": item.stem(),
        "answer": number(plain(right[0].text)),
        **allowance(words(child(right[0].element, "tolerance"))),
        **_units(item),
        "explanation": item.explanation(right[0].feedback),
    }
    _lose_others(item, answers, right[:1], str(body["explanation"]))
    return item.carried("numeric", body)


def allowance(text: str) -> dict[str, float]:
    """How far off a number may be; nothing where it must be exact."""
    tolerance = abs(number(text) or 0)
    return {"tolerance": tolerance} if tolerance else {}


def essay(item: Item) -> Carried:
    if item.word("responseformat") == "noinline":
        raise CannotBeCarriedError(_("It is answered with files, which belong to evidence tasks here."))
    item.lose_unless(not (item.number("attachments") or 0), _("That files may be handed in with it"))
    item.lose_unless(not item.word("responsetemplate"), _("The text that its answer begins with"))
    body: dict[str, Any] = {
        "stem": item.stem(),
        "guide": item.prose("graderinfo"),
        "explanation": item.explanation(),
    }
    for ours, theirs in (("min_words", "minwordlimit"), ("max_words", "maxwordlimit")):
        if count := item.number(theirs):
            body[ours] = int(count)
    return item.carried("long_text", body)


def _lose_others(item: Item, answers: list[Weighed], right: list[Weighed], explanation: str) -> None:
    item.lose_unless(not any(0 < answer.fraction < FULL for answer in answers), _PARTLY)
    item.lose_unless(all(answer.fraction >= 0 for answer in answers), _("That a wrong answer costs points"))
    item.lose_feedback(
        [answer.feedback for answer in answers if answer not in right[:1] or answer.feedback != explanation]
    )


def _units(item: Item) -> dict[str, Any]:
    """The unit that counts as 1, and further ones to choose from where they were to be named."""
    listed = child(item.element, "units")
    units = [each for each in listed if name_of(each) == "unit"] if listed is not None else []
    named = {words(child(each, "unit_name")): number(words(child(each, "multiplier"))) for each in units}
    named.pop("", None)
    base = next((name for name, factor in named.items() if factor == 1), "")
    if not base:
        item.lose_unless(not named, _("Its units, none of which counts as 1"))
        return {}
    others = [
        {"unit": name, "factor": float(f"{1 / factor:.12g}")}
        for name, factor in named.items()
        if name != base and factor and factor > 0
    ]
    item.lose_unless(len(others) == len(named) - 1, _("A unit whose factor is no number above 0"))
    if item.word("showunits") == "3":
        item.lose_unless(not others, _("Its further units, which nobody was asked for"))
        others = []
    is_marked_apart = item.word("unitgradingtype") in ("1", "2") and 0 < (item.number("unitpenalty") or 0) < 1
    item.lose_unless(not (is_marked_apart and others), _("That a wrong unit costs only a part"))
    return {"unit": base, **({"units": others} if others else {})}
