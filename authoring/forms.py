from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.words import said
from authoring.exchange import formats
from authoring.models import Placing
from authoring.models.question_import import MOST_POINTS
from quizzes.models import Quiz
from roadmap import addresses
from roadmap.models import LinkCheck, Roadmap, Topic


class PublishForm(forms.Form):
    """A new edition: what learners read about it, and whether those who passed are asked again.

    `against` is the number of the edition that the page compared with, so that nobody publishes what she did not see.
    """

    against = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    changelog = forms.CharField(
        label=_("What learners read about it"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("In a few sentences: what is new, what moved, and that nothing done is lost."),
    )
    choice = forms.ChoiceField(
        choices=[("keep", _("Keep what they have")), ("ask", _("Ask again"))], required=False
    )
    reason = forms.CharField(
        label=_("Why they are asked again"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("They read it on the stage’s page. Needed only when you ask again."),
    )

    def clean(self) -> None:
        super().clean()
        if self.cleaned_data.get("choice") == "ask" and not self.cleaned_data.get("reason"):
            self.add_error("reason", gettext("Say why: those who are asked again read it."))

    def show_against(self, number: int) -> None:
        """The page compares with this edition from now on, whatever it was opened with."""
        self.data = {**self.data.dict(), "against": str(number)}  # type: ignore[attr-defined]  # a QueryDict

    def asked_again_because(self) -> str:
        """The reason, or nothing when everybody keeps what she has."""
        return self.cleaned_data["reason"] if self.cleaned_data["choice"] == "ask" else ""


class RoadZipForm(forms.Form):
    """A road's folder, packed."""

    zip = forms.FileField(
        label=_("Zip of the road's folder"),
        max_length=200,
        widget=forms.ClearableFileInput(attrs={"accept": ".zip,application/zip"}),
        help_text=_("The folder that holds road.yaml, packed as a zip. Nothing is written yet."),
        error_messages={"required": _("Choose a zip."), "empty": _("The file is empty. Choose another one.")},
    )

    def clean_zip(self) -> UploadedFile[Any]:
        uploaded: UploadedFile[Any] = self.cleaned_data["zip"]
        if (uploaded.size or 0) > settings.ROAD_ZIP_MAX_BYTES:
            most = settings.ROAD_ZIP_MAX_BYTES // 1024 // 1024
            said = gettext("The file is larger than %(most)d MB. Pack texts only, one road.") % {"most": most}
            raise forms.ValidationError(said)
        return uploaded


class ConfirmImportForm(forms.Form):
    """What becomes of an uploaded road. `seen` is the fingerprint of the draft that the dry run looked at."""

    seen = forms.RegexField(r"^[0-9a-f]{64}$", widget=forms.HiddenInput)
    publish = forms.BooleanField(
        label=_("Publish it too"),
        required=False,
        help_text=_("Otherwise it goes into the draft, and learners see nothing before you publish."),
    )
    changelog = forms.CharField(
        label=_("What learners read about it"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Only when you publish it too."),
    )

    def show(self, seen: str) -> None:
        """Go on from the dry run with this fingerprint; what was typed stays."""
        self.initial["seen"] = seen
        if self.is_bound:
            self.data = {name: self.data.get(name) for name in self.data} | {"seen": seen}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("publish") and not cleaned.get("changelog") and "changelog" not in self.errors:
            self.add_error("changelog", gettext("Say in a sentence what is new."))
        return cleaned


class LinkForm(forms.ModelForm):  # type: ignore[type-arg]  # generic for mypy only
    """Another address for the resource of a link, written into its draft."""

    address = forms.URLField(
        label=_("Another address"),
        required=False,
        max_length=1000,
        assume_scheme="https",
        help_text=_("Learners get it with the next edition. Leave it empty to change nothing."),
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = LinkCheck
        fields = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["seen"] = self.instance.url

    def clean_address(self) -> str:
        address: str = self.cleaned_data["address"]
        if address:
            try:
                addresses.read(address, range(1, 65536))
            except addresses.RefusedError as refused:
                raise forms.ValidationError(said(refused.reason)) from refused
        return address

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("address") and cleaned.get("seen") != self.instance.resource.url:
            changed = _(
                "Somebody gave it another address meanwhile: %(url)s. Look at it before you replace it."
            )
            self.add_error(
                "address", forms.ValidationError(changed, params={"url": self.instance.resource.url})
            )
        return cleaned


class CopyForm(forms.ModelForm):  # type: ignore[type-arg]  # as above
    """Key and title of a road that is a copy of another."""

    class Meta:
        model = Roadmap
        fields = ("key", "title")


class HealthFilter(forms.Form):
    """What narrows the list of questions with their numbers. What can't be read is left out: nobody is refused."""

    road = forms.ModelChoiceField(
        Roadmap.objects.order_by("title", "pk").only("title"),
        label=_("Road"),
        required=False,
        empty_label=_("All roads"),
    )
    quiz = forms.ModelChoiceField(
        Quiz.objects.none(), label=_("Quiz"), required=False, empty_label=_("All quizzes")
    )
    topic = forms.ModelChoiceField(
        Topic.objects.none(), label=_("Topic"), required=False, empty_label=_("All topics")
    )
    alert = forms.ChoiceField(
        label=_("What is the matter"),
        required=False,
        choices=[
            ("", _("Anything")),
            ("wrong_key", _("A wrong answer draws the strong")),
            ("strong_fail", _("Strong learners miss it")),
            ("sure_but_wrong", _("Sure, but wrong")),
            ("hard", _("Nearly everybody fails")),
            ("easy", _("Nearly everybody passes")),
            ("shunned", _("An answer nobody picks")),
            ("slow", _("Takes long")),
        ],
    )
    order = forms.ChoiceField(
        label=_("Order"),
        required=False,
        choices=[
            ("look", _("Needs a look first")),
            ("hard", _("Hardest first")),
            ("apart", _("Tells apart least first")),
            ("slow", _("Longest first")),
            ("topic", _("By topic")),
        ],
    )

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data, auto_id="health-%s")
        for field in self.fields.values():
            field.widget.attrs["class"] = "input"
        by_place = Quiz.objects.unarchived().order_by("roadmap", "stage__position", "key")
        quizzes = by_place.only("title", "roadmap")
        number, road = _number(data.get("quiz", "")), _number(data.get("road", ""))
        if number and (quiz := quizzes.filter(pk=number).first()):
            road = quiz.roadmap_id
        if road:
            self._offer("quiz", quizzes.filter(roadmap=road))
            topics = Topic.objects.unarchived().filter(roadmap=road)
            self._offer("topic", topics.order_by("stage__position", "position", "pk").only("title"))

    def _offer(self, name: str, rows: Any) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = rows

    def read(self) -> dict[str, Any]:
        """The values that can be read, None or empty where nothing was said."""
        self.is_valid()
        told = {name: self.cleaned_data.get(name) or "" for name in self.fields}
        return told | {"order": told["order"] or "look"}

    def query(self) -> str:
        """The same as the beginning of an address's query, for the pages of the list."""
        told = self.read()
        values = {name: getattr(value, "pk", value) for name, value in told.items() if value}
        return f"{urlencode(values)}&" if values else ""


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 10 else None


class QuestionFileForm(forms.Form):
    """Questions in a format of another house, or in ours."""

    file = forms.FileField(
        label=_("File with questions"),
        max_length=200,
        help_text=_("Nothing is written yet: you see first what it holds."),
        error_messages={
            "required": _("Choose a file."),
            "empty": _("The file is empty. Choose another one."),
        },
    )
    format = forms.ChoiceField(label=_("Format"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(one.name, said(one.title)) for one in formats.READABLE]
        self.fields["format"].choices = [("", gettext("As the file itself says")), *known]  # type: ignore[attr-defined]  # a ChoiceField

    def clean_file(self) -> UploadedFile[Any]:
        uploaded: UploadedFile[Any] = self.cleaned_data["file"]
        if (uploaded.size or 0) > formats.LARGEST:
            words = gettext("The file is larger than %(most)d MB. Split it.")
            raise forms.ValidationError(words % {"most": formats.LARGEST // 1024 // 1024})
        return uploaded


class PlacingForm(forms.Form):
    """Where imported questions go; `placing` is it, once the form is valid."""

    quiz = forms.ModelChoiceField(
        Quiz.objects.none(),
        label=_("Onto the paper of"),
        required=False,
        empty_label=_("No quiz yet"),
        help_text=_("Behind what stands there."),
    )
    road = forms.ModelChoiceField(
        Roadmap.objects.none(),
        label=_("Road"),
        required=False,
        empty_label=_("That of quiz or topic"),
        help_text=_("A question whose category is a topic of it, by key or title, stands there."),
    )
    topic = forms.ModelChoiceField(
        Topic.objects.none(), label=_("Topic of all others"), required=False, empty_label=_("None")
    )
    points = forms.IntegerField(
        label=_("Points, where the file has none"),
        min_value=1,
        max_value=MOST_POINTS,
        initial=1,
        required=False,
    )
    difficulty = forms.IntegerField(
        label=_("Difficulty, where the file has none"), min_value=1, max_value=5, initial=3, required=False
    )
    tags = forms.CharField(
        label=_("Tags for all"), max_length=400, required=False, help_text=_("Parted by commas.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        living, by_road = {"roadmap__archived_at": None}, ("roadmap__title", "title")
        rows: dict[str, Any] = {
            "quiz": Quiz.objects.unarchived().filter(**living).select_related("roadmap").order_by(*by_road),
            "road": Roadmap.objects.filter(archived_at=None).order_by("title"),
            "topic": Topic.objects.unarchived().filter(**living).select_related("roadmap").order_by(*by_road),
        }
        for name, queryset in rows.items():
            field: Any = self.fields[name]
            field.queryset = queryset
            if name != "road":
                field.label_from_instance = _on_its_road

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        home = Placing(cleaned.get("road"), cleaned.get("topic"), cleaned.get("quiz")).home()
        for name in ("topic", "quiz"):
            row = cleaned.get(name)
            if row is not None and home is not None and row.roadmap_id != home.pk:
                self.add_error(
                    name, gettext("It is of another road. Choose one of “%(road)s”.") % {"road": home}
                )
        return cleaned

    def placing(self) -> Placing:
        """Only of a valid form."""
        said_of = self.cleaned_data
        tags = tuple(tag.strip() for tag in said_of["tags"].split(",") if tag.strip())
        return Placing(
            said_of["road"],
            said_of["topic"],
            said_of["quiz"],
            said_of["points"] or 1,
            said_of["difficulty"] or 3,
            tags,
        )


def _on_its_road(row: Quiz | Topic) -> str:
    return f"{row.roadmap}: {row.title}"
