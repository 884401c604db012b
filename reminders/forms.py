"""Shapes of what a person says about her letters."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from reminders.models import LetterWishes
from reminders.models.kinds import KINDS
from reminders.models.wishes import ALL_KINDS

WEEKDAYS = [
    (1, _("Monday")),
    (2, _("Tuesday")),
    (3, _("Wednesday")),
    (4, _("Thursday")),
    (5, _("Friday")),
    (6, _("Saturday")),
    (7, _("Sunday")),
]


class WishesForm(forms.Form):
    """Which letters, on which days, at which hour, after how much quiet."""

    kinds = forms.MultipleChoiceField(
        required=False, choices=[(key, kind.name) for key, kind in KINDS.items()]
    )
    quiet_days = forms.IntegerField(
        label=_("Days without study before the first one"),
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
    hour = forms.TypedChoiceField(
        label=_("Not before"), coerce=int, choices=[(hour, f"{hour:02}:00") for hour in range(24)]
    )

    @classmethod
    def of(cls, wishes: LetterWishes, data: Any = None) -> WishesForm:
        """The form as these wishes fill it."""
        first = {
            "kinds": [key for key in KINDS if not wishes.is_stopped(key)],
            "quiet_days": wishes.quiet_days,
            "weekdays": wishes.weekdays,
            "hour": wishes.hour,
        }
        return cls(data, initial=first)

    def wishes(self) -> dict[str, Any]:
        """What LetterWishes.choose takes. Who wants none of today's kinds wants none of tomorrow's either."""
        cleaned = self.cleaned_data
        stopped = sorted(set(KINDS) - set(cleaned["kinds"]))
        return {
            "stopped": stopped if cleaned["kinds"] else [ALL_KINDS, *stopped],
            "weekdays": sorted(cleaned["weekdays"]),
            "hour": cleaned["hour"],
            "quiet_days": cleaned["quiet_days"],
        }


class StopForm(forms.Form):
    """What to stop; a mail program that posts by itself says nothing of this and means this kind."""

    do = forms.ChoiceField(
        required=False, choices=[(word, word) for word in ("kind", "all", "pause")], initial="kind"
    )

    def clean_do(self) -> str:
        return self.cleaned_data["do"] or "kind"
