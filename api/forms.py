"""Shapes of what is said to this floor only; for the rest the API uses the forms of the pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from api.models import Token
from api.models.token import Scope
from mentoring import rubric
from mentoring.forms import ReviewForm
from progress.forms import EnrollForm
from roadmap.document import Criterion

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


class EnrollOnRoadForm(EnrollForm):
    """Go on a road: its key, where you start, hours a week, a first day."""

    road = forms.CharField(label=_("Key of the road"), max_length=80)
