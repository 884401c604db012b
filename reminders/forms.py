"""Shapes of what a person says about her letters."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from reminders.kinds import KINDS
from reminders.models import LetterWishes
from reminders.models.wishes import ALL_KINDS, MOST_PER_WEEK, WEEKDAYS


class TimeInput(forms.TimeInput):
    """The browser's own field for a time of the day."""

    input_type = "time"

    def __init__(self) -> None:
        super().__init__(attrs={"class": "input input--auto"}, format="%H:%M")


class WishesForm(forms.Form):
    """Which letters, on which days, outside which hours, how many, after how much quiet."""

    WISHES: ClassVar = (
        "weekdays",
        "quiet_from",
        "quiet_until",
        "digest_weekday",
        "most_per_week",
        "quiet_days",
    )

    kinds = forms.MultipleChoiceField(
        required=False, choices=[(key, kind.name) for key, kind in KINDS.items()]
    )
    quiet_days = forms.IntegerField(
        label=_("Days without study before the first one"),
        required=False,
        min_value=2,
        max_value=60,
        widget=forms.NumberInput(attrs={"class": "input input--auto", "inputmode": "numeric"}),
    )
    weekdays = forms.TypedMultipleChoiceField(
        label=_("Days"),
        choices=WEEKDAYS,
        coerce=int,
        help_text=_("What falls on another day waits for the next of these."),
        error_messages={"required": _("Choose at least one day. To get no letters, switch them off above.")},
        widget=forms.CheckboxSelectMultiple,
    )
    quiet_from = forms.TimeField(label=_("Quiet hours from"), widget=TimeInput)
    quiet_until = forms.TimeField(label=_("to"), widget=TimeInput)
    digest_weekday = forms.TypedChoiceField(label=_("On"), coerce=int, choices=WEEKDAYS)
    most_per_week = forms.TypedChoiceField(
        label=_("Letters a week at most"), coerce=int, choices=MOST_PER_WEEK
    )

    @classmethod
    def of(cls, wishes: LetterWishes, data: Any = None) -> WishesForm:
        """The form as these wishes fill it."""
        first = {
            "kinds": [key for key in KINDS if not wishes.is_stopped(key)],
            **{name: getattr(wishes, name) for name in cls.WISHES},
        }
        return cls(data, initial=first)

    def wishes(self) -> dict[str, Any]:
        """What LetterWishes.choose takes. Who wants none of today's kinds wants none of tomorrow's either."""
        cleaned = self.cleaned_data
        stopped = sorted(set(KINDS) - set(cleaned["kinds"]))
        return {
            "stopped": stopped if cleaned["kinds"] else [ALL_KINDS, *stopped],
            **{name: cleaned[name] for name in self.WISHES},
        }


class StopForm(forms.Form):
    """What to stop; a mail program that posts by itself says nothing of this and means this kind."""

    do = forms.ChoiceField(
        required=False, choices=[(word, word) for word in ("kind", "all", "pause")], initial="kind"
    )

    def clean_do(self) -> str:
        return self.cleaned_data["do"] or "kind"
