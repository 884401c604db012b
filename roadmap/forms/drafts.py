"""Drafts as authors type them, one form a kind of row."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from roadmap.forms.fields import BLOOM, GroupsField, HoursField, LinesField, OutcomesField
from roadmap.forms.markdown import MarkdownWidget
from roadmap.models import (
    Background,
    EvidenceTask,
    Faq,
    Resource,
    Roadmap,
    Stage,
    Topic,
)
from roadmap.models.evidence_task import HAND_IN_KINDS


class DraftForm(forms.ModelForm):  # type: ignore[type-arg]  # generic for mypy only
    """A draft whose key is kept for good once an edition names it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        key = self.fields.get("key")
        if key and self.instance.pk and self.is_key_kept():
            key.disabled = True
            key.help_text = _("It stands in a published edition, so it stays as it is.")

    def is_key_kept(self) -> bool:
        published: bool = self.instance.is_published()
        return published


class FaqForm(forms.ModelForm):  # type: ignore[type-arg]  # as above
    class Meta:
        model = Faq
        exclude = ()  # noqa: DJ006  # the desk names the fields
        widgets = {"answer": MarkdownWidget}


class RoadmapForm(DraftForm):
    learn = GroupsField(
        label=_("What you'll learn"),
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text=_("The title of a group on a line, then each point on a line that begins with a hyphen."),
    )
    recommended = LinesField(
        label=_("Recommended resources"), help_text=_("Keys of resources in the library, one per line.")
    )

    class Meta:
        model = Roadmap
        exclude = ()  # noqa: DJ006  # as above
        widgets = {"choose_when": MarkdownWidget(attrs={"rows": 4})}

    def clean_is_public(self) -> bool:
        is_public: bool = self.cleaned_data["is_public"]
        if is_public and self.instance.notice:
            raise ValidationError(
                _("This road stays private: %(notice)s"), params={"notice": self.instance.notice}
            )
        return is_public

    def clean_recommended(self) -> list[str]:
        keys: list[str] = self.cleaned_data["recommended"]
        known = set(Resource.objects.filter(key__in=keys).values_list("key", flat=True))
        if unknown := [key for key in keys if key not in known]:
            said = _("The library has no resource with the key %(keys)s.")
            raise ValidationError(said, params={"keys": ", ".join(unknown)})
        return keys


class StageForm(DraftForm):
    step_tags = LinesField(label=_("Tags"), help_text=_("One per line."))

    class Meta:
        model = Stage
        exclude = ()  # noqa: DJ006  # as above
        widgets = {"why": MarkdownWidget}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and "roadmap" in self.fields:
            self.fields["roadmap"].disabled = True


class _InStageForm(DraftForm):
    """A draft within a stage, on the road of that stage; `hours` asks for the backgrounds of that road."""

    hours = HoursField(label=_("Hours"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.road = self._road()
        backgrounds = list(self.road.backgrounds.all()) if self.road else []
        if isinstance(hours := self.fields.get("hours"), HoursField):
            hours.offer(backgrounds)
            hours.help_text = _said_of_hours(self.road, backgrounds)
        if self.road and "stage" in self.fields:
            self._offer("stage", Stage.objects.filter(roadmap=self.road))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if stage := cleaned.get("stage"):
            self.instance.roadmap = stage.roadmap
            self._refuse_taken_key(cleaned.get("key"))
        return cleaned

    def _road(self) -> Roadmap | None:
        """The road of the draft, or for a new one that of the stage it is begun from."""
        if self.instance.pk:
            return Roadmap.objects.defer("learn").get(pk=self.instance.roadmap_id)
        chosen = self.data.get("stage") if self.is_bound else self.initial.get("stage")
        stage = Stage.objects.filter(pk=_id(chosen)).select_related("roadmap").first()
        return stage.roadmap if stage else None

    def _offer(self, name: str, rows: Any) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = rows

    def _refuse_taken_key(self, key: str | None) -> None:
        model = type(self.instance)
        others = model.objects.filter(roadmap=self.instance.roadmap, key=key).exclude(pk=self.instance.pk)
        if key and others.exists():
            self.add_error("key", _("Something else on this road has this key."))


def _id(chosen: object) -> int:
    """The id that was chosen, 0 when it is none."""
    text = str(chosen or "")
    return int(text) if text.isdecimal() else 0


def _said_of_hours(road: Roadmap | None, backgrounds: list[Background]) -> str:
    if road is None:
        return gettext("Asked for once the stage is saved: each background of its road has its own hours.")
    if not backgrounds:
        return gettext("The road has no backgrounds yet; add them on its page.")
    return gettext("Whole hours, low and high, for each background of the road. Empty: nothing to do for it.")


class TopicForm(_InStageForm):
    outcomes = OutcomesField(
        label=_("Outcomes"),
        help_text=format_lazy(
            _("One per line, as “apply: fit a line to points”. First word: {words}."), words=", ".join(BLOOM)
        ),
    )

    class Meta:
        model = Topic
        exclude = ("roadmap",)  # noqa: DJ006  # that of the stage
        widgets = {"prerequisites": forms.CheckboxSelectMultiple, "body": MarkdownWidget(attrs={"rows": 16})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "prerequisites" in self.fields:
            others = Topic.objects.unarchived().filter(roadmap=self.road).exclude(pk=self.instance.pk)
            self._offer("prerequisites", others.order_by("stage__position", "position", "id"))


class EvidenceTaskForm(_InStageForm):
    accepts = forms.MultipleChoiceField(
        label=_("Handed in as"),
        choices=[("link", _("Link")), ("text", _("Text")), ("file", _("File"))],
        widget=forms.CheckboxSelectMultiple,
        initial=list(HAND_IN_KINDS),
    )

    class Meta:
        model = EvidenceTask
        exclude = ("roadmap",)  # noqa: DJ006  # that of the stage
        widgets = {"brief": MarkdownWidget}


class ResourceForm(DraftForm):
    url = forms.URLField(label=_("Address"), max_length=1000, assume_scheme="https")

    class Meta:
        model = Resource
        exclude = ()  # noqa: DJ006  # as above

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        low, high = cleaned.get("minutes_low"), cleaned.get("minutes_high")
        if (low is None) != (high is None) or (low is not None and high is not None and low > high):
            self.add_error("minutes_high", _("Give both numbers, low first; or none when it is unknown."))
        return cleaned


class BackgroundForm(DraftForm):
    class Meta:
        model = Background
        exclude = ()  # noqa: DJ006  # as above

    def is_key_kept(self) -> bool:
        background: Background = self.instance
        return background.roadmap.is_published()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        low, high = cleaned.get("months_low"), cleaned.get("months_high")
        if low is not None and high is not None and low > high:
            self.add_error("months_high", _("The high number comes second."))
        return cleaned
