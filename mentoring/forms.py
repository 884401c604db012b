"""The shape of a review, the same for page and API, and of a mentorship at the desk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from mentoring import rubric
from mentoring.models import Decision, Level, Mentorship
from quizzes.forms import AccommodationForm
from quizzes.models import AppealState, Quiz
from quizzes.models.accommodation import LONGEST_MINUTES
from quizzes.models.appeal import LONGEST as LONGEST_APPEAL
from quizzes.result import HAND_STEP, HandMark, Mark
from roadmap.document import Criterion
from roadmap.models import Roadmap


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


class PointsField(forms.DecimalField):
    """Points from 0 to `possible`, whole or half."""

    def __init__(self, possible: int, **kwargs: Any) -> None:
        self.possible = possible
        step = {"step": str(HAND_STEP), "inputmode": "decimal"}
        super().__init__(widget=forms.NumberInput(attrs=step), min_value=0, max_value=possible, **kwargs)

    def clean(self, value: Any) -> Decimal | None:
        said = _("Give whole or half points, from 0 to %(possible)s.")
        try:
            points: Decimal | None = super().clean(value)
        except ValidationError as wrong:
            raise ValidationError(said, code="off_scale", params={"possible": self.possible}) from wrong
        if points is not None and points % HAND_STEP:
            raise ValidationError(said, code="off_scale", params={"possible": self.possible})
        return points


class MarkForm(forms.Form):
    """Points and words for each answer that a person marks (`points-<slot>`, `comment-<slot>`); none: it still waits.

    `seen` is the number of the grading that was read; the door compares it with the newest.
    """

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)

    def __init__(self, *args: Any, marks: Mapping[int, Mark], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.slots = tuple(marks)
        for slot, mark in marks.items():
            label = _("Points, of %(possible)s") % {"possible": mark.possible}
            self.fields[f"points-{slot}"] = PointsField(mark.possible, label=label, required=False)
            self.fields[f"comment-{slot}"] = forms.CharField(
                label=_("Comment"),
                required=False,
                widget=forms.Textarea(attrs={"rows": 3}),
                validators=[MaxLengthValidator(5000)],
                help_text=_("The learner reads it beside her answer."),
            )
            if not mark.waits:
                self.initial[f"points-{slot}"] = f"{mark.points.normalize():f}"
                self.initial[f"comment-{slot}"] = mark.comment

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for slot in self.slots:
            if cleaned.get(f"comment-{slot}") and cleaned.get(f"points-{slot}", 0) is None:
                self.add_error(
                    f"points-{slot}", _("You wrote a comment: give points too, 0 if it earns none.")
                )
        return cleaned

    def given(self) -> dict[int, HandMark]:
        """By slot what was given, of a form that is right."""
        points = {slot: self.cleaned_data[f"points-{slot}"] for slot in self.slots}
        return {
            slot: HandMark(given, self.cleaned_data[f"comment-{slot}"].strip())
            for slot, given in points.items()
            if given is not None
        }


class MinutesForm(forms.Form):
    """More time for one attempt under way, and why."""

    minutes = forms.IntegerField(label=_("Minutes more"), min_value=1, max_value=LONGEST_MINUTES)
    reason = forms.CharField(label=_("Why"), max_length=300, help_text=_("It is kept with the attempt."))


class SetAsideForm(forms.Form):
    """Why an attempt is to count for nothing."""

    reason = forms.CharField(
        label=_("Why"), max_length=300, help_text=_("The learner reads it on her result.")
    )


class GivenForm(AccommodationForm):
    """What a mentor gives a learner on one road: at one of its quizzes, or at every quiz."""

    def __init__(self, *args: Any, road: Roadmap, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        quiz = self.fields["quiz"]
        if isinstance(quiz, forms.ModelChoiceField):
            quiz.queryset = Quiz.objects.unarchived().filter(roadmap=road).order_by("title", "pk")
            quiz.empty_label = gettext("Every quiz")


class AppealAnswerForm(forms.Form):
    """What a mentor says to an appeal: it is declined for a reason, or upheld with more points than `mark` has."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)
    answer = forms.CharField(
        label=_("Your answer"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        validators=[MaxLengthValidator(LONGEST_APPEAL)],
        help_text=_("Needed when you decline. The learner reads it."),
    )
    tells_authors = forms.BooleanField(
        label=_("Tell the authors"),
        required=False,
        help_text=_("The question is then marked for them at the desk."),
    )
    decision = forms.ChoiceField(
        choices=[(AppealState.UPHELD, _("Uphold")), (AppealState.DECLINED, _("Decline"))],
        error_messages={
            "required": _("Decide: uphold it, or decline."),
            "invalid_choice": _("Decide: uphold it, or decline."),
        },
    )

    def __init__(self, *args: Any, mark: Mark, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.mark = mark
        label = _("Points when upheld, of %(possible)s") % {"possible": mark.possible}
        self.fields["points"] = PointsField(mark.possible, label=label, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        cleaned["answer"] = cleaned.get("answer", "").strip()
        if (
            cleaned.get("decision") == AppealState.DECLINED
            and not cleaned["answer"]
            and "answer" not in self.errors
        ):
            self.add_error("answer", _("Say why: declining needs words."))
        if cleaned.get("decision") == AppealState.UPHELD and "points" not in self.errors:
            points = cleaned.get("points")
            if points is None or points <= self.mark.points:
                self.add_error("points", _("Give more points than the answer has, to uphold the appeal."))
        return cleaned


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
