from __future__ import annotations

import logging
from typing import Any

from allauth.account.decorators import secure_admin_login
from allauth.mfa import admin as mfa_admin  # noqa: F401  # registers what is taken off below
from allauth.mfa.models import Authenticator
from allauth.usersessions import admin as sessions_admin  # noqa: F401  # the same
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth.admin import GroupAdmin  # noqa: F401  # registers Group, which is taken off below
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts import clock, words
from accounts.admin.opened import OpenedAdmin
from accounts.forms import InvitationForm, PersonForm
from accounts.models import Invitation, User

log = logging.getLogger(__name__)

# One door for everybody: allauth's, with its limits and second factor.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]  # as allauth's manual has it

# Roles are given on the person's own page; groups that are no role mean nothing here.
admin.site.unregister(Group)

# Keys of second factors and of running sessions are read by nobody: with them an admin could sign in as anybody.
admin.site.unregister([Authenticator, UserSession])


class RoleFilter(admin.SimpleListFilter):
    title = _("role")
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return words.ROLES.items()

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        return queryset.filter(groups__name=self.value()) if self.value() else queryset


@admin.register(User)
class PersonAdmin(OpenedAdmin):
    """People: find them, give them roles, switch them off. They are erased, never merely deleted."""

    form = PersonForm
    list_display = ("email", "name", "shown_roles", "is_active", "last_login", "date_joined")
    list_filter = (RoleFilter, "is_active")
    search_fields = ("email", "name")
    search_help_text = _("Name or e-mail address")
    ordering = ("email",)
    list_per_page = 50
    actions = ("erase",)
    readonly_fields = ("date_joined", "last_login")
    fields = ("email", "name", "roles", "is_active", "time_zone", "language", "date_joined", "last_login")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    @admin.display(description=_("roles"))
    def shown_roles(self, person: User) -> str:
        names = sorted(group.name for group in person.groups.all())
        return ", ".join(str(words.ROLES.get(name, name)) for name in names)

    def get_form(
        self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """The form knows who asks, so that nobody shuts herself out."""
        return _asked_by(super().get_form(request, obj, change, **kwargs), request.user)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """An address is changed by its owner, who confirms the new one."""
        return (*self.readonly_fields, "email") if obj else self.readonly_fields

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        if change:
            obj.save(update_fields=["name", "time_zone", "language", "is_active"])
        else:
            obj.date_joined = clock.now()
            obj.set_unusable_password()
            obj.save()
        obj.take_roles(form.cleaned_data["roles"])

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False

    @admin.action(description=_("Erase for good …"), permissions=["change"])
    def erase(self, request: HttpRequest, chosen: QuerySet[User]) -> HttpResponse | None:
        """Ask once more, saying what goes and what stays; then erase."""
        people = [person for person in chosen if person != request.user]
        if "confirmed" not in request.POST:
            return self._ask_to_erase(request, people)
        for person in people:
            log.warning("person erased", extra={"person": person.pk, "by": request.user.pk})
            person.erase()
        self.message_user(request, _erased_sentence(len(people)), messages.SUCCESS)
        return None

    def _ask_to_erase(self, request: HttpRequest, people: list[User]) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Erase for good?"),
            "people": people,
            "opts": self.opts,
            "checkbox": ACTION_CHECKBOX_NAME,
        }
        return render(request, "accounts/erase.html", context)


@admin.register(Invitation)
class InvitationAdmin(OpenedAdmin):
    """Invitations: made here, their link shown once, withdrawn by deleting them."""

    form = InvitationForm
    list_display = ("email", "invited_by", "invited_at", "expires_at", "used_at")
    search_fields = ("email",)
    list_per_page = 50

    def has_change_permission(self, request: HttpRequest, obj: Invitation | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Invitation, form: Any, change: bool) -> None:
        """Write the invitation and say its link, which nobody can read again."""
        by = request.user if isinstance(request.user, User) else None
        made, token = Invitation.objects.invite(form.cleaned_data["email"], by=by, now=clock.now())
        obj.pk = made.pk
        link = f"{settings.SITE_URL}{reverse('accounts:invitation')}?token={token}"
        said = gettext("Give this link to {email}; it is shown only now and works for 14 days: {link}")
        self.message_user(request, format_html(said, email=made.email, link=link), messages.WARNING)

    def response_add(
        self, request: HttpRequest, obj: Invitation, post_url_continue: Any = None
    ) -> HttpResponse:
        return redirect("admin:accounts_invitation_changelist")


def _asked_by(form: type[ModelForm[User]], by: Any) -> Any:
    class Asked(form):  # type: ignore[misc,valid-type]  # made by modelform_factory
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, by=by, **kwargs)

    return Asked


def _erased_sentence(count: int) -> str:
    return ngettext("%(count)d person was erased.", "%(count)d people were erased.", count) % {"count": count}
