"""The doors to the letters a person got, as they were sent. Opening one changes nothing: the page says it was read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from accounts import clock
from accounts.models import User
from accounts.request import SignedInRequest
from reminders.forms import ReadForm
from reminders.kinds import KINDS
from reminders.models import Letter
from reminders.models.letter import LetterQuerySet

ON_A_PAGE = 20
ALL, PEOPLE, UNREAD = "all", "people", "unread"
SHOWN = ((ALL, _("All")), (PEOPLE, _("People")), (UNREAD, _("Unread")))


@dataclass(frozen=True, slots=True)
class Line:
    """One letter in the list."""

    letter: Letter
    title: str
    beginning: str
    initials: str
    when: str
    query: str


@login_required
@require_safe
def inbox(request: SignedInRequest) -> HttpResponse:
    """All letters, the newest first."""
    return render(request, "reminders/inbox.html", _inbox(request, None))


@login_required
@require_safe
def letter(request: SignedInRequest, letter_id: UUID) -> HttpResponse:
    """One letter beside the list. That it was read is said by the page, with a POST."""
    found = get_object_or_404(Letter.objects.in_inbox(request.user), pk=letter_id)
    return render(request, "reminders/inbox.html", _inbox(request, found))


@login_required
@require_POST
def reading(request: SignedInRequest, letter_id: UUID) -> HttpResponse:
    """Say of a letter that it was read, or was not; a page that asks by script gets its list anew."""
    found = get_object_or_404(Letter.objects.in_inbox(request.user), pk=letter_id)
    form = ReadForm(request.POST)
    if not form.is_valid():
        return render(request, "reminders/inbox.html", _inbox(request, found), status=422)
    if form.cleaned_data["read"]:
        found.mark_read(clock.now())
    else:
        found.mark_unread()
    if request.headers.get("HX-Request"):
        found.refresh_from_db()
        return render(request, "reminders/inbox_letters.html", _inbox(request, found))
    door, names = ("letter", [letter_id]) if form.cleaned_data["read"] else ("inbox", [])
    return redirect(reverse(f"reminders:{door}", args=names, query=_query(request.GET)))


def _inbox(request: SignedInRequest, opened: Letter | None) -> dict[str, Any]:
    person, now = request.user, clock.now()
    mine, shown = Letter.objects.in_inbox(person), _shown(request.GET)
    page = Paginator(_narrowed(mine, shown), ON_A_PAGE).get_page(request.GET.get("page"))
    query = urlencode(_query(request.GET))
    return {
        "unread": mine.unread().count(),
        "page": page,
        "query": "" if shown == ALL else f"show={shown}&",
        "here": query,
        "lines": [_line(row, person, now, query) for row in page],
        "shown": shown,
        "choices": [(value, name, "" if value == ALL else f"?show={value}") for value, name in SHOWN],
        **(_opened(opened, person) if opened else {}),
    }


def _shown(asked: QueryDict) -> str:
    wanted = asked.get("show", ALL)
    return wanted if wanted in dict(SHOWN) else ALL


def _query(asked: QueryDict) -> dict[str, str]:
    """What of the address says which part of the list is shown."""
    shown, page = _shown(asked), str(asked.get("page", ""))
    return {**({"show": shown} if shown != ALL else {}), **({"page": page} if page.isdecimal() else {})}


def _narrowed(mine: LetterQuerySet, shown: str) -> LetterQuerySet:
    match shown:
        case "people":
            return mine.from_people()
        case "unread":
            return mine.unread()
        case _:
            return mine


def _line(row: Letter, person: User, now: datetime, query: str) -> Line:
    by = row.said.get("quoted", "")
    return Line(
        row,
        title=_title(row),
        beginning=row.said.get("quote") or row.said.get("preheader", ""),
        initials=_initials(by),
        when=_when(row, person, now),
        query=query,
    )


def _initials(name: str) -> str:
    return "".join(word[0] for word in name.split()[:2]).upper()


def _title(row: Letter) -> str:
    """Its subject; letters of before they were kept have the name of their kind."""
    kind = KINDS.get(row.kind)
    return row.said.get("subject") or (str(kind.name) if kind else gettext("A letter"))


def _when(row: Letter, person: User, now: datetime) -> str:
    """The time of today's letters, the weekday of this week's, else the day."""
    at = (row.shown_at or row.due_at).astimezone(person.zone)
    today = person.today(now)
    if at.date() == today:
        return date_format(at, "H:i")
    if today - at.date() < timedelta(days=7):
        return date_format(at, "D")
    return date_format(at, "j M" if at.year == today.year else "j M Y")


def _opened(row: Letter, person: User) -> dict[str, Any]:
    kind = KINDS.get(row.kind)
    return {
        "letter": row,
        "said": row.said,
        "title": _title(row),
        "by": row.said.get("quoted", ""),
        "by_initials": _initials(row.said.get("quoted", "")),
        "kind_name": kind.name if kind else "",
        "at": _full(row.shown_at, person),
        "came_back_at": _full(row.bounced_at, person),
    }


def _full(moment: datetime | None, person: User) -> str:
    return date_format(moment.astimezone(person.zone), "l j F, H:i") if moment else ""
