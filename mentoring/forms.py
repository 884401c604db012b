"""The shape of a review, the same for page and API, and of a mentorship at the desk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from mentoring import rubric
from mentoring.models import Decision, Level, Mentorship
from roadmap.document import Criterion


@dataclass(frozen=True, slots=True)
class LevelChoice:
    """One level of one criterion as a radio button; see templates/components/levels.html."""

    value: str
    name: str
    description: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class LevelRow:
    """One criterion of the rubric with its four levels, and what is wrong with the choice."""

    name: str
    title: str
    must_meet: bool
    levels: tuple[LevelChoice, ...]
    error: str


class ReviewForm(forms.Form):
    """A level for each criterion of `criteria` (fields `level-<key>`), words to the learner, one of two decisions.

    `number` is that of the version that was read; the door compares it with the newest.
    """

    number = forms.IntegerField(widget=forms.HiddenInput)
    feedback = forms.CharField(
        label=_("Feedback"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 8}),
        validators=[MaxLengthValidator(20_000)],
        help_text=_("Markdown is shown formatted. Needed when you ask for changes."),
    )
    decision = forms.ChoiceField(
        choices=Decision.choices,
        error_messages={
            "required": _("Decide: accept it, or ask for changes."),
            "invalid_choice": _("Decide: accept it, or ask for changes."),
        },
    )

    def __init__(self, *args: Any, criteria: Sequence[Criterion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.criteria = criteria
        for criterion in criteria:
            self.fields[_field(criterion)] = forms.ChoiceField(
                label=criterion.title,
                required=False,
                choices=Level.choices,
                widget=forms.RadioSelect,
            )

    def clean(self) -> dict[str, Any]:
        """Add `levels`, and hold the decision against the rubric."""
        cleaned = super().clean() or self.cleaned_data
        levels = {c.key: cleaned[_field(c)] for c in self.criteria if cleaned.get(_field(c))}
        cleaned["levels"] = levels
        for criterion in rubric.missing(self.criteria, levels):
            if _field(criterion) not in self.errors:
                self.add_error(
                    _field(criterion), _("“%(title)s” needs a level.") % {"title": criterion.title}
                )
        if cleaned.get("decision") == Decision.ACCEPT:
            self._hold_against_rubric(levels)
        elif cleaned.get("decision") and not cleaned.get("feedback") and "feedback" not in self.errors:
            self.add_error("feedback", _("Say what to change: asking for changes needs words."))
        return cleaned

    def rows(self) -> Iterator[LevelRow]:
        """The rubric as it is filled in so far."""
        for criterion in self.criteria:
            field = self[_field(criterion)]
            chosen = field.value()
            yield LevelRow(
                name=field.html_name,
                title=criterion.title,
                must_meet=criterion.must_meet,
                levels=tuple(
                    LevelChoice(level, str(level.label), getattr(criterion.levels, level), level == chosen)
                    for level in Level
                ),
                error=" ".join(str(error) for error in field.errors),
            )

    def _hold_against_rubric(self, levels: dict[str, str]) -> None:
        """Say at each row that stands in the way of accepting why it does."""
        said = (
            (rubric.unmet, _("“%(title)s” must be met before this can be accepted.")),
            (rubric.not_yet, _("“%(title)s” stands at Not yet; no row may when this is accepted.")),
            (
                rubric.too_many_developing,
                _("“%(title)s” stands at Developing, as another row does; one such row may."),
            ),
        )
        for found, sentence in said:
            for criterion in found(self.criteria, levels):
                if _field(criterion) not in self.errors:
                    self.add_error(_field(criterion), sentence % {"title": criterion.title})


class MentorshipForm(forms.ModelForm):  # type: ignore[type-arg]  # generic for mypy only
    """A mentor with one learner or one cohort."""

    class Meta:
        model = Mentorship
        fields = ("mentor", "learner", "cohort")

    def clean_mentor(self) -> User:
        """Only who is in the role: the others would not find the page."""
        mentor: User = self.cleaned_data["mentor"]
        if not (mentor.is_mentor() or mentor.is_admin()):
            raise ValidationError(
                _("%(who)s is not a mentor. Give the role on the person’s page first."),
                params={"who": mentor},
            )
        return mentor

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        mentor, learner, cohort = (cleaned.get(name) for name in ("mentor", "learner", "cohort"))
        if (
            mentor
            and (learner is None) != (cohort is None)
            and (Mentorship.objects.of(mentor).filter(learner=learner, cohort=cohort).exists())
        ):
            raise ValidationError(_("This mentor looks after them already."))
        return cleaned


def _field(criterion: Criterion) -> str:
    return f"level-{criterion.key}"
