"""Questions and quizzes as authors type them: a form for each type of question, with the fields of its editor."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from importlib import import_module
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.words import said
from quizzes import bodies
from quizzes.models import Accommodation, Policy, Question, QuestionVersion, Quiz, Regrade
from quizzes.models.question import refuse_bad_tags
from quizzes.models.quiz import Overtime, Purpose
from quizzes.review import ITEM_NAMES, WINDOW_NAMES, Item, ReviewPolicy, Window
from quizzes.types.editing import Editor, plain
from roadmap.forms import DraftForm
from roadmap.models import Stage


def _editor(type_: str) -> Editor:
    """The class in the type's editor.py that bears its name."""
    file = import_module(f"quizzes.types.{type_}.editor")
    found: type[Editor] = next(kind for kind in vars(file).values() if getattr(kind, "type", None) == type_)
    return found()


EDITORS = {type_: _editor(type_) for type_ in bodies.TYPES}


def type_choices() -> list[tuple[str, str]]:
    """The types with their names at the desk, in the language of the page."""
    return [(name, said(body.title)) for name, body in bodies.TYPES.items()]


def _words(**kwargs: Any) -> forms.CharField:
    return forms.CharField(widget=forms.Textarea(attrs={"rows": 4}), help_text=_("Markdown."), **kwargs)


class TagsField(forms.CharField):
    """A list of tags, typed with blanks or commas between them."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, **kwargs})

    def prepare_value(self, value: Any) -> Any:
        return " ".join(map(str, value)) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        return list(dict.fromkeys(str(value or "").replace(",", " ").split()))

    def validate(self, value: Any) -> None:
        refuse_bad_tags(value)

    def run_validators(self, value: Any) -> None:
        """Those of a text don't fit a list."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.to_python(data) != list(initial or []))


class MatrixWidget(forms.CheckboxSelectMultiple):
    """The review policy as a table: a row for each thing a result may show, a column for each moment."""

    template_name = "quizzes/matrix.html"

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        chosen = set(value or [])
        context["windows"] = [said(WINDOW_NAMES[window]) for window in Window]
        context["items"] = [
            {"name": said(ITEM_NAMES[item]), "cells": [_cell(item, window, chosen) for window in Window]}
            for item in Item
        ]
        return context


class MatrixField(forms.MultipleChoiceField):
    """Which items a result shows from when on, as ReviewPolicy reads it; {} where all is shown at once."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, choices=_places, widget=MatrixWidget, **kwargs)

    def clean(self, value: Any) -> dict[str, list[str]]:
        chosen = set(super().clean(value))
        policy = {
            window.value: [item.value for item in Item if f"{window}:{item}" in chosen] for window in Window
        }
        return {} if ReviewPolicy.model_validate(policy) == ReviewPolicy() else policy

    @staticmethod
    def places_of(policy: ReviewPolicy) -> list[str]:
        """The policy as its boxes are ticked."""
        return [f"{window}:{item}" for window in Window for item in Item if item in getattr(policy, window)]


def _places() -> list[tuple[str, str]]:
    return [
        (f"{window}:{item}", f"{said(ITEM_NAMES[item])}, {said(WINDOW_NAMES[window])}")
        for window in Window
        for item in Item
    ]


def _cell(item: Item, window: Window, chosen: Collection[str]) -> dict[str, Any]:
    value = f"{window}:{item}"
    label = f"{said(ITEM_NAMES[item])}, {said(WINDOW_NAMES[window])}"
    return {
        "value": value,
        "window": said(WINDOW_NAMES[window]),
        "label": label,
        "is_ticked": value in chosen,
    }


class QuestionForm(DraftForm):
    """A question's draft, checked by the rules of its type; the type is chosen once."""

    type: ClassVar[str]
    tags = TagsField(
        label=_("Tags"),
        help_text=_(
            "Words by which a pool finds it, with blanks between them: lower-case letters, digits and hyphens."
        ),
    )
    stem = _words(label=_("What is asked"))
    explanation = _words(label=_("Why the answer is right"))

    class Meta:
        model = Question
        exclude = ("draft",)  # typed in the fields above
        widgets = {"type": forms.HiddenInput}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["type"] = self.type
        if self.instance.pk and "type" in self.fields:
            self.fields["type"].disabled = True
        draft = self.instance.draft or {}
        self.initial.update({name: draft[name] for name in ("stem", "explanation") if name in draft})
        self.initial.update(EDITORS[self.type].typed(draft))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors:
            editor = EDITORS[self.type]
            texts = {name: plain(cleaned[name]) for name in ("stem", "explanation")}
            self.instance.draft = texts | editor.draft(cleaned, self.instance.draft or {})
            for fault in bodies.faults(self.type, self.instance.draft):
                named = fault.place if fault.place in texts else editor.field_at_fault(fault.place)
                self.add_error(named, said(fault.sentence()))
        return cleaned


@lru_cache
def question_form(type_: str) -> type[QuestionForm]:
    """The form of questions of this type."""
    fields = EDITORS[type_].fields()
    return type(f"{type_.title().replace('_', '')}Form", (QuestionForm,), {"type": type_, **fields})


def _moment(**kwargs: Any) -> forms.SplitDateTimeField:
    """A day and a time of day on the author's clock, in the browser's own controls."""
    widget = forms.SplitDateTimeWidget(
        date_format="%Y-%m-%d",
        time_format="%H:%M:%S",
        date_attrs={"type": "date", "aria-label": _("Day")},  # type: ignore[dict-item]  # said when drawn
        time_attrs={"type": "time", "aria-label": _("Time of day")},  # type: ignore[dict-item]  # as above
    )
    return forms.SplitDateTimeField(required=False, widget=widget, **kwargs)


class QuizForm(DraftForm):
    """A quiz's draft: one that passes its stage, alone there and on the stage's road; or the one for placement."""

    available_until = _moment(
        label=_("Can be taken until"),
        help_text=_(
            "Empty: always. On your own clock. Attempts under way follow when it moves later, never earlier."
        ),
    )
    review = MatrixField(
        label=_("What a result shows, and when"),
        help_text=_(
            "What is shown once handed in, is shown later as well. Points and whether it is passed always are."
        ),
    )

    class Meta:
        model = Quiz
        exclude = ()  # the desk names the fields

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["review"] = MatrixField.places_of(self.instance.review_policy())
        if road := self.fields.get("roadmap"):
            road.required, road.disabled = False, self.instance.pk is not None
            road.help_text = _("Only for placement; else it is that of the stage.")
        stage = self.fields.get("stage")
        if isinstance(stage, forms.ModelChoiceField):
            stage.help_text = _("A quiz for placement has none.")
            if self.instance.pk:
                stage.queryset = Stage.objects.filter(roadmap=self.instance.roadmap_id)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for field, fault in self._faults(cleaned):
            self.add_error(field, fault)
        if stage := cleaned.get("stage"):
            cleaned["roadmap"] = self.instance.roadmap = stage.roadmap
        road = cleaned.get("roadmap")
        others = Quiz.objects.exclude(pk=self.instance.pk or 0)
        if road and others.filter(roadmap=road, key=cleaned.get("key", "")).exists():
            self.add_error("key", gettext("Another quiz on this road has this key."))
        return cleaned

    def _faults(self, cleaned: dict[str, Any]) -> list[tuple[str, str]]:
        stage, road = cleaned.get("stage"), cleaned.get("roadmap")
        others = Quiz.objects.unarchived().exclude(pk=self.instance.pk or 0)
        is_living, found = self.instance.archived_at is None, []
        if cleaned.get("purpose") == Purpose.PLACEMENT:
            if stage:
                found.append(("stage", gettext("A quiz for placement belongs to no stage: leave it empty.")))
            elif road is None:
                found.append(("roadmap", gettext("Say for which road it places learners.")))
            elif is_living and others.filter(roadmap=road, purpose=Purpose.PLACEMENT).exists():
                found.append(
                    (
                        "roadmap",
                        gettext("This road has a quiz for placement already; archive that one first."),
                    )
                )
        elif stage is None and "stage" not in self.errors:
            found.append(("stage", gettext("Say which stage it passes.")))
        elif stage and is_living and others.filter(stage=stage).exists():
            found.append(("stage", gettext("This stage has a quiz already; archive that one first.")))
        if cleaned.get("overtime") == Overtime.GRACE and not cleaned.get("overtime_minutes"):
            found.append(("overtime_minutes", gettext("Say for how many minutes it may be handed in.")))
        return found

    def _get_validation_exclusions(self) -> set[str]:
        """What two quizzes of a road may not share is said above, in words of ours."""
        return {*super()._get_validation_exclusions(), "roadmap"}  # type: ignore[misc]  # stubs lack it


class AccommodationForm(forms.ModelForm):  # type: ignore[type-arg]  # generic for mypy only
    """What one person is given beyond everybody, at one quiz or at all."""

    class Meta:
        model = Accommodation
        fields = ("quiz", "time_factor", "extra_minutes", "extra_attempts", "note")
        help_texts = {
            "quiz": _("Empty: at every quiz."),
            "time_factor": _("1.5 is half as much time again. Of both, the one that gives more counts."),
            "note": _("Why, for those who look after her. She may read it."),
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        gives = (cleaned.get("extra_minutes"), cleaned.get("extra_attempts"))
        if not self.errors and cleaned.get("time_factor") == 1 and not any(gives):
            raise ValidationError(_("This gives nothing: say more time, or more attempts."))
        return cleaned


class RegradeForm(forms.Form):
    """How results follow a corrected key, and why, which learners read."""

    policy = forms.ChoiceField(
        label=_("Who earns the points"), choices=Policy.choices, widget=forms.RadioSelect
    )
    never_lower = forms.BooleanField(
        label=_("Nobody loses points"),
        required=False,
        help_text=_("What was earned stays, whatever is right now."),
    )
    reason = forms.CharField(
        label=_("Why"), max_length=200, help_text=_("Those whose result changes read it.")
    )

    def planned(self, before: QuestionVersion, after: QuestionVersion) -> Regrade:
        """The regrade as the form says it, not saved: to see what it would change."""
        return Regrade(
            before=before,
            after=after,
            policy=self.cleaned_data["policy"],
            never_lower=self.cleaned_data["never_lower"],
        )
