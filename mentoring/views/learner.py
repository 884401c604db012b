from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import OuterRef, Subquery
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from accounts import clock
from accounts.models import User
from accounts.request import SignedInRequest
from mentoring import words
from mentoring.models import mentored_enrollments, mentored_submissions
from mentoring.tally import by_topic
from progress.models import Enrollment
from progress.models.enrollment import Position
from progress.pages import known_rows
from progress.standing import is_topic_done
from progress.words import missing_rows, state_word
from progress.words import rail as drawn_rail
from quizzes.models import Attempt, Grading
from quizzes.models.quiz import Purpose
from roadmap.document import RoadDocument, TopicEntry
from roadmap.models import Edition

ROADS_SHOWN = 20
ATTEMPTS_ON_A_PAGE = 20
WEEKS_SHOWN = 4


@login_required
@require_safe
def learner(request: SignedInRequest, person_id: int) -> HttpResponse:
    """One of my learners on one road, to read: standing, ticks, attempts, evidence, plan, days and pauses."""
    mentor, now = request.user, clock.now()
    roads = list(
        mentored_enrollments()
        .within_reach_of(mentor)
        .listed()
        .filter(person=person_id)
        .by_need(mentor.today(now))[:ROADS_SHOWN]
    )
    enrollment = _chosen(roads, request.GET.get("road", ""))
    position = enrollment.position(now)
    evidence = _evidence(position, mentor)
    attempts = Paginator(_attempts(enrollment), ATTEMPTS_ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "position": position,
        "learner": enrollment.person,
        "signal": words.signal(enrollment, mentor.today(now)),
        "facts": _facts(position, now),
        "stages": _stages(position),
        "rail": [_without_link(stage) for stage in drawn_rail(position)],
        "attempts": attempts,
        "attempt_rows": [_attempt_row(attempt, position) for attempt in attempts],
        "topics": _topics(list(attempts), position.document),
        "known": known_rows(position, now, for_mentor=True),
        "given_href": reverse("mentoring:accommodations", args=[person_id, enrollment.roadmap.key]),
        "evidence": evidence,
        "waiting": next((row for row in reversed(evidence) if row["is_waiting"]), None),
        "days": _days(position, enrollment.person.today(now)),
        "pauses": _pauses(position, enrollment.person.today(now)),
        "road_query": f"road={enrollment.roadmap.key}&",
        "others": [other for other in roads if other != enrollment],
    }
    return render(request, "mentoring/learner.html", context)


def _chosen(roads: list[Enrollment], key: str) -> Enrollment:
    """The road that was asked for, else the one that needs most; Http404 when none is within reach."""
    if not roads or (key and key not in {enrollment.roadmap.key for enrollment in roads}):
        raise Http404
    return next((enrollment for enrollment in roads if enrollment.roadmap.key == key), roads[0])


def _facts(position: Position, now: datetime) -> list[tuple[str, str]]:
    person, standing = position.enrollment.person, position.standing
    done = gettext("%(done)d of %(all)d")
    last = max(position.known.active_days, default=None)
    facts = [
        (gettext("Stages passed"), done % {"done": standing.passed_count, "all": len(standing.stages)}),
        (gettext("Core resources"), done % {"done": standing.core_done, "all": standing.core_total}),
        (gettext("Evidence"), done % {"done": standing.evidence_done, "all": standing.evidence_total}),
        (
            gettext("Last active"),
            words.ago((person.today(now) - last).days) if last else gettext("not in the last months"),
        ),
        (gettext("Local time"), f"{now.astimezone(person.zone):%H:%M}, {_place(person.time_zone)}"),
        (gettext("On the road since"), words.day(person.today(position.enrollment.enrolled_at))),
    ]
    if position.known.plan:
        hours = f"{position.known.plan.hours_per_week.normalize():f}"
        facts.append((gettext("Plan"), gettext("%(hours)s hours a week") % {"hours": hours}))
    return facts


def _place(zone: str) -> str:
    return zone.rpartition("/")[2].replace("_", " ")


def _without_link(stage: Any) -> dict[str, Any]:
    """The learner's own stage pages are hers; the mentor reads this page instead."""
    return {"number": stage.number, "name": stage.name, "state": stage.state, "line": stage.line}


def _stages(position: Position) -> list[dict[str, Any]]:
    facts = position.standing.facts
    rows = []
    for place in position.standing.stages:
        quiz = facts.quizzes.get(place.stage.quiz or "")
        due = position.due.get(place.stage.key)
        rows.append(
            {
                "place": place,
                "word": state_word(place),
                "due": words.day(due) if due else "",
                "passed": words.day(position.enrollment.person.today(place.passed_at))
                if place.passed_at
                else "",
                "best": f"{int(quiz.best_percent)} %" if quiz and quiz.best_percent is not None else "",
                "missing": [] if place.is_open else missing_rows(position, place),
                "topics": [_topic_row(topic, facts.ticked) for topic in place.stage.topics],
            }
        )
    return rows


def _topic_row(topic: TopicEntry, ticked: frozenset[str]) -> dict[str, Any]:
    core = [placed.resource for placed in topic.resources if placed.role == "core"]
    other = [placed.resource for placed in topic.resources if placed.role != "core"]
    done = sum(key in ticked for key in core)
    state = "underway" if done or any(key in ticked for key in other) else "open"
    return {
        "title": topic.title,
        "state": "passed" if is_topic_done(topic, ticked) else state,
        "core_done": done,
        "core_total": len(core),
        "more": sum(key in ticked for key in other),
    }


def _attempts(enrollment: Enrollment) -> Any:
    """Finished attempts on this road, newest first, each with the marks that count."""
    marks = Grading.objects.filter(attempt=OuterRef("pk")).order_by("-number").values("marks")[:1]
    return (
        Attempt.objects.of(enrollment.person)
        .finished()
        .filter(quiz__roadmap=enrollment.roadmap_id)
        .select_related("quiz")
        .annotate(counting_marks=Subquery(marks))
        .order_by("-finished_at", "-id")
    )


def _attempt_row(attempt: Attempt, position: Position) -> dict[str, Any]:
    document, person = position.document, position.enrollment.person
    stage = document.stage_of_quiz(attempt.quiz.key)
    return {
        "href": reverse("mentoring:attempt", args=[attempt.pk]),
        "is_set_aside": attempt.set_aside_at is not None,
        "title": stage.title if stage else attempt.quiz.title,
        "number": attempt.number,
        "day": words.day(person.today(attempt.finished_at)) if attempt.finished_at else "",
        "percent": int(100 * attempt.points / attempt.points_possible)
        if attempt.points is not None and attempt.points_possible
        else 0,
        "pass_percent": attempt.pass_percent,
        "is_passed": attempt.is_passed,
        "is_placement": attempt.quiz.purpose == Purpose.PLACEMENT,
    }


def _topics(attempts: list[Any], document: RoadDocument) -> list[dict[str, Any]]:
    """The topics that went wrong in these attempts, the weakest first."""
    tallies = by_topic((attempt.paper, attempt.counting_marks or {}) for attempt in attempts)
    return [
        {"name": document.topic_by_key[tally.topic].title, "right": tally.right, "of": tally.of}
        for tally in tallies
        if tally.topic in document.topic_by_key
    ]


def _evidence(position: Position, mentor: User) -> list[dict[str, Any]]:
    """What was handed in on this road; tasks never handed in stand in the plan of the road, not here."""
    mine = (
        mentored_submissions()
        .within_reach_of(mentor)
        .listed()
        .filter(person=position.enrollment.person_id, task__roadmap=position.enrollment.roadmap_id)
        .order_by("-state_since", "-id")
    )
    rows = []
    for submission in mine:
        document = Edition.objects.document(submission.newest_edition_id)  # type: ignore[attr-defined]  # listed()
        stage = position.document.stage_of_task(submission.task.key)
        rows.append(
            {
                "href": reverse("mentoring:review", args=[submission.pk]),
                "title": document.task_by_key[submission.task.key].title,
                "stage": position.document.number_of(stage.key) if stage else None,
                "versions": submission.versions_count,  # type: ignore[attr-defined]  # listed()
                "since": words.day(mentor.today(submission.state_since)),
                "stand": words.stand(submission),
                "is_waiting": submission.state == "waiting",
            }
        )
    return rows


def _days(position: Position, on: date) -> list[dict[str, Any]]:
    """The last weeks on the learner's calendar, Monday first: on which days she did something."""
    monday = on - timedelta(days=on.weekday())
    active = position.known.active_days
    weeks = [monday - timedelta(weeks=back) for back in range(WEEKS_SHOWN)]
    return [
        {
            "week": words.day(first),
            "count": sum(first + timedelta(days=offset) in active for offset in range(7)),
            "is_now": first == monday,
        }
        for first in weeks
    ]


def _pauses(position: Position, on: date) -> list[dict[str, Any]]:
    """Pauses that are on, to come, or ended within half a year."""
    recent = on - timedelta(days=182)
    return [
        {
            "first": words.day(p.starts_on),
            "back": words.day(p.ends_on),
            "is_now": p.starts_on <= on < p.ends_on,
        }
        for p in sorted(position.known.pauses, key=lambda p: p.starts_on, reverse=True)
        if p.ends_on > recent
    ]
