"""Shapes of what a person says about her letters."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from reminders.kinds import KINDS
from reminders.kinds.kind import Audience, Kind
from reminders.models import LetterWishes
from reminders.models.wishes import ALL_KINDS, MOST_PER_WEEK, WEEKDAYS

LONGEST_SNOOZE = timedelta(days=366)


class TimeInput(forms.TimeInput):
    """The browser's own field for a time of the day."""

    input_type = "time"

    def __init__(self) -> None:
        super().__init__(attrs={"class": "input input--auto"}, format="%H:%M")


class WishesForm(forms.Form):
    """Which letters, on which days, outside which hours, how many, after how much quiet, from which day on.

    Kinds for an audience that the person does not belong to are neither shown nor changed.
    """

    WISHES: ClassVar = (
        "weekdays",
        "quiet_from",
        "quiet_until",
        "digest_weekday",
        "most_per_week",
        "quiet_days",
        "snoozed_until",
    )

    kinds = forms.MultipleChoiceField(required=False)
    quiet_days = forms.IntegerField(
        label=_("Days without study before the first one"),
        required=False,
        min_value=2,
        max_value=60,
        help_text=_("Leave it empty to follow your own rhythm."),
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
    quiet_from = forms.TimeField(label=_("Quiet from"), widget=TimeInput)
    quiet_until = forms.TimeField(label=_("until"), widget=TimeInput)
    digest_weekday = forms.TypedChoiceField(
        label=_("Day of the weekly letter"),
        coerce=int,
        choices=WEEKDAYS,
        widget=forms.Select(attrs={"class": "input input--auto"}),
    )
    most_per_week = forms.TypedChoiceField(
        label=_("Letters a week at most"),
        coerce=int,
        choices=MOST_PER_WEEK,
        widget=forms.Select(attrs={"class": "input input--auto"}),
    )
    snoozed_until = forms.DateField(
        label=_("Nothing before"),
        required=False,
        help_text=_("Your plan goes on, and it ends by itself. What can’t wait still comes."),
        widget=forms.DateInput(attrs={"type": "date", "class": "input input--auto"}, format="%Y-%m-%d"),
    )

    def __init__(self, wishes: LetterWishes, person: User, today: date, data: Any = None) -> None:
        self.was, self.today = wishes, today
        self.offered = dict(kinds_for(person))
        first = {name: getattr(wishes, name) for name in self.WISHES}
        if wishes.snoozed_until and wishes.snoozed_until <= today:
            first["snoozed_until"] = None  # it is over
        first["kinds"] = [key for key in self.offered if not wishes.is_stopped(key)]
        super().__init__(data, initial=first)
        self.fields["kinds"].choices = [(key, kind.name) for key, kind in self.offered.items()]  # type: ignore[attr-defined]  # a MultipleChoiceField

    def clean_snoozed_until(self) -> date | None:
        day: date | None = self.cleaned_data["snoozed_until"]
        if day and day <= self.today:
            raise ValidationError(_("Choose a day after today, or leave it empty."))
        if day and day - self.today > LONGEST_SNOOZE:
            raise ValidationError(_("Choose a day within a year from today."))
        return day

    def wishes(self) -> dict[str, Any]:
        """What LetterWishes.choose takes. Who wants none of today's kinds wants none of tomorrow's either."""
        wanted = set(self.cleaned_data["kinds"])
        hidden = {*self.was.stopped_kinds} & (KINDS.keys() - self.offered.keys())
        stopped = hidden | (self.offered.keys() - wanted)
        return {
            "stopped": stopped if wanted else {ALL_KINDS, *stopped},
            **{name: self.cleaned_data[name] for name in self.WISHES},
        }


def kinds_for(person: User) -> Iterator[tuple[str, Kind]]:
    """The kinds that are written to such a person, by their key: those for mentors to mentors only."""
    for key, kind in KINDS.items():
        if kind.audience == Audience.LEARNER or person.is_mentor():
            yield key, kind


class ReadForm(forms.Form):
    """Whether a letter has been read."""

    read = forms.TypedChoiceField(choices=[("1", "1"), ("0", "0")], coerce=lambda said: said == "1")


class StopForm(forms.Form):
    """What to stop; a mail program that posts by itself says nothing of this and means this kind."""

    do = forms.ChoiceField(
        required=False, choices=[(word, word) for word in ("kind", "all", "snooze")], initial="kind"
    )

    def clean_do(self) -> str:
        return self.cleaned_data["do"] or "kind"


class SwitchForm(forms.Form):
    """Why letters of a kind are switched off for everybody."""

    reason = forms.CharField(
        label=_("Why"),
        max_length=200,
        help_text=_("It stands below the kind for whoever wonders, until the letters are sent again."),
        error_messages={"required": _("Say why in a few words: whoever comes next must know.")},
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
    )


class LiftForm(forms.Form):
    """Why letters may go to an address again."""

    reason = forms.CharField(
        label=_("Why"),
        max_length=300,
        error_messages={"required": _("Say why it will work now.")},
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
    )
