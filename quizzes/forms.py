"""Questions and quizzes as authors type them: a form for each type of question, with the fields of its editor."""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.words import said
from quizzes import bodies
from quizzes.models import Policy, Question, QuestionVersion, Quiz, Regrade
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


class QuestionForm(DraftForm):
    """A question's draft, checked by the rules of its type; the type is chosen once."""

    type: ClassVar[str]
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
