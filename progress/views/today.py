from __future__ import annotations

from datetime import date, timedelta

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_safe

from accounts import clock
from progress import words
from progress.models.enrollment import Position
from progress.views import card_pages
from progress.views.doors import SignedInRequest
from quizzes.models import Attempt, Card
from roadmap.drawings.days import Days

AHEAD = 4  # resources listed below the sign
WEEKS_SHOWN = 20
MARKED_SHOWN = 5


@login_required
@require_safe
def today(request: SignedInRequest) -> HttpResponse:
    """One Continue, this week, and where I stand; for several roads the one enrolled last, the others listed."""
    now = clock.now()
    enrollments = list(request.user.enrollments.current().select_related("roadmap")[:12])
    if not enrollments:
        return render(request, "progress/today_empty.html")
    chosen = next((e for e in enrollments if e.roadmap.key == request.GET.get("road")), enrollments[0])
    position = chosen.position(now)
    on = request.user.today(now)
    context = {
        "position": position,
        "sign": words.next_sign(position),
        "rail": words.rail(position),
        "heading": _heading(position, on),
        "week": _week(position, on),
        "ahead": _ahead(position),
        "days": _days(position, on),
        "plan_line": _plan_line(position, on),
        "feedback": _feedback(position),
        "marked": _marked(position),
        "pause": next((p for p in position.known.pauses if p.starts_on <= on < p.ends_on), None),
        "others": [e.roadmap for e in enrollments if e != chosen],
        **card_pages.panel(Card.objects.deck(request.user, now)),
    }
    return render(request, "progress/today.html", context)


def _heading(position: Position, on: date) -> str:
    day, week = date_format(on, "l j F"), position.week(on, position.enrollment.person)
    names = {"day": day, "week": week, "road": position.document.title}
    return gettext("%(day)s, week %(week)d of your %(road)s road") % names if week else day


def _week(position: Position, on: date) -> list[dict[str, object]]:
    """The seven days of this week: which were study days, which is today, which are paused."""
    monday = on - timedelta(days=on.weekday())
    days = [monday + timedelta(days=offset) for offset in range(7)]
    return [
        {
            "name": date_format(day, "D"),
            "full": date_format(day, "l j F"),
            "is_today": day == on,
            "is_done": day in position.known.active_days,
            "is_paused": any(p.starts_on <= day < p.ends_on for p in position.known.pauses),
        }
        for day in days
    ]


def _ahead(position: Position) -> list[dict[str, object]]:
    """The core resources that come after the one on the sign."""
    stage, ticked = position.next_step.stage, position.standing.facts.ticked
    if stage is None or position.next_step.kind != "resource":
        return []
    left: dict[str, str] = {}
    for topic in stage.topics:
        for placed in topic.resources:
            if placed.role == "core" and placed.resource not in ticked:
                left.setdefault(placed.resource, topic.title)
    return [
        {
            "resource": position.document.resources[key],
            "topic": topic,
            "href": f"{words.stage_url(position.document.key, stage.key)}#resource-{key}",
        }
        for key, topic in list(left.items())[1 : AHEAD + 1]
    ]


def _days(position: Position, on: date) -> Days | None:
    """The study days of the last weeks; None before there are any."""
    monday = on - timedelta(days=on.weekday())
    first = monday - timedelta(weeks=WEEKS_SHOWN - 1)
    active = frozenset(day for day in position.known.active_days if first <= day <= on)
    if not active:
        return None
    sentence = ngettext(
        "%(count)d study day in %(weeks)d weeks.", "%(count)d study days in %(weeks)d weeks.", len(active)
    ) % {"count": len(active), "weeks": WEEKS_SHOWN}
    starts = [first + timedelta(weeks=week) for week in range(WEEKS_SHOWN)]
    return Days(
        first=first,
        today=on,
        active=active,
        months=[
            (week, date_format(day, "M"))
            for week, day in enumerate(starts)
            if day.day <= 7 and week < WEEKS_SHOWN - 1
        ],
        names=[date_format(monday + timedelta(days=offset), "D") for offset in range(7)],
        sentence=sentence,
    )


def _plan_line(position: Position, on: date) -> dict[str, str] | None:
    """The next planned day as a fact, with an offer when it is over; None without a plan."""
    due = position.next_due
    if due is None:
        return None
    stage = position.document.stage_by_key[due.stage].title
    late = (on - due.due_on).days
    return {
        "stage": stage,
        "day": words.day(due.due_on),
        "end": words.day(max(position.due.values())),
        "late": gettext("The day planned for it was %(days)d days ago.") % {"days": late} if late > 0 else "",
    }


def _feedback(position: Position) -> list[dict[str, str]]:
    """Evidence whose review was not opened yet."""
    return [
        {
            "title": position.document.task_by_key[task].title,
            "state": state,
            "href": words.evidence_url(position.document.key, task),
        }
        for task, state in position.known.unseen
        if task in position.document.task_by_key
    ]


def _marked(position: Position) -> list[dict[str, str]]:
    """Quizzes of this road with marks, or answers to appeals, that were not seen yet: one query."""
    enrollment = position.enrollment
    mine = Attempt.objects.of(enrollment.person).filter(quiz__roadmap=enrollment.roadmap_id).with_news()
    return [
        {
            "title": attempt.quiz.title,
            "href": reverse(
                "progress:quiz_result", args=[position.document.key, attempt.quiz.key, attempt.number]
            ),
        }
        for attempt in mine.select_related("quiz").defer("paper").order_by("-number")[:MARKED_SHOWN]
    ]
