"""What comes for one person, what the next round would do, and the ledger of a day as a file."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext

from accounts import clock
from accounts.admin.opened import OpenedAdmin
from accounts.models import User
from reminders.emails.days import ahead
from reminders.emails.rehearsal import Rehearsal, rehearse
from reminders.kinds import KINDS
from reminders.models import Letter

AT_ONCE = 2000
HEAD = (
    "due",
    "person",
    "kind",
    "outcome",
    "reason",
    "key",
    "planned",
    "sent",
    "tries",
    "came back",
    "message id",
)


class DayPages(OpenedAdmin):
    """Pages beside the ledger that show days; none of them writes anything."""

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("next/<int:person_id>/", view(self.next_of), name="reminders_next_of"),
            path("rehearsal/", view(self.rehearsal), name="reminders_rehearsal"),
            path("download/", view(self.download), name="reminders_download"),
            *super().get_urls(),
        ]

    def next_of(self, request: HttpRequest, person_id: int) -> HttpResponse:
        """The next 14 days of one person, as she sees them herself."""
        self._refuse_strangers(request)
        person = get_object_or_404(User.objects.get_queryset(), pk=person_id)
        title = gettext("Next 14 days: %(name)s") % {"name": person}
        context = {"title": title, "person": person, "ahead": ahead(person, clock.now())}
        return self.framed(request, "reminders/desk/next.html", _crumbs(), context)

    def rehearsal(self, request: HttpRequest) -> HttpResponse:
        """What the next round would do; asked for by a POST, since it takes a while."""
        self._refuse_strangers(request)
        found = rehearse(clock.database_now()) if request.method == "POST" else None
        context = {"title": gettext("What the next round would do"), "found": found, **_told(found)}
        return self.framed(request, "reminders/desk/rehearsal.html", _crumbs(), context)

    def download(self, request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
        """The letters due on a day (`?day=`, today without it; UTC) as CSV, row by row."""
        self._refuse_strangers(request)
        day = _day(request.GET.get("day", "")) or clock.now().date()
        begins = datetime.combine(day, time(0), UTC)
        rows = Letter.objects.filter(due_at__gte=begins, due_at__lt=begins + timedelta(days=1))
        answer = StreamingHttpResponse(_lines(rows), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="letters-{day.isoformat()}.csv"'
        return answer

    def _refuse_strangers(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied


class _Line:
    """A file that hands on what is written to it."""

    def write(self, text: str) -> str:
        return text


def _lines(rows: QuerySet[Letter]) -> Iterator[str]:
    writer = csv.writer(_Line())
    yield writer.writerow(HEAD)
    wanted = rows.select_related("recipient").defer("said", "facts").order_by("due_at", "id")
    for letter in wanted.iterator(AT_ONCE):
        yield writer.writerow([_cell(value) for value in _values(letter)])


def _values(letter: Letter) -> Iterator[str]:
    yield letter.due_at.isoformat()
    yield letter.recipient.email
    yield from (letter.kind, letter.state, letter.why, letter.occurrence)
    yield letter.planned_at.isoformat()
    yield letter.sent_at.isoformat() if letter.sent_at else ""
    yield str(letter.tries)
    yield letter.bounced_at.isoformat() if letter.bounced_at else ""
    yield letter.message_id(settings.SITE_HOST)


def _cell(text: str) -> str:
    """As text to programs that would take it for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _day(asked: str) -> date | None:
    try:
        return parse_date(asked)
    except ValueError:
        return None


def _crumbs() -> list[tuple[str, str]]:
    return [(gettext("Letters"), reverse("admin:reminders_letter_changelist"))]


def _told(found: Rehearsal | None) -> dict[str, Any]:
    if found is None:
        return {}
    names = {key: str(kind.name) for key, kind in KINDS.items()}
    said = {
        "sent": gettext("would be sent"),
        "held_back": gettext("would be held back"),
        "put_off": gettext("would wait"),
    }
    return {
        "planned": [(names[key], count) for key, count in found.planned.items() if count],
        "unplanned": [names[key] for key in found.unplanned],
        "samples": [
            (names.get(one.letter.kind, one.letter.kind), said[one.outcome], one) for one in found.samples
        ],
        "counts": [(said[outcome], found.count(outcome)) for outcome in said],
    }
