"""Drafts as authors type them: lines of text and pairs of numbers where the rows keep lists and mappings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from roadmap.models import (
    Background,
    EvidenceTask,
    Resource,
    Roadmap,
    Stage,
    Topic,
)
from roadmap.models.evidence_task import HAND_IN_KINDS

BLOOM = ("remember", "understand", "apply", "analyse", "evaluate", "create")


class LinesField(forms.CharField):
    """A list of texts, typed one per line; empty lines mean nothing."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, "widget": forms.Textarea(attrs={"rows": 5}), **kwargs})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(map(str, value)) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        return [line.strip() for line in str(value or "").splitlines() if line.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(data) != (initial or []))
        except ValidationError:
            return True


class OutcomesField(LinesField):
    """Outcomes as `bloom: text`, one per line, to [{bloom, text}]."""

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        return "\n".join(f"{outcome['bloom']}: {outcome['text']}" for outcome in value)

    def to_python(self, value: Any) -> Any:
        return [_outcome(line) for line in super().to_python(value)]


def _outcome(line: str) -> dict[str, str]:
    bloom, colon, text = line.partition(":")
    if not colon or bloom.strip() not in BLOOM or not text.strip():
        said = _("“%(line)s”: begin with one of %(words)s, a colon, then what a learner can do.")
        raise ValidationError(said, params={"line": line, "words": ", ".join(BLOOM)})
    return {"bloom": bloom.strip(), "text": text.strip()}


class GroupsField(LinesField):
    """Titled groups of points, a point being a line that begins with a hyphen, to [{title, points}]."""

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        return "\n\n".join(
            "\n".join([group["title"], *(f"- {point}" for point in group["points"])]) for group in value
        )

    def to_python(self, value: Any) -> Any:
        groups: list[dict[str, Any]] = []
        for line in super().to_python(value):
            if not line.startswith("-"):
                groups.append({"title": line, "points": []})
            elif groups:
                groups[-1]["points"].append(line.lstrip("- "))
            else:
                raise ValidationError(_("Begin with the title of a group; its points follow it."))
        if empty := next((group["title"] for group in groups if not group["points"]), ""):
            said = _("“%(title)s” has no points. A point is a line that begins with a hyphen.")
            raise ValidationError(said, params={"title": empty})
        return groups


class HoursWidget(forms.MultiWidget):
    """Two numbers for each background of the road, low and high."""

    template_name = "roadmap/hours.html"
    use_fieldset = True

    def __init__(self, backgrounds: Sequence[Background] = ()) -> None:
        self.backgrounds = list(backgrounds)
        ends = {"low": _("hours at least"), "high": _("hours at most")}
        super().__init__(
            {
                f"{background.key}_{end}": forms.NumberInput(
                    attrs={"min": 0, "aria-label": format_lazy("{}, {}", background.title, words)}
                )
                for background in self.backgrounds
                for end, words in ends.items()
            }
        )

    def decompress(self, value: Any) -> list[Any]:
        spans = value if isinstance(value, dict) else {}
        return [number for b in self.backgrounds for number in spans.get(b.key, (None, None))]

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        drawn = context["widget"]["subwidgets"]
        context["rows"] = list(zip((b.title for b in self.backgrounds), drawn[::2], drawn[1::2], strict=True))
        return context


class HoursField(forms.Field):
    """Hours per background, to {key: [low, high]}; a background left empty is left out."""

    widget = HoursWidget

    def offer(self, backgrounds: Sequence[Background]) -> None:
        """Ask for the hours of these backgrounds."""
        self.backgrounds = list(backgrounds)
        self.widget = HoursWidget(self.backgrounds)  # type: ignore[assignment]  # a class until it is made

    def to_python(self, value: Any) -> dict[str, list[int]]:
        typed = [str(number or "").strip() for number in value or []]
        return {
            background.key: _span(background.title, low, high)
            for background, low, high in zip(self.backgrounds, typed[::2], typed[1::2], strict=True)
            if low or high
        }

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            kept = {key: list(span) for key, span in (initial or {}).items()}
            return bool(self.to_python(data) != kept)
        except ValidationError:
            return True


def _span(title: str, low: str, high: str) -> list[int]:
    if not (low.isdecimal() and high.isdecimal()) or int(low) > int(high):
        said = _("“%(title)s” needs a low and a high whole number of hours, low first.")
        raise ValidationError(said, params={"title": title})
    return [int(low), int(high)]


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
        exclude = ()  # noqa: DJ006  # the desk names the fields

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
        widgets = {"prerequisites": forms.CheckboxSelectMultiple}

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
