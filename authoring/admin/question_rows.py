"""Questions of a file as the preview draws them: what learners would see, what is to be written, what was left."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from accounts.words import said
from authoring.exchange.questions import Left
from authoring.models.question_import import Planned
from quizzes.bodies import TYPES, body
from roadmap import rendering

_SAID = "-"  # stands in for an explanation that is still to be written: the player does not show it


def drawn(row: Planned, number: int) -> dict[str, Any]:
    """One question: `asked` is what components/question.html shows, None where its draft is too faulty for that."""
    carried = row.carried
    return {
        "number": number,
        "name": carried.name,
        "place": carried.place,
        "key": row.key,
        "here": row.here,
        "title": said(TYPES[carried.type].title),
        "topic": row.topic,
        "category": " / ".join(carried.category),
        "tags": carried.tags,
        "faults": [said(fault) for fault in row.faults],
        "asked": _asked(row, number),
        "stem": _html(str(carried.body.get("stem", ""))),
        "explanation": _html(str(carried.body.get("explanation", ""))),
    }


def left_rows(left: Sequence[Left]) -> list[dict[str, Any]]:
    """What was left, in the words of the page."""
    return [
        {"place": one.place, "name": one.name, "what": said(one.what), "is_whole": one.is_whole}
        for one in left
    ]


def _asked(row: Planned, number: int) -> dict[str, Any] | None:
    data = dict(row.carried.body)
    if not str(data.get("explanation") or "").strip():
        data["explanation"] = _SAID
    try:
        typed = body(row.carried.type, data)
    except ValueError:  # pydantic's ValidationError is one
        return None
    asked = typed.asked()
    first, _blank, rest = asked.stem.strip().partition("\n\n")
    is_code = first.lstrip().startswith("```")
    return {
        "slot": number,
        "id": f"q{number}",
        "template": f"quizzes/types/{row.carried.type}/player.html",
        "stem": _safe(rendering.inline("" if is_code else first)),
        "blocks": _html(asked.stem if is_code else rest),
        "fields": typed.fields(asked, None),
        "how": said(typed.how(asked)),
        "right": "" if typed.is_marked_by_hand else said(typed.said(typed.right_value())),
    }


def _html(text: str) -> SafeString:
    return _safe(rendering.html(text) if text.strip() else "")


def _safe(markup: str) -> SafeString:
    return mark_safe(markup)  # noqa: S308  # rendered by roadmap.rendering
