from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from quizzes.types.editing import Editor
from roadmap.forms import LinesField


class UnitsField(LinesField):
    """Further units as `kB = 0.001`, one per line, to [{unit, factor}]."""

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        return "\n".join(f"{unit['unit']} = {str(unit['factor']).removesuffix('.0')}" for unit in value)

    def to_python(self, value: Any) -> Any:
        return [_unit(line) for line in super().to_python(value)]


def _unit(line: str) -> dict[str, Any]:
    unit, _equals, factor = line.rpartition("=")
    try:
        return {"unit": unit.strip(), "factor": float(factor)}
    except ValueError:
        said = _("“%(line)s”: write a unit, = and its factor, as in kB = 0.001.")
        raise ValidationError(said, params={"line": line}) from None


class NumericEditor(Editor):
    type = "numeric"
    rows = (
        "number",
        ("tolerance", "relative_tolerance", "significant_figures"),
        ("unit", "units"),
        "formula",
    )
    places = {"answer": "number"}

    def fields(self) -> dict[str, forms.Field]:
        return {
            "number": forms.FloatField(label=_("Right number")),
            "tolerance": forms.FloatField(
                label=_("Tolerance"), min_value=0, help_text=_("So far off is still right.")
            ),
            "relative_tolerance": forms.FloatField(
                label=_("Or a share of it"), required=False, help_text=_("0.01 takes what is 1 % off.")
            ),
            "significant_figures": forms.IntegerField(
                label=_("Or significant figures"),
                required=False,
                help_text=_("Rounded to so many, it is right."),
            ),
            "unit": forms.CharField(label=_("Unit"), required=False, max_length=40),
            "units": UnitsField(
                label=_("Further units"),
                widget=forms.Textarea(attrs={"rows": 3}),
                help_text=_(
                    "One per line with its factor, as in kB = 0.001. The learner then has to choose."
                ),
            ),
            "formula": forms.CharField(
                label=_("Formula"),
                required=False,
                max_length=300,
                help_text=_(
                    "Arithmetic that gives the number, as in sqrt(2) / 3. Tests work it out; nobody sees it."
                ),
            ),
        }

    def typed(self, draft: Mapping[str, Any]) -> dict[str, Any]:
        values = {name: draft.get(name) for name in self.fields()}
        return {**values, "number": draft.get("answer"), "tolerance": draft.get("tolerance", 0)}

    def draft(self, cleaned: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
        later = ("relative_tolerance", "significant_figures", "units", "formula")
        return {
            "answer": cleaned["number"],
            "tolerance": cleaned["tolerance"],
            "unit": cleaned["unit"] or None,
            **{name: cleaned[name] for name in later if cleaned[name] not in (None, "", [])},
        }
