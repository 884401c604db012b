"""Shapes of what learners hand over; pages and API use the same forms."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import PurePath
from typing import Any

import filetype
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import MaxLengthValidator, URLValidator
from django.http import QueryDict
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from progress.models import Cohort, Enrollment
from quizzes.memory import Rating
from quizzes.models import CardSettings
from quizzes.models.appeal import LONGEST as LONGEST_APPEAL
from quizzes.saves import LONGEST, LONGEST_TEXT
from roadmap.document import RoadDocument, TaskEntry

MOST_FIELDS = 5000
MOST_TICKS = 50
LONGEST_PART = 40
MOST_PARTS = 50
TEXT_ENDINGS = frozenset({".ipynb", ".md", ".txt", ".csv", ".py"})
BINARY_ENDINGS = frozenset({".pdf", ".zip", ".png", ".jpg", ".jpeg"})


class PlanForm(forms.Form):
    """Hours a week and a first day; `today` is the date on the person's calendar."""

    hours_per_week = forms.DecimalField(
        label=_("Hours a week"),
        min_value=Decimal(1),
        max_value=Decimal(80),
        max_digits=4,
        decimal_places=1,
        help_text=_("Only time you expect to have in an ordinary week."),
        widget=forms.NumberInput(attrs={"step": "0.5", "inputmode": "decimal"}),
    )
    starts_on = forms.DateField(label=_("Start on"), widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_starts_on(self) -> date:
        day: date = self.cleaned_data["starts_on"]
        if abs(day - self.today) > timedelta(days=366):
            raise ValidationError(_("Choose a day within a year from today."))
        return day


class EnrollForm(PlanForm):
    """Where somebody starts from, and a first plan."""

    background = forms.ChoiceField(label=_("Where you start"), widget=forms.RadioSelect)
    field_order = ("background", "hours_per_week", "starts_on")

    def __init__(self, *args: Any, document: RoadDocument, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(background.key, background.title) for background in document.backgrounds]
        self.fields["background"].choices = choices  # type: ignore[attr-defined]  # a ChoiceField, typed as Field


class EnrollmentForm(forms.ModelForm):  # type: ignore[type-arg]  # generic for mypy only
    """The cohort of one enrollment, which is on the same road."""

    class Meta:
        model = Enrollment
        fields = ("cohort",)

    def clean_cohort(self) -> Cohort | None:
        cohort: Cohort | None = self.cleaned_data["cohort"]
        if cohort and cohort.roadmap_id != self.instance.roadmap_id:
            raise ValidationError(
                _("“%(cohort)s” is on another road, “%(road)s”. Choose a cohort of this road."),
                params={"cohort": cohort, "road": cohort.roadmap},
            )
        return cohort


class IntoCohortForm(forms.Form):
    """One cohort, or none, for many enrollments on these roads."""

    cohort = forms.ModelChoiceField(
        label=_("Cohort"), queryset=Cohort.objects.none(), required=False, empty_label=_("No cohort")
    )

    def __init__(self, *args: Any, roads: Iterable[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["cohort"]
        field.queryset = Cohort.objects.filter(roadmap__in=roads).select_related("roadmap")
        field.label_from_instance = lambda cohort: f"{cohort}, {cohort.roadmap}"


class HandInForm(forms.Form):
    """One version of an answer to an evidence task, of one of the kinds the task accepts."""

    kind = forms.ChoiceField(label=_("Hand in as"), widget=forms.RadioSelect)
    link = forms.URLField(
        label=_("Link"),
        required=False,
        max_length=1000,
        assume_scheme="https",
        validators=[URLValidator(schemes=["http", "https"])],
        help_text=_("Your mentor must be able to open it without an account of yours."),
    )
    text = forms.CharField(
        label=_("Text"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 12}),
        validators=[MaxLengthValidator(200_000)],
        help_text=_("Markdown is shown formatted."),
    )
    file = forms.FileField(label=_("File"), required=False, max_length=200)
    note = forms.CharField(
        label=_("Note to your mentor"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        validators=[MaxLengthValidator(10_000)],
    )

    def __init__(self, *args: Any, task: TaskEntry, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = {"link": _("A link"), "text": _("Text"), "file": _("A file")}
        self.fields["kind"].choices = [(kind, words[kind]) for kind in task.accepts]  # type: ignore[attr-defined]  # a ChoiceField, typed as Field
        self.fields["kind"].initial = task.accepts[0]
        for kind in set(words) - set(task.accepts):
            del self.fields[kind]

    def clean_file(self) -> UploadedFile[bytes] | None:
        file: UploadedFile[bytes] | None = self.cleaned_data["file"]
        if file is not None:
            refuse_wrong_file(file)
        return file

    def clean(self) -> dict[str, Any]:
        """Keep what the chosen kind says and nothing else, faults included; it must be there."""
        cleaned = super().clean() or self.cleaned_data
        kind = cleaned.get("kind")
        if kind and not cleaned.get(kind) and kind not in self.errors:
            self.add_error(kind, _("This is missing: you chose to hand in this."))
        for other in {"link", "text", "file"} - {kind}:
            cleaned[other] = None if other == "file" else ""
            if kind:
                self.errors.pop(other, None)
        return cleaned


def refuse_wrong_file(file: UploadedFile[bytes]) -> None:
    """Raise ValidationError unless the file is small enough, of a listed type, and what its name says."""
    ending = PurePath(file.name or "").suffix.lower()
    if file.size is not None and file.size > settings.EVIDENCE_MAX_BYTES:
        raise ValidationError(
            _("This file has %(size)s; at most %(limit)s can be taken. Hand in a link instead."),
            params={"size": filesizeformat(file.size), "limit": filesizeformat(settings.EVIDENCE_MAX_BYTES)},
        )
    if ending not in TEXT_ENDINGS | BINARY_ENDINGS:
        raise ValidationError(
            _("Files that end in “%(ending)s” can't be taken. These can: %(list)s."),
            params={"ending": ending or "…", "list": ", ".join(sorted(TEXT_ENDINGS | BINARY_ENDINGS))},
        )
    if not _is_what_it_says(file, ending):
        raise ValidationError(
            _("This file's contents are not what its name says (%(ending)s)."), params={"ending": ending}
        )


def _is_what_it_says(file: UploadedFile[bytes], ending: str) -> bool:
    head = file.read(8192)
    file.seek(0)
    found = filetype.guess(head)
    if ending in TEXT_ENDINGS:
        return found is None and b"\x00" not in head
    return found is not None and f".{found.extension}" == ending.replace(".jpeg", ".jpg")


class CardSettingsForm(forms.ModelForm):  # type: ignore[type-arg]  # generic for mypy only
    """How many review cards a day, how long at a time, how much to remember."""

    class Meta:
        model = CardSettings
        fields = ("cards_a_day", "new_a_day", "minutes", "retention_percent", "uses_keys")


class CardAnswerForm(forms.Form):
    """What a learner says of her memory of one card, for the turn of the card that she was shown."""

    rating = forms.TypedChoiceField(
        label=_("How was it?"),
        choices=[
            ("not_yet", _("Not yet")),
            ("hard", _("Hard")),
            ("good", _("Good")),
            ("easy", _("Easy")),
        ],
        coerce=lambda name: Rating[str(name).upper()],
    )
    turn = forms.IntegerField(label=_("Turn of the card"), min_value=0, max_value=2**31 - 1)
    seconds = forms.IntegerField(label=_("Seconds it took"), required=False, min_value=0, max_value=86_400)


class AppealForm(forms.Form):
    """Which answer of an attempt was marked wrongly, and why; `slots` are those there are, with their titles."""

    slot = forms.TypedChoiceField(label=_("Which question"), coerce=int)
    text = forms.CharField(
        label=_("Why is your answer right?"),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=LONGEST_APPEAL,
        help_text=_("A mentor reads it beside your answer. It can’t be changed once it is sent."),
    )

    def __init__(self, *args: Any, slots: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["slot"].choices = slots  # type: ignore[attr-defined]  # a ChoiceField, typed as Field


# Answers as a form without script sends them: fields q1, q2[] (checkboxes), q3.part (questions of several fields).


def values_of(form: QueryDict, fields: Iterable[str]) -> dict[str, object]:
    """By field what was answered, as the player's script would have sent it; None where nothing was said."""
    parts: dict[str, dict[str, str]] = {}
    for name in list(form)[:MOST_FIELDS]:
        field, dot, part = name.partition(".")
        said = parts.setdefault(field, {}) if dot and len(part) <= LONGEST_PART else None
        if said is not None and len(said) < MOST_PARTS:
            said[part] = _cleaned(form.get(name, ""))
    return {field: _value(form, field, parts.get(field)) for field in fields}


def _value(form: QueryDict, field: str, parts: dict[str, str] | None) -> object:
    said = form.get(field)
    ticked = [_cleaned(text) for text in form.getlist(f"{field}[]")[:MOST_TICKS]]
    return ticked or parts or (None if said is None else _cleaned(said, LONGEST_TEXT))


def _cleaned(text: str, longest: int = LONGEST) -> str:
    """Lines end as in the player's script; a form sends them longer than the field counted them."""
    return text.replace("\x00", "").replace("\r\n", "\n")[:longest]
