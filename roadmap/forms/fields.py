"""Lists and mappings of drafts as authors type them: lines of text and pairs of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from roadmap.models import Background

BLOOM = ("remember", "understand", "apply", "analyse", "evaluate", "create")


class LinesField(forms.CharField):
    """A list of texts, typed one per line; empty lines mean nothing."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, "widget": forms.Textarea(attrs={"rows": 5}), **kwargs})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(map(str, value)) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        return [line.strip() for line in str(value or "").splitlines() if line.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(data) != (initial or []))
        except ValidationError:
            return True


class OutcomesField(LinesField):
    """Outcomes as `bloom: text`, one per line, to [{bloom, text}]."""

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        return "\n".join(f"{outcome['bloom']}: {outcome['text']}" for outcome in value)

    def to_python(self, value: Any) -> Any:
        return [_outcome(line) for line in super().to_python(value)]


def _outcome(line: str) -> dict[str, str]:
    bloom, colon, text = line.partition(":")
    if not colon or bloom.strip() not in BLOOM or not text.strip():
        said = _("“%(line)s”: begin with one of %(words)s, a colon, then what a learner can do.")
        raise ValidationError(said, params={"line": line, "words": ", ".join(BLOOM)})
    return {"bloom": bloom.strip(), "text": text.strip()}


class GroupsField(LinesField):
    """Titled groups of points, a point being a line that begins with a hyphen, to [{title, points}]."""

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        return "\n\n".join(
            "\n".join([group["title"], *(f"- {point}" for point in group["points"])]) for group in value
        )

    def to_python(self, value: Any) -> Any:
        groups: list[dict[str, Any]] = []
        for line in super().to_python(value):
            if not line.startswith("-"):
                groups.append({"title": line, "points": []})
            elif groups:
                groups[-1]["points"].append(line.lstrip("- "))
            else:
                raise ValidationError(_("Begin with the title of a group; its points follow it."))
        if empty := next((group["title"] for group in groups if not group["points"]), ""):
            said = _("“%(title)s” has no points. A point is a line that begins with a hyphen.")
            raise ValidationError(said, params={"title": empty})
        return groups


class HoursWidget(forms.MultiWidget):
    """Two numbers for each background of the road, low and high."""

    template_name = "roadmap/hours.html"
    use_fieldset = True

    def __init__(self, backgrounds: Sequence[Background] = ()) -> None:
        self.backgrounds = list(backgrounds)
        ends = {"low": _("hours at least"), "high": _("hours at most")}
        super().__init__(
            {
                f"{background.key}_{end}": forms.NumberInput(
                    attrs={"min": 0, "aria-label": format_lazy("{}, {}", background.title, words)}
                )
                for background in self.backgrounds
                for end, words in ends.items()
            }
        )

    def decompress(self, value: Any) -> list[Any]:
        spans = value if isinstance(value, dict) else {}
        return [number for b in self.backgrounds for number in spans.get(b.key, (None, None))]

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        drawn = context["widget"]["subwidgets"]
        context["rows"] = list(zip((b.title for b in self.backgrounds), drawn[::2], drawn[1::2], strict=True))
        return context


class HoursField(forms.Field):
    """Hours per background, to {key: [low, high]}; a background left empty is left out."""

    widget = HoursWidget

    def offer(self, backgrounds: Sequence[Background]) -> None:
        """Ask for the hours of these backgrounds."""
        self.backgrounds = list(backgrounds)
        self.widget = HoursWidget(self.backgrounds)  # type: ignore[assignment]  # a class until it is made

    def to_python(self, value: Any) -> dict[str, list[int]]:
        typed = [str(number or "").strip() for number in value or []]
        return {
            background.key: _span(background.title, low, high)
            for background, low, high in zip(self.backgrounds, typed[::2], typed[1::2], strict=True)
            if low or high
        }

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            kept = {key: list(span) for key, span in (initial or {}).items()}
            return bool(self.to_python(data) != kept)
        except ValidationError:
            return True


def _span(title: str, low: str, high: str) -> list[int]:
    if not (low.isdecimal() and high.isdecimal()) or int(low) > int(high):
        said = _("“%(title)s” needs a low and a high whole number of hours, low first.")
        raise ValidationError(said, params={"title": title})
    return [int(low), int(high)]
