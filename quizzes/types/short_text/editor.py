from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quizzes.types.editing import Editor
from roadmap.forms import LinesField


class ShortTextEditor(Editor):
    type = "short_text"
    rows = ("answers", ("case_sensitive", "ignore_accents"), "pattern")

    def fields(self) -> dict[str, forms.Field]:
        return {
            "answers": LinesField(
                label=_("Right answers"),
                help_text=_("One per line: every spelling that counts."),
                required=True,
            ),
            "case_sensitive": forms.BooleanField(label=_("Upper and lower case matter"), required=False),
            "ignore_accents": forms.BooleanField(label=_("Accents don’t matter"), required=False),
            "pattern": forms.CharField(
                label=_("Pattern"),
                required=False,
                max_length=300,
                help_text=_("A regular expression (RE2); what fits it as a whole counts too."),
            ),
        }

    def draft(self, cleaned: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
        always = {name: cleaned[name] for name in ("answers", "case_sensitive")}
        return always | {name: cleaned[name] for name in ("ignore_accents", "pattern") if cleaned[name]}
