"""Texts with gaps of a Moodle file: those whose gaps stand in the text, and those with words to choose from."""

from __future__ import annotations

import re
from itertools import islice
from typing import Any

from accounts.sentences import sentence as _
from authoring.exchange import drafting
from authoring.exchange.drafting import FILL_IN, CannotBeCarriedError
from authoring.exchange.moodle_xml import typed
from authoring.exchange.moodle_xml.embedded import Embedded
from authoring.exchange.moodle_xml.embedded import gaps as embedded_gaps
from authoring.exchange.moodle_xml.item import (
    FULL,
    Item,
    as_html,
    child,
    inner,
    number,
    plain,
    refuse_many,
    words,
)
from authoring.exchange.questions import Carried
from quizzes.types.cloze.body import MOST_GAPS

_OURS = re.compile(r"\{(?=\{\s*[a-z0-9-]+\s*\}\})")
_PLACE = re.compile(r"\[\[(\d{1,3})\]\]")


def cloze(item: Item) -> Carried:
    html = _text(item)
    found = list(islice(embedded_gaps(html), MOST_GAPS + 1))
    pieces, at = [], 0
    for place, gap in enumerate(found):
        pieces += [html[at : gap.start], drafting.gap_sign(place)]
        at = gap.end
    keys = drafting.gap_keys([f"gap-{place}" for place in range(1, len(found) + 1)])
    gaps = [_gap(item, key, gap) for key, gap in zip(keys, found, strict=True)]
    return _carried(item, "".join([*pieces, html[at:]]), keys, gaps)


def chosen(item: Item) -> Carried:
    """[[2]] is where the second word belongs; offered are those of its group."""
    boxes = item.children("selectoption", "dragbox")
    texts = [item.phrase(as_html(inner(box), "html")) for box in boxes]
    groups = [words(child(box, "group")) or box.get("group") or "1" for box in boxes]
    named: list[int] = []

    def sign(found: re.Match[str]) -> str:
        named.append(int(found[1]))
        return drafting.gap_sign(len(named) - 1)

    html = _PLACE.sub(sign, _text(item))
    keys = drafting.gap_keys([f"gap-{place}" for place in range(1, len(named) + 1)])
    gaps = []
    for key, which in zip(keys, named, strict=True):
        if not 1 <= which <= len(boxes):
            raise CannotBeCarriedError(
                _("Its text asks for word [[%(number)s]], which is not there.", number=which)
            )
        among = [place for place, group in enumerate(groups) if group == groups[which - 1]]
        offered = [texts[place] for place in among]
        gaps.append(
            {
                "key": key,
                "type": "choice",
                "options": drafting.options(
                    [""] * len(among), offered, [place == which - 1 for place in among]
                ),
            }
        )
    return _carried(item, html, keys, gaps)


def _text(item: Item) -> str:
    text = child(item.element, "questiontext")
    if text is None:
        raise CannotBeCarriedError(_("It has no text."))
    return as_html(inner(text), text.get("format") or "html")


def _carried(item: Item, html: str, keys: list[str], gaps: list[dict[str, Any]]) -> Carried:
    if not gaps:
        raise CannotBeCarriedError(_("Its text has no gap."))
    text = _OURS.sub(r"{\\", item.markdown(html))
    body = {
        "stem": FILL_IN,
        "text": drafting.with_gaps(text, keys),
        "gaps": gaps,
        "explanation": item.explanation(),
    }
    return item.carried("cloze", body)


def _gap(item: Item, key: str, gap: Embedded) -> dict[str, Any]:
    refuse_many(len(gap.answers))
    item.lose_unless(
        all(answer.weight in (0, FULL) for answer in gap.answers),
        _("That an answer in a gap is partly right"),
    )
    points = {"points": gap.points} if gap.points != 1 else {}
    match gap.kind:
        case "choice":
            return {"key": key, "type": "choice", **points, "options": _options(item, gap)}
        case "number":
            return {"key": key, "type": "numeric", **points, **_number(item, gap)}
        case "text" | "case":
            right = [plain(answer.text) for answer in gap.answers if answer.weight == FULL]
            _lose_feedback(item, gap)
            rule = typed.texts(item, right, is_case_told=gap.kind == "case")
            return {"key": key, "type": "short_text", **points, **rule}
    raise CannotBeCarriedError(_("One of its gaps has several right answers to tick."))


def _options(item: Item, gap: Embedded) -> list[dict[str, Any]]:
    right = [answer.weight == FULL for answer in gap.answers]
    return drafting.options(
        [""] * len(right),
        [item.phrase(answer.text) for answer in gap.answers],
        right,
        [item.phrase(answer.feedback) for answer in gap.answers],
    )


def _number(item: Item, gap: Embedded) -> dict[str, Any]:
    right = [answer for answer in gap.answers if answer.weight == FULL]
    answer, _colon, tolerance = plain(right[0].text).partition(":") if right else ("", "", "")
    value = number(answer)
    if value is None:
        raise CannotBeCarriedError(_("A gap for a number has no number that is right."))
    item.lose_unless(len(right) == 1, _("A second number that is right too"))
    _lose_feedback(item, gap)
    return {"answer": value, **typed.allowance(tolerance)}


def _lose_feedback(item: Item, gap: Embedded) -> None:
    item.lose_feedback([answer.feedback for answer in gap.answers])
