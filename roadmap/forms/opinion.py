"""What a reader says of a resource: that its link is wrong, or how good it is."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from roadmap.models.opinion import Reason


class ReportForm(forms.Form):
    """What is wrong with a link."""

    prefix = "report"
    reason = forms.ChoiceField(label=_("What is wrong?"), choices=Reason.choices, widget=forms.RadioSelect)
    note = forms.CharField(
        label=_("In your words"),
        max_length=300,
        required=False,
        help_text=_("What you saw, or a better address if you know one. Authors read it."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class RatingForm(forms.Form):
    """How much a resource helped."""

    prefix = "rating"
    stars = forms.TypedChoiceField(
        label=_("How much did it help you?"),
        coerce=int,
        choices=[
            (5, _("5 – very much")),
            (4, _("4 – much")),
            (3, _("3 – somewhat")),
            (2, _("2 – little")),
            (1, _("1 – not at all")),
        ],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label=_("In your words"),
        max_length=300,
        required=False,
        help_text=_("What it is good for, and what it lacks. Authors read it."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
