"""What people are given beyond everybody, for admins alone: who needs more time is no matter of authors."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts import clock
from accounts.admin.ended import EndedAdmin
from accounts.models import User
from quizzes.forms import AccommodationForm
from quizzes.models import Accommodation


@admin.register(Accommodation)
class AccommodationAdmin(EndedAdmin):
    """Given here and ended here, never changed or deleted: it stays known what somebody had, and from whom."""

    form = AccommodationForm
    list_display = ("person", "quiz", "gives", "given_by", "given_at", "ended_at")
    list_select_related = ("person", "quiz", "given_by")
    search_fields = ("person__name", "person__email", "quiz__title")
    search_help_text = _("Name or e-mail address, title of a quiz")
    autocomplete_fields = ("person", "quiz")
    fields = ("person", "quiz", ("time_factor", "extra_minutes", "extra_attempts"), "note")

    def get_fields(self, request: HttpRequest, obj: Accommodation | None = None) -> Any:
        return (*self.fields, ("given_by", "given_at"), ("ended_by", "ended_at")) if obj else self.fields

    @admin.display(description=_("what"))
    def gives(self, row: Accommodation) -> str:
        return row.words()

    def save_model(self, request: HttpRequest, obj: Accommodation, form: Any, change: bool) -> None:
        given = Accommodation.objects.give(obj, by=_admin(request), now=clock.database_now())
        if given.extended:
            which = ", ".join(f"{attempt.quiz} #{attempt.number}" for attempt in given.extended)
            words = gettext("More time at once for what is under way: %(which)s.") % {"which": which}
            self.message_user(request, words, messages.SUCCESS)

    def may_end(self, request: HttpRequest) -> bool:
        return _is_admin(request)

    def end_row(self, request: HttpRequest, row: Accommodation) -> None:
        """It holds no longer; attempts under way keep their time."""
        row.end(by=_admin(request), now=clock.database_now())

    def ended_words(self, count: int) -> str:
        words = ngettext("%(n)d ended.", "%(n)d ended.", count) % {"n": count}
        return f"{words} {gettext('Attempts under way keep the time they were given.')}"

    def has_view_permission(self, request: HttpRequest, obj: Accommodation | None = None) -> bool:
        return _is_admin(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return _is_admin(request)

    def has_change_permission(self, request: HttpRequest, obj: Accommodation | None = None) -> bool:
        """It is given and ended; what it gives does not change."""
        return obj is None and _is_admin(request)


def _is_admin(request: HttpRequest) -> bool:
    return isinstance(request.user, User) and request.user.is_admin()


def _admin(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101  # the desk lets nobody else in
    return request.user
