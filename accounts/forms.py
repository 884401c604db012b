"""Shapes of what people say about themselves."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from zoneinfo import available_timezones

from allauth.account.adapter import get_adapter
from allauth.account.forms import SignupForm
from django import forms
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from accounts import clock
from accounts.models import Invitation, User
from accounts.models.user import ADMIN, AUTHOR, LEARNER, MENTOR

LONGEST_PAUSE = timedelta(days=366)


class SignUpForm(SignupForm):  # type: ignore[misc]  # allauth is untyped
    """A new person: name, address, password; the time zone is filled in by the browser, UTC without it."""

    name = forms.CharField(
        label=_("Name"),
        max_length=120,
        help_text=_("As your mentor should read it."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    time_zone = forms.CharField(
        required=False, initial="UTC", widget=forms.HiddenInput(attrs={"data-zone": ""})
    )
    field_order = ("name", "email", "password1", "time_zone")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        adapter = get_adapter()
        if adapter.request and (invitation := adapter.invitation(adapter.request, clock.now())):
            self.fields["email"].initial = invitation.email

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        """As allauth has it; who signs up twice at once is answered as one who has an account already."""
        try:
            with transaction.atomic():
                saved: tuple[User | None, HttpResponse | None] = super().try_save(request)
        except IntegrityError:
            self.account_already_exists = True
            saved = super().try_save(request)
        return saved

    def clean_email(self) -> str:
        email: str = super().clean_email()
        get_adapter().refuse_uninvited(email)
        return email

    def clean_time_zone(self) -> str:
        """A zone this machine knows; browsers may be newer than it."""
        zone: str = self.cleaned_data["time_zone"]
        return zone if zone in available_timezones() else "UTC"


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]  # generic for mypy only
    """What a person may change about herself in one go."""

    class Meta:
        model = User
        fields = ("name", "time_zone", "language")
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "name"})}
        help_texts = {
            "name": _("Mentors and learners you work with read it."),
            "time_zone": _("Days, plans and letters follow it."),
            "language": _("Road texts stay in the language of their authors."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].required = True
        self.fields["time_zone"] = forms.ChoiceField(
            label=_("Time zone"),
            choices=zone_choices(self.instance.time_zone),
            help_text=self.fields["time_zone"].help_text,
        )

    def save(self, commit: bool = True) -> User:
        """Write these fields only, so that what an admin changes meanwhile stays."""
        person: User = self.instance
        person.save(update_fields=self.Meta.fields)
        return person


class PauseForm(forms.Form):
    """Days in which nothing is expected; `today` is the date on the person's calendar."""

    starts_on = forms.DateField(label=_("First day"), widget=forms.DateInput(attrs={"type": "date"}))
    ends_on = forms.DateField(
        label=_("Back on"),
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("The first day that counts again."),
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_starts_on(self) -> date:
        day: date = self.cleaned_data["starts_on"]
        if abs(day - self.today) > LONGEST_PAUSE:
            raise ValidationError(_("Choose a day within a year from today."))
        return day

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        starts_on, ends_on = cleaned.get("starts_on"), cleaned.get("ends_on")
        if starts_on and ends_on and ends_on - starts_on > LONGEST_PAUSE:
            self.add_error("ends_on", _("A pause lasts a year at most. You can declare another one then."))
        return cleaned


class ThemeForm(forms.Form):
    """Light, dark, or as the reader's device has it."""

    theme = forms.ChoiceField(choices=[("light", "light"), ("dark", "dark"), ("device", "device")])


class PersonForm(forms.ModelForm):  # type: ignore[type-arg]  # as above
    """A person as an admin sees her: who she is and which roles she has. No password: she makes her own."""

    roles = forms.MultipleChoiceField(
        label=_("Roles"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[
            (LEARNER, _("Learner: follows roads")),
            (MENTOR, _("Mentor: reviews what her learners hand in")),
            (AUTHOR, _("Author: writes roads at the desk")),
            (ADMIN, _("Admin: everything at the desk, people included")),
        ],
    )

    class Meta:
        model = User
        fields = ("email", "name", "time_zone", "language", "is_active")

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        self.fields["time_zone"] = forms.ChoiceField(
            label=_("Time zone"), choices=zone_choices(self.instance.time_zone), initial="UTC"
        )
        if self.instance.pk:
            self.fields["roles"].initial = sorted(self.instance.roles())
        else:
            self.fields["roles"].initial = [LEARNER]

    def clean_roles(self) -> list[str]:
        roles: list[str] = self.cleaned_data["roles"]
        if self.instance.pk == self.by.pk and ADMIN not in roles and self.by.is_admin():
            raise ValidationError(_("You can't take this role from yourself; another admin can."))
        return roles

    def clean_is_active(self) -> bool:
        is_active: bool = self.cleaned_data["is_active"]
        if self.instance.pk == self.by.pk and not is_active:
            raise ValidationError(_("You can't switch yourself off; another admin can."))
        return is_active


class InvitationForm(forms.ModelForm):  # type: ignore[type-arg]  # as above
    """An address that may sign up."""

    class Meta:
        model = Invitation
        fields = ("email",)

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        if User.objects.get_queryset().filter(email__iexact=email).exists():
            raise ValidationError(_("This person has an account already."))
        return email


def zone_choices(current: str) -> list[tuple[str, str | list[tuple[str, str]]]]:
    """Time zones for a select: UTC first, then one group a continent; `current` is always among them."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for zone in sorted(_pleasant_zones() | {current}):
        continent, _slash, city = zone.partition("/")
        if city:
            groups.setdefault(continent, []).append((zone, city.replace("_", " ")))
    plain = [("UTC", "UTC")] + ([(current, current)] if "/" not in current and current != "UTC" else [])
    return [
        *plain,
        *((str(_CONTINENTS.get(continent, continent)), zones) for continent, zones in groups.items()),
    ]


_CONTINENTS = {
    "Africa": _("Africa"),
    "America": _("America"),
    "Antarctica": _("Antarctica"),
    "Arctic": _("Arctic"),
    "Asia": _("Asia"),
    "Atlantic": _("Atlantic"),
    "Australia": _("Australia"),
    "Brazil": _("Brazil"),
    "Canada": _("Canada"),
    "Chile": _("Chile"),
    "Europe": _("Europe"),
    "Indian": _("Indian Ocean"),
    "Mexico": _("Mexico"),
    "Pacific": _("Pacific"),
}


def _pleasant_zones() -> set[str]:
    dull = ("Etc/", "posix/", "right/", "SystemV/", "US/")
    return {zone for zone in available_timezones() if "/" in zone and not zone.startswith(dull)}
