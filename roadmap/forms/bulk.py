"""What many drafts are given at once."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from roadmap.models import Stage
from roadmap.models.resource import Cost, ResourceType
from roadmap.models.roadmap import Level

_AS_IT_IS = [("", _("As it is"))]
_KINDS = {"type": (_("Type"), ResourceType), "cost": (_("Cost"), Cost), "level": (_("Level"), Level)}


class ReclassifyForm(forms.Form):
    """Type, cost and level for many resources; what is left as it is, each keeps."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in _KINDS:
            self.fields[name] = forms.ChoiceField(
                label=_KINDS[name][0], choices=[*_AS_IT_IS, *_KINDS[name][1].choices], required=False
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and not any(cleaned.values()):
            raise ValidationError(_("Choose a type, a cost or a level."))
        return cleaned


class MoveForm(forms.Form):
    """The stage that topics are moved to."""

    stage = forms.ModelChoiceField(label=_("Stage"), queryset=Stage.objects.none())

    def __init__(self, *args: Any, road: int | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stages = Stage.objects.unarchived().filter(roadmap=road).order_by("position", "id")
        self.fields["stage"] = forms.ModelChoiceField(label=_("Stage"), queryset=stages)
