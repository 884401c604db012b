"""The field in which Markdown is typed, with what learners will see beside it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.widgets import Script
from django.urls import reverse
from django.utils.safestring import mark_safe

from roadmap import rendering


class MarkdownWidget(forms.Textarea):
    """Markdown with a preview: drawn by the server, and anew while typing where there is JavaScript."""

    template_name = "roadmap/markdown.html"

    class Media:
        js = (Script("js/preview.js", type="module"),)

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"rows": 8, "spellcheck": "true", **(attrs or {})})

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["drawn"] = mark_safe(rendering.html(str(value or "")))  # noqa: S308  # passed through rendering
        context["preview_url"] = reverse("admin:roadmap_markdown")
        return context
