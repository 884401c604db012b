from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quizzes.types.editing import Column, Editor, RowsField, keys_by_text
from roadmap.forms import LinesField

COLUMNS = (Column("text", _("Prompt")), Column("match", _("What it matches")))


class MatchingEditor(Editor):
    type = "matching"
    rows = ("prompts", "others")
    places = {"choices": "others"}

    def fields(self) -> dict[str, forms.Field]:
        return {
            "prompts": RowsField(
                COLUMNS,
                label=_("Pairs"),
                required=False,
                help_text=_(
                    "Several prompts may match the same text. Learners choose among all of them, shuffled."
                ),
            ),
            "others": LinesField(
                label=_("Further choices"), help_text=_("One per line: what matches none of the prompts.")
            ),
        }

    def typed(self, draft: Mapping[str, Any]) -> dict[str, Any]:
        texts = {choice["key"]: choice["text"] for choice in draft.get("choices", [])}
        prompts = [{**prompt, "match": texts.get(prompt["match"], "")} for prompt in draft.get("prompts", [])]
        matched = {prompt["match"] for prompt in prompts}
        return {"prompts": prompts, "others": [text for text in texts.values() if text not in matched]}

    def draft(self, cleaned: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
        rows = cleaned["prompts"]
        texts = [*(row["match"] for row in rows if row["match"]), *cleaned["others"]]
        keys = keys_by_text(texts, before.get("choices", []))
        return {
            "prompts": [
                {"key": row["key"], "text": row["text"], "match": keys.get(row["match"], "")} for row in rows
            ],
            "choices": [{"key": key, "text": text} for text, key in keys.items()],
        }
