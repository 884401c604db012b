from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quizzes.types.editing import Editor


class TrueFalseEditor(Editor):
    type = "true_false"
    rows = ("is_true",)
    places = {"answer": "is_true"}

    def fields(self) -> dict[str, forms.Field]:
        choices = [("true", _("true")), ("false", _("false"))]
        is_true = forms.TypedChoiceField(
            label=_("The statement is"), choices=choices, coerce=lambda text: text == "true"
        )
        return {"is_true": is_true}

    def typed(self, draft: Mapping[str, Any]) -> dict[str, Any]:
        return {"is_true": "false" if draft.get("answer") is False else "true"}

    def draft(self, cleaned: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
        return {"answer": cleaned["is_true"]}
