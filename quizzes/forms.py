"""Questions and quizzes as authors type them: a field for each part of a question's typed body."""

from __future__ import annotations

from string import ascii_lowercase
from typing import Any

from django import forms
from django.db.models import TextChoices
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.words import said
from quizzes import bodies
from quizzes.models import Question, Quiz
from roadmap.forms import DraftForm, LinesField
from roadmap.models import Stage

SPARE_OPTIONS = 3


class QuestionType(TextChoices):
    SINGLE = "single", _("One right option")
    MULTIPLE = "multiple", _("Several right options")
    TRUE_FALSE = "true_false", _("True or false")
    NUMERIC = "numeric", _("A number")
    SHORT_TEXT = "short_text", _("A word or phrase")


# Of the form's fields, those that a type has besides stem and explanation.
PARTS = {
    "single": ("options",),
    "multiple": ("options",),
    "true_false": ("is_true",),
    "numeric": ("number", "tolerance", "unit"),
    "short_text": ("answers", "case_sensitive"),
}
_FIELD_OF = {"answer": {"true_false": "is_true", "numeric": "number"}}


class OptionsWidget(forms.Widget):
    """A row for each option: is it right, its text, what is said to whoever chose it. Some empty rows follow."""

    template_name = "quizzes/options.html"
    use_fieldset = True

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        options = value or []
        spare = max(SPARE_OPTIONS, 4 - len(options))
        context["rows"] = list(enumerate([*options, *({} for _place in range(spare))]))
        context["count"] = len(context["rows"])
        return context

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[dict[str, Any]]:
        count = min(int(text) if (text := str(data.get(f"{name}_count", ""))).isdecimal() else 0, 100)
        return [
            {
                "key": data.get(f"{name}_{place}_key", ""),
                "text": data.get(f"{name}_{place}_text", ""),
                "feedback": data.get(f"{name}_{place}_feedback", ""),
                "right": f"{name}_{place}_right" in data,
            }
            for place in range(count)
        ]

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return f"{name}_count" not in data

    def id_for_label(self, id_: str | None) -> str:
        return ""


class OptionsField(forms.Field):
    """Options as [{key, text, right, feedback}]; a row without any text is no option. New ones get the next letter."""

    widget = OptionsWidget

    def to_python(self, value: Any) -> list[dict[str, Any]]:
        typed = [row for row in value or [] if row["text"].strip() or row["feedback"].strip() or row["right"]]
        taken = {row["key"] for row in typed}
        free = (letter for letter in ascii_lowercase if letter not in taken)
        return [
            {
                "key": row["key"] or next(free, ""),
                "text": _plain(row["text"]),
                "right": row["right"],
                "feedback": _plain(row["feedback"]),
            }
            for row in typed
        ]

    def has_changed(self, initial: Any, data: Any) -> bool:
        kept = [{"feedback": "", **option} for option in initial or []]
        return bool(self.to_python(data) != kept)


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def _words(**kwargs: Any) -> forms.CharField:
    return forms.CharField(widget=forms.Textarea(attrs={"rows": 4}), help_text=_("Markdown."), **kwargs)


class QuestionForm(DraftForm):
    """A question's draft, checked by the rules of its type; the type is chosen once."""

    stem = _words(label=_("What is asked"))
    explanation = _words(label=_("Why the answer is right"))
    options = OptionsField(label=_("Options"), required=False)
    is_true = forms.TypedChoiceField(
        label=_("The statement is"),
        choices=[("true", _("true")), ("false", _("false"))],
        coerce=lambda text: text == "true",
    )
    number = forms.FloatField(label=_("Right number"))
    tolerance = forms.FloatField(label=_("Tolerance"), min_value=0, help_text=_("So far off is still right."))
    unit = forms.CharField(label=_("Unit"), required=False, max_length=40)
    answers = LinesField(
        label=_("Right answers"), help_text=_("One per line: every spelling that counts."), required=True
    )
    case_sensitive = forms.BooleanField(label=_("Upper and lower case matter"), required=False)

    class Meta:
        model = Question
        exclude = ("draft",)  # typed in the fields above
        widgets = {"type": forms.HiddenInput}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.type = self._type()
        self.initial["type"] = self.type
        if self.instance.pk and "type" in self.fields:
            self.fields["type"].disabled = True
        kept = ("stem", "explanation", *PARTS[self.type])
        for name in {part for parts in PARTS.values() for part in parts} - set(kept):
            self.fields.pop(name, None)
        self.initial.update(_typed(self.type, self.instance.draft or {}))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors:
            self.instance.draft = _draft(self.type, cleaned)
            for fault in bodies.faults(self.type, self.instance.draft):
                self.add_error(self._field_at_fault(fault.place), said(fault.sentence()))
        return cleaned

    def _type(self) -> str:
        """The type of the question, for a new one the type it is begun with."""
        if self.instance.pk:
            return str(self.instance.type)
        chosen = self.data.get("type") if self.is_bound else self.initial.get("type")
        return str(chosen) if chosen in PARTS else "single"

    def _field_at_fault(self, place: str) -> str | None:
        part = place.partition(".")[0]
        name = _FIELD_OF.get(part, {}).get(self.type, part)
        if name in self.fields:
            return name
        return "options" if "options" in self.fields else None


def _typed(type_: str, draft: dict[str, Any]) -> dict[str, Any]:
    """The body as the fields of the form hold it."""
    values: dict[str, Any] = {name: draft[name] for name in ("stem", "explanation") if name in draft}
    for name in PARTS[type_]:
        match name:
            case "is_true":
                values[name] = "false" if draft.get("answer") is False else "true"
            case "number":
                values[name] = draft.get("answer")
            case "tolerance":
                values[name] = draft.get("tolerance", 0)
            case _:
                values[name] = draft.get(name)
    return values


def _draft(type_: str, cleaned: dict[str, Any]) -> dict[str, Any]:
    """The fields of the form as the body of the type."""
    draft = {"stem": _plain(cleaned["stem"]), "explanation": _plain(cleaned["explanation"])}
    match type_:
        case "single" | "multiple":
            return {**draft, "options": cleaned["options"]}
        case "true_false":
            return {**draft, "answer": cleaned["is_true"]}
        case "numeric":
            unit = cleaned["unit"] or None
            return {**draft, "answer": cleaned["number"], "tolerance": cleaned["tolerance"], "unit": unit}
        case _:
            return {**draft, "answers": cleaned["answers"], "case_sensitive": cleaned["case_sensitive"]}


class QuizForm(DraftForm):
    """A quiz's draft; a living quiz stands alone in its stage, and its road is that of the stage."""

    class Meta:
        model = Quiz
        exclude = ("roadmap",)  # that of the stage

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stage = self.fields.get("stage")
        if isinstance(stage, forms.ModelChoiceField):
            stage.required = True
            if self.instance.pk:
                stage.queryset = Stage.objects.filter(roadmap=self.instance.roadmap_id)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if stage := cleaned.get("stage"):
            self.instance.roadmap = stage.roadmap
            others = Quiz.objects.exclude(pk=self.instance.pk or 0)
            if others.filter(roadmap=stage.roadmap, key=cleaned.get("key", "")).exists():
                self.add_error("key", gettext("Another quiz on this road has this key."))
            if self.instance.archived_at is None and others.unarchived().filter(stage=stage).exists():
                self.add_error("stage", gettext("This stage has a quiz already; archive that one first."))
        return cleaned
