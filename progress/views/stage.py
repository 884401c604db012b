from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts import clock
from progress import pages, words
from progress.models.enrollment import Position
from progress.standing import StageStanding, is_topic_done
from progress.views import placement_pages
from progress.views.doors import SignedInRequest, enrollment_of
from progress.views.sheets import piece, sheet
from roadmap.document import PlacedResource, StageEntry, TopicEntry
from roadmap.models import LinkCheck, Resource
from roadmap.sheet import Sheet
from roadmap.templatetags.drawings import state as drawn_state


@login_required
@require_safe
def stage(request: SignedInRequest, road_key: str, stage_key: str) -> HttpResponse:
    """One stage: its topics and resources with my ticks, what opens the next one, quiz and evidence."""
    now = clock.now()
    position = enrollment_of(request.user, road_key).position(now)
    place = _place(position, stage_key)
    context = {
        "position": position,
        "place": place,
        "rail": piece(
            "components/rail.html", stages=words.rail(position, current=stage_key), current="page", small=True
        ),
        "gate": piece("components/gate.html", gate=words.gate_panel(position, place)),
        "facts": _facts(position, place),
        "state_word": words.state_word(place),
        "placement": placement_pages.stage_notice(position, place),
        "asked_again": None if place.is_passed else position.known.asked_again.get(stage_key),
        "missing": [] if place.is_open else words.missing_rows(position, place),
        "topics": _topics(position, place, get_token(request)),
        "quiz": _quiz_card(position, place),
        "tasks": _task_rows(position, place),
        "known": _known(position, place, now),
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
        position = act(resource_key, now)
    except Resource.DoesNotExist as missing:
        raise Http404 from missing
    place = _place_of(position, resource_key, request.POST.get("stage", ""))
    if "HX-Request" in request.headers:
        return HttpResponse("".join(_tick_answer(request, position, place, resource_key)))
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
) -> Iterator[str]:
    """The pressed row first, then whatever else on the page says the same: other rows of it, its topics, the gate."""
    own = _own(position, place, get_token(request))
    placed = [
        (topic, p) for topic in place.stage.topics for p in topic.resources if p.resource == resource_key
    ]
    placed.sort(key=lambda pair: pair[0].key != request.POST.get("topic"))
    for number, (topic, p) in enumerate(placed):
        yield _row(position, place.stage, topic, p, oob=number > 0).fill(own)
    for topic, _ in placed:
        yield f'<span id="state-{topic.key}" hx-swap-oob="true">{own("state", topic.key)}</span>'
    yield piece("components/gate.html", gate=words.gate_panel(position, place), swap=True)


def _row(
    position: Position, entry: StageEntry, topic: TopicEntry, placed: PlacedResource, *, oob: bool
) -> Sheet:
    """One resource's row as the stage's page has it."""
    return sheet(
        "components/resource_row.html",
        position.enrollment.roadmap.studied_edition_id,
        f"{entry.key}/{topic.key}/{placed.resource}/{oob}",
        lambda: pages.resource_row(position.document, entry, topic, placed) | {"oob": oob},
    )


def _topics(position: Position, place: StageStanding, csrf: str) -> SafeString:
    """The topics with their resources: shared HTML of the edition, this person's ticks filled in."""
    kept = sheet(
        "progress/stage_topics.html",
        position.enrollment.roadmap.studied_edition_id,
        place.stage.key,
        lambda: pages.stage_topics(position.document, place.stage),
    )
    return mark_safe(kept.fill(_own(position, place, csrf)))  # noqa: S308  # our own template


_TICK = {
    "pressed": ("false", "true"),
    "next": ("1", "0"),
}  # for a resource that is open, and one that is done


def _own(position: Position, place: StageStanding, csrf: str) -> Callable[[str, str], str]:
    """What a person's facts put into the holes of her stage page."""
    ticked = position.standing.facts.ticked
    here = _here(position) if place.state == "underway" else ""
    topics = {topic.key: topic for topic in place.stage.topics}
    notes = _link_notes(position, place)
    unfolded = next((topic.key for topic in topics.values() if not is_topic_done(topic, ticked)), "")

    def value(kind: str, key: str) -> str:
        match kind:
            case "csrf":
                return csrf
            case "pressed" | "next":
                return _TICK[kind][key in ticked]
            case "here":
                return "is-here" if key == here else ""
            case "open":
                return "open" if key == unfolded else ""
            case "link":
                return notes.get(key, "")
            case _:
                return _topic_state(topics[key], ticked)

    return value


def _link_notes(position: Position, place: StageStanding) -> dict[str, str]:
    """What is said beside resources whose link does not answer: one query, none where links are not checked."""
    if not settings.CHECK_LINKS:
        return {}
    found = LinkCheck.objects.unanswered_among(_resource_keys(place.stage))
    urls = {key: entry.url for key, entry in position.document.resources.items() if key in found}
    return {
        key: render_to_string("roadmap/_link_note.html", {"check": check, "url": urls[key]})
        for key, check in found.items()
        if check.url == urls[key]
    }


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
        name = gettext("Known by placement") if place.is_known else gettext("Passed")
        facts.append((name, words.moment_day(position, place.passed_at)))
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
        "is_with_mentor": bool(fact and fact.is_with_mentor),
        "facts": rows,
    }


def _known(position: Position, place: StageStanding, now: datetime) -> list[dict[str, Any]]:
    """What answers tell of the stage's topics: one query, none before the first quiz of the road is handed in."""
    if not any(fact.attempts for fact in position.standing.facts.quizzes.values()):
        return []
    return pages.known_rows(position, now, {topic.key for topic in place.stage.topics})


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
