from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, StrictInt, model_validator

from accounts.sentences import Sentence
from accounts.sentences import sentence as _
from quizzes.types.base import Asked, Body, Part, Text, doubled, is_unset, parts_given, whole
from quizzes.types.numeric.formula import fault_of_formula
from quizzes.types.numeric.marking import exact, is_near, measured, readings
from quizzes.types.reading import normalised


def _works_out(formula: str | None) -> str | None:
    if formula is not None and (fault := fault_of_formula(formula)):
        raise ValueError(fault)
    return formula


UnitName = Annotated[Text, Field(max_length=40)]


class Unit(Part):
    """A further unit: a number in it, times `factor`, is the number in the unit of the answer."""

    unit: UnitName
    factor: Annotated[float, Field(gt=0)]


class NumberRule(Part):
    """Which numbers are right: those near the answer by any of the allowances; exactly the answer without one.

    With `units` the unit counts: the learner chooses among them and `unit`.
    """

    answer: float
    tolerance: Annotated[float, Field(ge=0)] = 0
    unit: Annotated[str, Field(max_length=40)] | None = None
    relative_tolerance: Annotated[float | None, Field(gt=0, lt=1, exclude_if=is_unset)] = None
    significant_figures: Annotated[StrictInt | None, Field(ge=1, le=15, exclude_if=is_unset)] = None
    units: Annotated[tuple[Unit, ...], Field(max_length=12, exclude_if=is_unset)] = ()
    formula: Annotated[
        str | None, Field(min_length=1, max_length=300, exclude_if=is_unset), AfterValidator(_works_out)
    ] = None

    @model_validator(mode="after")
    def _units_make_sense(self) -> Self:
        if self.units and not self.unit:
            raise ValueError(_("Say in “unit” what the answer is measured in; “units” are further ones."))
        if self.units and (twice := doubled(map(normalised, self.unit_names()))):
            raise ValueError(
                _("Units are told apart without case; %(units)s stands there twice.", units=twice)
            )
        return self

    def takes(self, value: object) -> bool:
        """Whether this typed number is right."""
        return any(
            is_near(
                number,
                exact(self.answer),
                tolerance=exact(self.tolerance),
                relative=None if self.relative_tolerance is None else exact(self.relative_tolerance),
                figures=self.significant_figures,
            )
            for number in self.read(value)
        )

    def read(self, value: object) -> frozenset[Fraction]:
        """The numbers that an answer may mean, in the unit of the right one."""
        if not self.units:
            return readings(value, self.unit or "")
        factors = {unit.unit: exact(unit.factor) for unit in self.units}
        return measured(value, {**factors, self.unit or "": Fraction(1)})

    def unit_names(self) -> list[str]:
        """The units to choose from, by name so that their order tells nothing; none where there is no choice."""
        return sorted([self.unit or "", *(unit.unit for unit in self.units)]) if self.units else []

    def shown_unit(self) -> str:
        """The unit behind the field, where it need not be chosen."""
        return "" if self.units else self.unit or ""

    def rule_key(self) -> list[Any]:
        """What decides over right and wrong, as plain JSON."""
        units = sorted([unit.unit, unit.factor] for unit in self.units)
        return [
            self.answer,
            self.tolerance,
            self.unit,
            self.relative_tolerance,
            self.significant_figures,
            units,
        ]

    def right_number(self) -> Any:
        """An answer that is right, as a page would send it."""
        number = f"{exact(self.answer).numerator}" if float(self.answer).is_integer() else repr(self.answer)
        return {"number": number, "unit": self.unit} if self.units else number

    def right_words(self) -> Sentence:
        """The right number, its unit and how near is near enough."""
        number = f"{self.answer:.12g} {self.unit or ''}".strip()
        if self.relative_tolerance is not None:
            percent = f"{100 * self.relative_tolerance:g}"
            return _("%(number)s (within %(percent)s %%)", number=number, percent=percent)
        if self.significant_figures is not None:
            return _(
                "%(number)s (to %(count)s significant figures)", number=number, count=self.significant_figures
            )
        if self.tolerance:
            return _("%(number)s (within %(tolerance)s)", number=number, tolerance=f"{self.tolerance:g}")
        return _("%(number)s", number=number)


class Numeric(NumberRule, Body):
    """A number. The value of an answer is the number as typed, or {number, unit} where the unit is chosen."""

    type = "numeric"
    title = _("A number")
    rank = 40

    def asked(self, order: Sequence[str] = ()) -> Asked:
        more = {"units": self.unit_names()} if self.units else {}
        return Asked(self.type, self.stem, unit=self.shown_unit(), more=more)

    @classmethod
    def fields(cls, asked: Asked, value: object) -> dict[str, Any]:
        parts = parts_given(value)
        return {
            "number": parts.get("number", "") if isinstance(value, dict) else value or "",
            "unit": asked.unit,
            "units": [
                {"name": unit, "is_chosen": unit == parts.get("unit")} for unit in asked.more.get("units", ())
            ],
        }

    @classmethod
    def how(cls, asked: Asked) -> Sentence:
        if asked.more:
            return _("A number and its unit. Point or comma, both are read.")
        return _("A number. Point or comma, both are read.")

    def mark(self, value: object) -> Fraction:
        return whole(self.takes(value))

    def key(self) -> Any:
        return self.rule_key()

    def right_value(self) -> Any:
        return self.right_number()

    def right(self) -> dict[str, Any]:
        rule = {name: getattr(self, name) for name in ("answer", "tolerance", "unit")}
        later = self.model_dump(mode="json", include={"relative_tolerance", "significant_figures", "units"})
        return rule | later

    def said(self, value: object) -> str:
        return number_said(value)

    def shown(self, value: object, order: Sequence[str] = ()) -> dict[str, Any]:
        return {
            "value": number_said(value) if value is not None else "",
            "is_right": self.takes(value),
            "right": self.right_words(),
            "unit": self.shown_unit(),
        }


def number_said(value: object) -> str:
    """A typed number with its unit, for reading."""
    if isinstance(value, dict):
        parts = parts_given(value)
        return " ".join(parts[name] for name in ("number", "unit") if name in parts)
    return str(value)
