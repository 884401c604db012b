"""How the library is asked, read from an address. What can't be read is left out."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from roadmap.forms.search import LENGTH_WORDS
from roadmap.models.library import NEWEST, SHORTEST, TITLE
from roadmap.models.resource import Cost, ResourceType
from roadmap.models.roadmap import Level

_ANY = ("", _("Any"))


def _choice(label: Any, choices: list[tuple[Any, Any]]) -> forms.ChoiceField:
    return forms.ChoiceField(required=False, label=label, choices=[_ANY, *choices])


class LibraryForm(forms.Form):
    """An address of the library. Roads and languages are those that its reader finds something on."""

    road = forms.ChoiceField(required=False, label=_("Roadmap"))
    type = _choice(_("Type"), ResourceType.choices)
    cost = _choice(_("Cost"), Cost.choices)
    minutes = forms.TypedChoiceField(
        required=False,
        label=_("Time it takes"),
        choices=[_ANY, *LENGTH_WORDS.items()],
        coerce=int,
        empty_value=None,
    )
    level = _choice(_("Level"), Level.choices)
    language = forms.ChoiceField(required=False, label=_("Language"))
    order = forms.ChoiceField(
        required=False,
        label=_("Order"),
        choices=[(TITLE, _("Title")), (SHORTEST, _("Shortest first")), (NEWEST, _("Newest first"))],
    )
    after = forms.SlugField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, roads: list[tuple[str, str]], languages: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "library-%s", **kwargs})
        names = dict(settings.LANGUAGES)
        self.fields["road"].choices = [_ANY, *roads]  # type: ignore[attr-defined]  # a ChoiceField, typed as Field
        self.fields["language"].choices = [_ANY, *((code, names.get(code, code)) for code in languages)]  # type: ignore[attr-defined]  # the same

    def read(self) -> dict[str, Any]:
        """The values that can be read."""
        self.is_valid()
        return self.cleaned_data

    def filters(self) -> dict[str, tuple[str, ...]]:
        """What Library takes, as tuples of one or none."""
        said = self.read()
        wanted = {"types": "type", "costs": "cost", "levels": "level", "languages": "language"}
        return {name: (said[key],) if said.get(key) else () for name, key in wanted.items()}
