from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class PublishForm(forms.Form):
    """What learners read about a new edition."""

    changelog = forms.CharField(
        label=_("What learners read about it"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("In a few sentences: what is new, what moved, and that nothing done is lost."),
    )
