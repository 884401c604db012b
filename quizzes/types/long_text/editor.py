from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quizzes.types.editing import Editor, plain


class LongTextEditor(Editor):
    type = "long_text"
    rows = ("guide", ("min_words", "max_words"))

    def fields(self) -> dict[str, forms.Field]:
        return {
            "guide": forms.CharField(
                label=_("For whoever marks it"),
                required=False,
                widget=forms.Textarea(attrs={"rows": 6}),
                help_text=_(
                    "Markdown: what a good answer says, and how points are given. Learners never see it."
                ),
            ),
            "min_words": forms.IntegerField(
                label=_("Words at least"),
                required=False,
                min_value=1,
                max_value=5000,
                help_text=_("Told and counted; a shorter text can be handed in all the same."),
            ),
            "max_words": forms.IntegerField(
                label=_("Words at most"), required=False, min_value=1, max_value=5000
            ),
        }

    def draft(self, cleaned: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
        lengths = {name: cleaned[name] for name in ("min_words", "max_words") if cleaned[name]}
        return {"guide": plain(cleaned["guide"]), **lengths}
