from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quizzes.types.editing import Column, Editor, RowsField

COLUMNS = (Column("place", _("Place"), "number"), Column("text", _("Text")))


class OrderingEditor(Editor):
    type = "ordering"
    rows = ("items", "credit")

    def fields(self) -> dict[str, forms.Field]:
        return {
            "items": RowsField(
                COLUMNS,
                look="placed-rows",
                label=_("Items, in the right order"),
                required=False,
                help_text=_(
                    "Learners see them shuffled. To move one, change its place; 1.5 comes between 1 and 2."
                ),
            ),
            "credit": forms.ChoiceField(
                label=_("What counts"),
                choices=[
                    ("pairs", _("each item that follows the right one")),
                    ("all", _("only the whole order")),
                ],
            ),
        }

    def typed(self, draft: Mapping[str, Any]) -> dict[str, Any]:
        items = [{**item, "place": place} for place, item in enumerate(draft.get("items", []), 1)]
        return {"items": items, "credit": draft.get("credit", "pairs")}

    def draft(self, cleaned: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
        rows = [row for row in cleaned["items"] if row["text"]]
        placed = sorted(rows, key=lambda row: _place(row["place"], len(rows)))
        items = [{"key": row["key"], "text": row["text"]} for row in placed]
        return {"items": items, "credit": cleaned["credit"]}


def _place(typed: str, last: int) -> float:
    """A typed place; rows without one come last, in the order typed."""
    try:
        return float(typed)
    except ValueError:
        return last + 1
