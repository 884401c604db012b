from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quizzes.types.editing import Column, Editor, RowsField, verbatim
from roadmap.forms import LinesField


class CodeOutputEditor(Editor):
    type = "code_output"
    rows = ("code", ("language", "packages"), "answers")

    def fields(self) -> dict[str, forms.Field]:
        return {
            "code": forms.CharField(
                label=_("Code"), strip=False, widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"})
            ),
            "language": forms.CharField(label=_("Language"), max_length=24, initial="python"),
            "packages": LinesField(
                label=_("Packages"),
                widget=forms.Textarea(attrs={"rows": 2}),
                help_text=_("What must be installed to run it, one per line."),
            ),
            "answers": RowsField(
                (Column("text", _("Output"), "verbatim"),),
                label=_("Outputs that count"),
                required=False,
                help_text=_(
                    "The first is what it really prints. Compared line by line; blanks at line ends don’t count."
                ),
            ),
        }

    def typed(self, draft: Mapping[str, Any]) -> dict[str, Any]:
        answers = [
            {"key": str(place), "text": text} for place, text in enumerate(draft.get("answers", []), 1)
        ]
        return {**super().typed(draft), "answers": answers}

    def draft(self, cleaned: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "code": verbatim(cleaned["code"]),
            "language": cleaned["language"],
            "answers": [row["text"] for row in cleaned["answers"]],
            "packages": cleaned["packages"],
        }
