"""Each type of ours as Moodle has it: the name of its type, and what stands in the element."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from lxml import etree

from accounts.sentences import sentence as _
from authoring.exchange import drafting, html_text, wildcards
from authoring.exchange.drafting import FILL_IN
from authoring.exchange.moodle_xml import embedded
from authoring.exchange.moodle_xml.page import Page, phrase, plain_field, text_field
from authoring.exchange.questions import Carried

_FULL = 100.0
_GAP = re.compile(r"\{\{\s*([a-z0-9-]+)\s*\}\}")


def stem(question: Carried) -> str:
    """What is asked, the code or the text with gaps included."""
    body = question.body
    if question.type == "code_output":
        fence = "`" * (3 + max((len(run) for run in re.findall("`+", body["code"])), default=0))
        return f"{body['stem']}\n\n{fence}{body.get('language', 'python')}\n{body['code']}\n{fence}"
    return str(body["stem"])


def _single(page: Page) -> None:
    plain_field(page.element, "single", "true")
    _options(page, right=_FULL, wrong=0)


def _multiple(page: Page) -> None:
    plain_field(page.element, "single", "false")
    share = _FULL / sum(1 for option in page.body["options"] if option["right"])
    _options(page, right=share, wrong=-share)


def _options(page: Page, *, right: float, wrong: float) -> None:
    plain_field(page.element, "shuffleanswers", "true")
    plain_field(page.element, "answernumbering", "abc")
    for option in page.body["options"]:
        page.answer(option["text"], right if option["right"] else wrong, feedback=option.get("feedback", ""))


def _true_false(page: Page) -> None:
    for truth in (True, False):
        is_right = page.body["answer"] is truth
        page.answer(str(truth).lower(), _FULL if is_right else 0, is_plain=True)


def _numeric(page: Page) -> None:
    answer = page.answer(_number(page.body["answer"]), _FULL, is_plain=True)
    plain_field(answer, "tolerance", _number(_tolerance(page, page.body)))
    unit, further = page.body.get("unit"), page.body.get("units") or ()
    if unit:
        units = etree.SubElement(page.element, "units")
        for name, factor in [(unit, 1.0), *((each["unit"], each["factor"]) for each in further)]:
            element = etree.SubElement(units, "unit")
            plain_field(element, "multiplier", f"{1 / factor:.15g}")
            plain_field(element, "unit_name", name)
    plain_field(page.element, "unitgradingtype", "1" if further else "0")
    plain_field(page.element, "unitpenalty", "1" if further else "0")
    plain_field(page.element, "showunits", "2" if further else "3")


def _tolerance(page: Page, rule: Mapping[str, Any]) -> float:
    """How far off a number may be, as an absolute number; other ways to say it are turned into one."""
    answer, near = float(rule["answer"]), float(rule.get("tolerance") or 0)
    if rule.get("relative_tolerance"):
        page.lose(_("An allowance in percent, which is written as a number"))
        near = max(near, abs(answer) * rule["relative_tolerance"])
    if rule.get("significant_figures"):
        page.lose(_("An allowance in significant figures, which is written as a number"))
        size = math.floor(math.log10(abs(answer))) if answer else 0
        near = max(near, 0.5 * 10.0 ** (size - rule["significant_figures"] + 1))
    if rule.get("formula"):
        page.lose(_("The formula beside its answer"))
    return float(f"{near:.12g}")


def _short_text(page: Page) -> None:
    plain_field(page.element, "usecase", "1" if page.body.get("case_sensitive") else "0")
    for answer in _spelled(page, page.body):
        page.answer(answer, _FULL, is_plain=True)


def _spelled(page: Page, rule: Mapping[str, Any]) -> list[str]:
    """The answers as Moodle takes them, those with stars last."""
    if rule.get("ignore_accents"):
        page.lose(_("That accents do not matter"))
    starred = wildcards.answers(rule["pattern"]) if rule.get("pattern") else []
    if rule.get("pattern") and not starred:
        page.lose(_("Its pattern, which says more than * can"))
    return [*map(wildcards.starless, rule["answers"]), *starred]


def _ordering(page: Page) -> None:
    is_all = page.body.get("credit") == "all"
    plain_field(page.element, "layouttype", "VERTICAL")
    plain_field(page.element, "selecttype", "ALL")
    plain_field(page.element, "selectcount", "0")
    plain_field(page.element, "gradingtype", "ALL_OR_NOTHING" if is_all else "RELATIVE_NEXT_EXCLUDE_LAST")
    for place, item in enumerate(page.body["items"], 1):
        page.answer(item["text"], place)


def _matching(page: Page) -> None:
    """Choices that nothing matches come with an empty prompt, all in the order in which they are first used."""
    plain_field(page.element, "shuffleanswers", "true")
    texts = {choice["key"]: choice["text"] for choice in page.body["choices"]}
    pairs = [(prompt["text"], prompt["match"]) for prompt in page.body["prompts"]]
    used = {key for _prompt, key in pairs}
    for prompt, key in [*pairs, *(("", key) for key in texts if key not in used)]:
        pair = page.html(page.element, "subquestion", phrase(prompt))
        answer = text_field(pair, "answer", phrase(texts[key]))
        answer.set("format", "html")


def _cloze(page: Page) -> None:
    """The text takes the place of the stem: its gaps stand in it."""
    gaps = {gap["key"]: gap for gap in page.body["gaps"]}
    keys = [key for key in _GAP.findall(page.body["text"]) if key in gaps]
    places = iter(range(len(keys)))
    html = html_text.html(_GAP.sub(lambda _found: drafting.gap_sign(next(places)), page.body["text"]))
    if page.body["stem"] != FILL_IN:
        html = f"{html_text.html(page.body['stem'])}\n{html}"
    for place, key in enumerate(keys):
        html = html.replace(drafting.gap_sign(place), _gap(page, gaps[key]))
    text = page.element.find("questiontext")
    if text is not None:
        page.element.remove(text)
    page.element.insert(1, page.html(page.element, "questiontext", html))


def _gap(page: Page, gap: Mapping[str, Any]) -> str:
    kind, answers = _said(page, gap)
    return embedded.written(gap.get("points", 1), kind, answers)


def _said(page: Page, gap: Mapping[str, Any]) -> tuple[str, list[embedded.Said]]:
    match gap["type"]:
        case "choice":
            return "MULTICHOICE", [
                embedded.Said(
                    phrase(option["text"]),
                    _FULL if option["right"] else 0,
                    phrase(option.get("feedback", "")),
                )
                for option in gap["options"]
            ]
        case "numeric":
            if gap.get("unit"):
                page.lose(_("The unit of a gap"))
            near = _tolerance(page, gap)
            return "NUMERICAL", [embedded.Said(f"{_number(gap['answer'])}:{_number(near)}", _FULL, "")]
    kind = "SHORTANSWER_C" if gap.get("case_sensitive") else "SHORTANSWER"
    return kind, [embedded.Said(_typed(answer), _FULL, "") for answer in _spelled(page, gap)]


def _typed(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _code_output(page: Page) -> None:
    """What is printed on one line can be typed as a short answer, letter by letter."""
    lines = [answer for answer in page.body["answers"] if "\n" not in answer.strip("\n")]
    if not lines:
        page.element.set("type", "essay")
        page.lose(
            _("What the code prints has several lines: it is written as an essay, which a person marks")
        )
        page.html(page.element, "graderinfo", f"<pre>{_typed(page.body['answers'][0])}</pre>")
        return
    if len(lines) < len(page.body["answers"]):
        page.lose(_("Answers of several lines"))
    plain_field(page.element, "usecase", "1")
    for answer in lines:
        page.answer(wildcards.starless(answer.strip("\n")), _FULL, is_plain=True)


def _long_text(page: Page) -> None:
    plain_field(page.element, "responseformat", "editor")
    plain_field(page.element, "attachments", "0")
    for ours, theirs in (("min_words", "minwordlimit"), ("max_words", "maxwordlimit")):
        if page.body.get(ours):
            plain_field(page.element, theirs, str(page.body[ours]))
    page.prose("graderinfo", page.body.get("guide") or "")


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(float(value))


WRITERS: Mapping[str, tuple[str, Callable[[Page], None]]] = {
    "single": ("multichoice", _single),
    "multiple": ("multichoice", _multiple),
    "true_false": ("truefalse", _true_false),
    "numeric": ("numerical", _numeric),
    "short_text": ("shortanswer", _short_text),
    "ordering": ("ordering", _ordering),
    "matching": ("matching", _matching),
    "cloze": ("cloze", _cloze),
    "code_output": ("shortanswer", _code_output),
    "long_text": ("essay", _long_text),
}
