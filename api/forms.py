"""Shapes of what is said to this floor only; for the rest the API uses the forms of the pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from api.models import Token
from api.models.token import Scope
from authoring.forms import QuestionFileForm
from authoring.models import Placing
from authoring.models.question_import import MOST_POINTS
from mentoring import rubric
from mentoring.forms import MarkForm, ReviewForm
from progress.forms import EnrollForm
from quizzes.models import Quiz
from quizzes.models.appeal import LONGEST as LONGEST_APPEAL
from quizzes.result import Mark
from roadmap.document import Criterion
from roadmap.models import Roadmap, Topic

TOKENS_AT_MOST = 20
LONGEST_DAYS = 366


class TokenForm(forms.Form):
    """A new token: what it is for, what it may, how long it lives."""

    name = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("What it is for, so that you know it again.")
    )
    scope = forms.ChoiceField(
        label=_("It may"),
        choices=[
            (Scope.READ, _("Read what you can read")),
            (Scope.WRITE, _("Read, and do what you can do")),
        ],
        initial=Scope.READ,
        widget=forms.RadioSelect,
    )
    days = forms.IntegerField(
        label=_("Days until it ends"),
        min_value=1,
        max_value=LONGEST_DAYS,
        initial=90,
        help_text=_("366 at most."),
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if Token.objects.of(self.person).unrevoked().count() >= TOKENS_AT_MOST:
            raise ValidationError(
                _("You have %(count)d tokens. Revoke one that you don't use first."),
                params={"count": TOKENS_AT_MOST},
            )
        return cleaned


class DecisionForm(ReviewForm):
    """A decision on the version of this number, with a level for each criterion and words to the learner."""

    levels = forms.JSONField(
        label=_("Levels"),
        required=False,
        help_text=_("Criterion key to not_yet, developing, meets or exceeds."),
    )

    def __init__(self, data: Mapping[str, Any], files: Any = None, *, criteria: Sequence[Criterion]) -> None:
        levels = data.get("levels")
        self.said: dict[str, Any] = levels if isinstance(levels, dict) else {}
        flat = {f"level-{key}": level for key, level in self.said.items()}
        super().__init__({**data, **flat}, criteria=criteria)

    def clean_levels(self) -> dict[str, Any]:
        """An object that names criteria of this rubric; ReviewForm looks at each level."""
        if unknown := rubric.unknown(self.criteria, self.said):
            raise ValidationError(_("The rubric has no “%(key)s”."), params={"key": unknown[0]})
        return self.said


class MarksForm(MarkForm):
    """Marks by slot, for the answers that were read with this number of `seen`."""

    marks = forms.JSONField(
        label=_("Marks"), help_text=_("By slot an object with points, whole or half, and a comment.")
    )

    def __init__(self, data: Mapping[str, Any], files: Any = None, *, marks: Mapping[int, Mark]) -> None:
        said = data.get("marks")
        self.said: dict[str, Any] = said if isinstance(said, dict) else {}
        fields = {
            f"{name}-{slot}": value
            for slot, mark in self.said.items()
            if isinstance(mark, dict)
            for name, value in mark.items()
        }
        super().__init__({**data, **fields}, marks=marks)

    def clean_marks(self) -> dict[str, Any]:
        """An object that names slots of this attempt which a person marks; MarkForm looks at each mark."""
        known = {str(slot) for slot in self.slots}
        if not self.said or not self.said.keys() <= known:
            raise ValidationError(
                _("Send marks for slots among these: %(slots)s."), params={"slots": ", ".join(sorted(known))}
            )
        for mark in self.said.values():
            if (
                not isinstance(mark, dict)
                or not mark.keys() <= {"points", "comment"}
                or mark.get("points") is None
            ):
                raise ValidationError(_("A mark is an object with points, and a comment if you like."))
            if not isinstance(mark.get("comment", ""), str):
                raise ValidationError(_("A comment is a text."))
        return self.said

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        return cleaned if self.errors else {**cleaned, "given": self.given()}


class AppealSentForm(forms.Form):
    """Which answer of an attempt was marked wrongly, and why."""

    slot = forms.IntegerField(label=_("Slot"), min_value=1, max_value=32_767)
    text = forms.CharField(label=_("Why"), max_length=LONGEST_APPEAL)


class EnrollOnRoadForm(EnrollForm):
    """Go on a road: its key, where you start, hours a week, a first day."""

    road = forms.CharField(label=_("Key of the road"), max_length=80)


class QuestionsForm(QuestionFileForm):
    """A file of questions, and where they go: topic and quiz are those of the road with these keys."""

    road = forms.SlugField(label=_("Key of the road"), max_length=80, required=False)
    topic = forms.SlugField(label=_("Key of the topic of all others"), max_length=80, required=False)
    quiz = forms.SlugField(label=_("Key of the quiz"), max_length=80, required=False)
    points = forms.IntegerField(label=_("Points"), min_value=1, max_value=MOST_POINTS, required=False)
    difficulty = forms.IntegerField(label=_("Difficulty"), min_value=1, max_value=5, required=False)
    tags = forms.CharField(label=_("Tags, parted by commas"), max_length=400, required=False)
    dry_run = forms.BooleanField(label=_("Write nothing"), required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        road = self._row("road", Roadmap.objects.filter(archived_at=None))
        rows = {
            "topic": self._row("topic", Topic.objects.unarchived().filter(roadmap=road)),
            "quiz": self._row("quiz", Quiz.objects.unarchived().filter(roadmap=road)),
        }
        tags = tuple(tag.strip() for tag in cleaned.get("tags", "").split(",") if tag.strip())
        points, difficulty = cleaned.get("points") or 1, cleaned.get("difficulty") or 3
        cleaned["placing"] = Placing(road, **rows, points=points, difficulty=difficulty, tags=tags)
        return cleaned

    def _row(self, name: str, rows: QuerySet[Any]) -> Any:
        """The row of this key; a fault of the field where there is none."""
        key = self.cleaned_data.get(name)
        found = rows.filter(key=key).first() if key else None
        if key and found is None:
            self.add_error(
                name, gettext("There is none of this key; topics and quizzes are those of the road.")
            )
        return found
