"""The desk's fields for options, some of them right."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from quizzes.types.editing import Column, Editor, RowsField

COLUMNS = (
    Column("right", _("right"), "check"),
    Column("text", _("Text")),
    Column("feedback", _("Said to whoever chose it (optional)")),
)


class ChoiceEditor(Editor):
    rows = ("options",)

    def fields(self) -> dict[str, forms.Field]:
        hint = _("Tick what is right. A row left empty is no option; for more rows, save and go on editing.")
        return {
            "options": RowsField(
                COLUMNS, look="options-rows", label=_("Options"), required=False, help_text=hint
            )
        }
