from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts import clock
from progress import pages, words
from progress.models.enrollment import Position
from progress.standing import StageStanding, is_topic_done
from progress.views.doors import SignedInRequest, enrollment_of
from progress.views.sheets import sheet
from roadmap.document import StageEntry, TopicEntry
from roadmap.models import Resource
from roadmap.templatetags.drawings import state as drawn_state


@login_required
@require_safe
def stage(request: SignedInRequest, road_key: str, stage_key: str) -> HttpResponse:
    """One stage: its topics and resources with my ticks, what opens the next one, quiz and evidence."""
    position = enrollment_of(request.user, road_key).position(clock.now())
    place = _place(position, stage_key)
    context = {
        "position": position,
        "place": place,
        "rail": words.rail(position, current=stage_key),
        "gate": words.gate_panel(position, place),
        "facts": _facts(position, place),
        "missing": [] if place.is_open else words.missing_rows(position, place),
        "topics": _topics(position, place, get_token(request)),
        "quiz": _quiz_card(position, place),
        "tasks": _task_rows(position, place),
    }
    return render(request, "progress/stage.html", context)


@login_required
@require_POST
def tick(request: SignedInRequest, road_key: str, resource_key: str) -> HttpResponse:
    """Tick (done=1) or untick (done=0) a resource; answers htmx with the row and the gate, others with the page."""
    enrollment = enrollment_of(request.user, road_key)
    now = clock.now()
    try:
        act = enrollment.untick if request.POST.get("done") == "0" else enrollment.tick
        act(resource_key, now)
    except Resource.DoesNotExist as missing:
        raise Http404 from missing
    position = enrollment.position(now)
    place = _place_of(position, resource_key, request.POST.get("stage", ""))
    if "HX-Request" in request.headers:
        return render(request, "progress/tick.html", _tick_answer(request, position, place, resource_key))
    url = reverse("progress:stage", args=[road_key, place.stage.key])
    return redirect(f"{url}#{pages.row_id(place.stage, request.POST.get('topic', ''), resource_key)}")


def _place(position: Position, stage_key: str) -> StageStanding:
    place = position.standing.by_key.get(stage_key)
    if place is None:
        raise Http404
    return place


def _place_of(position: Position, resource_key: str, stage_key: str) -> StageStanding:
    """The stage whose page the tick came from, else the first that has the resource."""
    places = [p for p in position.standing.stages if resource_key in _resource_keys(p.stage)]
    return next((p for p in places if p.stage.key == stage_key), places[0])


def _resource_keys(entry: StageEntry) -> set[str]:
    return {placed.resource for topic in entry.topics for placed in topic.resources}


def _tick_answer(
    request: SignedInRequest, position: Position, place: StageStanding, resource_key: str
) -> dict[str, Any]:
    """The pressed row first, then whatever else on the page says the same: other rows of it, its topics, the gate."""
    own = _own(position, place, get_token(request))
    placed = [
        (topic, p) for topic in place.stage.topics for p in topic.resources if p.resource == resource_key
    ]
    placed.sort(key=lambda pair: pair[0].key != request.POST.get("topic"))
    return {
        "stage_key": place.stage.key,
        "csrf": own("csrf", ""),
        "rows": [
            {
                "id": pages.row_id(place.stage, topic.key, resource_key),
                "topic_key": topic.key,
                "resource": position.document.resources[resource_key],
                "role": p.role,
                "tick_url": reverse("progress:tick", args=[position.document.key, resource_key]),
                "pressed": own("pressed", resource_key),
                "next": own("next", resource_key),
                "here": own("here", pages.place_key(topic.key, resource_key)),
            }
            for topic, p in placed
        ],
        "gate": words.gate_panel(position, place),
        "topics": [
            (topic.key, mark_safe(own("state", topic.key)))  # noqa: S308  # drawn by our own tag
            for topic, _ in placed
        ],
    }


def _topics(position: Position, place: StageStanding, csrf: str) -> SafeString:
    """The topics with their resources: shared HTML of the edition, this person's ticks filled in."""
    kept = sheet(
        "progress/stage_topics.html",
        position.enrollment.roadmap.studied_edition_id,
        place.stage.key,
        lambda: pages.stage_topics(position.document, place.stage),
    )
    return mark_safe(kept.fill(_own(position, place, csrf)))  # noqa: S308  # our own template


def _own(position: Position, place: StageStanding, csrf: str) -> Callable[[str, str], str]:
    """What a person's facts put into the holes of her stage page."""
    ticked = position.standing.facts.ticked
    here = _here(position) if place.state == "underway" else ""
    topics = {topic.key: topic for topic in place.stage.topics}
    unfolded = _unfolded(place.stage, ticked)

    def value(kind: str, key: str) -> str:
        match kind:
            case "csrf":
                return csrf
            case "pressed":
                return "true" if key in ticked else "false"
            case "next":
                return "0" if key in ticked else "1"
            case "here":
                return "is-here" if key == here else ""
            case "open":
                return "open" if key in unfolded else ""
            case _:
                return _topic_state(topics[key], ticked)

    return value


def _unfolded(entry: StageEntry, ticked: frozenset[str]) -> set[str]:
    """Topics that are begun and not done, and the first that is not done: the rest of a long stage stays folded."""
    left = [topic for topic in entry.topics if not is_topic_done(topic, ticked)]
    begun = {topic.key for topic in left if any(placed.resource in ticked for placed in topic.resources)}
    return begun | {topic.key for topic in left[:1]}


def _here(position: Position) -> str:
    step = position.next_step
    return pages.place_key(step.topic.key, step.key) if step.topic else ""


def _topic_state(topic: TopicEntry, ticked: frozenset[str]) -> str:
    if is_topic_done(topic, ticked):
        return drawn_state("passed", gettext("Done"))
    if any(placed.resource in ticked for placed in topic.resources):
        return drawn_state("underway")
    return drawn_state("open", gettext("Not started"))


def _facts(position: Position, place: StageStanding) -> list[tuple[str, str]]:
    low, high = place.stage.hours(position.enrollment.background)
    facts = [
        (gettext("Effort"), gettext("%(low)d–%(high)d h") % {"low": low, "high": high}) if high else None,
        (
            gettext("Topics"),
            gettext("%(done)d of %(all)d done") % {"done": place.topics_done, "all": len(place.stage.topics)},
        ),
    ]
    if place.passed_at:
        facts.append((gettext("Passed"), words.moment_day(position, place.passed_at)))
    elif due := position.due.get(place.stage.key):
        facts.append((gettext("Planned end"), words.day(due)))
    return [fact for fact in facts if fact]


def _quiz_card(position: Position, place: StageStanding) -> dict[str, Any] | None:
    key = place.stage.quiz
    if key is None:
        return None
    fact = position.standing.facts.quizzes.get(key)
    rows = []
    if fact and fact.attempts:
        tried = ngettext("%(count)d attempt", "%(count)d attempts", fact.attempts) % {"count": fact.attempts}
        rows.append((gettext("So far"), tried))
        rows.append((gettext("Best result"), f"{int(fact.best_percent or 0)} %"))
    return {
        "href": words.quiz_url(position.document.key, key),
        "is_passed": bool(fact and fact.passed_at),
        "is_open": bool(fact and fact.open_attempt),
        "facts": rows,
    }


def _task_rows(position: Position, place: StageStanding) -> list[dict[str, Any]]:
    """The stage's evidence tasks with how each stands."""
    said = {
        "waiting": ("underway", gettext("Waiting for review since %(day)s")),
        "changes_requested": ("underway", gettext("Changes requested %(day)s")),
        "accepted": ("passed", gettext("Accepted %(day)s")),
    }
    rows = []
    for task in place.stage.evidence:
        fact = position.standing.facts.evidence.get(task.key)
        state, line = said[fact.state] if fact else ("open", gettext("Not handed in yet"))
        rows.append(
            {
                "task": task,
                "state": state,
                "needs_me": bool(fact and fact.state == "changes_requested"),
                "line": line % {"day": words.moment_day(position, fact.since)} if fact else line,
                "href": words.evidence_url(position.document.key, task.key),
            }
        )
    return rows
