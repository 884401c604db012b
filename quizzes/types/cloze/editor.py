from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from quizzes.types.editing import Column, Editor, RowsField, keys_by_text

KINDS = (("choice", _("choice")), ("numeric", _("number")), ("short_text", _("word or phrase")))
COLUMNS = (
    Column("name", _("Key, as in the text"), "line"),
    Column("type", _("Kind"), "select", KINDS),
    Column("points", _("Points"), "number"),
    Column("right", _("One per line: * before the right option; the number; or every spelling that counts")),
)


class GapsField(RowsField):
    def to_python(self, value: Any) -> list[dict[str, Any]]:
        rows = super().to_python(value)
        for row in rows:
            _check(row)
        return rows


def _check(row: Mapping[str, Any]) -> None:
    if not row["name"]:
        raise ValidationError(_("Each gap needs a key, the one that stands in the text in {{ }}."))
    if row["points"] and not (row["points"].isdecimal() and 1 <= int(row["points"]) <= 20):
        raise ValidationError(_("Gap %(gap)s: points are 1 to 20."), params={"gap": row["name"]})


class ClozeEditor(Editor):
    type = "cloze"
    rows = ("text", "gaps")

    def fields(self) -> dict[str, forms.Field]:
        return {
            "text": forms.CharField(
                label=_("Text"),
                widget=forms.Textarea(attrs={"rows": 6}),
                help_text=_("Markdown. A gap is written {{key}}."),
            ),
            "gaps": GapsField(
                COLUMNS,
                look="gap-rows",
                label=_("Gaps"),
                required=False,
                help_text=_(
                    "A number may be followed by its tolerance: 2.5 ± 0.1. What else a gap has is kept."
                ),
            ),
        }

    def typed(self, draft: Mapping[str, Any]) -> dict[str, Any]:
        gaps = [
            {**gap, "name": gap.get("key", ""), "points": gap.get("points", 1), "right": _right(gap)}
            for gap in draft.get("gaps", [])
        ]
        return {"text": draft.get("text", ""), "gaps": gaps}

    def draft(self, cleaned: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
        earlier = {(gap.get("key"), gap.get("type")): gap for gap in before.get("gaps", [])}
        gaps = [_gap(row, earlier.get((row["name"], row["type"]), {})) for row in cleaned["gaps"]]
        return {"text": cleaned["text"].replace("\r\n", "\n"), "gaps": gaps}


def _right(gap: Mapping[str, Any]) -> str:
    """What is right in a gap, as it is typed."""
    match gap.get("type"):
        case "choice":
            options = gap.get("options", [])
            return "\n".join(f"{'* ' if option['right'] else ''}{option['text']}" for option in options)
        case "numeric":
            number = str(gap.get("answer", 0)).removesuffix(".0")
            near = str(gap.get("tolerance") or "").removesuffix(".0")
            return f"{number} ± {near}" if near else number
        case _:
            return "\n".join(gap.get("answers", []))


def _gap(row: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    lines = [line.strip() for line in row["right"].splitlines() if line.strip()]
    gap = {**before, "key": row["name"], "type": row["type"]}
    gap.pop("points", None)
    if row["points"] not in ("", "1"):
        gap["points"] = int(row["points"])
    match row["type"]:
        case "choice":
            return {**gap, "options": _options(lines, before.get("options", []))}
        case "numeric":
            number, _sign, tolerance = " ".join(lines).partition("±")
            gap.pop("tolerance", None)
            near = {"tolerance": _number(tolerance)} if tolerance.strip() else {}
            return {**gap, "answer": _number(number), **near}
        case _:
            return {**gap, "answers": lines}


def _options(lines: list[str], before: list[dict[str, Any]]) -> list[dict[str, Any]]:
    texts = {line.removeprefix("*").strip(): line.startswith("*") for line in lines}
    keys = keys_by_text(texts, before)
    said = {option["text"]: option.get("feedback", "") for option in before}
    return [
        {"key": keys[text], "text": text, "right": right, "feedback": said.get(text, "")}
        for text, right in texts.items()
    ]


def _number(text: str) -> float | str:
    """A typed number; what is none is kept, for the body to complain about."""
    try:
        return float(text.strip().replace(",", "."))
    except ValueError:
        return text.strip()
